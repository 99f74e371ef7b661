"""Tokens -> Query: spaces mean AND, quotation marks keep text together, a long run asks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from ..analysis import (
    Cut,
    Unit,
    default_cut,
    expand_back,
    fold,
    is_han,
    spell,
    split_units,
    split_words,
    unit_pairs,
    word_term,
)
from ..errors import QueryError
from .lexer import PLAIN, Token, iter_tokens
from .tree import Every, Literal, Node, Not, Phrase, Prefix, Query, Some, all_of

# A run of more words is a question, whose words may each be missing; so is a shorter one that asks,
# for who asks 什么是糊化 does not look for 什么.
MAX_WORDS = 3
_ASKING = re.compile(
    "什么|谁|哪[里儿个些部种位家座条年国]|多少|几[个年月日时点次种人岁]|怎么|怎样|如何|为何|何[时地年处人]"
    "|是否|多[大长久远高重快深]|[吗呢?]$"
)
# Longer queries are pasted by accident; what counts stands in the first characters.
MAX_CHARS = 2_000
# Deeper nesting is no query of a person's.
MAX_DEPTH = 50
# Single characters that belong to the sentence, not to the number or letter before them.
_FUNCTION_CHARS = frozenset("的是了在和与及或就都也还吗呢吧")


def parse_query(text: str, cut: Cut | None = None, today: date | None = None) -> Query:
    """Parse a query string, whose language docs/query.md describes.

    `cut` is the segmenter's of the index, else jieba's own; `today` is what ages count from.
    Raises QueryError for a query that asks for nothing, is longer than MAX_CHARS characters, or
    has a filter with a value that is none.
    """
    # Cut once for the tree and once for the terms.
    cut = lru_cache(maxsize=None)(cut or default_cut())
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) > MAX_CHARS:
        raise QueryError(f"the query has {len(text):,} characters; use at most {MAX_CHARS:,}")
    expanded, places = expand_back(text)
    parser = _Parser(expanded, cut, today or date.today(), places)
    tree = parser.parse()
    if tree is None:
        raise QueryError("the query is empty; give at least one character to look for")
    units = [unit for unit in parser.units if unit.start in parser.wanted]
    words = split_words(units, cut, parser.spelled)
    return _query(text, tree, units, words, parser.runs)


def question_of(text: str, cut: Cut) -> Query:
    """A query that asks for what a text says; any of its words may be missing.

    Raises QueryError for a text without any word.
    """
    text = expand_back(text[:MAX_CHARS])[0]
    units = [unit for unit in split_units(text) if not unit.citation]
    spelled = spell(text, fold(text))
    words = list(split_words(units, cut, spelled))
    phrases = tuple(dict.fromkeys(_phrase(word) for word in words))
    if not phrases:
        raise QueryError("there is no word in it to look for")
    return _query(text, Some(phrases, asked=True), units, words)


def _query(
    text: str,
    tree: Node,
    units: Sequence[Unit],
    words: Iterable[Sequence[Unit]],
    runs: Iterable[str] = (),
) -> Query:
    """A query with the terms that rank what its tree matches, each once."""
    return Query(
        text,
        tree,
        words=tuple(dict.fromkeys(map(word_term, words))),
        units=tuple(dict.fromkeys(unit.text for unit in units)),
        pairs=tuple(dict.fromkeys(pair for pair in unit_pairs(units) if len(pair) == 2)),
        runs=tuple(dict.fromkeys(runs)),
    )


class _Parser:
    """Reads tokens into a tree: alternatives of sequences of items."""

    def __init__(self, text: str, cut: Cut, today: date, places: Sequence[int]) -> None:
        """`places` are those of the text's characters in the query as it was written."""
        self._text, self._cut, self._today, self._places = text, cut, today, places
        self._tokens = list(iter_tokens(text))
        self._at = self._depth = 0
        self.units = split_units(text)
        self.spelled = spell(text, fold(text))
        # Places of characters that a match shall hold: what ranks it.
        self.wanted: set[int] = set()
        self.runs: list[str] = []

    def parse(self) -> Node | None:
        """The tree; None where nothing is asked for."""
        if all(token.kind in ("and", "or", "not") for token in self._tokens):
            # Who looks for nothing but OR means the word.
            self._tokens = [
                replace(token, kind="run", inner=token.begin, outer=token.end)
                for token in self._tokens
            ]
        return self._alternatives(excluded=False)

    def _alternatives(self, excluded: bool) -> Node | None:
        found = [self._sequence(excluded)]
        while self._take("or"):
            found.append(self._sequence(excluded))
        nodes = tuple(dict.fromkeys(node for node in found if node is not None))
        if len(nodes) < 2:
            return nodes[0] if nodes else None
        return Some(nodes)

    def _sequence(self, excluded: bool) -> Node | None:
        nodes: list[Node] = []
        while self._at < len(self._tokens) and self._tokens[self._at].kind not in ("or", "close"):
            node = self._item(excluded)
            if node is not None:
                nodes.append(node)
        return all_of(tuple(dict.fromkeys(nodes))) if nodes else None

    def _take(self, kind: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at].kind == kind
        self._at += taken
        return taken

    def _item(self, excluded: bool) -> Node | None:
        if self._take("and"):
            return None
        if self._take("not"):
            self._deepen()
            if self._at == len(self._tokens) or self._tokens[self._at].kind in ("or", "close"):
                self._depth -= 1
                return None
            node = self._item(not excluded)
            self._depth -= 1
            return None if node is None else Not(node)
        if self._take("open"):
            self._deepen()
            node = self._alternatives(excluded)
            self._take("close")
            self._depth -= 1
            return node
        token = self._tokens[self._at]
        self._at += 1
        return self._filter(token) if token.kind == "field" else self._leaf(token, excluded)

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            place = self._places[self._tokens[self._at - 1].begin]
            raise QueryError(f"more than {MAX_DEPTH} parentheses within each other", place)

    def _filter(self, token: Token) -> Node:
        # Most queries have no filter.
        from .values import make_filter

        value = self._text[token.inner : token.outer].strip()
        assert token.name is not None
        try:
            return make_filter(token.name, value.translate(PLAIN), self._today)
        except ValueError as error:
            begin = self._places[token.begin]
            shown = self._text[token.begin : token.end]
            raise QueryError(f"{shown}: {error}", begin) from None

    def _leaf(self, token: Token, excluded: bool) -> Node | None:
        text = self._text[token.inner : token.outer]
        inside = [unit for unit in self.units if token.inner <= unit.start < token.outer]
        if not excluded:
            self.wanted.update(unit.start for unit in inside)
        if not inside:
            return Literal(text) if text else None
        units = tuple(unit.text for unit in inside)
        if token.kind == "quoted":
            return Phrase(units, loose=True, quoted=fold(text))
        if text[-1] in "*＊" and inside[-1].end == token.outer - 1 and not is_han(units[-1]):
            return Prefix(units)
        if excluded:
            # A question whose words may be missing would exclude nearly all.
            return _phrase(inside)
        node = _parse_run(text, inside, self._cut, self.spelled)
        if not isinstance(node, Phrase):
            # Without a question mark and the like around.
            self.runs.append(fold(self._text[inside[0].start : inside[-1].end]))
        return node


