"""Whoosh's doors to a segment: its codec, which serves Whoosh's readers from the arrays."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from whoosh import columns, fields, formats
from whoosh.codec import base
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo

from ..analysis import expand, split_units
from .columns import UNKNOWN
from .live import LiveSegment
from .toc import SegmentEntry
from .whoosh_documents import LENGTHS, ArrayDocuments

INDEXED = ("page", "pairs", "symbols", "units", "words")


class Terms(fields.FieldType):  # type: ignore[misc]
    """A field of finished terms: what makes them is the analysis, not the field."""

    indexed = True
    stored = False
    multitoken_query = "and"

    def __init__(self, format_: formats.Format, *, scorable: bool = False) -> None:
        self.format = format_
        self.scorable = scorable
        self.analyzer = self.column_type = self.vector = None
        self.spelling = False

    def index(self, value: Any, **kwargs: Any) -> Any:
        """Whoosh does not write these fields."""
        raise TypeError("give the text of the paragraph; its terms are made of it")

    def self_parsing(self) -> bool:
        """Whoosh's own query parser takes a word as one term."""
        return False

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as it stands in the dictionary."""
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    def from_bytes(self, value: bytes) -> str:
        """A term as text."""
        return value.decode("utf-8", "surrogatepass")


def make_schema(kinds: Mapping[str, str]) -> fields.Schema:
    """Make Whoosh's schema from the kinds of fields; raises KeyError for an unknown kind."""
    numeric: Any = columns.NumericColumn
    make = {
        "counted terms": lambda: Terms(formats.Frequency(), scorable=True),
        "placed terms": lambda: Terms(formats.Positions(), scorable=True),
        "terms": lambda: Terms(formats.Existence()),
        "id": fields.ID,
        "stored": fields.STORED,
        "number": lambda: fields.COLUMN(numeric("q", default=UNKNOWN)),
    }
    return fields.Schema(**{name: make[kind]() for name, kind in kinds.items()})


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Reads segments of arrays. They are written by Commit, many postings at once."""

    def terms_reader(self, storage: Any, segment: "ArraySegment") -> "ArrayTerms":
        """Give the reader of a segment's terms."""
        return ArrayTerms(segment.live)

    def per_document_reader(self, storage: Any, segment: "ArraySegment") -> "ArrayDocuments":
        """Give the reader of what is kept of each paragraph."""
        return ArrayDocuments(segment.live)


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment as Whoosh names it."""

    def __init__(self, entry: SegmentEntry, live: LiveSegment) -> None:
        self.indexname = "MAIN"
        self.segid = entry.name
        self.compound = False
        self.entry = entry
        self.live = live

    def codec(self) -> ArrayCodec:
        """Give the codec that reads it."""
        return ArrayCodec()

    def doc_count_all(self) -> int:
        """How many paragraphs it has, deleted ones included."""
        return self.entry.size

    def deleted_count(self) -> int:
        """How many of them are deleted."""
        return self.entry.size - self.entry.live

    def deleted_docs(self) -> Iterator[int]:
        """Give the numbers of those that are deleted."""
        for begin, end in self.entry.deleted:
            yield from range(begin, end)

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether one is deleted."""
        return self.live.live is not None and not self.live.live[docnum]


