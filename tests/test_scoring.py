"""The first ranking against adding up every posting of every paragraph."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wenduan.engines import scoring
from wenduan.engines.matching import Found, Matched
from wenduan.engines.scoring import Rows, Terms, WordRows, score_words
from wenduan.engines.segment import WordRow
from wenduan.ranking import K1, B, Floats

# How often each paragraph holds a term, of a few terms.
Counts = list[Counter[int]]
SIZE = 60


class _Postings:
    """Postings of two segments, kept as counts."""

    bases = np.array([0, 25, SIZE])

    def __init__(self, words: Counts, pairs: Counts) -> None:
        self._words, self._pairs = words, pairs
        self._word_norms = K1 * (1 - B) + np.arange(SIZE) % 7 / 3
        self.unit_norms = 0.6 + np.arange(SIZE) % 5 / 4

    def word_norms(self, ids: np.ndarray) -> Floats:
        norms: Floats = self._word_norms[ids]
        return norms

    @property
    def word_once(self) -> Floats:
        return (K1 + 1) / (1 + self._word_norms)

    @property
    def pair_once(self) -> Floats:
        return (K1 + 1) / (1 + self.unit_norms)

    def word_row(self, home: int, word: int) -> WordRow:
        held = [at for at in sorted(self._words[word]) if _home(at) == home]
        numbers = (np.array(held, np.int64) - self.bases[home]).astype(np.uint16)
        counts = np.array([self._words[word][at] for at in held], np.uint8)
        places = np.flatnonzero(counts > 1)
        return WordRow(numbers, places, counts[places])

    def word_rows(self, words: Terms) -> WordRows:
        rows = [
            (at, term, self._words[number][at])
            for home in (0, 1)
            for term, number in enumerate(words.numbers[home].tolist())
            if number >= 0
            for at in sorted(self._words[number])
            if _home(at) == home
        ]
        ids, terms, counts = np.array(rows, np.int64).reshape(-1, 3).T
        places = np.flatnonzero(counts > 1)
        return WordRows(ids, terms, places, counts[places].astype(np.uint8))

    def pair_row(self, home: int, pair: int) -> np.ndarray:
        base = int(self.bases[home])
        held = [at - base for at in sorted(self._pairs[pair]) if _home(at) == home]
        return np.array(held, np.uint16)

    def pair_rows(self, pairs: Terms) -> Rows:
        rows = [
            (number + int(self.bases[home]), term)
            for home in (0, 1)
            for term, pair in enumerate(pairs.numbers[home].tolist())
            if pair >= 0
            for number in self.pair_row(home, pair).tolist()
        ]
        ids, terms = np.array(rows, np.int64).reshape(-1, 2).T
        return Rows(ids, terms)

    def score(self, at: int, words: list[int], pairs: list[int]) -> tuple[float, float]:
        """Its scores by words and pairs, and by words alone, one posting after the other."""
        by_words = by_pairs = 0.0
        for word in words:
            count = self._words[word][at]
            weight = _weight(self._words[word])
            by_words += weight * count * (K1 + 1) / (count + self._word_norms[at])
        for pair in pairs:
            if self._pairs[pair][at]:
                by_pairs += _weight(self._pairs[pair]) * (K1 + 1) / (1 + self.unit_norms[at])
        return by_words + by_pairs, by_words


def _home(at: int) -> int:
    return int(at >= _Postings.bases[1])


def _weight(term: Counter[int]) -> float:
    return math.log1p(SIZE / len(term))


def _terms(counts: Counts) -> tuple[Terms, list[int]]:
    """All terms that any paragraph holds, rare ones first, as scoring takes them."""
    held = sorted((at for at, term in enumerate(counts) if term), key=lambda at: len(counts[at]))
    sizes = [[sum(_home(n) == home for n in counts[at]) for at in held] for home in (0, 1)]
    numbers = [[at if size else -1 for at, size in zip(held, row, strict=True)] for row in sizes]
    weights = np.array([_weight(counts[at]) for at in held])
    shape = (2, len(held))
    return (
        Terms(
            np.array(numbers, np.int64).reshape(shape),
            weights,
            np.array(sizes, np.int64).reshape(shape),
        ),
        held,
    )


NUMBER = st.integers(0, SIZE - 1)
COUNTS: st.SearchStrategy[Counts] = st.lists(
    st.one_of(
        st.lists(NUMBER, max_size=6),
        st.lists(NUMBER, min_size=30, max_size=90),
        # A word that many paragraphs hold, and one of them most often.
        st.builds(
            lambda at, count: [*range(0, SIZE, 2), *[at] * count], NUMBER, st.integers(9, 99)
        ),
    ).map(Counter),
    max_size=6,
)


# A paragraph without the rare word is the best, by what the other word can add at most.
@example(
    words=[Counter([3, 17, 31, 45, 59]), Counter([*range(0, SIZE, 2), *[14] * 99])],
    pairs=[],
    matched=set(range(SIZE)),
    best=1,
    long=10,
)
@settings(max_examples=300)
@given(
    words=COUNTS,
    pairs=COUNTS,
    matched=st.sets(NUMBER),
    best=st.integers(1, 12),
    long=st.integers(0, 40),
)
def test_the_best_by_words_are_those_of_adding_up_everything(
    words: Counts, pairs: Counts, matched: set[int], best: int, long: int
) -> None:
    postings = _Postings(words, pairs)
    (word_terms, word_list), (pair_terms, pair_list) = _terms(words), _terms(pairs)
    scores = {at: postings.score(at, word_list, pair_list) for at in matched}
    ranked = sorted((score for score, _ in scores.values()), reverse=True)
    numbers = [
        [at - base for at in sorted(matched) if _home(at) == home]
        for home, base in enumerate(postings.bases[:-1].tolist())
    ]
    found = [
        Found(size, np.array(row, np.int64))
        for size, row in zip(np.diff(postings.bases).tolist(), numbers, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_LONG", long)
        patch.setattr(scoring, "_LONG_PART", 1_000)
        scored = score_words(postings, Matched(found, postings.bases), word_terms, pair_terms, best)
    given = dict(
        zip(scored.ids.tolist(), zip(scored.scores, scored.words, strict=True), strict=True)
    )
    assert list(given) == sorted(given)
    assert set(given) <= matched
    assert len(given) >= min(best, len(matched))
    for at, both in given.items():
        assert both == pytest.approx(scores[at])
    least = ranked[:best][-1] if len(ranked) >= best else 0.0
    for at, (score, _) in scores.items():
        assert at in given or score < least * (1 - 1e-9)


def test_ids_go_beyond_two_bytes() -> None:
    found = [Found(60_000, np.array([1, 59_999], np.uint16)) for _ in range(3)]
    matched = Matched(found, np.array([0, 60_000, 120_000, 180_000]))
    assert matched.ids.tolist() == [1, 59_999, 60_001, 119_999, 120_001, 179_999]
    assert matched.count == 6
    assert np.flatnonzero(matched.mask).tolist() == matched.ids.tolist()
