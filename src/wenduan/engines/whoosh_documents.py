"""What is kept of each paragraph of a segment, as Whoosh's readers ask for it."""

from typing import Any

import numpy as np
from whoosh import columns
from whoosh.codec import base

from .columns import POST_COLUMNS
from .live import LiveSegment

# The arrays that hold how many terms of a field each paragraph has.
LENGTHS = {"words": "word_counts", "units": "unit_counts"}


class ArrayDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """What is kept of each paragraph of a segment."""

    def __init__(self, live: LiveSegment) -> None:
        self._live = live
        self._segment = live.segment

    def doc_count(self) -> int:
        """How many paragraphs are not deleted."""
        return len(self._live.all_live())

    def doc_count_all(self) -> int:
        """How many paragraphs there are, deleted ones included."""
        return self._live.size

    def has_deletions(self) -> bool:
        """Tell whether any is deleted."""
        return self._live.live is not None

    def is_deleted(self, docnum: int) -> bool:
        """Tell whether one is deleted; Whoosh also asks for the one after the last."""
        live = self._live.live
        return live is not None and docnum < len(live) and not live[docnum]

    def deleted_docs(self) -> list[int]:
        """Numbers of those that are deleted."""
        if self._live.live is None:
            return []
        found: list[int] = np.flatnonzero(~self._live.live).tolist()
        return found

    def supports_columns(self) -> bool:
        """There are columns."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Tell whether there is a column of this name."""
        return fieldname in POST_COLUMNS

    def list_columns(self) -> list[str]:
        """Names of the columns."""
        return list(POST_COLUMNS)

    def column_reader(self, fieldname: str, column: Any) -> "PostColumn":
        """Give the reader of a column."""
        return PostColumn(self._live, fieldname)

    def _lengths(self, fieldname: str) -> Any:
        name = LENGTHS.get(fieldname)
        return self._segment.file[name].all() if name else np.zeros(self._live.size, np.uint32)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """How many terms of a field a paragraph has, repeated ones counted."""
        return int(self._lengths(fieldname)[docnum]) if fieldname in LENGTHS else default

    def field_length(self, fieldname: str) -> int:
        """The same of all paragraphs."""
        return int(self._lengths(fieldname).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """The least of all paragraphs."""
        return int(self._lengths(fieldname).min(initial=2**31))

    def max_field_length(self, fieldname: str) -> int:
        """The most of all paragraphs."""
        return int(self._lengths(fieldname).max(initial=0))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What is stored of a paragraph."""
        entry, segment = self._segment.entry(docnum), self._segment
        file = segment.page(segment.page_of(segment.post_of(docnum)))
        return {
            "text": entry.text,
            "path": file.path,
            "paragraph": entry.paragraph,
            "line": entry.line,
            "references": list(entry.references),
            "post": dict(entry.post),
        }


class PostColumn(columns.ColumnReader):  # type: ignore[misc]
    """A column that is kept once for each post, read by paragraph."""

    def __init__(self, live: LiveSegment, name: str) -> None:
        self._file = live.segment.file
        self._name = name
        self._doccount = live.size

    def __len__(self) -> int:
        """Number of paragraphs."""
        return self._doccount

    def __getitem__(self, docnum: int) -> int:
        """The value of a paragraph's post."""
        return self._file[self._name][self._file["paragraph_post"][docnum]]

    def sort_key(self, docnum: int) -> int:
        """The value by which Whoosh sorts."""
        return self[docnum]

    def load(self) -> list[int]:
        """All values."""
        rows = self._file[self._name].all()[self._file["paragraph_post"].all()]
        values: list[int] = rows.tolist()
        return values
