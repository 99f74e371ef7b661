"""Facts of pages and posts that are texts, by which results are filtered and counted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis import fold, split_units
from ..analysis.units import MARKS, find_units
from .arrays import ArrayFile, ranges
from .base import IndexedFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis.rows import FoldedTexts

_HOST = re.compile(r"https?://(?:www\.)?([^/:?#]+)")
_MARKS = re.compile(f"[{chr(MARKS.start)}-{chr(MARKS.stop - 1)}]+")
_LINK = re.compile(r"https?://|www\.")


def _sites(file: IndexedFile) -> list[str | None]:
    """The site's name, and the host of the page's address."""
    host = _HOST.match(file.facts.get("page_url") or "")
    return [file.facts.get("site"), host[1] if host else None]


# What is kept of each page and of each post.
PAGE_FACETS: Mapping[str, Callable[[IndexedFile], Sequence[str | None]]] = {
    "title": lambda file: [file.facts.get("title")],
    "tag": lambda file: file.facts.get("tags") or [],
    "site": _sites,
    "path": lambda file: [file.path],
}
POST_FACETS: Mapping[str, Callable[[Mapping[str, Any]], Sequence[str | None]]] = {
    "author": lambda facts: [facts.get("author")],
}


def has_link(text: str) -> bool:
    """Tell whether a text shows an address of the web."""
    return _LINK.search(text) is not None


class FacetBuilder:
    """Collects the texts of pages and posts, each distinct one once."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, int]] = {
            name: {} for name in (*PAGE_FACETS, *POST_FACETS)
        }
        self._rows: dict[str, list[list[int]]] = defaultdict(list)

    def add_page(self, file: IndexedFile) -> None:
        """Add the next page."""
        for name, read in PAGE_FACETS.items():
            self._add(name, read(file))

    def add_post(self, facts: Mapping[str, Any]) -> None:
        """Add the next post."""
        for name, read in POST_FACETS.items():
            self._add(name, read(facts))

    def _add(self, name: str, texts: Sequence[str | None]) -> None:
        values = self._values[name]
        kept = dict.fromkeys(text for text in texts if text)
        self._rows[name].append([values.setdefault(text, len(values)) for text in kept])

    def build(self) -> Iterator[tuple[str, list[bytes], NDArray[np.uint32], NDArray[np.uint32]]]:
        """Give each facet: its name, its texts, and those of all rows with where each begins."""
        for name, values in self._values.items():
            rows = self._rows[name]
            starts = np.array([0, *accumulate(map(len, rows))], "<u4")
            of = np.array([value for row in rows for value in row], "<u4")
            encoded = [text.encode("utf-8", "surrogatepass") for text in values]
            yield f"facet.{name}", encoded, starts, of


class FacetQuery:
    """What a filter asks of a text: its units in a row, as a quotation does of a paragraph."""

    def __init__(self, text: str, is_path: bool = False) -> None:
        """A path needs only hold the characters."""
        folded = fold(text)
        self._folded = without_marks(folded) or folded
        self.units = [] if is_path else [unit.text for unit in split_units(text)]

    @property
    def needle(self) -> str:
        """What stands in each text that holds it."""
        return self.units[0] if self.units else self._folded

    def holds(self, folded: str) -> bool:
        """Tell whether a folded text holds it."""
        if self.units:
            return next(find_units(folded, self.units), None) is not None
        return self._folded in without_marks(folded)


def without_marks(folded: str) -> str:
    """A folded text without accents that stand apart, which are folded away where they do not."""
    return _MARKS.sub("", folded)


def values_of(name: str, file: IndexedFile, post: Mapping[str, Any]) -> list[str]:
    """The texts that a paragraph has in a facet, given its file and the facts of its post."""
    texts = PAGE_FACETS[name](file) if name in PAGE_FACETS else POST_FACETS[name](post)
    return list(dict.fromkeys(text for text in texts if text))


def _put_together(folded: Iterable[str]) -> FoldedTexts:
    from ..analysis.rows import fold_texts

    return fold_texts([text.replace("\n", " ") for text in folded])


class Facet:
    """The texts of one facet of a segment: of its pages, or of its posts."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._file, self._name = file, f"facet.{name}"

    @cached_property
    def values(self) -> list[str]:
        """The distinct texts."""
        data = self._file[self._name].all().tobytes()
        starts = self._file[f"{self._name}.starts"].all().tolist()
        return [data[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(starts)]

    @cached_property
    def _texts(self) -> FoldedTexts:
        return _put_together(fold(text) for text in self.values)

    @cached_property
    def _unmarked(self) -> FoldedTexts:
        return _put_together(without_marks(fold(text)) for text in self.values)

    def holding(self, query: FacetQuery) -> NDArray[np.bool_]:
        """Of each text, whether it holds what is asked."""
        held = np.zeros(len(self.values), bool)
        if query.units:
            held[list(self._texts.holding(query.units))] = True
        elif "\0" in query.needle:
            # It stands between the texts that are looked through together.
            held[:] = [query.holds(fold(text)) for text in self.values]
        elif query.needle:
            held[list(self._unmarked.holding_text(query.needle))] = True
        else:
            # Nothing at all stands in an empty text, too.
            held[:] = True
        return held

    def rows(self, query: FacetQuery) -> NDArray[np.bool_]:
        """Of each page or post, whether any of its texts holds what is asked."""
        starts = self._file[f"{self._name}.of.starts"].all().astype(np.int64)
        of = self._file[f"{self._name}.of"].all()
        owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        rows = np.zeros(len(starts) - 1, bool)
        rows[owners[self.holding(query)[of]]] = True
        return rows

    def first(self, row: int) -> str:
        """The first text of a page or post, empty where it has none."""
        begin, end = self._file[f"{self._name}.of.starts"].pair(row)
        if begin == end:
            return ""
        value = self._file[f"{self._name}.of"][begin]
        data = self._file[self._name].copy(*self._file[f"{self._name}.starts"].pair(value))
        return data.decode("utf-8", "surrogatepass")

    def firsts(self) -> list[str]:
        """The same of all pages or posts."""
        starts = self._file[f"{self._name}.of.starts"].all().tolist()
        values, of = self.values, self._file[f"{self._name}.of"].all().tolist()
        return [values[of[begin]] if begin < end else "" for begin, end in pairwise(starts)]

    def count(self, rows: NDArray[Any], *, first_only: bool) -> Counter[str]:
        """How many of some pages or posts have each text; by the first text of each, or by all."""
        starts = self._file[f"{self._name}.of.starts"].all().astype(np.int64)
        begins, sizes = starts[rows], starts[rows + 1] - starts[rows]
        sizes = np.minimum(sizes, 1) if first_only else sizes
        of = self._file[f"{self._name}.of"].all()
        held = np.bincount(of[ranges(begins, sizes)], minlength=len(self.values))
        rows_of = zip(self.values, held.tolist(), strict=True)
        return Counter({text: number for text, number in rows_of if number})
