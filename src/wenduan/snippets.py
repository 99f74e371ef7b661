"""Paragraph + query -> Snippet: a slice of the paragraph with the ranges of what matched."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .analysis import is_han
from .query import Every, Literal, Node, Phrase, Query, Some, iter_leaves
from .query.proof import Evidence, Leaves

# A paragraph up to this many characters is shown whole; of a longer one, a window of it.
MAX_CHARS = 160
# Of a question, what is not marked: it stands everywhere.
_FUNCTION_WORDS = frozenset(
    "的地得了着过是在有和与及或而但就都也还又很更最不没这那哪个些么吗呢吧啊"
    "我你他她它们把被让给对从到向于以为之其会能要想去来上下里中大小多少"
)
_COMMA = re.compile(r"[，,、：:]\s*")
_STOP = re.compile(r"[。！？；!?;\n]+[”」』）)\"]*\s*")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A slice of a paragraph; `highlights` are ranges of it in characters, end not included."""

    text: str
    highlights: tuple[tuple[int, int], ...]


def make_snippet(text: str, query: Query, folded: str | None = None) -> Snippet:
    """Cut the part of a paragraph that holds most of the query, and mark what matched.

    `folded` is the folded text, where it is known.
    """
    evidence = Evidence(text, folded)
    verbatim = evidence.find_texts(query.runs)
    ranges = merge_ranges(sorted([*find_ranges(evidence, query), *verbatim]))
    begin, end = _window(evidence, ranges, verbatim)
    shown = tuple((a - begin, b - begin) for a, b in ranges if a >= begin and b <= end)
    return Snippet(text[begin:end], shown)


def find_ranges(evidence: Evidence, query: Query) -> list[tuple[int, int]]:
    """Ranges of all that the query's words and quotations match in a paragraph, ascending."""
    return evidence.find_all(_marked(query))


@lru_cache(16)
def _marked(query: Query) -> Leaves:
    """What to mark of a query; the same for all of its hits."""
    return Leaves(_iter_marked(query.tree))


def _iter_marked(node: Node) -> Iterator[Phrase | Literal]:
    if isinstance(node, Every) or (isinstance(node, Some) and not node.asked):
        for child in node.nodes:
            yield from _iter_marked(child)
        return
    leaves = list(iter_leaves(node))
    if isinstance(node, Some):
        # Marking each 的 of a question would hide what it asks for.
        leaves = [leaf for leaf in leaves if not _is_function_word(leaf)] or leaves
    yield from leaves


def _is_function_word(leaf: Phrase | Literal) -> bool:
    return isinstance(leaf, Phrase) and leaf.run is not None and leaf.run in _FUNCTION_WORDS


def merge_ranges(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge ranges (ascending) that overlap or touch."""
    merged: list[tuple[int, int]] = []
    for begin, end in ranges:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _window(
    evidence: Evidence, ranges: Sequence[tuple[int, int]], verbatim: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    text = evidence.text
    if len(text) <= MAX_CHARS:
        return 0, len(text)
    # What stands there as it was typed is what was meant.
    focus = verbatim[0][0] if verbatim else _densest(evidence.outline, ranges)
    begin = _cut_before(text, focus)
    limit = begin + MAX_CHARS
    end = _cut_after(text, max((b for a, b in ranges if a < limit), default=begin), limit)
    for start, stop in ranges:
        if start < begin < stop:
            begin = start
        if start < end < stop:
            end = stop
    while _joins(text, begin):
        begin -= 1
    while _joins(text, end):
        end += 1
    return _whole_units(evidence, begin, end)


def _cut_before(text: str, at: int) -> int:
    """Where to begin so that a place is shown in its sentence, or behind a comma near it."""
    least = max(at - MAX_CHARS // 3, 0)
    for pattern in (_STOP, _COMMA):
        cuts = [match.end() for match in pattern.finditer(text, 0, at) if match.end() >= least]
        if cuts:
            return cuts[-1] if pattern is _STOP else cuts[0]
    return 0 if least == 0 else at - MAX_CHARS // 6


def _cut_after(text: str, least: int, limit: int) -> int:
    """Where to end: at the last end of a sentence, or comma, behind `least` and up to `limit`."""
    if limit >= len(text):
        return len(text)
    least = max(least, limit - MAX_CHARS // 2)
    for pattern in (_STOP, _COMMA):
        cuts = [match.end() for match in pattern.finditer(text, 0, limit) if match.end() >= least]
        if cuts:
            return min(cuts[-1], limit)
    return limit


def _joins(text: str, at: int) -> bool:
    """Tell whether what people see as one character spans a place: accents, emoji of several."""
    if not 0 < at < len(text):
        return False
    after = text[at]
    if after.isascii():
        return False
    return (
        after in "\u200d\ufe0e\ufe0f"
        or text[at - 1] == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or unicodedata.category(after)[0] == "M"
    )


def _densest(text: str, ranges: Sequence[tuple[int, int]]) -> int:
    """Where the match begins from which a window holds most different matched texts.

    Of several such places, the first. `ranges` are ascending.
    """
    held: dict[str, int] = {}
    most, place, last = -1, 0, 0
    for at, (begin, end) in enumerate(ranges):
        last = max(last, at)
        while last < len(ranges) and ranges[last][1] <= begin + MAX_CHARS:
            entering = text[slice(*ranges[last])]
            held[entering] = held.get(entering, 0) + 1
            last += 1
        if len(held) > most:
            most, place = len(held), begin
        leaving = text[begin:end]
        if held.get(leaving, 0) > 1:
            held[leaving] -= 1
        else:
            held.pop(leaving, None)
    return place


def _may_cut(folded: str, at: int) -> bool:
    """Tell whether a unit could span a place; none does beside a Han character or a space."""
    beside = folded[max(at - 1, 0) : at + 1]
    return len(beside) == 2 and not any(map(_ends_units, beside))


def _ends_units(char: str) -> bool:
    # Signs and accents belong to units such as 3.5 and C++.
    return char.isspace() or (
        is_han(char) and char not in "+#." and not unicodedata.combining(char)
    )


def _whole_units(evidence: Evidence, begin: int, end: int) -> tuple[int, int]:
    """Widen a window so that it cuts no unit at its ends."""
    if not any(_may_cut(evidence.outline, at) for at in (begin, end)):
        return begin, end
    for start, stop in evidence.iter_tokens():
        if start < begin < stop:
            begin = start
        if start < end < stop:
            end = stop
    return begin, end
