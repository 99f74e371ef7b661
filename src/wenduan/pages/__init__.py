"""One saved file -> Page: front matter, Markdown blocks, and a reader for each kind of page."""

from typing import TYPE_CHECKING, Any

from .model import DroppedLine, Page, Paragraph, Post, Question, Reference

if TYPE_CHECKING:
    from .reading import parse_page, read_page

__all__ = [
    "DroppedLine",
    "Page",
    "Paragraph",
    "Post",
    "Question",
    "Reference",
    "parse_page",
    "read_page",
]


def __getattr__(name: str) -> Any:
    """Load the readers and their parsers when they are asked for: results only need the records."""
    if name in {"parse_page", "read_page"}:
        from . import reading

        return getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
