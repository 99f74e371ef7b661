"""Counts of terms -> scores: BM25, first over words, then over words, units and pairs together.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009),
with the idf that adds 1 within the logarithm, so that no term counts against a paragraph.

All matches are ranked by the score of their words; the best WINDOW of them get the scores of
units (characters and Latin words) and pairs (two Han characters side by side) added, and are
ranked anew. No score is negative, so those outside of the window stay behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The usual constants; measured as the best for passages of one length on judged questions.
K1 = 1.2
B = 0.75
# Rows that get the full score. Words alone rarely leave the right one behind a hundred others.
WINDOW = 100

# Spelled out, for numpy.typing takes longer to load than a search.
Floats = np.ndarray[Any, np.dtype[np.float64]]


def idf(paragraphs: int, holding: NDArray[Any]) -> Floats:
    """Weights of terms that `holding` of all `paragraphs` hold."""
    weights: Floats = np.log1p((paragraphs - holding + 0.5) / (holding + 0.5))
    return weights


def length_norm(lengths: NDArray[Any], mean_length: float) -> Floats:
    """What BM25 adds to a term's count below the line, given the lengths of paragraphs."""
    norm: Floats = K1 * (1 - B) + (K1 * B / max(mean_length, 1e-9)) * lengths
    return norm


def saturation(counts: NDArray[Any], norms: Floats) -> Floats:
    """Score of a term's counts, without its weight; below K1 + 1."""
    score: Floats = counts * (K1 + 1) / (counts + norms)
    return score


def order(tiers: NDArray[np.int64], scores: Floats) -> NDArray[np.intp]:
    """Positions of the best: more exact quotations first, then the score, then as they came."""
    return np.lexsort((np.arange(len(scores)), -scores, -tiers))
