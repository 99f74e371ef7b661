"""Query tree + postings of a segment -> the paragraphs that match, as sorted arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import is_han, pair_term
from ..query import Every, Filter, Literal, Node, Not, Phrase, Prefix, Some
from .budget import Budget
from .proving import Numbers, Texts, find_held, prove, prove_any

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of each paragraph of a segment, whether it is one of some.
Mask = np.ndarray[Any, np.dtype[np.bool_]]
# A paragraph's id is its number among those of all segments, one behind the other.
Ids = np.ndarray[Any, np.dtype[np.int64]]

# Above this ratio of lengths, looking up each number of the shorter row is the faster way.
_SPARSE = 16
# More quotations than these of one alternative or another are looked for together.
_FEW_ROWS = 4


class Postings(Texts, Protocol):
    """What matching asks of a segment: the paragraphs that hold a term, and their texts.

    Deleted paragraphs count as any other.
    """

    size: int

    def mark(self, units: Sequence[str], pairs: Sequence[str]) -> NDArray[np.bool_]:
        """Of each paragraph, whether it holds any of some units or pairs."""

    def passing(self, filter_: Filter) -> Numbers:
        """Numbers of the paragraphs that pass a filter, ascending."""


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


def match(node: Node, postings: Postings, budget: Budget) -> Found:
    """All paragraphs that match a query tree; not all, where the budget is not enough for that."""
    matching = _Matching(postings, budget)
    if isinstance(node, Some):
        return Found(postings.size, mask=matching.some(node, None, False))
    return Found(postings.size, matching.numbers(node, None, False))


class _Matching:
    """Matches trees in one segment.

    `within` are the paragraphs that matter, None for all. `unproven` tells what becomes of those
    that the budget is not enough for: what is excluded may be too much, the rest too little, so
    that nothing is found which does not match.
    """

    def __init__(self, postings: Postings, budget: Budget) -> None:
        self._postings, self._budget = postings, budget

    def numbers(self, node: Node, within: Mask | None, unproven: bool) -> Numbers:
        """Numbers of the paragraphs that match a tree, ascending."""
        if isinstance(node, Every):
            return self._every(node, within, unproven)
        if isinstance(node, Some):
            return np.flatnonzero(self.some(node, within, unproven))
        if isinstance(node, Filter):
            return self._postings.passing(node)
        if isinstance(node, Not):
            return np.flatnonzero(~self._mask(node.node, within, not unproven))
        if isinstance(node, Prefix):
            raise TypeError("a prefix must be expanded before it is searched")
        return self._prove(node, self._candidates(node, within), unproven)

    def _mask(self, node: Node, within: Mask | None, unproven: bool) -> Mask:
        if isinstance(node, Some):
            return self.some(node, within, unproven)
        return Found(self._postings.size, self.numbers(node, within, unproven)).mask

    def _candidates(self, leaf: Phrase | Literal, within: Mask | None) -> Numbers:
        found = _candidates(leaf, self._postings)
        self._budget.spend_postings(len(found))
        return found if within is None else found[within[found]]

    def _prove(self, leaf: Phrase | Literal, candidates: Numbers, unproven: bool) -> Numbers:
        return prove(leaf, candidates, self._postings, self._budget, unproven)

    def _every(self, node: Every, within: Mask | None, unproven: bool) -> Numbers:
        leaves = [child for child in node.nodes if isinstance(child, Phrase | Literal)]
        rows = []
        for leaf in leaves:
            rows.append(self._candidates(leaf, within))
            if not len(rows[-1]):
                return rows[-1]
        size = self._postings.size
        found = _intersect(rows, size) if rows else None
        for child in node.nodes:
            if found is not None and not len(found):
                return found
            if not isinstance(child, Phrase | Literal | Not):
                matters = within if found is None else Found(size, found).mask
                new = self.numbers(child, matters, unproven)
                found = new if found is None else _intersect([found, new], size)
        if found is None:
            found = np.arange(size) if within is None else np.flatnonzero(within)
        # Proven last: few are left by then.
        for leaf in leaves:
            found = self._prove(leaf, found, unproven)
        excluded = tuple(child.node for child in node.nodes if isinstance(child, Not))
        if excluded and len(found):
            matters = Found(size, found).mask
            found = found[~self.some(Some(excluded), matters, not unproven)[found]]
        return found

    def some(self, node: Some, within: Mask | None, unproven: bool) -> Mask:
        """Of each paragraph, whether it matches any of some trees."""
        singles: list[str] = []
        pairs: list[str] = []
        others: list[Node] = []
        for child in iter_alternatives(node):
            if isinstance(child, Phrase) and len(child.units) == 1:
                singles += child.units
            elif isinstance(child, Phrase) and len(child.units) == 2:
                pairs += _pair_terms(*child.units, child.loose)
            else:
                others.append(child)
        held = self._postings.mark(singles, pairs)
        rows = [child for child in others if isinstance(child, Phrase) and child.is_loose_run]
        if len(rows) > _FEW_ROWS:
            # Each text is read once, for all of them.
            others = [c for c in others if not (isinstance(c, Phrase) and c.is_loose_run)]
            held |= self._any_row(rows, ~held if within is None else within & ~held, unproven)
        # What needs proof comes last: where others stand, it need not be proven.
        for child in sorted(others, key=lambda child: isinstance(child, Phrase | Literal)):
            matters = ~held if within is None else within & ~held
            if isinstance(child, Phrase | Literal):
                found = self._candidates(child, matters)
                found = self._prove(child, found, unproven)
            else:
                found = self.numbers(child, matters, unproven)
            held[found] = True
        return held

    def _any_row(self, rows: Sequence[Phrase], within: Mask, unproven: bool) -> Mask:
        """Of each paragraph, whether it holds any of some rows of Han characters."""
        size = self._postings.size
        candidates = np.zeros(size, bool)
        for row in rows:
            candidates[self._candidates(row, within)] = True
        runs = [row.run for row in rows if row.run is not None]
        numbers = np.flatnonzero(candidates)
        found = prove_any(runs, numbers, self._postings, self._budget, unproven)
        return Found(size, found).mask


def iter_alternatives(node: Some) -> Iterator[Node]:
    """The trees of which one must match, those within each other too."""
    for child in node.nodes:
        if isinstance(child, Some):
            yield from iter_alternatives(child)
        else:
            yield child


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
