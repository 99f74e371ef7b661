"""A page -> the documents of a cluster: one for the page, one for each paragraph; and the way back.

A page's document is written before its paragraphs, as one that is not complete, and once more
after them: what a feeder that was killed has left behind is known by that, and replaced by the
next one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from ...analysis import fold
from ..base import Entry, IndexedFile
from ..building import flags_of
from ..columns import LINK, PAGE_COLUMNS, POST_COLUMNS, REFERENCE, UNKNOWN
from ..facets import PAGE_FACETS, values_of, without_marks
from .encoding import pack, unpack
from .schema import FACETS, UNRANKED
from .streams import Streams, text_rows

Document = dict[str, Any]
_FILE = ("page", "path", "size", "mtime_ns", "digest", "facts")


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


class PageDocuments:
    """The documents of one page."""

    def __init__(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        self.file, self.entries = file, entries
        self._file = pack({name: getattr(file, name) for name in _FILE})

    def page(self, streams: Sequence[Streams] | None = None) -> Document:
        """The page's own, whose id is the page's; it is complete once it has `streams`."""
        file = self.file
        told = {
            f"{name}_told": [_plain(text) for text in values_of(name, file, {})][: _counted(name)]
            for name in PAGE_FACETS
            if name != "path"
        }
        words = chain.from_iterable(row.words for row in streams or ())
        return {
            "type": "page",
            "page": file.page,
            "file": self._file,
            "complete": streams is not None,
            "vocabulary": list(dict.fromkeys(words)),
            "paragraphs": len(self.entries),
            "written": int(time.time() * 1000),
            **UNRANKED,
            **told,
        }

    def paragraphs(self, streams: Sequence[Streams]) -> Iterator[Document]:
        """Those of its paragraphs, in their order."""
        file = self.file
        of_page = _facets(file)
        saved = PAGE_COLUMNS["saved"](file.facts)
        post: Mapping[str, Any] | None = None
        number, facts, of_post = -1, "", {}
        rows = zip(self.entries, streams, _above(self.entries, streams), strict=True)
        for place, (entry, stream, (title, heading)) in enumerate(rows):
            opens = entry.post is not post
            if opens:
                post, number = entry.post, number + 1
                facts, of_post = pack(dict(post)), _of_post(file, post) | {"saved": saved}
            flags = flags_of(entry)
            yield {
                "type": "paragraph",
                "page": file.page,
                "post": f"{file.page}-{number}",
                "place": place,
                "opens": opens,
                "entry": _pack(entry, stream.unit_count, title, heading, of_post),
                "facts": facts,
                "file": self._file,
                "words": " ".join(stream.words),
                "units": stream.units,
                "pairs": stream.pairs,
                "symbols": stream.symbols,
                "gaps": stream.gaps,
                "tokens": stream.tokens,
                "word_count": len(stream.words),
                "unit_count": stream.unit_count,
                "has": ["reference"] * bool(flags & REFERENCE) + ["link"] * bool(flags & LINK),
                **of_page,
                **{name: value for name, value in of_post.items() if value != UNKNOWN},
            }


def _counted(facet: str) -> int | None:
    """How many texts of a page count in a facet: all its tags, but one title."""
    return None if facet == "tag" else 1


def paragraph_id(page: str, place: int) -> str:
    """Id of the document of a page's paragraph, from 0."""
    return f"{page}-{place}"


class Counted(NamedTuple):
    """A text, and how many units it has."""

    text: str
    units: int


def _above(
    entries: Sequence[Entry], streams: Sequence[Streams]
) -> Iterator[tuple[Counted | None, Counted | None]]:
    """For each paragraph of a page, the page's title and the heading it stands under, if any."""
    rows = list(zip(entries, streams, strict=True))
    titles = (Counted(entry.text, row.unit_count) for entry, row in rows if entry.kind == "title")
    title = next(titles, None)
    heading: Counted | None = None
    post: Mapping[str, Any] | None = None
    for entry, stream in rows:
        if entry.post is not post:
            post, heading = entry.post, None
        is_heading = entry.kind == "heading"
        yield (None if entry.kind == "title" else title), (None if is_heading else heading)
        if is_heading:
            heading = Counted(entry.text, stream.unit_count)


def _facets(file: IndexedFile) -> Document:
    return _facet_fields({name: values_of(name, file, {}) for name in PAGE_FACETS})


def _of_post(file: IndexedFile, post: Mapping[str, Any]) -> Document:
    names = [name for name in FACETS if name not in PAGE_FACETS]
    texts = {name: values_of(name, file, post) for name in names}
    told = {f"{name}_told": list(map(_plain, rows)) for name, rows in texts.items()}
    numbers = {name: read(post) for name, read in POST_COLUMNS.items()}
    return _facet_fields(texts) | told | numbers


def _facet_fields(texts: Mapping[str, Sequence[str]]) -> Document:
    fields: Document = {}
    for name, rows in texts.items():
        fields[f"{name}_folded"] = [_plain(without_marks(fold(text))) for text in rows]
        if name != "path":
            fields[f"{name}_units"] = [row for text in rows for row in text_rows(text)]
    return fields


def _pack(
    entry: Entry,
    units: int,
    title: Counted | None,
    heading: Counted | None,
    numbers: Mapping[str, Any],
) -> str:
    """What ranking reads of a paragraph, and what is its own."""
    return pack(
        {
            "text": entry.text,
            "units": units,
            # Lists, for orjson writes no tuples with names.
            "title": title and list(title),
            "heading": heading and list(heading),
            "votes": numbers["votes"],
            "published": numbers["published"],
            "paragraph": entry.paragraph,
            "line": entry.line,
            "references": [dict(row) for row in entry.references],
            "kind": entry.kind,
        }
    )


class StoredParagraph:
    """A paragraph's document as a search reads it; facts are unpacked when they are asked for.

    `own` is its text, `title` that of its page and `heading` what it stands under, None where
    there is none above it. `votes` of its post and its `day`, such as 20230102, are below 0 where
    they are unknown.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.post: str = document["post"]
        self.words: str = document["words"]
        self._entry: dict[str, Any] = unpack(document["entry"])
        own = self._entry
        self.own = Counted(own["text"], own["units"])
        self.title, self.heading = (row and Counted(*row) for row in (own["title"], own["heading"]))
        self.votes: int = own["votes"]
        self.day: int = own["published"]

    @cached_property
    def entry(self) -> Entry:
        """All that is kept of it."""
        own, facts = self._entry, unpack(self._document["facts"])
        rows = (own["text"], own["paragraph"], own["line"], tuple(own["references"]), facts)
        return Entry(*rows, kind=own["kind"])

    @property
    def place(self) -> tuple[str, int, int]:
        """Its file's path, its line and its number on the page: what equals are ordered by."""
        return self.file.path, self._entry["line"], self._document["place"]

    @cached_property
    def file(self) -> IndexedFile:
        """The file that it stands in."""
        return read_file(self._document["file"])


def read_file(packed: str) -> IndexedFile:
    """The file of a page's or a paragraph's document."""
    return IndexedFile(**unpack(packed))
