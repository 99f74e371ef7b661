"""What goes wrong while one page is read costs that page: it becomes the page's error, in a line.

An error that nobody foresaw is a fault of ours, and the line says so; one bad page stops nothing.
"""

from collections.abc import Callable
from pathlib import PurePath
from traceback import extract_tb
from typing import TypeVar

from ..errors import PageError
from .ranges import BeyondError

Result = TypeVar("Result")
# What the line says of a fault of ours.
FAULT = "a fault of wenduan's"
_DEEP = "nested too deeply"


def guarded(path: str, read: Callable[[], Result]) -> Result | PageError:
    """Give what `read` gives of the page at `path`, else the page's error.

    The error holds neither frames nor another error, and so none of what was read.
    """
    try:
        return read()
    except PageError as error:
        return error.bare()
    except BeyondError as error:
        return PageError(path, str(error))
    except MemoryError:
        return PageError(path, "takes more memory than there is; split it into pages")
    except RecursionError:
        return PageError(path, f"{_DEEP}; save it again as plain text")
    except Exception as error:
        return PageError(path, f"not read for {FAULT}, {_place(error)}; report it")


def is_fault(error: PageError) -> bool:
    """Tell whether a page was not read for what readers should have withstood."""
    return FAULT in error.reason or error.reason.startswith(_DEEP)


def _place(error: Exception) -> str:
    """The kind of an error, and where it was raised: the last line of our own."""
    rows = extract_tb(error.__traceback__)
    own = [row for row in rows if "wenduan" in PurePath(row.filename).parts] or rows
    return f"{type(error).__name__} in {PurePath(own[-1].filename).name}, line {own[-1].lineno}"
