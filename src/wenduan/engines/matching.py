"""Query tree + postings of a segment -> the paragraphs that match, as sorted arrays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import is_han, pair_term
from ..query import Between, Every, Literal, Node, Phrase
from ..query.proof import Evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Numbers of paragraphs within a segment, ascending, of any unsigned type.
Numbers = np.ndarray[Any, np.dtype[Any]]

# Above this ratio of lengths, looking up each number of the shorter row is the faster way.
_SPARSE = 16


class Postings(Protocol):
    """What matching asks of a segment: the live paragraphs that hold a term, and their texts."""

    size: int

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the paragraphs that hold a term, ascending."""

    def mark_unit(self, unit: str, held: NDArray[np.bool_]) -> None:
        """Set true for the live paragraphs that hold a unit."""

    def passing(self, filter_: Between) -> Numbers:
        """Numbers of the live paragraphs of the posts that pass a filter, ascending."""

    def evidence(self, number: int) -> Evidence:
        """The text of a paragraph, ready to be asked."""


def match(node: Node, postings: Postings) -> Numbers:
    """Numbers of all paragraphs that match a query tree, ascending."""
    if isinstance(node, Every):
        return _intersect([match(child, postings) for child in node.nodes], postings.size)
    if isinstance(node, Literal):
        rows = [postings.numbers("symbols", char) for char in sorted(set(node.text))]
        return _prove(node, _intersect(rows, postings.size), postings)
    if isinstance(node, Phrase):
        return _match_phrase(node, postings)
    if isinstance(node, Between):
        return postings.passing(node)
    held = np.zeros(postings.size, bool)
    for child in node.nodes:
        if isinstance(child, Phrase) and len(child.units) == 1:
            postings.mark_unit(child.units[0], held)
        else:
            held[match(child, postings)] = True
    return np.flatnonzero(held)


def _match_phrase(phrase: Phrase, postings: Postings) -> Numbers:
    units = phrase.units
    if len(units) == 1:
        return postings.numbers("units", units[0])
    rows = [
        _pair_numbers(first, second, phrase.loose, postings)
        for first, second in sorted(set(itertools.pairwise(units)))
    ]
    candidates = _intersect(rows, postings.size)
    # One pair says all there is to say; of several, each may stand somewhere else.
    return candidates if len(units) == 2 else _prove_phrase(phrase, candidates, postings)


def _pair_numbers(first: str, second: str, loose: bool, postings: Postings) -> Numbers:
    joined = postings.numbers("pairs", pair_term(first, second))
    if not loose or not (is_han(first) and is_han(second)):
        return joined
    parted = postings.numbers("pairs", pair_term(first, second, loose=True))
    return _union([joined, parted], postings.size) if len(parted) else joined


def _prove_phrase(phrase: Phrase, candidates: Numbers, postings: Postings) -> Numbers:
    run = phrase.run
    if run is None or not len(candidates):
        return _prove(phrase, candidates, postings)
    # Where the segmenter cut this very word, there is no doubt.
    holds = find_held(candidates, postings.numbers("words", run))
    rest = np.flatnonzero(~holds)
    holds[rest] = [postings.evidence(n).holds(phrase) for n in candidates[rest].tolist()]
    return candidates[holds]


def _prove(node: Phrase | Literal, candidates: Numbers, postings: Postings) -> Numbers:
    holds = [postings.evidence(number).holds(node) for number in candidates.tolist()]
    proven: Numbers = candidates[np.array(holds, bool)]
    return proven


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
