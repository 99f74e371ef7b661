"""Postings of words and rare pairs -> the best paragraphs of all that match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from ..ranking import Floats, highest_saturation, saturation
from .matching import Ids, Matched
from .proving import Numbers, find_places
from .segment import WordRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Words that more paragraphs hold, or one paragraph in so many, are not added up before asking
# whether they can matter.
_LONG = 1_024
_LONG_PART = 60


class Terms(NamedTuple):
    """Terms of a query, rare ones first.

    `numbers` and `sizes` have a row for each segment: the number of each term there, -1 if it
    has none such, and how many of its paragraphs hold the term, deleted ones included.
    """

    numbers: NDArray[np.int64]
    weights: Floats
    sizes: NDArray[np.int64]

    def first(self, size: int) -> Terms:
        """The first of them."""
        return Terms(self.numbers[:, :size], self.weights[:size], self.sizes[:, :size])


class Rows(NamedTuple):
    """Postings of some terms: paragraphs, and which of the terms each posting is of."""

    ids: Ids
    terms: NDArray[np.int64]


class WordRows(NamedTuple):
    """The same of words; counts above 1 stand apart, with the places of their postings."""

    ids: Ids
    terms: NDArray[np.int64]
    places: NDArray[np.int64]
    many: NDArray[np.uint8]


class Scored(NamedTuple):
    """Paragraphs, ascending, with their scores by words and rare pairs, and by words alone."""

    ids: Ids
    scores: Floats
    words: Floats

    def take(self, places: NDArray[np.intp] | slice) -> Scored:
        """Some of them."""
        return Scored(self.ids[places], self.scores[places], self.words[places])

    def above(self, wanted: int) -> Scored:
        """The best of them, and all that equal the last of these; still ascending."""
        if wanted >= len(self.scores):
            return self
        # Sums in another order may differ in their last digits.
        least = least_of_best(self.scores, wanted) * (1 - 1e-12)
        return self.take((self.scores >= least).nonzero()[0])


class Postings(Protocol):
    """What scoring asks of a collection of segments; deleted paragraphs count as any other.

    A paragraph's id is its number among those of all segments, one behind the other.
    """

    @property
    def bases(self) -> NDArray[np.int64]:
        """Id of the first paragraph of each segment, and how many there are in all."""

    def word_norms(self, ids: Ids) -> Floats:
        """Length norms of some paragraphs, by words."""

    @property
    def word_once(self) -> Floats:
        """Saturation of a word that stands once in a paragraph, of each."""

    @property
    def pair_once(self) -> Floats:
        """The same of a pair; how often a paragraph holds a pair is not kept."""

    def word_rows(self, words: Terms) -> WordRows:
        """The postings of some words."""

    def pair_rows(self, pairs: Terms) -> Rows:
        """The postings of some pairs."""

    def word_row(self, home: int, word: int) -> WordRow:
        """The postings of a word in a segment."""

    def pair_row(self, home: int, pair: int) -> Numbers:
        """Numbers of a segment's paragraphs that hold a pair."""


def score_words(
    postings: Postings, matched: Matched, words: Terms, pairs: Terms, best: int
) -> Scored:
    """Score by words and rare pairs those matched that can be among the `best`, or all.

    Pairs, and words up to a certain length, are added up at once. What is left out scores below
    `best` others: no later word can add more than in the shortest paragraph, were that the one
    that holds it most often (the bound of MaxScore: Turtle and Flood, Query Evaluation:
    Strategies and Optimizations, 1995).
    """
    if matched.count <= best:
        return look_up(postings, matched.ids, words, pairs)
    done = count_short(words, int(postings.bases[-1]))
    long = [_read_long(postings, words, at) for at in range(done, len(words.weights))]
    pool, sums = _add_up(postings, matched, words.first(done), pairs)
    # What the words from each on can add.
    rests = [0.0]
    for word in reversed(long):
        rests.append(rests[-1] + word.bound)
    rests.reverse()
    needed = _needed(sums[0], best, rests[0])
    begun = 0
    if needed > 0:
        pool, sums = _sorted(*_keep(pool, sums, needed))
    else:
        # A paragraph that has none of the words so far may be among the best.
        pool, sums, begun = _add_whole(postings, matched, long, rests, best, (pool, sums))
    for word, rest in zip(long[begun:], rests[begun:], strict=False):
        if len(pool) > best:
            pool, sums = _keep(pool, sums, _needed(sums[0], best, rest))
        _add_word(postings, word, pool, sums[0])
    return Scored(pool, sums[0], sums[0] - sums[1])


