"""Counts of terms -> scores: BM25 over words, units and pairs, added up.

BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009),
with the idf that adds 1 within the logarithm, so that no term counts against a paragraph.
"""

import numpy as np
from numpy.typing import NDArray

# The usual constants; measured as the best for passages of one length on judged questions.
K1 = 1.2
B = 0.75

Floats = NDArray[np.float64]


def bm25(counts: Floats, lengths: Floats, mean_length: float, paragraphs: int) -> Floats:
    """Scores of one term in the paragraphs that hold it.

    `counts` and `lengths` are theirs, in one order; `mean_length` and `paragraphs` are of the
    whole index.
    """
    holding = len(counts)
    idf = np.log1p((paragraphs - holding + 0.5) / (holding + 0.5))
    norm = K1 * (1 - B + B * lengths / max(mean_length, 1e-9))
    scores: Floats = idf * counts * (K1 + 1) / (counts + norm)
    return scores


def order(tiers: NDArray[np.int64], scores: Floats, limit: int) -> NDArray[np.intp]:
    """Positions of the best: more exact quotations first, then the score, then as they came."""
    ranked = np.lexsort((np.arange(len(scores)), -scores, -tiers))
    return ranked[:limit]
