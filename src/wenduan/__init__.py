"""wenduan 文段: search over saved Chinese pages, each paragraph of each answer with its source."""

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
from .pages import Page, Reference, read_page
from .searching import Hit, Index, open_index, search
from .snippets import Snippet

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
