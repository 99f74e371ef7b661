"""The index folder as a `whoosh.index.Index`: Whoosh's readers, searchers and writers on it."""

import os
import uuid
from pathlib import Path
from typing import Any

from whoosh import index, reading, writing

from .base import Entry, IndexedFile
from .holding import lock_at
from .toc import Toc, latest_generation
from .whoosh_codec import ArraySegment, make_schema
from .whoosh_engine import WhooshEngine


class FolderIndex(index.Index):  # type: ignore[misc]
    """An index folder for those who know Whoosh; its documents are paragraphs.

    >>> from whoosh.query import And, Term
    >>> with FolderIndex("index").searcher() as searcher:  # doctest: +SKIP
    ...     results = searcher.search(And([Term("words", "融资"), Term("units", "gpt")]))
    """

    def __init__(self, location: str | os.PathLike[str], *, create: bool = False) -> None:
        """Open the index in a folder; raises what WhooshEngine does."""
        self._folder = Path(location)
        self._engine = WhooshEngine(os.fspath(location), create=create)
        self.indexname = "MAIN"

    @property
    def _toc(self) -> Toc:
        return self._engine.snapshot().toc

    @property
    def schema(self) -> Any:
        """Whoosh's schema of the index."""
        return make_schema(self._toc.schema)

    def latest_generation(self) -> int:
        """Number of the last commit."""
        return latest_generation(os.fspath(self._folder))

    def refresh(self) -> "FolderIndex":
        """Give the index as of the last commit."""
        return FolderIndex(self._folder)

    def up_to_date(self) -> bool:
        """Readers are opened on the last commit, always."""
        return True

    def last_modified(self) -> float:
        """When the last commit was made, in seconds since 1970."""
        return (self._folder / f"_MAIN_{self.latest_generation()}.toc").stat().st_mtime

    def is_empty(self) -> bool:
        """Tell whether the index has no segment."""
        return not self._toc.segments

    def optimize(self) -> None:
        """Merge the segments into as few as can be."""
        self.writer().commit(optimize=True)

    def lock(self, name: str) -> Any:
        """Give a lock of the folder, as Whoosh's indexes do."""
        return lock_at(str(self._folder / f"{self.indexname}_{name}"))

    def close(self) -> None:
        """Let go of files and memory."""
        self._engine.close()

    def reader(self, reuse: Any = None) -> Any:
        """Give a reader of the last commit; `reuse` is not needed, for files are mapped once."""
        snapshot = self._engine.snapshot()
        schema = make_schema(snapshot.toc.schema)
        rows = zip(snapshot.toc.segments, snapshot.segments, strict=True)
        readers = [
            reading.SegmentReader(
                None, schema, ArraySegment(row, live), generation=snapshot.toc.generation
            )
            for row, live in rows
        ]
        if not readers:
            return reading.EmptyReader(schema)
        if len(readers) == 1:
            return readers[0]
        return reading.MultiReader(readers, generation=snapshot.toc.generation)

    def writer(self, **kwargs: Any) -> "FolderWriter":
        """Begin a change; raises IndexLockedError where another one is being made."""
        if kwargs:
            raise TypeError(f"a writer takes no options here, not {', '.join(sorted(kwargs))}")
        return FolderWriter(self)


class FolderWriter(writing.IndexWriter):  # type: ignore[misc]
    """One change of the index by Whoosh's names."""

    def __init__(self, folder: FolderIndex) -> None:
        self._index = folder
        self._commit = folder._engine.begin()
        self.schema = folder.schema

    def reader(self, **kwargs: Any) -> Any:
        """Give a reader of the last commit."""
        return self._index.reader(**kwargs)

    def add_document(self, **fields: Any) -> None:
        """Add a paragraph as a page of its own.

        `text` is needed; `page` (a new id), `path`, `paragraph`, `line`, `references` and `post`
        are the fields of the same names. Raises whoosh.fields.UnknownFieldError for others.
        """
        known = {"text", "page", "path", "paragraph", "line", "references", "post"}
        if unknown := fields.keys() - known:
            raise writing.UnknownFieldError(f"no such field: {', '.join(sorted(unknown))}")
        file = IndexedFile(
            fields.get("page") or uuid.uuid4().hex, fields.get("path", ""), 0, 0, "", {}
        )
        entry = Entry(
            fields["text"],
            fields.get("paragraph", 1),
            fields.get("line", 1),
            fields.get("references", ()),
            fields.get("post", {}),
        )
        self._commit.put(file, [entry])

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a paragraph by its number among all, counted from 0."""
        if not delete:
            raise ValueError("what is deleted cannot be brought back")
        self._commit.delete_number(docnum)

    def commit(self, merge: bool = True, optimize: bool = False, **kwargs: Any) -> None:
        """Finish the change; searches see it from now on."""
        self._commit.finish(merge=merge, optimize=optimize)

    def cancel(self) -> None:
        """Give the change up."""
        self._commit.cancel()
