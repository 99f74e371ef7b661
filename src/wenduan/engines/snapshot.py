"""One commit of an index, open for searching: its segments, what is deleted, and its statistics."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..analysis import is_han
from ..query import Phrase, Query, iter_leaves
from ..query.proof import Evidence
from ..ranking import WINDOW, Floats, idf, length_norm, order
from .base import IndexedFile, Match, Matches
from .matching import Numbers, find_held, match
from .scoring import Weighted, score_texts, score_tokens, score_words
from .segment import Segment
from .toc import Toc

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Term numbers, weights and texts that stay in memory for the next query.
_CACHED_TERMS = 16_384
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
        self._find = lru_cache(_CACHED_TERMS)(segment.find_term)

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
# By a page's id: the commit since which its file has this state, and the state.
Moved = dict[str, tuple[int, IndexedFile]]
# A place in the index: which segment, which paragraph of it.
Place = tuple[int, int]


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
        self._weight = lru_cache(_CACHED_TERMS)(self._read_weight)

    def opened(self) -> dict[str, Segment]:
        """The open segments by their names."""
        rows = zip(self.toc.segments, self.segments, strict=True)
        return {row.name: live.segment for row, live in rows}

    def _read_weight(self, field: str, term: str) -> float:
        holding = sum(segment.holding(field, term) for segment in self.segments)
        return idf(self.size, holding)

    def _weighted(self, field: str, terms: Sequence[str]) -> list[Weighted]:
        rows = [Weighted(term, self._weight(field, term)) for term in terms]
        return sorted(rows, key=lambda row: -row.weight)

    def search(self, query: Query, limit: int) -> Matches:
        """Match, rank by words, rank the best anew by the full score, read the best `limit`."""
        matched = [match(query.tree, segment) for segment in self.segments]
        places, tiers, scores = self._best(query, matched, max(limit, WINDOW))
        head = slice(0, WINDOW)
        scores[head] += self._full(query, places[head])
        places = [places[at] for at in order(tiers[head], scores[head])] + places[WINDOW:]
        scores[head] = scores[head][order(tiers[head], scores[head])]
        rows = zip(places[:limit], scores.tolist(), strict=False)
        return Matches(sum(map(len, matched)), [self._match(place, score) for place, score in rows])

    def _best(
        self, query: Query, matched: Sequence[Numbers], best: int
    ) -> tuple[list[Place], NDArray[np.int64], Floats]:
        """Places, exact quotations and word scores of the best, in their order."""
        leaves = iter_leaves(query.tree)
        quoted = [leaf for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted is not None]
        words = self._weighted("words", query.words)
        # Before it is known how many quotations each holds exactly, none can be left out.
        wanted = self.size if quoted else best
        homes, numbers, scores, floor = [], [], [], 0.0
        for home, (segment, row) in enumerate(zip(self.segments, matched, strict=True)):
            if len(row):
                found, values = score_words(segment, row, words, wanted, floor)
                found, values = _cut(found, values, wanted)
                homes.append(np.full(len(found), home))
                numbers.append(found.astype(np.int64))
                scores.append(values)
                floor = _floor(scores, wanted)
        if not homes:
            return [], np.zeros(0, np.int64), np.zeros(0)
        all_scores = np.concatenate(scores)
        ranked = np.argsort(-all_scores, kind="stable")
        places = list(
            zip(
                np.concatenate(homes)[ranked].tolist(),
                np.concatenate(numbers)[ranked].tolist(),
                strict=True,
            )
        )
        values = all_scores[ranked]
        if not quoted:
            return places[:best], np.zeros(len(places[:best]), np.int64), values[:best]
        return self._exact_first(places, values, quoted, best)

    def _exact_first(
        self, places: list[Place], scores: Floats, quoted: Sequence[Phrase], best: int
    ) -> tuple[list[Place], NDArray[np.int64], Floats]:
        """Those that hold more quotations to the letter first, then as they came."""
        tiers: list[int] = []
        full = 0
        for place in places:
            tiers.append(sum(self._is_exact(place, leaf) for leaf in quoted))
            full += tiers[-1] == len(quoted)
            if full == best:
                break
        counts = np.array(tiers, np.int64)
        ranked = np.argsort(-counts, kind="stable")[:best]
        return [places[at] for at in ranked.tolist()], counts[ranked], scores[ranked]

    def _is_exact(self, place: Place, leaf: Phrase) -> bool:
        home, number = place
        segment = self.segments[home]
        return segment.evidence(number).is_exact(leaf)

    def _full(self, query: Query, places: Sequence[Place]) -> Floats:
        """What units and pairs add to the scores of some paragraphs."""
        if not places:
            return np.zeros(0)
        texts = [self.segments[home].segment.text(number) for home, number in places]
        norms = np.array([self.segments[home].unit_norms.item(number) for home, number in places])
        units = self._weighted("units", query.units)
        pairs = [row for row in self._weighted("pairs", query.pairs) if row.weight]
        scores = score_texts(texts, norms, units, pairs)
        for unit in units:
            if not is_han(unit.term):
                counts = self._count_token(places, unit.term)
                scores += score_tokens(counts, unit.weight, norms)
        return scores

    def _count_token(self, places: Sequence[Place], token: str) -> list[int]:
        """How often each of some paragraphs holds a Latin word or a number."""
        counts = [0] * len(places)
        homes = np.array([home for home, _ in places])
        numbers = np.array([number for _, number in places])
        for home in sorted(set(homes.tolist())):
            segment, here = self.segments[home], np.flatnonzero(homes == home)
            held = find_held(numbers[here], segment.numbers("units", token))
            for at in here[held].tolist():
                counts[at] = segment.evidence(places[at][1]).count_tokens()[token]
        return counts

    def _match(self, place: Place, score: float) -> Match:
        home, number = place
        segment = self.segments[home].segment
        page = segment.page(segment.page_of(number))
        return Match(score, segment.entry(number), self._latest(page))

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

    def _latest(self, file: IndexedFile) -> IndexedFile:
        return self.moved[file.page][1] if file.page in self.moved else file

    def files(self) -> dict[str, tuple[IndexedFile, int, int]]:
        """All files by their pages' ids: the latest state, the segment, the page's number in it."""
        found = {}
        for home, live in enumerate(self.segments):
            for at in live.live_pages().tolist():
                file = live.segment.page(at)
                found[file.page] = (self._latest(file), home, at)
        return found


def _cut(numbers: Numbers, scores: Floats, best: int) -> tuple[Numbers, Floats]:
    """The best of a row, in the order of their numbers."""
    if len(numbers) <= best:
        return numbers, scores
    least = np.partition(scores, len(scores) - best)[len(scores) - best]
    # Of those that share the lowest score, the first win.
    above, ties = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    kept = np.sort(np.concatenate([above, ties[: best - len(above)]]))
    return numbers[kept], scores[kept]


def _floor(scores: Sequence[Floats], best: int) -> float:
    """The score that the best so far reach, 0 where there are fewer."""
    joined = np.concatenate(scores)
    if len(joined) < best:
        return 0.0
    return float(np.partition(joined, len(joined) - best)[len(joined) - best])
