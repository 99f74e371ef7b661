"""Query string -> Query: spaces mean AND, quotation marks keep text together, a long run asks."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ..analysis import (
    Cut,
    Unit,
    default_cut,
    expand,
    fold,
    is_han,
    spell,
    split_units,
    split_words,
    unit_pairs,
    word_term,
)
from ..errors import QueryError
from .tree import Every, Literal, Node, Phrase, Query, Some

# A run of more words is a question, whose words may each be missing; so is a shorter one that asks,
# for who asks 什么是糊化 does not look for 什么.
MAX_WORDS = 3
_ASKING = re.compile(
    "什么|谁|哪[里儿个些部种位家座条年国]|多少|几[个年月日时点次种人岁]|怎么|怎样|如何|为何|何[时地年处人]"
    "|是否|多[大长久远高重快深]|[吗呢?]$"
)
# Longer queries are pasted by accident; what counts stands in the first characters.
MAX_CHARS = 2_000
# Single characters that belong to the sentence, not to the number or letter before them.
_FUNCTION_CHARS = frozenset("的是了在和与及或就都也还吗呢吧")
_PART = re.compile(
    r'["＂](?P<quoted>[^"＂]*)(?:["＂]|$)'
    r"|(?:(?<=\s)|^)[“「](?P<curly>[^“”「」]+)[”」](?=\s|$)"
    r'|(?P<run>[^\s"＂]+)'
)


def parse_query(text: str, cut: Cut | None = None) -> Query:
    """Parse a query string; `cut` is the segmenter's of the index, else jieba's own.

    An unbalanced quotation mark quotes to the end. Raises QueryError for a query that asks for
    nothing, or is longer than MAX_CHARS characters.
    """
    # Cut once for the tree and once for the terms.
    cut = lru_cache(maxsize=None)(cut or default_cut())
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) > MAX_CHARS:
        raise QueryError(f"the query has {len(text):,} characters; use at most {MAX_CHARS:,}")
    asked, text = text, expand(text)
    units, spelled = split_units(text), spell(text, fold(text))
    nodes = [
        node
        for match in _PART.finditer(text)
        if (node := _parse_part(match, units, cut, spelled)) is not None
    ]
    if not nodes:
        raise QueryError("the query is empty; give at least one character to look for")
    unique = tuple(dict.fromkeys(nodes))
    tree = unique[0] if len(unique) == 1 else Every(unique)
    words = dict.fromkeys(word_term(word) for word in split_words(units, cut, spelled))
    distinct = dict.fromkeys(unit.text for unit in units)
    pairs = dict.fromkeys(pair for pair in unit_pairs(units) if len(pair) == 2)
    return Query(asked, tree, tuple(words), tuple(distinct), tuple(pairs))


def _parse_part(match: re.Match[str], units: Sequence[Unit], cut: Cut, spelled: str) -> Node | None:
    begin, end = match.span()
    inside = [unit for unit in units if begin <= unit.start < end]
    quoted = match["quoted"] if match["quoted"] is not None else match["curly"]
    if quoted is not None:
        return _parse_quotation(quoted, inside)
    return _parse_run(match["run"], inside, cut, spelled)


def _parse_quotation(text: str, units: Sequence[Unit]) -> Node | None:
    if units:
        return Phrase(tuple(unit.text for unit in units), loose=True, quoted=fold(text))
    return Literal(text) if text else None


def _parse_run(text: str, units: Sequence[Unit], cut: Cut, spelled: str) -> Node:
    if not units:
        return Literal(text)
    groups = _group_words(units, cut, spelled)
    phrases = tuple(dict.fromkeys(_phrase(group) for group in groups))
    if len(phrases) == 1:
        return phrases[0]
    asks = len(groups) > MAX_WORDS or _ASKING.search(fold(text)) is not None
    asks = asks and any(is_han(unit.text) for unit in units)
    return Some(phrases) if asks else Every(phrases)


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
