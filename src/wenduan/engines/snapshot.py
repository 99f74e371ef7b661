"""One commit of an index, open: its segments, its files, and the statistics of all of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING

import numpy as np

from .. import compiled
from ..query import Query
from ..ranking import RARE, Floats, idf
from .base import MOST_COMPLETED, IndexedFile
from .collection import Collection
from .live import LiveSegment
from .measuring import Weighted
from .native import open_native
from .places import Places
from .scoring import Terms
from .segment import Segment
from .toc import Toc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Terms of each field that are not looked up again for the next query.
_CACHED_TERMS = 16_384
_CACHED_COMPLETIONS = 256

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
    units: Weighted
    pairs: Weighted
    words_total: float
    rare_total: float


class Snapshot:
    """All segments of one commit. Safe to share among threads."""

    def __init__(self, folder: str, toc: Toc, known: Snapshot | None = None) -> None:
        """Open the segments, taking over those that the snapshot `known` has open."""
        self.toc = toc
        ready = known.opened() if known is not None else {}
        paths = [os.path.join(folder, row.file) for row in toc.segments]
        is_large = sum(map(os.path.getsize, paths)) > _MOST_MAPPED
        self.segments = [
            LiveSegment(_segment(ready.get(row.name), path, is_large), row.deleted)
            for path, row in zip(paths, toc.segments, strict=True)
        ]
        for live in self.segments:
            live.moved = lambda: self.moved
        self.collection = Collection(self.segments)
        self.places = Places(self.segments)
        self.size = self.collection.live
        plain = [live.segment for live in self.segments]
        self.native = open_native(compiled.loops, self.collection, plain)
        self._completed: dict[str, list[str]] = {}
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
        fields = {"words": query.words, "pairs": query.pairs, "units": query.units}
        rows = np.array([row for field in fields.items() for row in self._find(*field)], np.int64)
        rows = rows.reshape(-1, 2 * len(self.segments) + 1)
        weights = idf(self.size, rows[:, -1])
        end = len(query.words)
        last = end + len(query.pairs)
        words, pairs = rows[:end], rows[end:last]
        of_words, of_pairs, of_units = weights[:end], weights[end:last], weights[last:]
        is_rare = pairs[:, -1] * RARE <= self.size
        of_rare = of_pairs[is_rare]
        return QueryTerms(
            _by_weight(words, of_words),
            _by_weight(pairs[is_rare], of_rare),
            Weighted(query.units, of_units),
            Weighted(query.pairs, of_pairs),
            float(of_words.sum()),
            float(of_rare.sum()),
        )

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        found = self._completed.get(begun)
        if found is None:
            if len(self._completed) > _CACHED_COMPLETIONS:
                self._completed = {}
            found = self._completed[begun] = self._complete(begun)
        return found

    def _complete(self, begun: str) -> list[str]:
        held: Counter[str] = Counter()
        for live in self.segments:
            held.update(live.units_from(begun))
        rows = ((-holding, unit) for unit, holding in held.items() if holding)
        return [unit for _, unit in nsmallest(MOST_COMPLETED, rows)]

    def _find(self, field: str, terms: Sequence[str]) -> list[list[int]]:
        """What is known of some terms: a row as _look_up gives it, of each."""
        known = self._known[field]
        missing = [term for term in terms if term not in known]
        if missing:
            if len(known) > _CACHED_TERMS:
                # Another thread may still read the old ones.
                known = self._known[field] = {term: known[term] for term in terms if term in known}
            known.update(zip(missing, self._look_up(field, missing), strict=True))
        return [known[term] for term in terms]

    def _look_up(self, field: str, terms: Sequence[str]) -> list[list[int]]:
        """For each term its numbers, its sizes in each segment, and how many live ones hold it."""
        size = len(self.segments)
        found = np.zeros((2 * size + 1, len(terms)), np.int64)
        for at, live in enumerate(self.segments):
            found[at], found[size + at] = live.segment.look_up(field, terms)
            found[-1] += live.holding(field, found[at], found[size + at])
        return found.T.tolist()

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


def _segment(known: Segment | None, path: str, is_streamed: bool) -> Segment:
    """The segment at a path, which may be open already."""
    return known if known and known.file.is_at(path) else Segment(path, is_streamed)


def _by_weight(rows: NDArray[np.int64], weights: Floats) -> Terms:
    """Terms, given what all segments know of each: rare ones first, without those that none has."""
    size = rows.shape[1] // 2
    ranked = (-weights).argsort(kind="stable")
    ranked = ranked[rows[ranked, size:-1].any(axis=1)]
    ordered = rows[ranked].T
    return Terms(ordered[:size], weights[ranked], ordered[size:-1])
