"""Folders -> the files in them that may hold pages, whatever shape the file system has."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from .errors import PageError
from .loading import is_passing, stat_file

ARCHIVE_SUFFIXES = frozenset({".zip"})
SUFFIXES = ARCHIVE_SUFFIXES | {
    ".md", ".markdown", ".mdown", ".mkd", ".txt", ".html", ".htm", ".xhtml",
}  # fmt: skip

LEADS_OUT = "a link that leads out of the given folders; to follow it, give --follow-links"
_LEADS_UP = "a link to a folder that holds it, skipped"
# Each of a few links in each of many folders would else double the way.
_MOST_LINKED = 8
_LEADS_OFTEN = f"a folder that links led to {_MOST_LINKED} times before, skipped"

Identity = tuple[int, int]


class _Level(NamedTuple):
    """A folder that is being walked: what is left of it, and whether a link led there."""

    identity: Identity
    entries: Iterator["os.DirEntry[str]"]
    is_linked: bool


class Walk:
    """A walk through some files and folders.

    `unreadable` notes what cannot be looked at, or is left out; `blind` are the paths of what is
    there for all that is known, but cannot be looked at now.
    """

    def __init__(self, roots: Sequence[str], follow_links: bool) -> None:
        self.roots = list(roots)
        self.unreadable: list[PageError] = []
        self.blind: set[str] = set()
        self._follow_links = follow_links
        # How often links led to a folder.
        self._linked: Counter[Identity] = Counter()

    def files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Give the files that may hold pages, with their states, in the order of their names."""
        for root in self.roots:
            if os.path.isdir(root):
                yield from self._below(root)
            else:
                yield from self._checked(root)

    def _below(self, root: str) -> Iterator[tuple[str, os.stat_result]]:
        """Give the pages below a folder; loops of links end, however deep folders are nested."""
        levels: list[_Level] = []
        holding: set[Identity] = set()
        self._enter(root, False, levels, holding)
        while levels:
            level = levels[-1]
            entry = next(level.entries, None)
            if entry is None:
                holding.discard(level.identity)
                levels.pop()
            elif entry.name.startswith("."):
                continue
            elif _may_be_folder(entry):
                if not self._is_out(entry):
                    is_linked = level.is_linked or entry.is_symlink()
                    self._enter(entry.path, is_linked, levels, holding)
            elif is_page(entry.name) and not self._is_out(entry):
                yield from self._checked(entry.path)

    def _enter(
        self, folder: str, is_linked: bool, levels: list[_Level], holding: set[Identity]
    ) -> None:
        """Go down into a folder, unless there is a reason not to."""
        try:
            found = os.stat(folder)
            identity = found.st_dev, found.st_ino
            if identity in holding:
                self._leave_out(folder, _LEADS_UP)
                return
            if is_linked and self._linked[identity] == _MOST_LINKED:
                self._leave_out(folder, _LEADS_OFTEN)
                return
            with os.scandir(folder) as entries:
                rows = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._note(folder, error)
            return
        holding.add(identity)
        self._linked[identity] += is_linked
        levels.append(_Level(identity, iter(rows), is_linked))

    def _is_out(self, entry: "os.DirEntry[str]") -> bool:
        """Tell whether an entry is a link that is not to be followed, and note it."""
        if self._follow_links or not entry.is_symlink() or not os.path.exists(entry.path):
            return False
        if not self._real_roots.isdisjoint(above(os.path.realpath(entry.path))):
            return False
        self._leave_out(entry.path, LEADS_OUT)
        return True

    @cached_property
    def _real_roots(self) -> set[str]:
        return {os.path.realpath(root) for root in self.roots}

    def _checked(self, path: str) -> Iterator[tuple[str, os.stat_result]]:
        try:
            path.encode("utf-8")
            found = stat_file(path)
        except UnicodeEncodeError:
            self._leave_out(path, "the name is not UTF-8; rename the file")
        except OSError as error:
            self._note(path, error)
        else:
            yield path, found

    def _note(self, path: str, error: OSError) -> None:
        """Note what the system says, unless it is that something has just been removed."""
        if is_passing(error):
            self.blind.add(path)
        if not isinstance(error, FileNotFoundError | NotADirectoryError) or os.path.lexists(path):
            self._leave_out(path, error.strerror or str(error))

    def _leave_out(self, path: str, reason: str) -> None:
        self.unreadable.append(PageError(shown(path), reason))


def is_page(name: str) -> bool:
    """Tell by its name whether a file may hold pages."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _may_be_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        # A link to where we may not look: who enters it is told.
        return is_passing(error)


def above(path: str) -> Iterator[str]:
    """Give an absolute path and the folders above it, each once, from below."""
    while True:
        yield path
        parent = os.path.dirname(path)
        if parent == path:
            return
        path = parent


def is_below(path: str, root: str) -> bool:
    """Tell whether a path is that of a folder, or of something in it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def shown(path: str) -> str:
    """A path as text that can be encoded, bytes that are no UTF-8 written out."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
