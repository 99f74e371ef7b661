"""One saved file -> Pages: unpacked, the saver's lines taken off, the rest read as its site's."""

from typing import TYPE_CHECKING, Any

from .reference import Reference

if TYPE_CHECKING:
    from .model import DroppedLine, Page, Paragraph, Post, Question
    from .reading import iter_pages, load_page, parse_page, parse_pages, read_page, read_pages

__all__ = [
    "DroppedLine",
    "Page",
    "Paragraph",
    "Post",
    "Question",
    "Reference",
    "iter_pages",
    "load_page",
    "parse_page",
    "parse_pages",
    "read_page",
    "read_pages",
]


def __getattr__(name: str) -> Any:
    """Load the readers and their parsers when they are asked for: results do not need them."""
    if name in __all__:
        from . import model, reading

        return getattr(model, name, None) or getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
