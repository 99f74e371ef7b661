"""A segment without what later commits deleted in it: live postings, norms, texts to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..query import Between
from ..query.proof import Evidence
from ..ranking import Floats, length_norm
from .columns import UNKNOWN
from .matching import Numbers
from .segment import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Texts that stay in memory for the next query.
_CACHED_TEXTS = 256


class LiveSegment:
    """A segment without its deleted paragraphs."""

    def __init__(self, segment: Segment, deleted: Sequence[tuple[int, int]]) -> None:
        self.segment = segment
        self.size = segment.size
        self.live: NDArray[np.bool_] | None = None
        if deleted:
            self.live = np.ones(self.size, bool)
            for begin, end in deleted:
                self.live[begin:end] = False
        self.mean_words = self.mean_units = 0.0
        self.evidence = lru_cache(_CACHED_TEXTS)(self._read_evidence)
        self._find = segment.find_term

    def totals(self) -> NDArray[np.int64]:
        """Live paragraphs, their words and their units, counted."""
        columns = [self.segment.file[name].all() for name in ("word_counts", "unit_counts")]
        if self.live is not None:
            columns = [column[self.live] for column in columns]
        sums = [column.sum(dtype=np.int64) for column in columns]
        return np.array([len(columns[0]), *sums])

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the live paragraphs that hold a term, ascending."""
        found = self._find(field, term)
        if found is None:
            return _NONE
        numbers = self.segment.numbers(field, found)
        return numbers if self.live is None else numbers[self.live[numbers]]

    def mark_unit(self, unit: str, held: NDArray[np.bool_]) -> None:
        """Set true for the live paragraphs that hold a unit."""
        found = self._find("units", unit)
        if found is None:
            return
        if self.live is None:
            self.segment.mark_unit(found, held)
        else:
            held[self.numbers("units", unit)] = True

    def holding(self, field: str, term: str) -> int:
        """How many live paragraphs hold a term."""
        found = self._find(field, term)
        if found is None:
            return 0
        if self.live is None:
            return self.segment.holding(field, found)
        return len(self.numbers(field, term))

    def word_row(self, term: str) -> tuple[Numbers, NDArray[np.uint8]] | None:
        """Live paragraphs that hold a word, and how often each does; None where none does."""
        found = self._find("words", term)
        if found is None:
            return None
        numbers, counts = self.segment.numbers("words", found), self.segment.counts(found)
        if self.live is None:
            return numbers, counts
        live = self.live[numbers]
        return numbers[live], counts[live]

    def passing(self, filter_: Between) -> Numbers:
        """Numbers of the live paragraphs of the posts that pass a filter, ascending."""
        file = self.segment.file
        values = file[filter_.column].all()
        passes = values != UNKNOWN
        if filter_.least is not None:
            passes &= values >= filter_.least
        if filter_.most is not None:
            passes &= values <= filter_.most
        mask = passes[file["paragraph_post"].all()]
        return np.flatnonzero(mask if self.live is None else mask & self.live)

    def live_pages(self) -> Numbers:
        """Numbers of the pages that have a paragraph in this segment that is not deleted."""
        begins, ends = self.segment.page_ranges()
        live = np.ones(self.size, bool) if self.live is None else self.live
        before = np.concatenate([[0], np.cumsum(live)])
        return np.flatnonzero(before[ends] > before[begins])

    def all_live(self) -> Numbers:
        """Numbers of all live paragraphs."""
        return np.arange(self.size) if self.live is None else np.flatnonzero(self.live)

    @cached_property
    def word_norms(self) -> Floats:
        """Length norm of each paragraph, by words."""
        return length_norm(self.segment.file["word_counts"].all(), self.mean_words)

    @cached_property
    def unit_norms(self) -> Floats:
        """Length norm of each paragraph, by units."""
        return length_norm(self.segment.file["unit_counts"].all(), self.mean_units)

    def _read_evidence(self, number: int) -> Evidence:
        return Evidence(self.segment.text(number))


_NONE: Numbers = np.zeros(0, np.uint16)
