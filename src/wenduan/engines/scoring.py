"""Postings of words -> the best paragraphs of a segment, and counts in texts -> full scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import is_han
from ..analysis.folding import Codes, fold_codes
from ..ranking import K1, Floats, saturation
from .matching import Numbers, find_places
from .segment import WordRows

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

    def find_words(self, words: Sequence[str]) -> list[int | None]:
        """Numbers of some words, None for those that the segment lacks."""

    def word_rows(self, words: Sequence[int]) -> WordRows:
        """The postings of some words."""

    @property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""


def score_words(
    segment: WordPostings, matched: Numbers, words: Sequence[Weighted], best: int, floor: float
) -> tuple[Numbers, Floats]:
    """Score by words those of the matched paragraphs that can be among the `best`, or all.

    `words` come rare ones first; those up to a certain length are added up at once. `floor` is a
    score that `best` paragraphs of other segments reach. What is left out scores below the floor,
    or below `best` others of this segment: each later word can add no more than its weight times
    K1 + 1 (the bound of MaxScore: Turtle and Flood, Query Evaluation: Strategies and
    Optimizations, 1995).
    """
    found = zip(segment.find_words([word.term for word in words]), words, strict=True)
    known = [(number, word.weight) for number, word in found if number is not None]
    if not known:
        return matched, np.zeros(len(matched))
    rows = segment.word_rows([number for number, _ in known])
    weights = np.array([weight for _, weight in known])
    ends = np.cumsum(rows.sizes)
    short = int(np.argmax(rows.sizes > _LONG)) if (rows.sizes > _LONG).any() else len(known)
    scores = _add_up(segment, rows, weights, short)
    candidates = matched
    narrowed = len(matched) <= best
    is_match = _mask(matched, segment.size)
    rest = float(weights[short:].sum()) * (K1 + 1)
    for at in range(short, len(known)):
        if not narrowed:
            kept = _contenders(scores, is_match, best, floor, rest)
            if kept is not None:
                candidates, narrowed = kept, True
        here = slice(int(ends[at] - rows.sizes[at]), int(ends[at]))
        numbers, counts = rows.numbers[here], rows.counts[here]
        if narrowed and len(numbers) > len(candidates):
            places, held = find_places(candidates, numbers)
            numbers, counts = candidates[held], counts[places[held]]
        scores[numbers] += weights[at] * saturation(counts, segment.word_norms[numbers])
        rest -= float(weights[at]) * (K1 + 1)
    return candidates, scores[candidates]


def _add_up(segment: WordPostings, rows: WordRows, weights: Floats, words: int) -> Floats:
    """Scores by the first so many words of all paragraphs, summed in the order of the words."""
    sizes = rows.sizes[:words]
    end = int(sizes.sum())
    numbers, counts = rows.numbers[:end], rows.counts[:end]
    values = np.repeat(weights[:words], sizes) * saturation(counts, segment.word_norms[numbers])
    scores: Floats = np.bincount(numbers, values, segment.size).astype(np.float64, copy=False)
    return scores


def _mask(numbers: Numbers, size: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, bool)
    mask[numbers] = True
    return mask


def _contenders(
    scores: Floats, is_match: NDArray[np.bool_], best: int, floor: float, rest: float
) -> Numbers | None:
    """Paragraphs that can still be among the best; None where any could."""
    if rest >= floor:
        met = scores[is_match & (scores > 0)]
        if len(met) < best:
            return None
        floor = max(floor, float(np.partition(met, len(met) - best)[len(met) - best]))
    # Sums of the same numbers in another order may differ in their last digits.
    needed = (floor - rest) * (1 - 1e-12)
    return np.flatnonzero(is_match & (scores >= needed)) if needed > 0 else None


def score_texts(
    codes: Codes,
    lengths: NDArray[np.int64],
    norms: Floats,
    units: Sequence[Weighted],
    pairs: Sequence[Weighted],
) -> Floats:
    """Score texts by characters and by pairs of Han characters that stand side by side.

    `codes` are the code points of the texts, each text of its length with a zero behind it;
    `norms` are the texts' length norms, by units. Units that are no Han characters are left out.
    """
    han = [unit for unit in units if is_han(unit.term)]
    if not han:
        return np.zeros(len(lengths))
    owner = np.repeat(np.arange(len(lengths)), lengths + 1)
    place = _places([ord(unit.term) for unit in han], fold_codes(codes))
    met = np.flatnonzero(place)
    found, of_met = place[met] - 1, owner[met]
    scores = _weigh(of_met, found, han, norms)
    both = np.flatnonzero(np.diff(met) == 1)
    first, second = found[both], found[both + 1]
    rows = {unit.term: at for at, unit in enumerate(han)}
    table = np.zeros((len(han), len(han)), np.int64)
    for at, pair in enumerate(pairs, 1):
        table[rows[pair.term[0]], rows[pair.term[1]]] = at
    pair_at = table[first, second]
    known = pair_at > 0
    return scores + _weigh(of_met[both][known], pair_at[known] - 1, pairs, norms)


def _places(terms: Sequence[int], codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Which of the terms each code is, from 1; 0 for none."""
    end = max(terms) + 1
    table = np.zeros(end + 1, np.int64)
    table[list(terms)] = np.arange(1, len(terms) + 1)
    return table[np.minimum(codes, end)]


def _weigh(owner: Any, terms: Any, weighted: Sequence[Weighted], norms: Floats) -> Floats:
    if not weighted:
        return np.zeros(len(norms))
    size = len(weighted)
    counts = np.bincount(owner * size + terms, minlength=len(norms) * size)
    rows = saturation(counts.reshape(len(norms), size), norms[:, None])
    scores: Floats = rows @ np.array([row.weight for row in weighted])
    return scores


def score_tokens(counts: Sequence[int], weight: float, norms: Floats) -> Floats:
    """Score texts by how often each holds a Latin word or a number."""
    scores: Floats = weight * saturation(np.array(counts), norms)
    return scores
