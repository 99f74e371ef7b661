"""One segment, open: from a term to its postings, from a paragraph's number to its text."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import compiled
from ..analysis import pair_term
from ..analysis.expanding import expand_codes
from ..analysis.folding import Codes, to_codes
from .arrays import ArrayFile, CheckedArray
from .base import Entry, IndexedFile
from .facets import Facet

if TYPE_CHECKING:
    from numpy.typing import NDArray

Numbers = np.ndarray[Any, np.dtype[np.int64]]
# What stays at hand in each segment for the next query: parsed facts, numbers of terms.
_CACHED = 64
# Texts that are scanned together.
_SCANNED_TEXTS = 8_192
_CACHED_TERMS = 2_048
# What most queries read a little of.
_STREAMED = ("words.numbers", "pairs.numbers", "symbols.numbers", "pages", "posts")
# The arrays that each of the compiled loops reads, in the order in which it is given them.
_STRINGS = ("keys", "tails.starts", "tails")
_TERMS = (
    "pairs.firsts", "pairs.seconds", "words.starts", "pairs.starts", "pairs.numbers",
    "units.holding", "units.common", "units.bits", "units.ends.starts", "units.ends",
)  # fmt: skip
_POSTINGS = (
    "words.starts", "words.numbers", "words.many.starts", "words.many", "words.many.counts",
    "pairs.starts", "pairs.numbers", "word_counts", "unit_counts",
)  # fmt: skip
_FACTS = (
    "paragraph_post", "post_page", "page_title", "paragraph_heading", "votes", "published",
    "unit_counts",
)  # fmt: skip
# Takes two thirds of the time of json.loads, which asks each time what it is given.
_parse = json.JSONDecoder().raw_decode


class WordRow(NamedTuple):
    """Postings of a word, or of some words one behind the other.

    Counts above 1 stand apart, with the places of their postings.
    """

    numbers: NDArray[Any]
    places: NDArray[Any]
    many: NDArray[np.uint8]

    def counts(self) -> NDArray[np.uint8]:
        """How often each paragraph holds the word."""
        counts = np.ones(len(self.numbers), np.uint8)
        counts[self.places] = self.many
        return counts

    def counts_at(self, places: NDArray[Any]) -> NDArray[np.uint8]:
        """How often the paragraphs of some postings do."""
        counts = np.ones(len(places), np.uint8)
        if len(self.places):
            found = self.places.searchsorted(places.astype(self.places.dtype))
            found[found == len(self.places)] = 0
            counted = self.places[found] == places
            counts[counted] = self.many[found[counted]]
        return counts


class Segment:
    """The arrays of one segment. It never changes; deletions are kept outside of it.

    Safe to share among threads.
    """

    def __init__(self, path: str, is_streamed: bool = False) -> None:
        """Open the file; raises IndexDamagedError.

        Postings are read, not mapped: where the system keeps a file in pieces of 2 MB, it maps
        one at a touch, and the first search would be charged with the whole file. `is_streamed`
        reads texts so too, which is a little slower, in an index that would fill memory.
        """
        self.file = ArrayFile(path)
        self._posts, self._pages = self.file["paragraph_post"], self.file["post_page"]
        self._paragraph_numbers = self.file["paragraph_number"]
        self._paragraph_lines = self.file["paragraph_line"]
        self._reference_at = self.file["reference_at"]
        self.size = len(self._posts)
        self._is_wide = "texts16" in self.file
        self._texts_name = "texts16" if self._is_wide else "texts"
        streamed = [*_STREAMED, *[self._texts_name] * is_streamed]
        self._streamed = {name: self.file.streamed(name) for name in streamed}
        # By the codec's own function: by its name, it would be looked up for each text.
        self._decode = codecs.utf_16_le_decode if self._is_wide else codecs.utf_8_decode
        self._text_bytes = self._array(self._texts_name)
        self._text_starts = self.file[f"{self._texts_name}.starts"]
        self._postings = {
            field: (self.file[f"{field}.starts"], self._array(f"{field}.numbers"))
            for field in ("words", "pairs", "symbols")
        }
        self._firsts, self._seconds = self.file["pairs.firsts"], self.file["pairs.seconds"]
        self._holding = self.file["units.holding"]
        self._ends_starts, self._ends = self.file["units.ends.starts"], self.file["units.ends"]
        self._many_starts, self._many = self.file["words.many.starts"], self.file["words.many"]
        self._many_counts = self.file["words.many.counts"]
        self.find_term = lru_cache(_CACHED_TERMS)(self._find_term)
        self._blobs = lru_cache(None)(self._blobs_of)
        self.post = lru_cache(_CACHED)(self._post)
        self.facet = lru_cache(None)(lambda name: Facet(self.file, name))
        self.page = lru_cache(_CACHED)(self._page)

    def _array(self, name: str) -> CheckedArray:
        """One of the arrays, mapped or not, as this segment reads it."""
        return self._streamed[name] if name in self._streamed else self.file[name]

    def _column(self, name: str) -> Any:
        """One of the arrays, as the compiled loops read it."""
        assert compiled.loops is not None
        return compiled.loops.Column(*self._array(name).bare())

    @cached_property
    def compiled_terms(self) -> Any:
        """Words, units and pairs for the compiled loops, None where there are no such loops."""
        if compiled.loops is None:
            return None
        words, units = (
            compiled.loops.Strings(*(self._column(f"{field}.{part}") for part in _STRINGS))
            for field in ("words", "units")
        )
        return compiled.loops.Terms(words, units, self.size, *map(self._column, _TERMS))

    @cached_property
    def compiled_postings(self) -> Any:
        """Postings for the compiled loops, of which there are some."""
        assert compiled.loops is not None
        return compiled.loops.Postings(*map(self._column, _POSTINGS))

    @cached_property
    def compiled_texts(self) -> Any:
        """Texts and facts for the compiled loops, of which there are some."""
        assert compiled.loops is not None
        names = (*_FACTS, f"{self._texts_name}.starts", self._texts_name)
        return compiled.loops.Stored(*map(self._column, names), self._is_wide)

    def look_up(self, field: str, terms: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of some terms, -1 for those that it lacks; and how many paragraphs hold each."""
        found = np.empty((2, len(terms)), np.int64)
        if self.compiled_terms is not None:
            self.compiled_terms.look_up(field, terms, *found)
        else:
            found[0] = self.find(field, terms)
            found[1] = self.sizes(field, found[0])
            if ((found[1] < 0) | (found[1] > self.size)).any():
                raise self.file.damage("a row ends before it begins, or is longer than all")
        return found

    def _find_term(self, field: str, term: str) -> int | None:
        """Number of a term, None where the segment has none such."""
        if self.compiled_terms is not None and field != "symbols":
            number: int = self.compiled_terms.find(field, term)
            return number if number >= 0 else None
        if field == "pairs":
            return self._find_pair(*split_pair(term))
        if field == "symbols":
            codes = self.file["symbols.codes"]
            return codes.place(ord(term), 0, len(codes)) if len(term) == 1 else None
        return self._find_string(field, term.encode("utf-8", "surrogatepass"))

    def _find_pair(self, first: str, second: str, loose: bool) -> int | None:
        one, two = self.find_term("units", first), self.find_term("units", second)
        if one is None or two is None:
            return None
        begin, end = self._firsts.pair(one)
        return self._seconds.place(two << 1 | loose, begin, end)

    def find(self, field: str, terms: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of some terms, -1 for those that it lacks."""
        if field == "words":
            return self._find_words(terms)
        found = [self.find_term(field, term) for term in terms]
        return np.array([-1 if number is None else number for number in found], np.int64)

    def sizes(self, field: str, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many paragraphs hold each of some terms, given by numbers, -1 for none."""
        known = np.flatnonzero(numbers >= 0)
        sizes, held = np.zeros(len(numbers), np.int64), numbers[known]
        if field == "units":
            sizes[known] = self._holding.take(held)
        else:
            begins, ends = self._postings[field][0].pairs(held)
            sizes[known] = ends.astype(np.int64) - begins
        return sizes

    def _find_string(self, field: str, term: bytes) -> int | None:
        keys = self.file[f"{field}.keys"]
        key, tail = int.from_bytes(term[:8].ljust(8, b"\0"), "big"), term[8:]
        at = keys.find(key, 0, len(keys))
        while at < len(keys) and keys[at] == key:
            found = self.blob(f"{field}.tails", at)
            if found >= tail:
                return at if found == tail else None
            at += 1
        return None

    def _find_words(self, words: Sequence[str]) -> NDArray[np.int64]:
        encoded = [word.encode("utf-8", "surrogatepass") for word in words]
        heads = np.array([word[:8] for word in encoded], dtype="S8")
        wanted = heads.view(">u8").astype("<u8")
        keys, starts = self.file["words.keys"].all(), self.file["words.tails.starts"]
        found = keys.searchsorted(wanted)
        found[found == len(keys)] = 0
        held = keys[found] == wanted if len(keys) else np.zeros(len(words), bool)
        held[held] = starts.take(found[held]) == starts.take(found[held] + 1)
        numbers = np.where(held, found, -1)
        for at, word in enumerate(encoded):
            if len(word) > 8:
                number = self.find_term("words", words[at])
                numbers[at] = -1 if number is None else number
        return numbers

    def units_from(self, begun: str) -> tuple[list[str], NDArray[np.int64]]:
        """The units that begin with a text, and their numbers."""
        data = begun.encode("utf-8", "surrogatepass")
        keys = self.file["units.keys"].all()
        # Of as many bytes as a key has, the least and the most that begin so.
        least, most = (int.from_bytes(data[:8].ljust(8, fill), "big") for fill in (b"\0", b"\xff"))
        first, last = (
            int(keys.searchsorted(np.uint64(least))),
            int(keys.searchsorted(np.uint64(most), "right")),
        )
        starts = self.file["units.tails.starts"].slice(first, last + 1).astype(np.int64)
        tails = self.file["units.tails"].copy(int(starts[0]), int(starts[-1]))
        strings = enumerate(_iter_strings(keys[first:last], starts - starts[0], tails), first)
        found = [(text.decode("utf-8", "surrogatepass"), at) for at, text in strings
                 if text.startswith(data)]  # fmt: skip
        return [unit for unit, _ in found], np.array([at for _, at in found], np.int64)

    def blob(self, name: str, at: int) -> bytes:
        """One byte string of many."""
        found: bytes = self._blobs(name)(at)
        return found

    def _blobs_of(self, name: str) -> Callable[[int], bytes]:
        """What gives byte strings of a name."""
        array, starts = self._array(name), self.file[f"{name}.starts"]
        if compiled.loops is not None:
            return partial(self._column(name).blob, self._column(f"{name}.starts"))
        return lambda at: array.copy(*starts.pair(at))

    def blobs(self, name: str) -> list[bytes]:
        """All byte strings of a name."""
        data = self.file[name].all().tobytes()
        starts = self.file[f"{name}.starts"].all().tolist()
        return [data[a:b] for a, b in pairwise(starts)]

    def numbers(self, field: str, term: int) -> NDArray[Any]:
        """Numbers of the paragraphs that hold a term, ascending; a view of the file."""
        if field == "units":
            return np.flatnonzero(self.mark_units([term]))
        starts, numbers = self._postings[field]
        return numbers.slice(*starts.pair(term))

    def mark_units(self, units: Sequence[int]) -> NDArray[np.bool_]:
        """Of each paragraph, whether it holds any of some units."""
        common = [self._common[unit] for unit in units if unit in self._common]
        held = self._unpack(common) if common else np.zeros(self.size, bool)
        starts, numbers = self._postings["pairs"]
        for unit in units:
            if unit not in self._common:
                # It begins a pair there, or is the last.
                begin, end = self._firsts.pair(unit)
                held[numbers.slice(starts[begin], starts[end])] = True
                held[self._ends.slice(*self._ends_starts.pair(unit))] = True
        return held

    @cached_property
    def _common(self) -> dict[int, int]:
        """By unit, its row of bits."""
        return {unit: row for row, unit in enumerate(self.file["units.common"].all().tolist())}

    def _unpack(self, rows: Sequence[int]) -> NDArray[np.bool_]:
        bits, width = self.file["units.bits"], -(-self.size // 8)
        packed = [bits.slice(row * width, (row + 1) * width) for row in rows]
        joined = np.bitwise_or.reduce(packed) if len(packed) > 1 else packed[0]
        return np.unpackbits(joined, count=self.size, bitorder="little").view(bool)

    def join(self, field: str, terms: NDArray[np.int64]) -> NDArray[Any]:
        """Numbers of the paragraphs that hold some words or pairs, one term behind the other."""
        starts, numbers = self._postings[field]
        return numbers.join(*starts.pairs(terms))

    def word_rows(self, words: NDArray[np.int64]) -> WordRow:
        """The postings of some words, given by their numbers."""
        starts, numbers = self._postings["words"]
        begins, ends = starts.pairs(words)
        firsts, lasts = self._many_starts.pairs(words)
        # With signs: of rows that end before they begin, the file is told, not memory filled.
        sizes = ends.astype(np.int64) - begins
        before = np.repeat(np.cumsum(sizes) - sizes, lasts.astype(np.int64) - firsts)
        places = self._many.join(firsts, lasts) + before
        return WordRow(numbers.join(begins, ends), places, self._many_counts.join(firsts, lasts))

    def word_row(self, word: int) -> WordRow:
        """The postings of a word."""
        starts, numbers = self._postings["words"]
        first, last = self._many_starts.pair(word)
        return WordRow(
            numbers.slice(*starts.pair(word)),
            self._many.slice(first, last),
            self._many_counts.slice(first, last),
        )

    def all_counts(self) -> NDArray[np.uint8]:
        """The counts of all postings of words, in their order."""
        counts = np.ones(len(self.file["words.numbers"]), np.uint8)
        many: NDArray[Any] = np.diff(self.file["words.many.starts"].all().astype(np.int64))
        base = np.repeat(self.file["words.starts"].all()[:-1], many)
        counts[base + self.file["words.many"].all()] = self.file["words.many.counts"].all()
        return counts

    def terms(self, field: str) -> list[str]:
        """All terms of a field, in the order of their numbers."""
        if field == "symbols":
            return [chr(code) for code in self.file["symbols.codes"].all().tolist()]
        if field == "pairs":
            units, rows = self.terms("units"), self.pair_units().tolist()
            return [
                pair_term(units[first], units[second], bool(loose)) for first, second, loose in rows
            ]
        keys, starts = self.file[f"{field}.keys"].all(), self.file[f"{field}.tails.starts"].all()
        strings = _iter_strings(keys, starts, self.file[f"{field}.tails"].all().tobytes())
        return [text.decode("utf-8", "surrogatepass") for text in strings]

    def most_held_words(self, most: int) -> Iterator[tuple[str, int]]:
        """The words that most paragraphs hold, and how many do: about `most`, or all."""
        sizes = np.diff(self._postings["words"][0].all().astype(np.int64))
        if len(sizes) <= most:
            return zip(self.terms("words"), sizes.tolist(), strict=True)
        kept = np.flatnonzero(sizes >= np.partition(sizes, -most)[-most])
        heads = self.file["words.keys"].all()[kept].astype(">u8").view("S8").tolist()
        tails = self.file["words.tails"].all().tobytes()
        starts = self.file["words.tails.starts"]
        ranges = zip(heads, *(row.tolist() for row in starts.pairs(kept)), strict=True)
        words = ((h + tails[a:b]).decode("utf-8", "surrogatepass") for h, a, b in ranges)
        return zip(words, sizes[kept].tolist(), strict=True)

    def unit_rows(self) -> tuple[NDArray[np.uint32], NDArray[Any]]:
        """Units and the paragraphs that hold them, the last one of each paragraph at the end."""
        starts, numbers = self._postings["pairs"]
        firsts: NDArray[Any] = np.diff(starts.all()[self._firsts.all()].astype(np.int64))
        ends: NDArray[Any] = np.diff(self._ends_starts.all().astype(np.int64))
        every = np.arange(len(firsts), dtype=np.uint32)
        units = np.concatenate([np.repeat(every, firsts), np.repeat(every, ends)])
        return units, np.concatenate([numbers.all(), self._ends.all()])

    def pair_units(self) -> NDArray[np.int64]:
        """The pairs as numbers: the first unit, the second and the mark of a gap, of each."""
        firsts: NDArray[Any] = np.diff(self.file["pairs.firsts"].all().astype(np.int64))
        first = np.repeat(np.arange(len(firsts)), firsts)
        second = self.file["pairs.seconds"].all().astype(np.int64)
        return np.column_stack([first, second >> 1, second & 1])

    def text(self, number: int) -> str:
        """The text of a paragraph."""
        return self._decode(self.blob(self._texts_name, number), "surrogatepass", True)[0]

    def count_chars(self, numbers: NDArray[Any]) -> int:
        """About how many characters the texts of some paragraphs have."""
        begins, ends = self._text_starts.pairs(numbers)
        return int((ends.astype(np.int64) - begins).sum()) // (2 if self._is_wide else 1)

    def scan(self, text: str) -> NDArray[np.int64]:
        """Numbers of the paragraphs whose text holds a text of no letters as it stands."""
        wanted = text.encode("utf-16-le" if self._is_wide else "utf-8", "surrogatepass")
        starts = self._text_starts.all().astype(np.int64)
        found: list[int] = []
        for first in range(0, self.size, _SCANNED_TEXTS):
            last = min(first + _SCANNED_TEXTS, self.size)
            begins = starts[first : last + 1] - starts[first]
            (data,) = self._text_bytes.pieces(starts[first : first + 1], starts[last : last + 1])
            found += (first + at for at in self._scan(data, begins, wanted))
        return np.array(found, np.int64)

    def _scan(self, data: bytes, begins: NDArray[np.int64], wanted: bytes) -> Iterator[int]:
        """Which of some texts, given where each begins and the last ends, hold some bytes."""
        width = 2 if self._is_wide else 1
        at = data.find(wanted)
        while at >= 0:
            text = int(begins.searchsorted(at, "right")) - 1
            whole = at % width == 0 and at + len(wanted) <= begins[text + 1]
            if whole:
                yield text
            at = data.find(wanted, int(begins[text + 1]) if whole else at + 1)

    def text_codes(self, numbers: NDArray[Any]) -> tuple[Codes, NDArray[Any]]:
        """The code points of some paragraphs, each with a zero behind it, and their lengths.

        Signs that stand for several characters are written out.
        """
        begins, ends = self._text_starts.pairs(numbers)
        pieces = self._text_bytes.pieces(begins, ends)
        if self._is_wide:
            codes = np.frombuffer(b"\0\0".join([*pieces, b""]), "<u2")
            lengths: NDArray[Any] = (ends - begins) // 2
            if not ((codes & 0xF800) == 0xD800).any():
                # No character takes more than two bytes: these are its code points.
                return expand_codes(codes, lengths)
        texts = [self._decode(piece, "surrogatepass", True)[0] for piece in pieces]
        lengths = np.array([len(text) for text in texts])
        return expand_codes(to_codes("\0".join([*texts, ""])), lengths)

    def texts(self) -> list[str]:
        """The texts of all paragraphs."""
        return [
            self._decode(text, "surrogatepass", True)[0] for text in self.blobs(self._texts_name)
        ]

    def entry(self, number: int, post: int | None = None) -> Entry:
        """All that is stored of a paragraph; `post` is that of its post, where that is known."""
        return Entry(
            self.text(number),
            self._paragraph_numbers[number],
            self._paragraph_lines[number],
            self._references(number),
            self.post(self.post_of(number) if post is None else post),
        )

    def _references(self, number: int) -> tuple[Any, ...]:
        rows = self._reference_at
        at = rows.place(number, 0, len(rows))
        if at is None:
            return ()
        rows = self._json(self.blob("references", at))
        if not isinstance(rows, list):
            raise self.file.damage("the references of a paragraph are none")
        return tuple(rows)

    def post_numbers(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """The posts of some paragraphs."""
        return self.file["paragraph_post"].take(numbers)

    def post_range(self, post: int) -> tuple[int, int]:
        """The first paragraph of a post, and the one after its last."""
        first = self._find_post(post, 0, self.size)
        return first, self._find_post(post + 1, first, self.size)

    @cached_property
    def _find_post(self) -> Callable[[int, int, int], int]:
        native = compiled.loops is not None
        found: Callable[[int, int, int], int]
        found = self._column("paragraph_post").find if native else self._posts.find
        return found

    def titles(self, numbers: NDArray[Any], posts: NDArray[Any]) -> NDArray[np.int64]:
        """The paragraphs with the titles of some paragraphs' pages, -1 for none and for itself.

        `posts` are the paragraphs' posts.
        """
        pages = self.file["post_page"].take(posts)
        titles = self.file["page_title"].take(pages).astype(np.int64)
        return np.where(titles == numbers, -1, titles)

    def headings(self, numbers: NDArray[Any]) -> NDArray[np.int64]:
        """The paragraphs with the headings that some paragraphs stand under, -1 for none."""
        return self.file["paragraph_heading"].take(numbers).astype(np.int64)

    def unit_counts(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """How many units some paragraphs have."""
        return self.file["unit_counts"].take(numbers)

    def post_of(self, number: int) -> int:
        """Number of the post that a paragraph is part of."""
        return self._posts[number]

    def page_of(self, post: int) -> int:
        """Number of the page that a post stands on."""
        return self._pages[post]

    def _post(self, at: int) -> Any:
        post = self._json(self.blob("posts", at))
        if not isinstance(post, dict):
            raise self.file.damage("the facts of a post are none")
        return post

    def _page(self, at: int) -> IndexedFile:
        return self._file_of(self._json(self.blob("pages", at)))

    def _json(self, data: bytes) -> Any:
        try:
            return _parse(data.decode("utf-8", "surrogatepass"))[0]
        except (ValueError, RecursionError) as error:
            raise self.file.damage(f"facts are none: {type(error).__name__}") from error

    def _file_of(self, record: Any) -> IndexedFile:
        try:
            return IndexedFile(**record)
        except TypeError as error:
            raise self.file.damage("the facts of a page are none") from error

    def pages(self, numbers: Numbers) -> list[IndexedFile]:
        """The files of many pages, parsed together."""
        starts = self.file["pages.starts"]
        rows = self.file["pages"].pieces(*starts.pairs(numbers))
        return [self._file_of(row) for row in self._json(b"[%b]" % b",".join(rows))]

    def page_ranges(self) -> tuple[Numbers, Numbers]:
        """Of each page, the number of its first paragraph, and that after its last."""
        begins = self.file["page_first"].all().astype(np.int64)
        return begins, np.append(begins[1:], self.size)


def split_pair(term: str) -> tuple[str, str, bool]:
    """The two units of a pair's term, and whether a gap parts them.

    >>> split_pair("融资"), split_pair("gpt 4")
    (('融', '资', False), ('gpt', '4', False))
    """
    if len(term) == 2:
        return term[0], term[1], False
    if len(term) == 3 and term[1] == "\n":
        return term[0], term[2], True
    first, _, second = term.partition(" ")
    return first, second, False


def _iter_strings(keys: NDArray[Any], starts: NDArray[Any], tails: bytes) -> Iterator[bytes]:
    """Give the strings whose first eight bytes are `keys`, with what follows them in `tails`."""
    heads = keys.astype(">u8").view("S8").tolist()
    for head, begin, end in zip(heads, starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield head + tails[begin:end]
