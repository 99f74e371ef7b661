"""wenduan 文段: search over saved Chinese pages, each paragraph of each answer with its source."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import (
        ClusterError,
        IndexDamagedError,
        IndexFolderError,
        IndexLockedError,
        IndexMissingError,
        IndexReplacedError,
        IndexVersionError,
        PageError,
        QueryError,
        WenduanError,
    )
    from .pages import Page, Reference, read_page, read_pages
    from .query import Between
    from .searching import Hit, Index, open_index, search
    from .snippets import Snippet

__all__ = [
    "Between",
    "ClusterError",
    "Hit",
    "Index",
    "IndexDamagedError",
    "IndexFolderError",
    "IndexLockedError",
    "IndexMissingError",
    "IndexReplacedError",
    "IndexVersionError",
    "Page",
    "PageError",
    "QueryError",
    "Reference",
    "Snippet",
    "WenduanError",
    "open_index",
    "read_page",
    "read_pages",
    "search",
]

_HOMES = {
    "pages": {"Page", "Reference", "read_page", "read_pages"},
    "query": {"Between"},
    "searching": {"Hit", "Index", "open_index", "search"},
    "snippets": {"Snippet"},
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is asked for: who only reads pages does without the index."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "errors")
    return getattr(import_module(f".{home}", __name__), name)
