"""Files and folders -> the files that are new, changed, moved, unchanged or gone."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from .errors import PageError, WenduanError
from .locating import absolute

ARCHIVE_SUFFIXES = frozenset({".zip"})
SUFFIXES = ARCHIVE_SUFFIXES | {
    ".md", ".markdown", ".mdown", ".mkd", ".txt", ".html", ".htm", ".xhtml",
}  # fmt: skip

LEADS_OUT = "a link that leads out of the given folders; to follow it, give --follow-links"


class KnownFile(Protocol):
    """What is known of a file from when it was last read."""

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def mtime_ns(self) -> int: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it is now; `digest` is the SHA-256 of its content, in hexadecimal digits."""

    path: str
    size: int
    mtime_ns: int
    digest: str


@dataclass(slots=True)
class Scan:
    """What has become of the files below some paths; `moved` pairs old paths with new states."""

    new: list[FileState] = field(default_factory=list)
    changed: list[FileState] = field(default_factory=list)
    moved: list[tuple[str, FileState]] = field(default_factory=list)
    touched: list[FileState] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unreadable: list[PageError] = field(default_factory=list)


def scan(
    paths: Sequence[str], known: Mapping[str, KnownFile], *, follow_links: bool = False
) -> Scan:
    """Compare the files below `paths` with what is known of them; all paths become absolute.

    A symbolic link below a folder that leads out of all `paths` is not followed, unless
    `follow_links`: who wrote into the folder may not be who may read what it points to.
    Content decides: a file whose size and time are as known is not read again, any other is
    told by its digest. Raises WenduanError for a path that neither exists nor is known.
    """
    result = Scan()
    roots = [absolute(path) for path in paths]
    for root in roots:
        if not os.path.lexists(root) and not any(_is_below(path, root) for path in known):
            raise WenduanError(f"no such file or folder: {_shown(root)}")
    fresh: list[FileState] = []
    seen: set[str] = set()
    for path, state in _Walk(roots, follow_links, result.unreadable).files():
        if path in seen:
            continue
        seen.add(path)
        try:
            _compare(path, state, known.get(path), result, fresh)
        except OSError as error:
            result.unreadable.append(PageError(_shown(path), error.strerror or str(error)))
    blind = [str(Path(error.path)) for error in result.unreadable]
    gone = [
        path
        for path in known
        if path not in seen
        and any(_is_below(path, root) for root in roots)
        # What lies in a folder that cannot be looked into is not gone.
        and not any(_is_below(path, folder) for folder in blind)
    ]
    _follow_moves(fresh, gone, known, result)
    return result


def list_files(paths: Sequence[str]) -> tuple[list[str], list[PageError]]:
    """Give the files below `paths` that may hold pages, in order, and what cannot be looked at."""
    unreadable: list[PageError] = []
    for path in paths:
        if not os.path.lexists(path):
            raise WenduanError(f"no such file or folder: {_shown(path)}")
    return [path for path, _ in _Walk(paths, False, unreadable).files()], unreadable


def _compare(
    path: str,
    now: os.stat_result,
    was: KnownFile | None,
    result: Scan,
    fresh: list[FileState],
) -> None:
    if was and (now.st_size, now.st_mtime_ns) == (was.size, was.mtime_ns):
        result.unchanged.append(path)
        return
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    state = FileState(path, now.st_size, now.st_mtime_ns, digest)
    if was is None:
        fresh.append(state)
    elif was.digest == digest:
        result.touched.append(state)
    else:
        result.changed.append(state)


def _follow_moves(
    fresh: Sequence[FileState], gone: list[str], known: Mapping[str, KnownFile], result: Scan
) -> None:
    """Pair each new file with a gone one of the same content."""
    by_digest: dict[str, list[str]] = {}
    for path in gone:
        by_digest.setdefault(known[path].digest, []).append(path)
    for state in fresh:
        if candidates := by_digest.get(state.digest):
            result.moved.append((candidates.pop(), state))
        else:
            result.new.append(state)
    followed = {old for old, _ in result.moved}
    result.gone = [path for path in gone if path not in followed]


class _Walk:
    """A walk through some files and folders; what cannot be looked at is noted."""

    def __init__(
        self, roots: Sequence[str], follow_links: bool, unreadable: list[PageError]
    ) -> None:
        self._roots, self._follow_links, self._unreadable = roots, follow_links, unreadable

    def files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Give the files that may hold pages, with their states."""
        for root in self._roots:
            if os.path.isdir(root):
                yield from self._below(root, frozenset())
            elif os.path.lexists(root):
                yield from _checked(root, self._unreadable)

    def _below(self, folder: str, above: Collection[str]) -> Iterator[tuple[str, os.stat_result]]:
        """Give the pages below a folder, in the order of their names; loops of links end."""
        real = os.path.realpath(folder)
        if real in above:
            self._leave_out(folder, "a link to a folder that holds it, skipped")
            return
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._leave_out(folder, error.strerror or str(error))
            return
        for entry in entries:
            is_folder = entry.is_dir()
            if entry.name.startswith(".") or not (is_folder or _is_page(entry.name)):
                continue
            if entry.is_symlink() and self._leads_out(entry.path):
                self._leave_out(entry.path, LEADS_OUT)
            elif is_folder:
                yield from self._below(entry.path, {*above, real})
            else:
                yield from _checked(entry.path, self._unreadable)

    def _leads_out(self, link: str) -> bool:
        """Tell whether a link is not to be followed; one that leads nowhere is named later."""
        if self._follow_links or not os.path.exists(link):
            return False
        target = os.path.realpath(link)
        return not any(_is_below(target, root) for root in self._real_roots)

    @cached_property
    def _real_roots(self) -> list[str]:
        return [os.path.realpath(root) for root in self._roots]

    def _leave_out(self, path: str, reason: str) -> None:
        self._unreadable.append(PageError(_shown(path), reason))


def _is_page(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _checked(path: str, unreadable: list[PageError]) -> Iterator[tuple[str, os.stat_result]]:
    try:
        path.encode("utf-8")
        state = os.stat(path)
    except UnicodeEncodeError:
        unreadable.append(PageError(_shown(path), "the name is not UTF-8; rename the file"))
    except OSError as error:
        unreadable.append(PageError(path, error.strerror or str(error)))
    else:
        if stat.S_ISREG(state.st_mode):
            yield path, state
        else:
            unreadable.append(PageError(path, "not a regular file"))


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
