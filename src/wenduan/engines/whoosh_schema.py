"""The Whoosh schema of an index: one document for each paragraph, and one for each file."""

from collections.abc import Iterator, Mapping
from typing import Any

from whoosh import columns, fields, formats


class TermCounts(fields.FieldType):  # type: ignore[misc]
    """A field that takes finished terms with their counts, instead of text to analyse."""

    indexed = True
    stored = False
    scorable = False
    multitoken_query = "default"

    def __init__(self) -> None:
        self.format = formats.Existence()
        self.analyzer = None
        self.spelling = False
        self.column_type = None
        self.vector = None

    def index(
        self, value: Mapping[str, int], **kwargs: Any
    ) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Give each term as Whoosh's writer wants it: bytes, frequency, weight, nothing more."""
        for term, count in value.items():
            yield term.encode("utf-8"), count, float(count), b""

    def self_parsing(self) -> bool:
        """Whoosh's own query parser has nothing to do with this field."""
        return False


def make_schema() -> fields.Schema:
    """Make the schema. `page` joins the paragraphs of a page; `file` marks the one of its file."""
    return fields.Schema(
        page=fields.ID(),
        file=fields.ID(),
        words=TermCounts(),
        units=TermCounts(),
        pairs=TermCounts(),
        symbols=TermCounts(),
        word_length=fields.COLUMN(columns.NumericColumn("I")),
        unit_length=fields.COLUMN(columns.NumericColumn("I")),
        pair_length=fields.COLUMN(columns.NumericColumn("I")),
        stored=fields.STORED(),
    )