def count_short(words: Terms, paragraphs: int) -> int:
    """How many words are added up at once, of an index of so many paragraphs."""
    many = (words.sizes.sum(axis=0) > max(_LONG, paragraphs // _LONG_PART)).nonzero()[0]
    return int(many[0]) if len(many) else len(words.weights)


class _Long(NamedTuple):
    """A word of many paragraphs: its weight, its postings by segment."""

    weight: float
    rows: list[tuple[int, WordRow]]

    @property
    def bound(self) -> float:
        """The most that it can add."""
        most = max((int(row.many.max(initial=1)) for _, row in self.rows), default=1)
        return self.weight * highest_saturation(most)


def _read_long(postings: Postings, words: Terms, at: int) -> _Long:
    numbers = words.numbers[:, at].tolist()
    rows = [(home, postings.word_row(home, word)) for home, word in enumerate(numbers) if word >= 0]
    return _Long(float(words.weights[at]), rows)


# Paragraphs with their scores in all and by pairs alone, one row each.
_Sums = tuple[Ids, Floats]


def _add_up(postings: Postings, matched: Matched, words: Terms, pairs: Terms) -> _Sums:
    """Those matched that hold any of some words and pairs, in any order, with what these add."""
    of_words, of_pairs = postings.word_rows(words), postings.pair_rows(pairs)
    by_words = words.weights[of_words.terms] * postings.word_once[of_words.ids]
    places = of_words.places
    if len(places):
        norms = postings.word_norms(of_words.ids[places])
        weights = words.weights[of_words.terms[places]]
        by_words[places] = weights * saturation(of_words.many, norms)
    by_pairs = pairs.weights[of_pairs.terms] * postings.pair_once[of_pairs.ids]
    ids = np.concatenate([of_words.ids, of_pairs.ids])
    every = np.arange(len(ids), dtype=np.int32)
    # The last posting of each paragraph stands for it: no sorting, and no pass over all.
    last_of = np.empty(int(postings.bases[-1]), np.int32)
    last_of[ids] = every
    last = last_of[ids]
    in_all = np.bincount(last, np.concatenate([by_words, by_pairs]), len(ids))
    in_pairs = np.bincount(last[len(by_words) :], by_pairs, len(ids))
    kept = ((last == every) & matched.mask[ids]).nonzero()[0]
    return ids[kept], np.array([in_all[kept], in_pairs[kept]])


def _keep(pool: Ids, sums: Floats, needed: float) -> _Sums:
    kept = (sums[0] >= needed).nonzero()[0]
    return pool[kept], sums[:, kept]


def _sorted(pool: Ids, sums: Floats) -> _Sums:
    by_id = np.argsort(pool)
    return pool[by_id], sums[:, by_id]


def _add_whole(
    postings: Postings,
    matched: Matched,
    long: Sequence[_Long],
    rests: Sequence[float],
    best: int,
    begun: _Sums,
) -> tuple[Ids, Floats, int]:
    """Go on with whole words while paragraphs that have none so far may be among the best.

    Gives those that then still can be, their sums, and how many of the words are done.
    """
    dense = np.zeros((2, int(postings.bases[-1])))
    dense[:, begun[0]] = begun[1]
    needed, done = 0.0, 0
    while needed <= 0 and done < len(long):
        _add_all(postings, long[done], dense[0])
        done += 1
        above = (dense[0] > rests[done]).nonzero()[0]
        needed = _needed(dense[0, above[matched.mask[above]]], best, rests[done])
    pool = matched.ids if needed <= 0 else (matched.mask & (dense[0] >= needed)).nonzero()[0]
    return pool, dense[:, pool], done


def _add_all(postings: Postings, word: _Long, scores: Floats) -> None:
    """Add a word to the scores of all paragraphs."""
    for home, row in word.rows:
        ids = row.numbers + postings.bases[home]
        scores[ids] += word.weight * saturation(row.counts(), postings.word_norms(ids))


def _add_word(postings: Postings, word: _Long, pool: Ids, scores: Floats) -> None:
    """Add a word to the scores of some paragraphs, whose ids ascend."""
    cuts = np.searchsorted(pool, postings.bases).tolist()
    places, counts = [], []
    for home, row in word.rows:
        begin, end = cuts[home], cuts[home + 1]
        if begin < end:
            found, held = find_places(pool[begin:end] - postings.bases[home], row.numbers)
            places.append(held.nonzero()[0] + begin)
            counts.append(row.counts_at(found[held]))
    if places:
        here = np.concatenate(places)
        norms = postings.word_norms(pool[here])
        scores[here] += word.weight * saturation(np.concatenate(counts), norms)


def look_up(postings: Postings, ids: Ids, words: Terms, pairs: Terms) -> Scored:
    """Score a few paragraphs by words and rare pairs."""
    by_words, by_pairs = np.zeros((2, len(ids)))
    for at in range(len(words.weights)):
        _add_word(postings, _read_long(postings, words, at), ids, by_words)
    cuts = np.searchsorted(ids, postings.bases).tolist()
    for home, row in enumerate(pairs.numbers.tolist()):
        begin, end = cuts[home], cuts[home + 1]
        if begin < end:
            numbers = ids[begin:end] - postings.bases[home]
            for pair, weight in zip(row, pairs.weights.tolist(), strict=True):
                if pair >= 0:
                    held = find_places(numbers, postings.pair_row(home, pair))[1]
                    here = held.nonzero()[0] + begin
                    by_pairs[here] += weight * postings.pair_once[ids[here]]
    return Scored(ids, by_words + by_pairs, by_words)


def _needed(scores: Floats, best: int, rest: float) -> float:
    """What a paragraph must have so far to be among the best, when words to come add up to `rest`.

    Not above 0 where any can be. Sums in another order may differ in their last digits.
    """
    return (least_of_best(scores[scores > rest], best) - rest) * (1 - 1e-12)


def least_of_best(scores: Floats, best: int) -> float:
    """The least of the `best` highest scores, 0 where there are fewer."""
    at = len(scores) - best
    return float(np.partition(scores, at)[at]) if 0 <= at < len(scores) else 0.0
