"""One saved file -> Page: front matter, Markdown blocks, and a reader for each kind of page."""

from typing import TYPE_CHECKING, Any

from .reference import Reference

if TYPE_CHECKING:
    from .model import DroppedLine, Page, Paragraph, Post, Question
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
    """Load the readers and their parsers when they are asked for: results do not need them."""
    if name in __all__:
        from . import model, reading

        return getattr(model, name, None) or getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
