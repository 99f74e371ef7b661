"""A segment without what later commits deleted in it: live postings, norms, texts to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.expanding import APART
from ..analysis.folding import fold, fold_codes
from ..query import KIND_OF, Between, Field, Filter, Has
from ..query.proof import Evidence
from .arrays import ranges
from .base import IndexedFile
from .columns import LINK, PAGE_COLUMNS, REFERENCE, UNKNOWN, month_of
from .facets import PAGE_FACETS, POST_FACETS, FacetQuery, values_of
from .matching import Found
from .proving import Numbers
from .segment import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis.rows import FoldedTexts

# Texts that stay in memory for the next query.
_CACHED_TEXTS = 64


class LiveSegment:
    """A segment without its deleted paragraphs."""

    def __init__(self, segment: Segment, deleted: Sequence[tuple[int, int]]) -> None:
        self.segment = segment
        self.size = segment.size
        self.live: NDArray[np.bool_] | None = None
        self._deleted = np.array(deleted, np.int64).reshape(-1, 2).T
        # By a page's id: the commit since which its file has another state, and that state.
        self.moved: Callable[[], Mapping[str, tuple[int, IndexedFile]]] = dict
        if deleted:
            self.live = np.ones(self.size, bool)
            for begin, end in deleted:
                self.live[begin:end] = False
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
        """Numbers of the paragraphs that hold a term, ascending, deleted ones included."""
        found = self._find(field, term)
        return _NONE if found is None else self.segment.numbers(field, found)

    def mark(self, units: Sequence[str], pairs: Sequence[str]) -> NDArray[np.bool_]:
        """Of each paragraph, whether it holds any of some units or pairs."""
        terms = self.segment.compiled_terms
        if terms is not None:
            held = np.zeros(self.size, np.uint8)
            terms.mark(units, pairs, held)
            return held.view(bool)
        marked = self.segment.mark_units(self._known("units", units).tolist())
        marked[self.segment.join("pairs", self._known("pairs", pairs))] = True
        return marked

    def _known(self, field: str, terms: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of those of some terms that it has."""
        numbers = self.segment.find(field, terms)
        return numbers[numbers >= 0]

    def keep_live(self, found: Found) -> Found:
        """Those of some paragraphs that are not deleted."""
        return found if self.live is None else found.among(self.live)

    def holding(
        self, field: str, numbers: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """How many live paragraphs hold each of some terms, given by numbers, -1 for none.

        `sizes` counts the deleted ones too.
        """
        if self.live is None:
            return sizes
        rows = enumerate(numbers.tolist())
        gone = [(at, self._count_deleted(field, term)) for at, term in rows if term >= 0]
        held = sizes.copy()
        for at, count in gone:
            held[at] -= count
        return held

    def units_from(self, begun: str) -> dict[str, int]:
        """The units that begin with a text, and how many live paragraphs hold each."""
        units, numbers = self.segment.units_from(begun)
        sizes = self.segment.sizes("units", numbers)
        return dict(zip(units, self.holding("units", numbers, sizes).tolist(), strict=True))

    def _count_deleted(self, field: str, term: int) -> int:
        """How many deleted paragraphs hold a term. They are few, and ranges: no posting is met."""
        if field == "units":
            return int(np.count_nonzero(self.segment.mark_units([term])[self._gone]))
        row = self.segment.numbers(field, term)
        firsts, ends = self._deleted
        # The number behind a segment's last paragraph may be more than the row's type holds.
        begun = row.searchsorted(firsts.astype(row.dtype))
        ended = row.searchsorted((ends - 1).astype(row.dtype), "right")
        return int((ended - begun).sum())

    @cached_property
    def _gone(self) -> Numbers:
        """Numbers of the deleted paragraphs."""
        firsts, ends = self._deleted
        return ranges(firsts, ends - firsts)

    def post_values(self, column: str, numbers: Numbers) -> NDArray[np.int64]:
        """What a column has for the posts of some paragraphs."""
        values: NDArray[np.int64] = self.segment.file[column].take(
            self.segment.post_numbers(numbers)
        )
        return values

    def passing(self, filter_: Filter) -> Numbers:
        """Numbers of the paragraphs that pass a filter, ascending."""
        file = self.segment.file
        if isinstance(filter_, Has):
            flag = REFERENCE if filter_.what == "reference" else LINK
            return np.flatnonzero(file["paragraph_flags"].all() & flag)
        if isinstance(filter_, Between):
            passes, is_of_page = self._between(filter_), filter_.column in PAGE_COLUMNS
        else:
            passes, is_of_page = self._holding(filter_), filter_.name in PAGE_FACETS
        if is_of_page:
            passes = passes[file["post_page"].all()]
        return np.flatnonzero(passes[file["paragraph_post"].all()])

    def _between(self, filter_: Between) -> NDArray[np.bool_]:
        values = self.segment.file[filter_.column].all()
        passes: NDArray[np.bool_] = values != UNKNOWN
        if filter_.least is not None:
            passes &= values >= filter_.least
        if filter_.most is not None:
            passes &= values <= filter_.most
        return passes

    def _holding(self, filter_: Field) -> NDArray[np.bool_]:
        query = FacetQuery(filter_.text, filter_.name == "path")
        passes = self.segment.facet(filter_.name).rows(query)
        if filter_.name in PAGE_FACETS and self.moved():
            for at, file in self._moved_pages.items():
                texts = values_of(filter_.name, file, {})
                passes[at] = any(query.holds(fold(text)) for text in texts)
        return passes

    def path(self, page: int) -> str:
        """The path of a page as it is now."""
        moved = self._moved_pages.get(page) if self.moved() else None
        return self.segment.facet("path").first(page) if moved is None else moved.path

    def paths(self) -> list[str]:
        """The paths of all pages, those of deleted ones too."""
        paths = self.segment.facet("path").firsts()
        for at, file in self._moved_pages.items() if self.moved() else ():
            paths[at] = file.path
        return paths

    @cached_property
    def _moved_pages(self) -> dict[int, IndexedFile]:
        """The latest states of those pages, by their numbers here, that were moved since."""
        numbers, moved = self.live_pages(), self.moved()
        rows = zip(numbers.tolist(), self.segment.pages(numbers), strict=True)
        return {at: moved[file.page][1] for at, file in rows if file.page in moved}

    def count_chars(self, numbers: Numbers) -> int:
        """About how many characters the texts of some paragraphs have."""
        return self.segment.count_chars(numbers)

    def scan(self, text: str) -> Numbers | None:
        """Numbers of the paragraphs whose text holds a text as it stands, None if unknown."""
        # What parts a sign that was written out from its neighbours stands in no file.
        return None if APART in text else self.segment.scan(text)

    def read_texts(self, numbers: Numbers, *, folded: bool) -> FoldedTexts:
        """The texts of some paragraphs, folded or as they stand, signs written out."""
        # Most queries are answered by postings alone.
        from ..analysis.rows import FoldedTexts

        codes, lengths = self.segment.text_codes(numbers)
        return FoldedTexts(fold_codes(codes) if folded else codes, np.cumsum(lengths + 1) - 1)

    def live_pages(self) -> Numbers:
        """Numbers of the pages that have a paragraph in this segment that is not deleted."""
        begins, ends = self.segment.page_ranges()
        live = np.ones(self.size, bool) if self.live is None else self.live
        before = np.concatenate([[0], np.cumsum(live)])
        return np.flatnonzero(before[ends] > before[begins])

    def live_posts(self) -> Numbers:
        """Numbers of the posts that have a paragraph in this segment that is not deleted."""
        posts = self.segment.file["paragraph_post"].all()[self.all_live()]
        return np.flatnonzero(np.bincount(posts))

    def count(self, what: str) -> Mapping[str, int]:
        """Count live posts by `author`, `kind` or `month`, or pages by `title`, `tag` or `site`."""
        if what in PAGE_FACETS or what in POST_FACETS:
            rows = self.live_pages() if what in PAGE_FACETS else self.live_posts()
            return self.segment.facet(what).count(rows, first_only=what != "tag")
        if what not in ("kind", "month"):
            raise ValueError(f"nothing is counted by {what}")
        name = "published" if what == "month" else what
        values = self.segment.file[name].all()[self.live_posts()].tolist()
        if what == "month":
            return Counter(month_of(day) for day in values if day != UNKNOWN)
        return Counter(KIND_OF[number] for number in values if number in KIND_OF)

    def all_live(self) -> Numbers:
        """Numbers of all live paragraphs."""
        return np.arange(self.size) if self.live is None else np.flatnonzero(self.live)

    def _read_evidence(self, number: int) -> Evidence:
        return Evidence(self.segment.text(number))


_NONE: Numbers = np.zeros(0, np.uint16)
