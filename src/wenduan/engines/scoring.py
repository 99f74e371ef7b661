"""Postings of words and rare pairs -> the best paragraphs of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from ..ranking import K1, Floats, saturation
from .matching import Found, Numbers, find_held, find_places
from .segment import Rows, WordRow, WordRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows longer than this are not added up before asking whether they can matter.
_LONG = 1_024


class Terms(NamedTuple):
    """Terms of a query that a segment has, rare ones first.

    Their numbers, their weights, and how many paragraphs hold them, deleted ones included.
    """

    numbers: NDArray[np.int64]
    weights: Floats
    sizes: NDArray[np.int64]

    def first(self, size: int) -> Terms:
        """The first of them."""
        return Terms(self.numbers[:size], self.weights[:size], self.sizes[:size])


class Scored(NamedTuple):
    """Paragraphs with their scores by words and rare pairs, and by words alone."""

    numbers: Numbers
    scores: Floats
    words: Floats


class WordPostings(Protocol):
    """What scoring asks of a segment; deleted paragraphs count as any other."""

    size: int

    def word_rows(self, words: NDArray[np.int64]) -> WordRows:
        """The postings of some words."""

    def pair_rows(self, pairs: NDArray[np.int64]) -> Rows:
        """The postings of some pairs."""

    def word_row(self, word: int) -> WordRow:
        """The postings of a word."""

    def pair_row(self, pair: int) -> Numbers:
        """Numbers of the paragraphs that hold a pair."""

    @property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""

    @property
    def word_once(self) -> Floats:
        """Saturation of a word that stands once in a paragraph, of each."""

    @property
    def pair_once(self) -> Floats:
        """The same of a pair; how often a paragraph holds a pair is not kept."""


def score_words(
    segment: WordPostings, matched: Found, words: Terms, pairs: Terms, best: int, floor: float
) -> Scored:
    """Score by words and rare pairs those matched that can be among the `best`, or all.

    Pairs, and words up to a certain length, are added up at once. `floor` is a score that `best`
    paragraphs of other segments reach. What is left out scores below the floor, or below `best`
    others of this segment: each later word can add no more than its weight times K1 + 1 (the
    bound of MaxScore: Turtle and Flood, Query Evaluation: Strategies and Optimizations, 1995).
    """
    if matched.count <= best:
        return look_up(segment, matched.numbers, words, pairs)
    long = np.flatnonzero(words.sizes > _LONG)
    short = int(long[0]) if len(long) else len(words.numbers)
    by_words = _values_of_words(segment, words.first(short))
    by_pairs = _values_of_pairs(segment, pairs)
    scores = _sum([by_words, by_pairs], segment.size)
    pool = touched = _touched([by_words, by_pairs], matched)
    weights = words.weights[short:].tolist()
    rest = sum(weights) * (K1 + 1)
    for word, weight in zip(words.numbers[short:].tolist(), weights, strict=True):
        reached = scores[pool]
        needed = _needed(max(floor, least_of_best(reached[reached > rest], best)), rest)
        if needed > 0:
            pool = pool[reached >= needed]
        elif pool is touched:
            # What has none of the words so far may still be among the best.
            pool = matched.numbers
        row = segment.word_row(word)
        if len(row.numbers) <= len(pool):
            numbers, counts = row.numbers, row.counts()
        else:
            places, held = find_places(pool, row.numbers)
            numbers, counts = pool[held], row.counts_at(places[held])
        scores[numbers] += weight * saturation(counts, segment.word_norms[numbers])
        rest -= weight * (K1 + 1)
    if pool is touched and len(touched) < best:
        pool = matched.numbers
    reached = scores[pool]
    return Scored(pool, reached, reached - _sum([by_pairs], segment.size)[pool])


def look_up(segment: WordPostings, numbers: Numbers, words: Terms, pairs: Terms) -> Scored:
    """Score a few paragraphs by words and rare pairs."""
    by_words, norms = np.zeros(len(numbers)), segment.word_norms[numbers]
    for word, weight in zip(words.numbers.tolist(), words.weights.tolist(), strict=True):
        row = segment.word_row(word)
        places, held = find_places(numbers, row.numbers)
        by_words[held] += weight * saturation(row.counts_at(places[held]), norms[held])
    by_pairs, once = np.zeros(len(numbers)), segment.pair_once[numbers]
    for pair, weight in zip(pairs.numbers.tolist(), pairs.weights.tolist(), strict=True):
        held = find_held(numbers, segment.pair_row(pair))
        by_pairs[held] += weight * once[held]
    return Scored(numbers, by_words + by_pairs, by_words)


class _Values(NamedTuple):
    """What postings add to the scores of their paragraphs."""

    numbers: Numbers
    values: Floats


def _values_of_words(segment: WordPostings, words: Terms) -> _Values:
    rows = segment.word_rows(words.numbers)
    weights = np.repeat(words.weights, rows.sizes)
    values = weights * segment.word_once[rows.numbers]
    if len(rows.places):
        norms = segment.word_norms[rows.numbers[rows.places]]
        values[rows.places] = weights[rows.places] * saturation(rows.many, norms)
    return _Values(rows.numbers, values)


def _values_of_pairs(segment: WordPostings, pairs: Terms) -> _Values:
    rows = segment.pair_rows(pairs.numbers)
    return _Values(
        rows.numbers, np.repeat(pairs.weights, rows.sizes) * segment.pair_once[rows.numbers]
    )


def _sum(parts: Sequence[_Values], size: int) -> Floats:
    """Scores of all paragraphs by some postings."""
    numbers = np.concatenate([part.numbers for part in parts])
    values = np.concatenate([part.values for part in parts])
    scores: Floats = np.bincount(numbers, values, size).astype(np.float64, copy=False)
    return scores


def _touched(parts: Sequence[_Values], matched: Found) -> Numbers:
    """Those matched that have any of some postings."""
    held = np.zeros(len(matched.mask), bool)
    for part in parts:
        held[part.numbers] = True
    return np.flatnonzero(held & matched.mask)


def least_of_best(scores: Floats, best: int) -> float:
    """The least of the `best` highest scores, 0 where there are fewer."""
    at = len(scores) - best
    return float(np.partition(scores, at)[at]) if at >= 0 else 0.0


def _needed(floor: float, rest: float) -> float:
    """What a paragraph must have so far; sums in another order may differ in their last digits."""
    return (floor - rest) * (1 - 1e-12)
