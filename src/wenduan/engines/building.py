"""Pages -> all arrays of a segment: terms numbered and collected, and what is stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.batch import FIRST_TOKEN, Vocabulary, analyze_batch
from ..analysis.segmenting import CutRuns
from .base import Entry, IndexedFile
from .columns import LINK, PAGE_COLUMNS, POST_COLUMNS, REFERENCE
from .facets import FacetBuilder, has_link
from .packing import (
    NO_NUMBER,
    encode,
    group,
    narrow,
    pack_blobs,
    pack_facets,
    pack_field,
    pack_pairs,
    pack_strings,
    pack_symbols,
    pack_texts,
    pack_units,
    pair_keys,
)

Array = NDArray[Any]

# Texts that are analysed together: enough to make the cost of a call small, few enough to keep
# the arrays of one batch in the processor's cache.
_BATCH_CHARS = 200_000


class SegmentBuilder:
    """Collects pages, and gives the arrays of the segment that holds them."""

    def __init__(self, cut_runs: CutRuns, generation: int) -> None:
        """`generation` is the commit that the pages belong to."""
        self._cut_runs = cut_runs
        self._generation = generation
        self._vocabulary = Vocabulary()
        self._columns: dict[str, list[Array]] = defaultdict(list)
        self._bases: list[int] = []
        self._analyzed = 0
        self._waiting: list[str] = []
        self._waiting_chars = 0
        # Characters of all paragraphs that have been put.
        self.chars = 0
        self._stored = StoredBuilder()

    @property
    def size(self) -> int:
        """How many paragraphs have been put."""
        return len(self._stored.numbers)

    @property
    def is_empty(self) -> bool:
        """Whether neither a page nor the new state of one has been put."""
        return not self._stored.pages

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page; without entries, only the new state of a page of an earlier segment."""
        self._stored.put(file, entries, self._generation)
        for entry in entries:
            self._waiting.append(entry.text)
            self._waiting_chars += len(entry.text)
            self.chars += len(entry.text)
            if self._waiting_chars >= _BATCH_CHARS:
                self._analyze()

    def _analyze(self) -> None:
        self._bases.append(self._analyzed)
        self._analyzed += len(self._waiting)
        terms = analyze_batch(self._waiting, self._vocabulary, self._cut_runs)
        for column in fields(terms):
            self._columns[column.name].append(getattr(terms, column.name))
        self._waiting, self._waiting_chars = [], 0

    def build(self) -> dict[str, Array]:
        """Give all arrays of the segment, by their names."""
        if self._waiting or not self._bases:
            self._analyze()
        docs = self.size
        tokens = list(self._vocabulary.tokens)
        unit = self._column("unit")
        ranks, names = _rank_units(unit, tokens)
        arrays = dict(pack_strings("units", names))
        # Each is as large as all texts, so none stays longer than it is needed.
        arrays |= self._pair_arrays(ranks, len(names), docs)
        arrays |= pack_units(ranks[unit], self._column("unit_at"), len(names), docs)
        del unit
        arrays |= self._word_arrays(docs)
        arrays |= self._symbol_arrays(docs)
        arrays["unit_counts"] = narrow(self._column("unit_counts"))
        arrays["word_counts"] = narrow(self._column("word_counts"))
        return arrays | self._stored.build()

    def _column(self, name: str) -> Array:
        """One column of all batches, which can be asked for once: each takes much memory."""
        parts = self._columns.pop(name)
        if name.endswith("_at"):
            parts = [
                part.astype(np.uint32) + np.uint32(base)
                for part, base in zip(parts, self._bases, strict=True)
            ]
        return np.concatenate(parts)

    def _pair_arrays(self, ranks: Array, units: int, docs: int) -> dict[str, Array]:
        keys = pair_keys(
            ranks[self._column("pair_first")],
            ranks[self._column("pair_second")],
            self._column("pair_loose"),
            units,
        )
        distinct, field = group(keys, self._column("pair_at"))
        return pack_pairs(distinct, units) | pack_field("pairs", field, docs)

    def _word_arrays(self, docs: int) -> dict[str, Array]:
        names = list(self._vocabulary.words)
        order = sorted(range(len(names)), key=names.__getitem__)
        ranks = np.empty(len(names), np.uint64)
        ranks[order] = np.arange(len(names))
        words = ranks[self._column("word")]
        _, field = group(words, self._column("word_at"), counted=True)
        strings = pack_strings("words", [names[at] for at in order])
        return strings | pack_field("words", field, docs, counted=True)

    def _symbol_arrays(self, docs: int) -> dict[str, Array]:
        codes = self._column("symbol").astype(np.uint64)
        distinct, field = group(codes, self._column("symbol_at"))
        return pack_symbols(distinct) | pack_field("symbols", field, docs)


