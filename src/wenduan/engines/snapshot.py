"""One commit of an index, open: its segments, its files, and the statistics of all of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..ranking import Floats, idf
from .base import IndexedFile
from .live import LiveSegment
from .scoring import Weighted
from .segment import Segment
from .toc import Toc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Terms whose number of paragraphs stays in memory for the next query.
_CACHED_TERMS = 16_384

# By a page's id: the commit since which its file has this state, and the state.
Moved = dict[str, tuple[int, IndexedFile]]


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
            segment.mean_words = words / max(self.size, 1)
            segment.mean_units = units / max(self.size, 1)
        self._holding = lru_cache(_CACHED_TERMS)(self._count_holding)

    def opened(self) -> dict[str, Segment]:
        """The open segments by their names."""
        rows = zip(self.toc.segments, self.segments, strict=True)
        return {row.name: live.segment for row, live in rows}

    def _count_holding(self, field: str, term: str) -> int:
        return sum(segment.holding(field, term) for segment in self.segments)

    def find_words(self, words: Sequence[str]) -> tuple[NDArray[np.int64], Floats]:
        """Numbers of some words in each segment, -1 for none, and their idf; rare ones first.

        The numbers are an array of two dimensions, segment by word.
        """
        found = np.array([segment.segment.find_words(words) for segment in self.segments])
        found = found.reshape(len(self.segments), len(words))
        rows = zip(self.segments, found, strict=True)
        holding = sum((segment.count_words(row) for segment, row in rows), np.zeros(len(words)))
        weights = idf(self.size, holding)
        by_weight = np.argsort(-weights, kind="stable")
        return found[:, by_weight], weights[by_weight]

    def weigh_units(self, units: Sequence[str]) -> list[Weighted]:
        """Units with their idf over the whole index, rare ones first."""
        return self._weigh(units, [self._holding("units", unit) for unit in units])

    def weigh_pairs(self, pairs: Sequence[str]) -> list[Weighted]:
        """The same of pairs of Han characters side by side."""
        held = [segment.count_pairs(pairs) for segment in self.segments]
        return self._weigh(pairs, list(map(sum, zip(*held, strict=True))))

    def _weigh(self, terms: Sequence[str], counts: Sequence[int]) -> list[Weighted]:
        holding = np.array(counts, np.int64)
        rows = zip(terms, idf(self.size, holding).tolist(), strict=True)
        return sorted((Weighted(*row) for row in rows), key=lambda row: -row.weight)

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