class ArrayTerms(base.TermsReader):  # type: ignore[misc]
    """The terms of a segment, and their postings."""

    def __init__(self, live: LiveSegment) -> None:
        self._segment = live.segment
        self._live = live
        self._sorted = lru_cache(len(INDEXED))(self._sort)

    def _sort(self, field: str) -> list[bytes]:
        names = self._segment.terms(field) if field != "page" else self._page_names()
        return sorted({name.encode("utf-8", "surrogatepass") for name in names})

    def _page_names(self) -> list[str]:
        return [self._segment.page(at).page for at in range(len(self._pages()[0]))]

    def _pages(self) -> tuple[Any, Any]:
        return self._segment.page_ranges()

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        """Tell whether the segment has a term of a field."""
        return bool(self._row(*term)[0])

    def _row(self, field: str, text: bytes) -> tuple[Sequence[int], Sequence[int]]:
        """Numbers of the paragraphs that hold a term, deleted ones too, and how often each."""
        name = text.decode("utf-8", "surrogatepass")
        if field == "page":
            return self._page_row(name)
        found = self._segment.find_term(field, name)
        if found is None:
            return [], []
        numbers = self._segment.numbers(field, found).tolist()
        if field != "words":
            return numbers, [1] * len(numbers)
        return numbers, self._segment.word_row(found).counts().tolist()

    def _page_row(self, page: str) -> tuple[Sequence[int], Sequence[int]]:
        begins, ends = self._pages()
        for at in np.flatnonzero(begins < ends).tolist():
            if self._segment.page(at).page == page:
                numbers = range(int(begins[at]), int(ends[at]))
                return numbers, [1] * len(numbers)
        return [], []

    def cursor(self, fieldname: str, fieldobj: Any) -> "ArrayCursor":
        """Give a cursor over a field's terms."""
        return ArrayCursor([fieldobj.from_bytes(term) for term in self._sorted(fieldname)])

    def indexed_field_names(self) -> Iterable[str]:
        """Names of the fields that have terms."""
        return list(INDEXED)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Give all terms: by field, then in the order of their bytes."""
        for field in INDEXED:
            for term in self._sorted(field):
                yield field, term

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Give the terms of a field from the first that is not before `prefix`."""
        names = self._sorted(fieldname)
        for at in range(bisect_left(names, prefix), len(names)):
            yield fieldname, names[at]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Give all terms with their statistics."""
        for field, term in self.terms():
            yield (field, term), self.term_info(field, term)

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Give the terms from the first that is not before `prefix`, with their statistics."""
        for field, term in self.terms_from(fieldname, prefix):
            yield (field, term), self.term_info(field, term)

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Statistics of a term; raises KeyError where there is none such."""
        numbers, counts = self._row(fieldname, text)
        if not numbers:
            raise KeyError((fieldname, text))
        lengths = [1]
        if fieldname in LENGTHS:
            lengths = self._segment.file[LENGTHS[fieldname]].all()[list(numbers)].tolist()
        return TermInfo(
            weight=float(sum(counts)),
            df=len(numbers),
            minlength=min(lengths),
            maxlength=max(lengths),
            maxweight=float(max(counts)),
            minid=numbers[0],
            maxid=numbers[-1],
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """How often a term stands in the segment."""
        return float(sum(self._row(fieldname, text)[1]))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many paragraphs hold a term."""
        return len(self._row(fieldname, text)[0])

    def matcher(
        self, fieldname: str, text: bytes, format_: Any, scorer: Any = None
    ) -> "PostingsMatcher":
        """Give a matcher of a term's postings."""
        numbers, counts = self._row(fieldname, text)
        matcher = PostingsMatcher(
            list(numbers),
            [float(count) for count in counts],
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
        )
        matcher.live = self._live
        return matcher


class PostingsMatcher(ListMatcher):  # type: ignore[misc]
    """Postings of a term. Positions are worked out from the paragraph when they are asked for."""

    live: LiveSegment
    _i: int

    def copy(self) -> "PostingsMatcher":
        """Give another matcher at the same place."""
        other: PostingsMatcher = super().copy()
        other._term, other.live = self._term, self.live
        return other

    def skip_to(self, number: int) -> None:
        """Go to the first posting that is not before a paragraph."""
        self._i = bisect_left(self._ids, number, self._i)

    def supports_block_quality(self) -> bool:
        """Each posting is scored: leaving out blocks loses best hits in Whoosh's own unions."""
        return False

    def value_as(self, astype: str) -> Any:
        """What a posting says: its frequency, or the positions of a unit from 0."""
        if astype == "positions":
            units = split_units(expand(self.live.segment.text(self.id())))
            term = self._term[1].decode("utf-8", "surrogatepass")
            return [at for at, unit in enumerate(units) if unit.text == term]
        if astype in ("frequency", "weight"):
            return self.weight()
        return super().value_as(astype)

    def spans(self) -> list[Any]:
        """Positions as Whoosh's phrase queries want them."""
        from whoosh.query.spans import Span

        return [Span(at) for at in self.value_as("positions")]


class ArrayCursor(base.FieldCursor):  # type: ignore[misc]
    """Walks the terms of a field in their order."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = terms
        self._at = 0

    def text(self) -> str | None:
        """The term under the cursor, None after the last."""
        return self._terms[self._at] if self._at < len(self._terms) else None

    term = text

    def first(self) -> str | None:
        """Go to the first term."""
        self._at = 0
        return self.text()

    def find(self, string: str) -> str | None:
        """Go to the first term that is not before `string`."""
        self._at = bisect_left(self._terms, string)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term."""
        self._at += 1
        return self.text()

    def is_valid(self) -> bool:
        """Tell whether there is a term under the cursor."""
        return self._at < len(self._terms)
