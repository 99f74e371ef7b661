"""Pages -> the arrays of a segment: terms sorted, postings one behind the other, texts, facts."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.batch import FIRST_TOKEN, Vocabulary, analyze_batch
from ..analysis.segmenting import CutRuns
from .base import Entry, IndexedFile
from .columns import LINK, PAGE_COLUMNS, POST_COLUMNS, REFERENCE
from .facets import FacetBuilder, has_link

Array = NDArray[Any]

# Texts that are analysed together: enough to make the cost of a call small, few enough to keep
# the arrays of one batch in the processor's cache.
_BATCH_CHARS = 200_000
# A term's count in one paragraph is kept up to here.
MAX_COUNT = 255
# In place of a paragraph's number where there is none.
NO_NUMBER = -1
# A unit that one in so many paragraphs hold, or more, has bits.
COMMON = 8
FIELDS = ("words", "units", "pairs", "symbols")


@dataclass(frozen=True, slots=True)
class Field:
    """Postings of one field, sorted by term, then paragraph.

    `starts` has one element more than there are terms: those of term t lie in `numbers` from
    starts[t] to starts[t + 1].
    """

    starts: Array
    numbers: Array
    counts: Array


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


def pack_facets(facets: FacetBuilder) -> dict[str, Array]:
    """Arrays of the texts by which pages and posts are filtered."""
    arrays: dict[str, Array] = {}
    for name, values, starts, of in facets.build():
        arrays |= pack_blobs(name, values)
        arrays |= {f"{name}.of.starts": starts, f"{name}.of": of}
    return arrays


def encode(value: Any) -> bytes:
    """A JSON value as compact UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


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


def pair_keys(first: Array, second: Array, loose: Array, units: int) -> NDArray[np.uint64]:
    """Keys of pairs: the ranks of both of `units` units and the mark of a gap, in one number."""
    keys = first.astype(np.uint64)
    # Each column is as large as all texts, so it goes as soon as it may.
    del first
    keys *= np.uint64(units)
    keys += second
    keys <<= np.uint64(1)
    keys |= loose
    return keys


def group(
    keys: NDArray[np.uint64], at: Array, counts: Array | None = None, *, counted: bool = False
) -> tuple[NDArray[np.uint64], Field]:
    """Sort occurrences of terms, or finished postings with their counts, into postings.

    Also gives the distinct terms, ascending. All that tells two postings apart goes into one
    number, so that a single sort of numbers does it. There are millions of occurrences, so this
    happens in `keys` itself; and they are `counted` only where that is asked for. Raises
    OverflowError where one number takes more than 64 bits: with 65,536 paragraphs in a segment,
    not before 16 million different units.
    """
    shift, low = _bits(at), 0 if counts is None else 8
    if _bits(keys) + shift + low > 64:
        raise OverflowError("too many different terms for one segment")
    keys <<= np.uint64(shift)
    keys |= at
    del at
    held = np.zeros(0, np.uint8)
    if counts is None:
        keys.sort()
        differs = _differs(keys)
        if counted:
            held = np.minimum(np.diff(np.flatnonzero(differs), append=len(keys)), MAX_COUNT)
        keys = keys[differs]
    else:
        keys <<= np.uint64(low)
        keys |= counts
        keys.sort()
        held = keys & np.uint64(0xFF)
        keys >>= np.uint64(low)
    numbers = np.bitwise_and(keys, np.uint64((1 << shift) - 1)).astype(np.uint32)
    keys >>= np.uint64(shift)
    starts = np.append(np.flatnonzero(_differs(keys)), len(keys))
    return keys[starts[:-1]], Field(starts, numbers, held.astype(np.uint8))


def _bits(numbers: Array) -> int:
    return int(numbers.max(initial=0)).bit_length()


def _differs(keys: Array) -> NDArray[np.bool_]:
    """Of each of some sorted keys, whether it is another one than the key before it."""
    differs = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=differs[1:])
    return differs


def pack_pairs(keys: NDArray[np.uint64], units: int) -> dict[str, Array]:
    """Arrays of sorted pairs: where those of each first unit begin, and the second ones."""
    firsts = np.arange(units + 1, dtype=np.uint64) * np.uint64(2 * units)
    return {
        "pairs.firsts": np.searchsorted(keys, firsts).astype("<u4"),
        "pairs.seconds": (keys % np.uint64(max(2 * units, 1))).astype("<u4"),
    }


