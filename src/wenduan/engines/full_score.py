"""Texts and facts of candidates + the terms of a query -> the parts of their full scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..ranking import FIRST, WEIGHTS, Floats, date_prior, votes_prior
from .measuring import Texts, Weighted, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows of the parts of scores: those of the full score, and that of the first ranking alone.
PARTS = (*WEIGHTS, FIRST.name)
_WEIGHTS = np.array(list(WEIGHTS.values()))[:, None]


@dataclass(frozen=True)
class Candidates:
    """What is read of some paragraphs: texts, also those of their titles and headings.

    `norms` and `units` (how many each has) are of each text. Of each paragraph, `own`, `titles`
    and `headings` are places among the texts, -1 for none; `votes` and `days` below 0 for unknown.
    """

    texts: Texts
    norms: Floats
    units: NDArray[np.int64]
    own: NDArray[np.int64]
    titles: NDArray[np.int64]
    headings: NDArray[np.int64]
    votes: NDArray[np.int64]
    days: NDArray[np.int64]


def score_fully(
    words: Floats,
    read: Candidates,
    units: Weighted,
    pairs: Weighted,
    runs: Sequence[str],
) -> Floats:
    """The parts of the full scores, each with its weight: a row a part, a column a paragraph.

    `words` is the BM25 of words of each paragraph, of the sum of their idf; `units`, `pairs` and
    `runs` are the query's.
    """
    reached = reach(read.texts, read.norms, units, pairs)
    shares = np.minimum(reached.met / np.maximum(read.units.astype(np.int64) - 1, 1), 1.0)
    # Of what there is none of, at -1, nothing stands in the query.
    shares = np.append(shares, 0.0)
    parts: Floats = _WEIGHTS * (
        words,
        reached.units[read.own],
        reached.pairs[read.own],
        reached.sentence[read.own],
        reached.rarest[read.own],
        reached.window[read.own],
        shares[read.titles],
        read.texts.verbatim(runs)[read.own],
        shares[read.headings],
        votes_prior(read.votes),
        date_prior(read.days),
    )
    return parts
