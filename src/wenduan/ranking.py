"""Counts of terms -> scores: what is added up for a paragraph, with which weight, and why.

First all matches are ranked by the BM25 of their words and of the rare pairs of characters in the
query; then the best WINDOW of them are ranked anew by the sum of all PARTS. BM25 as in Robertson
and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with the idf that adds
1 within the logarithm, so that no term counts against a paragraph.

Each part is a share of what a perfect paragraph would reach: it is divided by the sum of the idf
of the query's terms, so a weight means the same for short and for long queries.

The numbers were chosen on questions whose one right passage is known: a third of those of CMRC
2018 and DRCD, among all passages ("passages" below), and among the other set's sentences and
clauses, some 33,000, as short distractors ("clauses"; DRCD's questions, CMRC's questions). What
is given is the mean reciprocal rank of the first ten. Each is a round number where the result
changes little around it: weights fitted by logistic regression to one set's features were no
better on the other set (0.9757 at best) than these (0.9765).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# BM25's usual k1. With the pivot below, b of 0.3, 0.4, 0.5 and 0.75 gives 0.9746, 0.9753, 0.9754
# and 0.9752 among passages, 0.963 and 0.979, 0.962 and 0.977, 0.961 and 0.976, 0.956 and 0.965
# among clauses.
K1 = 1.2
B = 0.4
# Lengths are compared with the mean of the collection, but never with less than this many units
# (or words, of which there are six for ten units). Where most paragraphs are short, the mean makes
# a normal one look long: against the mean alone, clauses give 0.935 and 0.937 instead of 0.962
# and 0.977. 250 does as 200 does.
PIVOT_UNITS = 200
PIVOT_WORDS = 120
# A pair that one in so many paragraphs holds, or fewer, takes part in the first ranking. Without
# pairs, it lost the right passage of 24 in 10,000 questions among passages; with them, of 4 to 9.
RARE = 100
# Paragraphs that get the full score. With 50, clauses give 0.960 and 0.970 instead of 0.962 and
# 0.978. To leave out those whose first score is far below the best one's (a quarter, behind the
# 32nd) loses 1 of 13,484 passages from the first ten, but what it saves, a few hundredths of a
# question's time, is not worth that the last of the ten are then chosen by the first ranking.
WINDOW = 100
# Scores that agree in so many digits are equal: their order is that of paths and lines, which
# stays the same however an index came about.
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Part:
    """One summand of a score: its name, its weight, and what it measures."""

    name: str
    weight: float
    what: str


PARTS = (
    Part("words", 1.0, "BM25 of words, of the sum of their idf"),
    Part("units", 0.7, "BM25 of characters, Latin words and numbers, of the sum of their idf"),
    Part("pairs", 1.0, "BM25 of neighbouring characters, of the sum of their idf"),
    # The best sentence tells more than the paragraph as a whole: with 1 for it, and nothing below,
    # 0.9723 among passages becomes 0.9753, 0.957 and 0.975 among clauses 0.962 and 0.977. By idf,
    # by its square, which the rarest pairs decide, and by two sentences, it becomes 0.9765.
    Part("sentence", 0.5, "share of the idf of pairs and tokens that one sentence holds"),
    Part("rarest", 0.5, "the same with squared idf"),
    Part("window", 0.3, "share of the idf of units that two sentences in a row hold"),
    # 0.2, 0.3 and 0.4 give 0.9772, 0.9780 and 0.9781 where 0 gives 0.9753.
    Part("title", 0.4, "share of the page's title that stands in the query"),
    # Who types a sentence as it stands means it. Of the judged questions, hardly one does.
    Part("verbatim", 0.5, "share of the query's runs of several words that stand in the text"),
    # The passages have no headings, votes and days: these are small, by judgement. A heading counts
    # half of a title; a thousand votes as much as a seventh of the title.
    Part("heading", 0.2, "share of the heading above that stands in the query"),
    Part("votes", 0.1, "logarithm of the votes, 100,000 count as 1"),
    Part("date", 0.02, "2010 counts as 0, 2030 as 1"),
)
# The only part of the score of those that come behind the best.
FIRST = Part("first", 1.0, "the first ranking, by BM25 of words and rare pairs, alone")
WEIGHTS = {part.name: part.weight for part in PARTS}

# Spelled out, for numpy.typing takes longer to load than a search.
Floats = np.ndarray[Any, np.dtype[np.float64]]


def idf(paragraphs: int, holding: NDArray[Any]) -> Floats:
    """Weights of terms that `holding` of all `paragraphs` hold."""
    weights: Floats = np.log1p((paragraphs - holding + 0.5) / (holding + 0.5))
    return weights


def length_norm(lengths: NDArray[Any], mean_length: float) -> Floats:
    """What BM25 adds to a term's count below the line, given the lengths of paragraphs.

    `mean_length` is already raised to the pivot where it is less.
    """
    norm: Floats = K1 * (1 - B) + (K1 * B / mean_length) * lengths
    return norm


def saturation(counts: NDArray[Any], norms: Floats) -> Floats:
    """Score of a term's counts, without its weight; below K1 + 1."""
    score: Floats = counts * (K1 + 1) / (counts + norms)
    return score


def highest_saturation(count: int) -> float:
    """The most that a count can score: in a paragraph of no length."""
    return count * (K1 + 1) / (count + K1 * (1 - B))


def votes_prior(votes: NDArray[Any]) -> Floats:
    """Part `votes`, from 0 to 1; unknown votes (below 0) count as none."""
    prior: Floats = np.minimum(np.log10(1.0 + np.maximum(votes, 0)) / 5, 1.0)
    return prior


def date_prior(days: NDArray[Any]) -> Floats:
    """Part `date`, from 0 to 1, of days such as 20230102; unknown ones (below 0) count as 0."""
    years = np.maximum(days, 0) // 10_000 + (np.maximum(days, 0) // 100 % 100) / 12
    prior: Floats = np.clip((years - 2010) / 20, 0.0, 1.0)
    return prior


def compared(scores: Floats) -> Floats:
    """Scores as they are compared: without the digits in which equal sums may differ."""
    rounded: Floats = np.round(scores, DIGITS)
    return rounded
