"""Segments -> one collection: postings, lengths and live paragraphs of all of them, by id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ranking import PIVOT_UNITS, PIVOT_WORDS, Floats, length_norm, saturation
from .live import LiveSegment
from .matching import Ids
from .proving import Numbers
from .scoring import Rows, Terms, WordRows
from .segment import WordRow

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Collection:
    """The postings of all segments; see scoring.Postings."""

    def __init__(self, segments: Sequence[LiveSegment]) -> None:
        self._segments = segments
        sizes = [segment.size for segment in segments]
        self.bases: Ids = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        totals = sum((segment.totals() for segment in segments), np.zeros(3, np.int64))
        self.live, words, units = totals.tolist()
        self.mean_words = max(words / max(self.live, 1), PIVOT_WORDS)
        self.mean_units = max(units / max(self.live, 1), PIVOT_UNITS)

    def home_of(self, ids: Ids) -> NDArray[np.int64]:
        """The segments that some paragraphs lie in."""
        return np.searchsorted(self.bases, ids, "right") - 1

    def word_norms(self, ids: Ids) -> Floats:
        """Length norms of some paragraphs, by words."""
        return length_norm(self._word_counts[ids], self.mean_words)

    def unit_norms(self, units: NDArray[Any]) -> Floats:
        """Length norms of texts of so many units."""
        return length_norm(units, self.mean_units)

    @cached_property
    def word_once(self) -> Floats:
        """Saturation of a word that stands once in a paragraph, of each."""
        return saturation(np.ones(1), length_norm(self._word_counts, self.mean_words))

    @cached_property
    def pair_once(self) -> Floats:
        """The same of a pair."""
        return saturation(np.ones(1), length_norm(self._unit_counts, self.mean_units))

    @cached_property
    def _word_counts(self) -> Numbers:
        return self._column("word_counts")

    @cached_property
    def _unit_counts(self) -> Numbers:
        return self._column("unit_counts")

    def _column(self, name: str) -> Numbers:
        columns = [live.segment.file[name].all() for live in self._segments]
        return np.concatenate(columns or [np.zeros(0, np.uint16)])

    def word_rows(self, words: Terms) -> WordRows:
        """The postings of some words."""
        rows, places, many, before = [], [], [], 0
        for home, live in enumerate(self._segments):
            has = (words.numbers[home] >= 0).nonzero()[0]
            row = live.segment.word_rows(words.numbers[home, has])
            rows.append((home, has, row.numbers))
            places.append(row.places + before)
            many.append(row.many)
            before += len(row.numbers)
        ids, terms = self._join(rows, words)
        return WordRows(ids, terms, np.concatenate(places), np.concatenate(many))

    def pair_rows(self, pairs: Terms) -> Rows:
        """The postings of some pairs."""
        rows = []
        for home, live in enumerate(self._segments):
            has = (pairs.numbers[home] >= 0).nonzero()[0]
            rows.append((home, has, live.segment.join("pairs", pairs.numbers[home, has])))
        return Rows(*self._join(rows, pairs))

    def _join(
        self, rows: Sequence[tuple[int, NDArray[np.intp], Numbers]], asked: Terms
    ) -> tuple[Ids, NDArray[np.int64]]:
        """Ids of postings, given the segment, the terms and the numbers of each row."""
        numbers = np.concatenate([row for _, _, row in rows])
        bases = np.repeat(self.bases[:-1], [len(row) for _, _, row in rows])
        terms = np.concatenate([has for _, has, _ in rows])
        sizes = np.concatenate([asked.sizes[home, has] for home, has, _ in rows])
        return numbers + bases, np.repeat(terms, sizes)

    def word_row(self, home: int, word: int) -> WordRow:
        """The postings of a word in a segment."""
        return self._segments[home].segment.word_row(word)

    def pair_row(self, home: int, pair: int) -> Numbers:
        """Numbers of a segment's paragraphs that hold a pair."""
        return self._segments[home].segment.numbers("pairs", pair)