def _parse_run(text: str, units: Sequence[Unit], cut: Cut, spelled: str) -> Node:
    groups = _group_words(units, cut, spelled)
    phrases = tuple(dict.fromkeys(_phrase(group) for group in groups))
    if len(phrases) == 1:
        return phrases[0]
    asks = len(groups) > MAX_WORDS or _ASKING.search(fold(text)) is not None
    asks = asks and any(is_han(unit.text) for unit in units)
    return Some(phrases, asked=True) if asks else Every(phrases)


def _phrase(group: Sequence[Unit]) -> Phrase:
    units = tuple(unit.text for unit in group)
    return Phrase(units, loose=not all(is_han(unit) for unit in units))


def _group_words(units: Sequence[Unit], cut: Cut, spelled: str) -> list[list[Unit]]:
    """Words of a run without spaces; `GPT-4`, `B站` and `2020年` stay in one piece."""
    groups: list[list[Unit]] = []
    plain = [Unit(unit.text, unit.start, unit.end, unit.loose) for unit in units]
    for word in split_words(plain, cut, spelled):
        glued = bool(groups) and len(word) == 1 and _sticks(groups[-1], word[0])
        if glued:
            groups[-1] += word
        else:
            groups.append(list(word))
    return groups


def _sticks(group: Sequence[Unit], unit: Unit) -> bool:
    """Tell whether a one-unit word belongs to the Latin words and numbers before it."""
    before = group[-1]
    if not is_han(unit.text):
        return not is_han(before.text)
    short = before.text[0].isdecimal() or (len(before.text) == 1 and not is_han(before.text))
    return short and unit.start == before.end and unit.text not in _FUNCTION_CHARS
