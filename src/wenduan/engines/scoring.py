"""Postings of words -> the best paragraphs of a segment, and counts in texts -> full scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from ..analysis import is_han
from ..analysis.folding import Codes, to_text
from ..analysis.units import find_token
from ..ranking import K1, Floats, saturation
from .matching import Found, Numbers, find_places
from .segment import WordRow, WordRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows longer than this are not added up before asking whether they can matter.
_LONG = 1_024


@dataclass(frozen=True, slots=True)
class Weighted:
    """A term of the query with its idf."""

    term: str
    weight: float


class WordPostings(Protocol):
    """What scoring asks of a segment; deleted paragraphs count as any other."""

    size: int

    def word_sizes(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many paragraphs hold each of some words, given by their numbers."""

    def word_rows(self, words: NDArray[np.int64]) -> WordRows:
        """The postings of some words."""

    def word_row(self, word: int) -> WordRow:
        """The postings of a word."""

    @property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""


def score_words(
    segment: WordPostings,
    matched: Found,
    words: NDArray[np.int64],
    weights: Floats,
    best: int,
    floor: float,
) -> tuple[Numbers, Floats]:
    """Score by words those of the matched paragraphs that can be among the `best`, or all.

    `words` are numbers of words, rare ones first; those up to a certain length are added up at
    once. `floor` is a score that `best` paragraphs of other segments reach. What is left out
    scores below the floor, or below `best` others of this segment: each later word can add no
    more than its weight times K1 + 1 (the bound of MaxScore: Turtle and Flood, Query Evaluation:
    Strategies and Optimizations, 1995).
    """
    if matched.count <= best:
        return matched.numbers, _look_up(segment, matched.numbers, words, weights)
    sizes = segment.word_sizes(words)
    long = np.flatnonzero(sizes > _LONG)
    short = int(long[0]) if len(long) else len(words)
    scores = _add_up(segment, words[:short], weights[:short], sizes[:short])
    candidates: Numbers | None = None
    rest = float(weights[short:].sum()) * (K1 + 1)
    for word, weight in zip(words[short:].tolist(), weights[short:].tolist(), strict=True):
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
    return candidates, scores[candidates]


def _look_up(
    segment: WordPostings, numbers: Numbers, words: NDArray[np.int64], weights: Floats
) -> Floats:
    """Scores of a few paragraphs by some words, summed in the order of the words."""
    scores, norms = np.zeros(len(numbers)), segment.word_norms[numbers]
    for word, weight in zip(words.tolist(), weights.tolist(), strict=True):
        row = segment.word_row(word)
        places, held = find_places(numbers, row.numbers)
        scores[held] += weight * saturation(row.counts_at(places[held]), norms[held])
    return scores


def _add_up(
    segment: WordPostings,
    words: NDArray[np.int64],
    weights: Floats,
    sizes: NDArray[np.int64],
) -> Floats:
    """Scores of all paragraphs by some words, summed in the order of the words."""
    numbers, counts = segment.word_rows(words)
    values = np.repeat(weights, sizes) * saturation(counts, segment.word_norms[numbers])
    scores: Floats = np.bincount(numbers, values, segment.size).astype(np.float64, copy=False)
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


class Texts(NamedTuple):
    """Folded texts: the code points of all, each text with a zero behind it, and each one's
    length in characters and length norm by units.
    """

    codes: Codes
    lengths: NDArray[np.int64]
    norms: Floats


def score_texts(texts: Texts, units: Sequence[Weighted], pairs: Sequence[Weighted]) -> Floats:
    """Score texts by characters and by pairs of Han characters that stand side by side.

    Units that are no Han characters are left out.
    """
    han = [unit for unit in units if is_han(unit.term)]
    if not han:
        return np.zeros(len(texts.lengths))
    places = _places([ord(unit.term) for unit in han], texts.codes)
    met = np.flatnonzero(places)
    found = places[met].astype(np.int64) - 1
    owner = np.repeat(np.arange(len(texts.lengths)), texts.lengths + 1)[met]
    scores = _weigh(owner, found, han, texts.norms)
    both = np.flatnonzero(np.diff(met) == 1)
    first, second = found[both], found[both + 1]
    rows = {unit.term: at for at, unit in enumerate(han)}
    table = np.zeros((len(han), len(han)), np.int64)
    for at, pair in enumerate(pairs, 1):
        table[rows[pair.term[0]], rows[pair.term[1]]] = at
    pair_at = table[first, second]
    known = pair_at > 0
    return scores + _weigh(owner[both][known], pair_at[known] - 1, pairs, texts.norms)


def _places(terms: Sequence[int], codes: Codes) -> NDArray[np.uint16]:
    """Which of the terms each code is, from 1; 0 for none."""
    end = max(terms) + 1
    table = np.zeros(end + 1, np.uint16)
    table[list(terms)] = np.arange(1, len(terms) + 1)
    places: NDArray[np.uint16] = table.take(codes, mode="clip")
    return places


def _weigh(owner: Any, terms: Any, weighted: Sequence[Weighted], norms: Floats) -> Floats:
    if not weighted:
        return np.zeros(len(norms))
    size = len(weighted)
    counts = np.bincount(owner * size + terms, minlength=len(norms) * size)
    rows = saturation(counts.reshape(len(norms), size), norms[:, None])
    scores: Floats = rows @ np.array([row.weight for row in weighted])
    return scores


def score_token(texts: Texts, token: Weighted) -> Floats:
    """Score texts by how often each holds a Latin word or a number."""
    begins = [begin for begin, _ in find_token(to_text(texts.codes), token.term)]
    owner = np.searchsorted(np.cumsum(texts.lengths + 1), begins, "right")
    counts = np.bincount(owner, minlength=len(texts.lengths))
    return token.weight * saturation(counts, texts.norms)
