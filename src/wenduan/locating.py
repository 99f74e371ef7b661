"""Tells the address of a cluster from the path of a folder, and where a path leads."""

import os
import re

from .errors import WenduanError

# What is meant as an address, rightly written or not. A single letter is a drive of Windows.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|opensearch[a-z+]*:", re.IGNORECASE)


def scheme_of(location: str) -> str | None:
    """How an address begins, as it was written; None for the path of a folder.

    >>> scheme_of("opensearch://host:9200/notes"), scheme_of("C:/notes"), scheme_of("./index")
    ('opensearch://', None, None)
    """
    found = _ADDRESS.match(location)
    return found[0] if found else None


def absolute(path: str) -> str:
    """The full path of a path; raises WenduanError for a relative one where there is no place."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError as error:
        raise WenduanError(
            f"{path}: the current folder has been deleted; change to another one, or give full"
            " paths"
        ) from error


def current_folder() -> str:
    """The current folder with a separator behind it; empty where it has been deleted."""
    try:
        return os.path.join(os.getcwd(), "")
    except FileNotFoundError:
        return ""


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path leads to a folder or below it, wherever symbolic links go."""
    try:
        real, above = os.path.realpath(path), os.path.realpath(folder)
    except (OSError, ValueError, RecursionError):
        # Links without end, or what no path can hold.
        return False
    return real == above or real.startswith(os.path.join(above, ""))
