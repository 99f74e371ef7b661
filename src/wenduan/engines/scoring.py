"""Postings of words -> the best paragraphs of a segment, and counts in texts -> full scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis import is_han
from ..analysis.characters import CHARACTERS, to_codes
from ..ranking import K1, Floats, saturation
from .matching import Numbers

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
    """What scoring asks of a segment."""

    size: int

    def word_row(self, term: str) -> tuple[Numbers, NDArray[np.uint8]] | None:
        """Live paragraphs that hold a word, and how often each does; None where none does."""

    @property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""


def score_words(
    segment: WordPostings, matched: Numbers, words: Sequence[Weighted], best: int, floor: float
) -> tuple[Numbers, Floats]:
    """Score by words those of the matched paragraphs that can be among the `best`, or all.

    `words` come rare ones first. `floor` is a score that `best` paragraphs of other segments
    reach. What is left out scores below the floor, or below `best` others of this segment: each
    later word can add no more than its weight times K1 + 1 (the bound of MaxScore: Turtle and
    Flood, Query Evaluation: Strategies and Optimizations, 1995).
    """
    scores = np.zeros(segment.size)
    candidates = matched
    rest = np.append(np.cumsum([word.weight * (K1 + 1) for word in words][::-1])[::-1], 0.0)
    narrowed = len(matched) <= best
    is_match = _mask(matched, segment.size)
    for at, word in enumerate(words):
        row = segment.word_row(word.term)
        if row is None:
            continue
        if not narrowed and len(row[0]) > _LONG:
            kept = _contenders(scores, is_match, best, floor, rest[at])
            if kept is not None:
                candidates, narrowed = kept, True
        _add(scores, segment, row, word.weight, candidates if narrowed else None)
    return candidates, scores[candidates]


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


def _add(
    scores: Floats,
    segment: WordPostings,
    row: tuple[Numbers, NDArray[np.uint8]],
    weight: float,
    candidates: Numbers | None,
) -> None:
    numbers, counts = row
    if candidates is not None and len(numbers) > len(candidates):
        wanted = candidates.astype(numbers.dtype, copy=False)
        places = numbers.searchsorted(wanted)
        places[places == len(numbers)] = 0
        held = numbers[places] == wanted
        numbers, counts = wanted[held], counts[places[held]]
    scores[numbers] += weight * saturation(counts, segment.word_norms[numbers])


def score_texts(
    texts: Sequence[str], norms: Floats, units: Sequence[Weighted], pairs: Sequence[Weighted]
) -> Floats:
    """Score texts by characters and by pairs of Han characters that stand side by side.

    `norms` are the texts' length norms, by units. Units that are no Han characters are left out.
    """
    han = [unit for unit in units if is_han(unit.term)]
    if not han:
        return np.zeros(len(texts))
    codes = CHARACTERS.fold(to_codes("\0".join(texts)))
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(codes)]
    place = _places([ord(unit.term) for unit in han], codes)
    met = place > 0
    scores = _weigh(owner[met], place[met] - 1, han, norms)
    both = met[:-1] & met[1:]
    first, second = place[:-1][both] - 1, place[1:][both] - 1
    rows = {unit.term: at for at, unit in enumerate(han)}
    table = np.zeros((len(han), len(han)), np.int64)
    for at, pair in enumerate(pairs, 1):
        table[rows[pair.term[0]], rows[pair.term[1]]] = at
    pair_at = table[first, second]
    known = pair_at > 0
    return scores + _weigh(owner[:-1][both][known], pair_at[known] - 1, pairs, norms)


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
