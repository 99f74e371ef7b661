"""Postings of words and rare pairs -> the best paragraphs of a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from ..ranking import K1, Floats, saturation
from .matching import Found, Numbers, find_held, find_places
from .segment import WordRow, WordRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows longer than this are not added up before asking whether they can matter.
_LONG = 1_024


class Terms(NamedTuple):
    """Terms of a query that a segment has: their numbers and weights, rare ones first."""

    numbers: NDArray[np.int64]
    weights: Floats


class Scored(NamedTuple):
    """Paragraphs with their scores by words and rare pairs, and by words alone."""

    numbers: Numbers
    scores: Floats
    words: Floats


class WordPostings(Protocol):
    """What scoring asks of a segment; deleted paragraphs count as any other."""

    size: int

    def word_sizes(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many paragraphs hold each of some words, given by their numbers."""

    def word_rows(self, words: NDArray[np.int64]) -> WordRows:
        """The postings of some words."""

    def word_row(self, word: int) -> WordRow:
        """The postings of a word."""

    def pair_row(self, pair: int) -> Numbers:
        """Numbers of the paragraphs that hold a pair."""

    @property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""

    @property
    def unit_norms(self) -> Floats:
        """Length norm of each paragraph, by units."""


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
    sizes = segment.word_sizes(words.numbers)
    long = np.flatnonzero(sizes > _LONG)
    short = int(long[0]) if len(long) else len(sizes)
    by_pairs = _add_up_pairs(segment, pairs)
    first = Terms(words.numbers[:short], words.weights[:short])
    scores: Floats = by_pairs + _add_up_words(segment, first)
    candidates: Numbers | None = None
    weights = words.weights[short:].tolist()
    rest = sum(weights) * (K1 + 1)
    for word, weight in zip(words.numbers[short:].tolist(), weights, strict=True):
        if candidates is None:
            candidates = _contenders(scores, matched, best, floor, rest)
        else:
            candidates = _prune(scores, candidates, best, floor, rest)
        row = segment.word_row(word)
        if candidates is None or len(row.numbers) <= len(candidates):
            numbers, counts = row.numbers, row.counts()
        else:
            places, held = find_places(candidates, row.numbers)
            numbers, counts = candidates[held], row.counts_at(places[held])
        scores[numbers] += weight * saturation(counts, segment.word_norms[numbers])
        rest -= weight * (K1 + 1)
    candidates = matched.numbers if candidates is None else candidates
    reached = scores[candidates]
    return Scored(candidates, reached, reached - by_pairs[candidates])


def look_up(segment: WordPostings, numbers: Numbers, words: Terms, pairs: Terms) -> Scored:
    """Score a few paragraphs by words and rare pairs."""
    by_words, norms = np.zeros(len(numbers)), segment.word_norms[numbers]
    for word, weight in zip(words.numbers.tolist(), words.weights.tolist(), strict=True):
        row = segment.word_row(word)
        places, held = find_places(numbers, row.numbers)
        by_words[held] += weight * saturation(row.counts_at(places[held]), norms[held])
    by_pairs, norms = np.zeros(len(numbers)), segment.unit_norms[numbers]
    for pair, weight in zip(pairs.numbers.tolist(), pairs.weights.tolist(), strict=True):
        held = find_held(numbers, segment.pair_row(pair))
        by_pairs[held] += weight * saturation(_ONCE, norms[held])
    return Scored(numbers, by_words + by_pairs, by_words)


# Of pairs it is not kept how often a paragraph holds them.
_ONCE = np.ones(1)


def _add_up_words(segment: WordPostings, words: Terms) -> Floats:
    """Scores of all paragraphs by some words."""
    numbers, counts = segment.word_rows(words.numbers)
    weights = np.repeat(words.weights, segment.word_sizes(words.numbers))
    values = weights * saturation(counts, segment.word_norms[numbers])
    return _sum(numbers, values, segment.size)


def _add_up_pairs(segment: WordPostings, pairs: Terms) -> Floats:
    """Scores of all paragraphs by some pairs."""
    if not len(pairs.numbers):
        return np.zeros(segment.size)
    rows = [segment.pair_row(pair) for pair in pairs.numbers.tolist()]
    numbers = np.concatenate(rows)
    weights = np.repeat(pairs.weights, [len(row) for row in rows])
    values = weights * saturation(_ONCE, segment.unit_norms[numbers])
    return _sum(numbers, values, segment.size)


def _sum(numbers: Numbers, values: Floats, size: int) -> Floats:
    scores: Floats = np.bincount(numbers, values, size).astype(np.float64, copy=False)
    return scores


def _contenders(
    scores: Floats, matched: Found, best: int, floor: float, rest: float
) -> Numbers | None:
    """Paragraphs that can still be among the best; None where any could."""
    if rest >= floor:
        if rest >= scores.max(initial=0):
            return None
        floor = max(floor, least_of_best(scores[matched.mask & (scores > rest)], best))
    needed = _needed(floor, rest)
    return np.flatnonzero(matched.mask & (scores >= needed)) if needed > 0 else None


def _prune(scores: Floats, candidates: Numbers, best: int, floor: float, rest: float) -> Numbers:
    """Those of the candidates that can still be among the best."""
    reached = scores[candidates]
    kept: Numbers = candidates[reached >= _needed(max(floor, least_of_best(reached, best)), rest)]
    return kept


def least_of_best(scores: Floats, best: int) -> float:
    """The least of the `best` highest scores, 0 where there are fewer."""
    at = len(scores) - best
    return float(np.partition(scores, at)[at]) if at >= 0 else 0.0


def _needed(floor: float, rest: float) -> float:
    """What a paragraph must have so far; sums in another order may differ in their last digits."""
    return (floor - rest) * (1 - 1e-12)
