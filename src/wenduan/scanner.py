"""Files and folders -> the files that are new, changed, moved, unchanged or gone."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .errors import PageError, WenduanError

ARCHIVE_SUFFIXES = frozenset({".zip"})
SUFFIXES = ARCHIVE_SUFFIXES | {
    ".md", ".markdown", ".mdown", ".mkd", ".txt", ".html", ".htm", ".xhtml",
}  # fmt: skip


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


def scan(paths: Sequence[str], known: Mapping[str, KnownFile]) -> Scan:
    """Compare the files below `paths` with what is known of them; all paths become absolute.

    Content decides: a file whose size and time are as known is not read again, any other is
    told by its digest. Raises WenduanError for a path that neither exists nor is known.
    """
    result = Scan()
    roots = [os.path.abspath(path) for path in paths]
    for root in roots:
        if not os.path.lexists(root) and not any(_is_below(path, root) for path in known):
            raise WenduanError(f"no such file or folder: {_shown(root)}")
    fresh: list[FileState] = []
    seen: set[str] = set()
    for path, state in _iter_files(roots, result.unreadable):
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
    return [path for path, _ in _iter_files(paths, unreadable)], unreadable


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


def _iter_files(
    roots: Sequence[str], unreadable: list[PageError]
) -> Iterator[tuple[str, os.stat_result]]:
    for root in roots:
        if os.path.isdir(root):
            yield from _walk(root, unreadable, frozenset())
        elif os.path.lexists(root):
            yield from _checked(root, unreadable)


def _walk(
    folder: str, unreadable: list[PageError], above: Collection[str]
) -> Iterator[tuple[str, os.stat_result]]:
    """Give the pages below a folder, in the order of their names; loops of links end."""
    real = os.path.realpath(folder)
    if real in above:
        unreadable.append(PageError(_shown(folder), "a link to a folder that holds it, skipped"))
        return
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        unreadable.append(PageError(_shown(folder), error.strerror or str(error)))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry.path, unreadable, {*above, real})
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
            yield from _checked(entry.path, unreadable)


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
