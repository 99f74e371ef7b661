"""One commit of an index, open: its segments, its files, and the statistics of all of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..query import Query
from ..ranking import PIVOT_UNITS, PIVOT_WORDS, RARE, idf
from .base import IndexedFile
from .live import LiveSegment
from .measuring import Weighted
from .scoring import Terms
from .segment import Segment
from .toc import Toc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Terms whose number of paragraphs stays in memory for the next query.
_CACHED_TERMS = 16_384

# By a page's id: the commit since which its file has this state, and the state.
Moved = dict[str, tuple[int, IndexedFile]]


@dataclass(frozen=True)
class QueryTerms:
    """Terms of a query: words and rare pairs as each segment numbers them, all units and pairs.

    `words_total` and `rare_total` are the sums of the idf of words and of rare pairs.
    """

    words: Sequence[Terms]
    rare: Sequence[Terms]
    units: Sequence[Weighted]
    pairs: Sequence[Weighted]
    words_total: float
    rare_total: float


class Snapshot:
    """All segments of one commit. Safe to share among threads."""

    def __init__(self, folder: str, toc: Toc, known: Snapshot | None = None) -> None:
        """Open the segments, taking over those that the snapshot `known` has open."""
        self.toc = toc
        ready = known.opened() if known is not None else {}
        self.segments = [
            LiveSegment(ready.get(row.name) or Segment(os.path.join(folder, row.file)), row.deleted)
            for row in toc.segments
        ]
        totals = [segment.totals() for segment in self.segments]
        self.size, words, units = sum(totals, np.zeros(3, np.int64)).tolist()
        for segment in self.segments:
            segment.mean_words = max(words / max(self.size, 1), PIVOT_WORDS)
            segment.mean_units = max(units / max(self.size, 1), PIVOT_UNITS)
        self._holding = lru_cache(_CACHED_TERMS)(self._count_holding)

    def release(self) -> None:
        """Let go of the memory that the files are mapped to."""
        for live in self.segments:
            live.segment.file.release()

    def opened(self) -> dict[str, Segment]:
        """The open segments by their names."""
        rows = zip(self.toc.segments, self.segments, strict=True)
        return {row.name: live.segment for row, live in rows}

    def _count_holding(self, field: str, term: str) -> int:
        return sum(segment.holding(field, term) for segment in self.segments)

    def weigh(self, query: Query) -> QueryTerms:
        """The terms of a query, with their idf over the whole index, rare ones first."""
        words = np.array([s.segment.find_words(query.words) for s in self.segments], np.int64)
        pairs = np.array([s.segment.find_pairs(query.pairs) for s in self.segments], np.int64)
        words = words.reshape(len(self.segments), len(query.words))
        pairs = pairs.reshape(len(self.segments), len(query.pairs))
        rows = zip(self.segments, words, strict=True)
        of_words = sum((s.count_words(row) for s, row in rows), np.zeros(len(query.words)))
        of_units = np.array([self._holding("units", unit) for unit in query.units], np.int64)
        rows = zip(self.segments, pairs, strict=True)
        counts = (np.array(s.count_pairs(row.tolist())) for s, row in rows)
        of_pairs = sum(counts, np.zeros(len(query.pairs)))
        rare = of_pairs * RARE <= self.size
        return QueryTerms(
            self._by_weight(words, of_words),
            self._by_weight(pairs[:, rare], of_pairs[rare]),
            [Weighted(*row) for row in zip(query.units, self._idf(of_units), strict=True)],
            [Weighted(*row) for row in zip(query.pairs, self._idf(of_pairs), strict=True)],
            sum(self._idf(of_words)),
            sum(self._idf(of_pairs[rare])),
        )

    def _idf(self, holding: NDArray[Any]) -> list[float]:
        weights: list[float] = idf(self.size, holding).tolist()
        return weights

    def _by_weight(self, numbers: NDArray[np.int64], holding: NDArray[Any]) -> list[Terms]:
        """For each segment the terms that it has, rare ones first."""
        weights = idf(self.size, holding)
        ranked = np.argsort(-weights, kind="stable")
        rows = ((row[ranked], row[ranked] >= 0) for row in numbers)
        return [Terms(row[known], weights[ranked][known]) for row, known in rows]

    @cached_property
    def moved(self) -> Moved:
        """The latest states of pages that were moved or touched after they were indexed."""
        moved: Moved = {}
        for live in self.segments:
            segment = live.segment
            begins, ends = segment.page_ranges()
            for at in np.flatnonzero(begins == ends).tolist():
                file, generation = segment.page(at), segment.file["page_generation"][at]
                if moved.get(file.page, (-1,))[0] < generation:
                    moved[file.page] = (generation, file)
        return moved

    def latest(self, file: IndexedFile) -> IndexedFile:
        """The latest state of a page's file."""
        return self.moved[file.page][1] if file.page in self.moved else file

    @cached_property
    def files(self) -> dict[str, tuple[IndexedFile, int, int]]:
        """All files by their pages' ids: the latest state, the segment, the page's number in it."""
        found = {}
        for home, live in enumerate(self.segments):
            numbers = live.live_pages()
            for at, file in zip(numbers.tolist(), live.segment.pages(numbers), strict=True):
                found[file.page] = (self.latest(file), home, at)
        return found