class StoredBuilder:
    """Collects what is stored of pages, posts and paragraphs."""

    def __init__(self) -> None:
        self.pages: list[bytes] = []
        self._page_first: list[int] = []
        self._page_generation: list[int] = []
        self._posts: list[bytes] = []
        self._post_page: list[int] = []
        self._columns: dict[str, list[int]] = {name: [] for name in POST_COLUMNS}
        self._texts: list[str] = []
        self.numbers: list[int] = []
        self._lines: list[int] = []
        self._post_of: list[int] = []
        self._page_title: list[int] = []
        self._heading_of: list[int] = []
        self._reference_at: list[int] = []
        self._references: list[bytes] = []
        self._flags: list[int] = []
        self._saved: list[int] = []
        self._facets = FacetBuilder()

    def put(self, file: IndexedFile, entries: Sequence[Entry], generation: int) -> None:
        """Store a page, its posts and its paragraphs."""
        self._page_generation.append(generation)
        self._page_first.append(len(self.numbers))
        self.pages.append(encode(asdict(file)))
        self._page_title.append(NO_NUMBER)
        self._facets.add_page(file)
        self._saved.append(PAGE_COLUMNS["saved"](file.facts))
        post: Mapping[str, Any] | None = None
        heading = NO_NUMBER
        for entry in entries:
            if entry.post is not post:
                post, heading = entry.post, NO_NUMBER
                self._add_post(post)
            if entry.kind == "title":
                self._page_title[-1] = len(self.numbers)
            self._heading_of.append(NO_NUMBER if entry.kind == "heading" else heading)
            if entry.kind == "heading":
                heading = len(self.numbers)
            if entry.references:
                self._reference_at.append(len(self.numbers))
                self._references.append(encode([dict(row) for row in entry.references]))
            self.numbers.append(entry.paragraph)
            self._lines.append(entry.line)
            self._post_of.append(len(self._posts) - 1)
            self._texts.append(entry.text)
            self._flags.append(flags_of(entry))

    def _add_post(self, facts: Mapping[str, Any]) -> None:
        self._posts.append(encode(dict(facts)))
        self._facets.add_post(facts)
        self._post_page.append(len(self.pages) - 1)
        for name, read in POST_COLUMNS.items():
            self._columns[name].append(read(facts))

    def build(self) -> dict[str, Array]:
        """Give the arrays."""
        arrays = {
            "page_first": np.array(self._page_first, "<u4"),
            "page_generation": np.array(self._page_generation, "<u4"),
            "page_title": np.array(self._page_title, "<i4"),
            "paragraph_heading": np.array(self._heading_of, "<i4"),
            "post_page": np.array(self._post_page, "<u4"),
            "paragraph_post": narrow(np.array(self._post_of, np.int64)),
            "paragraph_number": narrow(np.array(self.numbers, np.int64)),
            "paragraph_line": narrow(np.array(self._lines, np.int64)),
            "reference_at": np.array(self._reference_at, "<u4"),
            "paragraph_flags": np.array(self._flags, "<u1"),
            "saved": np.array(self._saved, "<i8"),
        }
        arrays |= pack_facets(self._facets)
        arrays |= {name: np.array(rows, "<i8") for name, rows in self._columns.items()}
        arrays |= pack_blobs("pages", self.pages)
        arrays |= pack_blobs("posts", self._posts)
        arrays |= pack_texts(self._texts)
        return arrays | pack_blobs("references", self._references)


def flags_of(entry: Entry) -> int:
    """The flags of a paragraph: REFERENCE and LINK."""
    linked = has_link(entry.text) or any(row.get("url") for row in entry.references)
    return REFERENCE * bool(entry.references) + LINK * linked


def _rank_units(unit: Array, tokens: Sequence[str]) -> tuple[Array, list[str]]:
    """Rank of each unit's number in the order of their strings, and the strings in that order."""
    met = np.zeros(FIRST_TOKEN + len(tokens), bool)
    met[unit] = True
    numbers = np.flatnonzero(met).tolist()
    name = {n: chr(n) if n < FIRST_TOKEN else tokens[n - FIRST_TOKEN] for n in numbers}
    numbers.sort(key=name.__getitem__)
    ranks = np.zeros(len(met), np.uint32)
    ranks[numbers] = np.arange(len(numbers))
    return ranks, [name[n] for n in numbers]
