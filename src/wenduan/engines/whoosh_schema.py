"""The Whoosh schema of an index: one document for each paragraph, and one for each file."""

from collections.abc import Generator, Mapping
from typing import Any

from whoosh import columns, fields, formats


class TermCounts(fields.FieldType):
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
    ) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        """Give each term as Whoosh's writer wants it: bytes, frequency, weight, nothing more."""
        for term, count in value.items():
            yield term.encode("utf-8"), count, float(count), b""

    def self_parsing(self) -> bool:
        """Whoosh's own query parser has nothing to do with this field."""
        return False


def make_schema() -> fields.Schema:
    """Make the schema. `page` joins the paragraphs of a page; `file` marks the one of its file."""
    # Whoosh's column types have no annotations.
    numeric: Any = columns.NumericColumn
    return fields.Schema(
        page=fields.ID(),
        file=fields.ID(),
        words=TermCounts(),
        units=TermCounts(),
        pairs=TermCounts(),
        symbols=TermCounts(),
        word_length=fields.COLUMN(numeric("I")),
        unit_length=fields.COLUMN(numeric("I")),
        pair_length=fields.COLUMN(numeric("I")),
        stored=fields.STORED(),
    )
