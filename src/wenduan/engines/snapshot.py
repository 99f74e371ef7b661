"""One commit of an index, open: its segments, its files, and the statistics of all of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..query import Query
from ..ranking import RARE, Floats, idf
from .base import MOST_COMPLETED, IndexedFile
from .collection import Collection
from .live import LiveSegment
from .measuring import Weighted
from .scoring import Terms
from .segment import Segment
from .toc import Toc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Terms of each field that are not looked up again for the next query.
_CACHED_TERMS = 16_384

# Of an index of more bytes, texts are not mapped.
_MOST_MAPPED = 200_000_000

# By a page's id: the commit since which its file has this state, and the state.
Moved = dict[str, tuple[int, IndexedFile]]


@dataclass(frozen=True)
class QueryTerms:
    """Terms of a query: words and rare pairs as the segments number them, all units and pairs.

    `words_total` and `rare_total` are the sums of the idf of words and of rare pairs.
    """

    words: Terms
    rare: Terms
    units: Sequence[Weighted]
    pairs: Sequence[Weighted]
    words_total: float
    rare_total: float


class _Found:
    """What all segments know of some terms: of each, a row as Snapshot._look_up gives it."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self._rows = rows
        segments = rows.shape[1] // 2
        # A row for each segment.
        self.numbers, self.sizes = rows[:, :segments].T, rows[:, segments:-1].T
        self.holding = rows[:, -1]

    def take(self, places: NDArray[np.intp]) -> _Found:
        """Some of the terms."""
        return _Found(self._rows[places])


class Snapshot:
    """All segments of one commit. Safe to share among threads."""

    def __init__(self, folder: str, toc: Toc, known: Snapshot | None = None) -> None:
        """Open the segments, taking over those that the snapshot `known` has open."""
        self.toc = toc
        ready = known.opened() if known is not None else {}
        paths = [os.path.join(folder, row.file) for row in toc.segments]
        is_large = sum(map(os.path.getsize, paths)) > _MOST_MAPPED
        self.segments = [
            LiveSegment(ready.get(row.name) or Segment(path, is_large), row.deleted)
            for path, row in zip(paths, toc.segments, strict=True)
        ]
        for live in self.segments:
            live.moved = lambda: self.moved
        self.collection = Collection(self.segments)
        self.size = self.collection.live
        self._known: dict[str, dict[str, list[int]]] = {
            "words": {},
            "pairs": {},
            "units": {},
        }

    def opened(self) -> dict[str, Segment]:
        """The open segments by their names, without those whose file has changed since."""
        rows = zip(self.toc.segments, self.segments, strict=True)
        return {row.name: live.segment for row, live in rows if live.segment.file.is_unchanged()}

    def is_unchanged(self) -> bool:
        """Tell whether all files are as they were when they were opened."""
        return all(live.segment.file.is_unchanged() for live in self.segments)

    def weigh(self, query: Query) -> QueryTerms:
        """The terms of a query, with their idf over the whole index, rare ones first."""
        words, pairs = self._find("words", query.words), self._find("pairs", query.pairs)
        units = self._find("units", query.units)
        of_words, of_pairs, of_units = (idf(self.size, f.holding) for f in (words, pairs, units))
        is_rare = (pairs.holding * RARE <= self.size).nonzero()[0]
        return QueryTerms(
            _by_weight(words, of_words),
            _by_weight(pairs.take(is_rare), of_pairs[is_rare]),
            _weighted(query.units, of_units),
            _weighted(query.pairs, of_pairs),
            of_words.sum(),
            of_pairs[is_rare].sum(),
        )

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        units = sorted({unit for s in self.segments for unit in s.segment.units_from(begun)})
        held = dict(zip(units, self._find("units", units).holding.tolist(), strict=True))
        known = [unit for unit in units if held[unit]]
        return sorted(known, key=lambda unit: (-held[unit], unit))[:MOST_COMPLETED]

    def _find(self, field: str, terms: Sequence[str]) -> _Found:
        known = self._known[field]
        missing = [term for term in terms if term not in known]
        if missing:
            if len(known) > _CACHED_TERMS:
                # Another thread may still read the old ones.
                known = self._known[field] = {term: known[term] for term in terms if term in known}
            known.update(zip(missing, self._look_up(field, missing).tolist(), strict=True))
        columns = [known[term] for term in terms]
        return _Found(np.array(columns, np.int64).reshape(-1, 2 * len(self.segments) + 1))

    def _look_up(self, field: str, terms: Sequence[str]) -> NDArray[np.int64]:
        """For each term its numbers, its sizes in each segment, and how many live ones hold it."""
        numbers, sizes = np.zeros((2, len(self.segments), len(terms)), np.int64)
        holding = np.zeros((1, len(terms)), np.int64)
        for at, live in enumerate(self.segments):
            numbers[at] = live.segment.find(field, terms)
            sizes[at] = live.segment.sizes(field, numbers[at])
            holding += live.holding(field, numbers[at], sizes[at])
        return np.concatenate([numbers, sizes, holding]).T

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


def _weighted(terms: Sequence[str], weights: Floats) -> list[Weighted]:
    return [Weighted(*row) for row in zip(terms, weights.tolist(), strict=True)]


def _by_weight(found: _Found, weights: Floats) -> Terms:
    """Rare ones first, without those that no segment has."""
    ranked = (-weights).argsort(kind="stable")
    ranked = ranked[found.sizes.sum(axis=0)[ranked] > 0]
    ordered = found.take(ranked)
    return Terms(ordered.numbers, weights[ranked], ordered.sizes)