def pack_units(units: Array, at: Array, distinct: int, docs: int) -> dict[str, Array]:
    """Arrays of units: how many paragraphs hold each, those it is the last unit of, bits.

    They need no other postings of their own: all other units are the first of a pair, and the
    postings of the pairs with one first unit lie side by side. Those of a common unit are many,
    so it has a bit for each paragraph besides.
    """
    field = group(units.astype(np.uint64), at)[1]
    holding = np.diff(field.starts)
    common = np.flatnonzero(holding * COMMON >= docs)
    bits = [_pack_bits(field.numbers[slice(*field.starts[u : u + 2])], docs) for u in common]
    last = np.full(docs, distinct, np.int64)
    # Of several values for one paragraph, the last one stays.
    last[at] = units
    by_unit = np.argsort(last, kind="stable")
    ends = np.searchsorted(last[by_unit], np.arange(distinct + 1))
    return {
        "units.holding": holding.astype("<u4"),
        "units.ends.starts": ends.astype("<u4"),
        "units.ends": narrow(by_unit[: ends[-1]]),
        "units.common": common.astype("<u4"),
        "units.bits": np.concatenate([np.zeros(0, np.uint8), *bits]),
    }


def _pack_bits(numbers: Array, docs: int) -> Array:
    held = np.zeros(docs, bool)
    held[numbers] = True
    return np.packbits(held, bitorder="little")


def pack_symbols(codes: NDArray[np.uint64]) -> dict[str, Array]:
    """The array of sorted symbols, by their code points."""
    return {"symbols.codes": codes.astype("<u4")}


def pack_texts(texts: Sequence[str]) -> dict[str, Array]:
    """Arrays of texts, in UTF-16 or UTF-8, whichever is shorter: Han characters take two bytes."""
    for name, encoding in (("texts16", "utf-16-le"), ("texts", "utf-8")):
        packed = pack_blobs(name, [text.encode(encoding, "surrogatepass") for text in texts])
        if encoding == "utf-8" or len(packed[name]) < sum(_utf8_size(text) for text in texts):
            break
    return packed


def _utf8_size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def pack_field(name: str, field: Field, docs: int, *, counted: bool = False) -> dict[str, Array]:
    """Arrays of a field's postings; paragraph numbers take two bytes where that is enough.

    Counts are kept of those postings only whose count is above 1: nine in ten have none.
    """
    width = "<u2" if docs <= 0x10000 else "<u4"
    arrays = {
        f"{name}.starts": _wide(field.starts),
        f"{name}.numbers": field.numbers.astype(width),
    }
    if not counted:
        return arrays
    many = np.flatnonzero(field.counts > 1)
    # Where a term's postings begin among those with a count.
    starts = np.searchsorted(many, field.starts)
    within = many - field.starts[np.searchsorted(field.starts, many, "right") - 1]
    return arrays | {
        f"{name}.many.starts": _wide(starts),
        f"{name}.many": within.astype(width),
        f"{name}.many.counts": field.counts[many],
    }


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """Arrays of sorted strings: the first eight bytes of each as a number, and the rest."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
    heads = np.array([text[:8] for text in encoded], dtype="S8")
    keys = np.ascontiguousarray(heads).view(">u8").astype("<u8")
    tails = pack_blobs(f"{name}.tails", [text[8:] for text in encoded])
    return {f"{name}.keys": keys} | tails


def pack_blobs(name: str, blobs: Sequence[bytes]) -> dict[str, Array]:
    """Arrays of byte strings, one behind the other, and of where each begins."""
    starts = np.zeros(len(blobs) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, blobs), np.int64, len(blobs)), out=starts[1:])
    data = np.frombuffer(b"".join(blobs), np.uint8)
    return {f"{name}.starts": _wide(starts), name: data}


def narrow(numbers: Array) -> Array:
    """The same numbers in two bytes each if they fit, else in four."""
    return numbers.astype("<u2" if not len(numbers) or numbers.max() < 0x10000 else "<u4")


def _wide(starts: Array) -> Array:
    return starts.astype("<u4" if starts[-1] < 2**32 else "<u8")
