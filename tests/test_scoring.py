"""The first ranking against adding up every posting of every paragraph."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenduan.engines import scoring
from wenduan.engines.matching import Found
from wenduan.engines.scoring import Terms, score_words
from wenduan.engines.segment import Rows, WordRow, WordRows
from wenduan.ranking import K1, Floats

# How often each paragraph holds a term, of a few terms.
Counts = list[Counter[int]]
SIZE = 60


class _Postings:
    """Postings of a segment, kept as counts."""

    size = SIZE

    def __init__(self, words: Counts, pairs: Counts) -> None:
        self._words, self._pairs = words, pairs
        self.word_norms = 0.4 + np.arange(SIZE) % 7 / 3
        self.unit_norms = 0.6 + np.arange(SIZE) % 5 / 4

    @property
    def word_once(self) -> Floats:
        return (K1 + 1) / (1 + self.word_norms)

    @property
    def pair_once(self) -> Floats:
        return (K1 + 1) / (1 + self.unit_norms)

    def word_row(self, word: int) -> WordRow:
        numbers = np.array(sorted(self._words[word]), np.uint16)
        counts = np.array([self._words[word][at] for at in numbers.tolist()], np.uint8)
        places = np.flatnonzero(counts > 1)
        return WordRow(numbers, places, counts[places])

    def word_rows(self, words: np.ndarray) -> WordRows:
        rows = [self.word_row(word) for word in words.tolist()]
        sizes = np.array([len(row.numbers) for row in rows], np.int64)
        counts = np.concatenate([np.zeros(0, np.uint8), *(row.counts() for row in rows)])
        places = np.flatnonzero(counts > 1)
        numbers = np.concatenate([np.zeros(0, np.uint16), *(row.numbers for row in rows)])
        return WordRows(numbers, sizes, places, counts[places])

    def pair_row(self, pair: int) -> np.ndarray:
        return np.array(sorted(self._pairs[pair]), np.uint16)

    def pair_rows(self, pairs: np.ndarray) -> Rows:
        rows = [self.pair_row(pair) for pair in pairs.tolist()]
        sizes = np.array([len(row) for row in rows], np.int64)
        return Rows(np.concatenate([np.zeros(0, np.uint16), *rows]), sizes)

    def score(self, number: int, words: Terms, pairs: Terms) -> tuple[float, float]:
        """Its scores by words and pairs, and by words alone, one posting after the other."""
        by_words = by_pairs = 0.0
        for word, weight in zip(words.numbers.tolist(), words.weights.tolist(), strict=True):
            count = self._words[word][number]
            by_words += weight * count * (K1 + 1) / (count + self.word_norms[number])
        for pair, weight in zip(pairs.numbers.tolist(), pairs.weights.tolist(), strict=True):
            if self._pairs[pair][number]:
                by_pairs += weight * (K1 + 1) / (1 + self.unit_norms[number])
        return by_words + by_pairs, by_words


def _terms(counts: Counts) -> Terms:
    """All terms that any paragraph holds, rare ones first, with weights as idf has them."""
    held = sorted(at for at, term in enumerate(counts) if term)
    held.sort(key=lambda at: len(counts[at]))
    sizes = np.array([len(counts[at]) for at in held], np.int64)
    return Terms(np.array(held, np.int64), np.log1p(SIZE / np.maximum(sizes, 1)), sizes)


NUMBER = st.integers(0, SIZE - 1)
COUNTS = st.lists(
    st.one_of(
        st.lists(NUMBER, max_size=6),
        st.lists(NUMBER, min_size=30, max_size=90),
    ).map(Counter),
    max_size=6,
)


@given(
    words=COUNTS,
    pairs=COUNTS,
    matched=st.sets(NUMBER),
    best=st.integers(1, 12),
    long=st.integers(0, 40),
    reached=st.floats(0, 1),
)
def test_the_best_by_words_are_those_of_adding_up_everything(
    words: Counts, pairs: Counts, matched: set[int], best: int, long: int, reached: float
) -> None:
    postings, asked = _Postings(words, pairs), (_terms(words), _terms(pairs))
    scores = {number: postings.score(number, *asked) for number in matched}
    ranked = sorted((score for score, _ in scores.values()), reverse=True)
    # What paragraphs of other segments reach.
    floor = reached * ranked[0] if ranked else 0.0
    numbers = np.array(sorted(matched), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_LONG", long)
        found = score_words(postings, Found(SIZE, numbers), *asked, best, floor)
    rows = zip(found.scores, found.words, strict=True)
    given = dict(zip(found.numbers.tolist(), rows, strict=True))
    assert set(given) <= matched
    for number, both in given.items():
        assert both == pytest.approx(scores[number])
    least = max(ranked[:best][-1] if len(ranked) >= best else 0.0, floor)
    for number, (score, _) in scores.items():
        assert number in given or score < least + 1e-9
    if floor == 0:
        assert len(given) >= min(best, len(matched))
