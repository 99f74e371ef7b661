"""Query tree + postings of a segment -> the paragraphs that match, as sorted arrays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import is_han, pair_term
from ..query import Every, Filter, Literal, Node, Not, Phrase, Prefix, Some
from ..query.proof import Evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Numbers of paragraphs within a segment, ascending, of any unsigned type.
Numbers = np.ndarray[Any, np.dtype[Any]]
# A paragraph's id is its number among those of all segments, one behind the other.
Ids = np.ndarray[Any, np.dtype[np.int64]]

# Above this ratio of lengths, looking up each number of the shorter row is the faster way.
_SPARSE = 16


class Postings(Protocol):
    """What matching asks of a segment: the paragraphs that hold a term, and their texts.

    Deleted paragraphs count as any other.
    """

    size: int

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the paragraphs that hold a term, ascending."""

    def mark(self, units: Sequence[str], pairs: Sequence[str]) -> NDArray[np.bool_]:
        """Of each paragraph, whether it holds any of some units or pairs."""

    def passing(self, filter_: Filter) -> Numbers:
        """Numbers of the paragraphs that pass a filter, ascending."""

    def find_run(self, numbers: Numbers, run: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of some paragraphs hold a run of characters, and which might across a gap."""

    def find_row(self, numbers: Numbers, units: Sequence[str]) -> NDArray[np.bool_]:
        """Which of some paragraphs hold some units in a row, whatever gaps part them."""

    def evidence(self, number: int) -> Evidence:
        """The text of a paragraph, ready to be asked."""


class Found:
    """Paragraphs of a segment: their numbers or their mask, the other is made when asked for."""

    def __init__(
        self, size: int, numbers: Numbers | None = None, mask: NDArray[np.bool_] | None = None
    ) -> None:
        """`size` is how many paragraphs the segment has."""
        self._size, self._numbers, self._mask = size, numbers, mask

    @cached_property
    def numbers(self) -> Numbers:
        """Their numbers, ascending."""
        return self._numbers if self._numbers is not None else np.flatnonzero(self.mask)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Of each paragraph, whether it is one of them."""
        if self._mask is not None:
            return self._mask
        mask = np.zeros(self._size, bool)
        mask[self.numbers] = True
        return mask

    @cached_property
    def count(self) -> int:
        """How many they are."""
        if self._numbers is not None:
            return len(self._numbers)
        return int(np.count_nonzero(self.mask))

    def count_between(self, begin: int, end: int) -> int:
        """How many of them have a number from `begin` on and below `end`."""
        if self._numbers is None:
            return int(np.count_nonzero(self.mask[begin:end]))
        first, last = np.searchsorted(self._numbers, [begin, end])
        return int(last - first)

    def among(self, live: NDArray[np.bool_]) -> Found:
        """Those of them that a mask has too."""
        if self._numbers is None:
            return Found(self._size, mask=self.mask & live)
        return Found(self._size, self._numbers[live[self._numbers]])


class Matched:
    """Paragraphs of all segments, by their ids."""

    def __init__(self, segments: Sequence[Found], bases: Ids) -> None:
        """`bases` is the id of each segment's first paragraph."""
        self.segments, self._bases = segments, bases

    @cached_property
    def count(self) -> int:
        """How many they are."""
        return sum(found.count for found in self.segments)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Of each paragraph, whether it is one of them."""
        masks = [found.mask for found in self.segments]
        return masks[0] if len(masks) == 1 else np.concatenate([_NO_MASK, *masks])

    @cached_property
    def ids(self) -> Ids:
        """Their ids, ascending."""
        rows = zip(self.segments, self._bases, strict=False)
        # Numbers may have two bytes each, ids have eight.
        return np.concatenate([_NO_IDS, *(found.numbers + base for found, base in rows)])


_NO_MASK = np.zeros(0, bool)
_NO_IDS: Ids = np.zeros(0, np.int64)


def match(node: Node, postings: Postings) -> Found:
    """All paragraphs that match a query tree."""
    if isinstance(node, Some):
        return Found(postings.size, mask=_match_some(node, postings))
    return Found(postings.size, _match_numbers(node, postings))


def _match_numbers(node: Node, postings: Postings) -> Numbers:
    if isinstance(node, Every):
        return _match_every(node, postings)
    if isinstance(node, Some):
        return np.flatnonzero(_match_some(node, postings))
    if isinstance(node, Filter):
        return postings.passing(node)
    if isinstance(node, Not):
        return np.flatnonzero(~match(node.node, postings).mask)
    if isinstance(node, Prefix):
        raise TypeError("a prefix must be expanded before it is searched")
    return _prove(node, _candidates(node, postings), postings)


def _match_every(node: Every, postings: Postings) -> Numbers:
    leaves = [child for child in node.nodes if isinstance(child, Phrase | Literal)]
    excluded = [child.node for child in node.nodes if isinstance(child, Not)]
    rows = [_candidates(leaf, postings) for leaf in leaves]
    rows += [
        _match_numbers(child, postings)
        for child in node.nodes
        if not isinstance(child, Phrase | Literal | Not)
    ]
    found = _intersect(rows, postings.size) if rows else np.arange(postings.size)
    # Proven last: few are left by then.
    for leaf in leaves:
        found = _prove(leaf, found, postings)
    for child in excluded:
        found = found[~match(child, postings).mask[found]]
    return found


def _match_some(node: Some, postings: Postings) -> NDArray[np.bool_]:
    singles: list[str] = []
    pairs: list[str] = []
    others: list[Node] = []
    for child in node.nodes:
        if isinstance(child, Phrase) and len(child.units) == 1:
            singles += child.units
        elif isinstance(child, Phrase) and len(child.units) == 2:
            pairs += _pair_terms(*child.units, child.loose)
        else:
            others.append(child)
    held = postings.mark(singles, pairs)
    # What needs proof comes last: where others stand, it need not be proven.
    for child in sorted(others, key=lambda child: isinstance(child, Phrase | Literal)):
        if isinstance(child, Phrase | Literal):
            found = _candidates(child, postings)
            found = _prove(child, found[~held[found]], postings)
        else:
            found = _match_numbers(child, postings)
        held[found] = True
    return held


def _candidates(leaf: Phrase | Literal, postings: Postings) -> Numbers:
    """Paragraphs that hold all that postings know of a leaf."""
    if isinstance(leaf, Phrase) and len(leaf.units) == 2:
        return _pair_numbers(*leaf.units, leaf.loose, postings)
    if isinstance(leaf, Literal):
        rows = [postings.numbers("symbols", char) for char in sorted(set(leaf.text))]
    elif len(leaf.units) == 1:
        rows = [postings.numbers("units", leaf.units[0])]
    else:
        rows = [
            _pair_numbers(first, second, leaf.loose, postings)
            for first, second in sorted(set(itertools.pairwise(leaf.units)))
        ]
    return _intersect(rows, postings.size)


def _needs_proof(node: Node) -> bool:
    """Tell whether a leaf's terms may all stand in a paragraph, but somewhere else."""
    return not (isinstance(node, Phrase) and len(node.units) <= 2)


def _pair_terms(first: str, second: str, loose: bool) -> list[str]:
    """The terms of two units in a row; two Han characters may be parted in a quotation."""
    terms = [pair_term(first, second)]
    if loose and is_han(first) and is_han(second):
        terms.append(pair_term(first, second, loose=True))
    return terms


def _pair_numbers(first: str, second: str, loose: bool, postings: Postings) -> Numbers:
    rows = [postings.numbers("pairs", term) for term in _pair_terms(first, second, loose)]
    joined, parted = rows[0], rows[1:]
    return _union(rows, postings.size) if parted and len(parted[0]) else joined


def _prove(leaf: Phrase | Literal, candidates: Numbers, postings: Postings) -> Numbers:
    """Those of the candidates that hold a leaf."""
    if not len(candidates) or not _needs_proof(leaf):
        return candidates
    if isinstance(leaf, Literal):
        holds = np.array([postings.evidence(n).holds(leaf) for n in candidates.tolist()])
    elif leaf.run is None:
        holds = postings.find_row(candidates, leaf.units)
    else:
        holds = _holds_run(leaf, leaf.run, candidates, postings)
    proven: Numbers = candidates[holds]
    return proven


def _holds_run(
    leaf: Phrase, run: str, candidates: Numbers, postings: Postings
) -> NDArray[np.bool_]:
    # Where the segmenter cut this very word, there is no doubt.
    holds = find_held(candidates, postings.numbers("words", run))
    rest = (~holds).nonzero()[0]
    if not len(rest):
        return holds
    holds[rest], parted = postings.find_run(candidates[rest], run)
    rest = rest[~holds[rest] if leaf.loose else parted]
    if leaf.loose:
        holds[rest] = postings.find_row(candidates[rest], leaf.units)
    else:
        holds[rest] = [postings.evidence(n).holds(leaf) for n in candidates[rest].tolist()]
    return holds


def find_held(numbers: Numbers, row: Numbers) -> NDArray[np.bool_]:
    """Which of the numbers stand in a row."""
    return find_places(numbers, row)[1]


def find_places(numbers: Numbers, row: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where each of the numbers would stand in a row, and whether it does."""
    if not len(row):
        return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), bool)
    wanted = numbers.astype(row.dtype, copy=False)
    places = row.searchsorted(wanted)
    places[places == len(row)] = 0
    return places, row[places] == wanted


def _intersect(rows: Sequence[Numbers], size: int) -> Numbers:
    rows = sorted(rows, key=len)
    found = rows[0]
    for row in rows[1:]:
        if len(row) > _SPARSE * len(found):
            found = found[find_held(found, row)]
        else:
            mask = np.zeros(size, bool)
            mask[row] = True
            found = found[mask[found]]
    return found


def _union(rows: Sequence[Numbers], size: int) -> Numbers:
    mask = np.zeros(size, bool)
    for row in rows:
        mask[row] = True
    return np.flatnonzero(mask)
