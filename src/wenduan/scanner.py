"""Files and folders -> which files are new, changed, moved, unchanged or gone; content decides."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .errors import PageError, WenduanError
from .loading import FileState, hash_file, is_passing
from .locating import absolute
from .walking import Walk, above, is_below, shown


class KnownFile(Protocol):
    """What is known of a file from when it was last read."""

    @property
    def size(self) -> int: ...  # noqa: D102
    @property
    def mtime_ns(self) -> int: ...  # noqa: D102
    @property
    def ctime_ns(self) -> int | None: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


@dataclass(slots=True)
class Scan:
    """What has become of the files below some paths; `moved` pairs old paths with new states.

    Files that are `new` or `changed` have a digest only where they were read to tell so.
    """

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
    A file whose size and times are as known is not read; of another one that is known, the digest
    tells whether it has changed. What is no regular file any more is gone; what cannot be read
    now, or lies in a folder that cannot, is `unreadable` and neither changed nor gone.
    Raises WenduanError for a path that neither exists nor is known.
    """
    result, walk = Scan(), Walk([absolute(path) for path in paths], follow_links)
    _check_roots(walk.roots, known)
    fresh: list[FileState] = []
    seen: set[str] = set()
    for path, now in walk.files():
        if path not in seen and _compare(path, now, known.get(path), result, fresh):
            seen.add(path)
    roots = set(walk.roots)
    gone = sorted(
        path
        for path in known
        if path not in seen
        and not roots.isdisjoint(above(path))
        and walk.blind.isdisjoint(above(path))
    )
    _follow_moves(fresh, gone, known, result)
    result.unreadable += walk.unreadable
    return result


def list_files(paths: Sequence[str]) -> tuple[list[str], list[PageError]]:
    """Give the files below `paths` that may hold pages, in order, and what cannot be looked at."""
    _check_roots(paths, {})
    walk = Walk(paths, follow_links=False)
    return [path for path, _ in walk.files()], walk.unreadable


def _check_roots(roots: Sequence[str], known: Mapping[str, object]) -> None:
    for root in roots:
        if not (
            os.path.lexists(root) or root in known or any(is_below(path, root) for path in known)
        ):
            raise WenduanError(f"no such file or folder: {shown(root)}")


def _compare(
    path: str,
    now: os.stat_result,
    was: KnownFile | None,
    result: Scan,
    fresh: list[FileState],
) -> bool:
    """Tell whether a file is still there, and sort it in by what has become of it."""
    state = FileState(path, now.st_size, now.st_mtime_ns)
    if was is None:
        fresh.append(state)
    elif _is_as_known(now, was):
        result.unchanged.append(path)
    elif now.st_size != was.size:
        result.changed.append(state)
    else:
        try:
            state = hash_file(path)
        except OSError as error:
            if is_passing(error):
                result.unreadable.append(PageError(path, error.strerror or str(error)))
            return is_passing(error)
        (result.touched if state.digest == was.digest else result.changed).append(state)
    return True


def _is_as_known(now: os.stat_result, was: KnownFile) -> bool:
    same = (now.st_size, now.st_mtime_ns) == (was.size, was.mtime_ns)
    # An index of an earlier version knows only these.
    return same and was.ctime_ns in {None, now.st_ctime_ns}


def _follow_moves(
    fresh: Sequence[FileState], gone: Sequence[str], known: Mapping[str, KnownFile], result: Scan
) -> None:
    """Pair each new file with a gone one of the same content."""
    sizes = {known[path].size for path in gone}
    by_digest: dict[str, list[str]] = {}
    for path in reversed(gone):
        by_digest.setdefault(known[path].digest, []).append(path)
    for state in fresh:
        hashed = _hashed(state) if state.size in sizes else state
        if candidates := by_digest.get(hashed.digest):
            result.moved.append((candidates.pop(), hashed))
        else:
            result.new.append(hashed)
    followed = {old for old, _ in result.moved}
    result.gone = [path for path in gone if path not in followed]


def _hashed(state: FileState) -> FileState:
    try:
        return hash_file(state.path)
    except OSError:
        # Who reads it says what is wrong.
        return state
