"""Query string -> tokens: quotations, runs, operators and fields, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .fields import field_of

# Full-width signs that people type for those of the query language.
PLAIN = str.maketrans("（）：｜－＂＊＞＜＝！　", '():|-"*><=! ')
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not", "&&": "and", "||": "or"}
_CURLY = re.compile(r"[“「]([^“”「」]+)[”」](?=[\s)|]|$)")
_NAME = re.compile(r"([A-Za-z]{2,12}|[\u4e00-\u9fff]{1,4}):(?=\S)")
_RUN = re.compile(r'[^\s"|]+')
_CLOSES = re.compile(r"\)+(?=[\s|]|$)")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query from `begin` to `end`, in characters from 0.

    `kind` is `run`, `quoted`, `field`, `open`, `close`, `and`, `or` or `not`. The content, signs
    aside, stands from `inner` to `outer`; `name` is that of the field.
    """

    kind: str
    begin: int
    end: int
    inner: int
    outer: int
    name: str | None = None


def iter_tokens(text: str) -> Iterator[Token]:
    """Give the tokens of a query in their order. No text is wrong here."""
    plain = text.translate(PLAIN)
    at = depth = 0
    while at < len(plain):
        if plain[at].isspace():
            at += 1
            continue
        token = _sign(plain, at) or _value(plain, at, depth)
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind == "close" and depth < 0:
            # Closes nothing, so it is part of the text around it.
            depth = 0
            token = Token("run", at, token.end, at, token.end)
        yield token
        at = token.end


def _sign(plain: str, at: int) -> Token | None:
    char, after = plain[at], plain[at + 1 : at + 2]
    if char == "(" and ")" in plain[at + 1 :]:
        return Token("open", at, at + 1, at, at)
    if char == ")":
        return Token("close", at, at + 1, at, at)
    if char == "|":
        end = at + 1 + (after == "|")
        return Token("or", at, end, at, at)
    if char == "-" and after and not after.isspace() and after not in "-)|":
        return Token("not", at, at + 1, at, at)
    word = _RUN.match(plain, at)
    if word and (kind := _OPERATORS.get(word[0])):
        return Token(kind, at, word.end(), at, at)
    return None


def _value(plain: str, at: int, depth: int) -> Token:
    name = _NAME.match(plain, at)
    field = field_of(name[1]) if name else None
    if name is None or field is None:
        return _text(plain, at, depth)
    value = _text(plain, name.end(), depth)
    return Token("field", at, value.end, value.inner, value.outer, field)


def _text(plain: str, at: int, depth: int) -> Token:
    if plain[at] == '"':
        close = plain.find('"', at + 1)
        outer = len(plain) if close < 0 else close
        return Token("quoted", at, min(outer + 1, len(plain)), at + 1, outer)
    if curly := _CURLY.match(plain, at):
        return Token("quoted", at, curly.end(), *curly.span(1))
    run = _RUN.match(plain, at)
    end = run.end() if run else at + 1
    if depth and (closing := _CLOSES.search(plain, at, end)) and closing.start() > at:
        end = closing.start()
    return Token("run", at, end, at, end)
