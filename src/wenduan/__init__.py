"""wenduan 文段: search over saved Chinese pages, each paragraph of each answer with its source."""

from typing import TYPE_CHECKING, Any

from .errors import (
    IndexDamagedError,
    IndexFolderError,
    IndexLockedError,
    IndexMissingError,
    IndexVersionError,
    PageError,
    QueryError,
    WenduanError,
)
from .searching import Hit, Index, open_index, search
from .snippets import Snippet

if TYPE_CHECKING:
    from .pages import Page, Reference, read_page

__all__ = [
    "Hit",
    "Index",
    "IndexDamagedError",
    "IndexFolderError",
    "IndexLockedError",
    "IndexMissingError",
    "IndexVersionError",
    "Page",
    "PageError",
    "QueryError",
    "Reference",
    "Snippet",
    "WenduanError",
    "open_index",
    "read_page",
    "search",
]


def __getattr__(name: str) -> Any:
    """Load the readers of pages when they are asked for: searching does not need them."""
    if name in {"Page", "Reference", "read_page"}:
        from . import pages

        return getattr(pages, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
