"""What `wenduan index --watch` does: whatever changes is indexed, and no failing run ends it."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import click

from ..errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    IndexVersionError,
    WenduanError,
)
from ..neutralizing import neutral
from ..walking import is_below, is_page

# How often it is seen whether a folder came or went, in milliseconds: no event tells that of the
# watched folders themselves.
_LOOK_EVERY = 1_000
# Seconds until a run that failed is tried again; doubled each time, up to the last.
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0
# Trying again would not mend these, and they say what does.
_LASTING = (IndexDamagedError, IndexMissingError, IndexVersionError)

# A change as watchfiles gives it: 1 added, 2 modified, 3 deleted; and a path.
Change = tuple[int, str]
Changes = AbstractSet[Change]
Watch = Callable[..., Iterable[Changes]]
_MODIFIED = 2


class Relevance:
    """Tells which changes may concern pages: a filter for watchfiles.

    Any path may have been that of a folder, whatever its name looks like. What is hidden is not
    indexed, and what lies in the index is our own.
    """

    def __init__(self, roots: Sequence[str], index: str | None) -> None:
        self._roots = roots
        self._index = {os.path.abspath(index), os.path.realpath(index)} if index else set()

    def __call__(self, change: int, path: str) -> bool:
        """Tell whether a run has to look at a path."""
        if any(is_below(path, index) for index in self._index):
            return False
        if not any(is_below(path, root) and not _is_hidden(path, root) for root in self._roots):
            return False
        return is_page(path) or change != _MODIFIED or os.path.isdir(path)


def _is_hidden(path: str, root: str) -> bool:
    return path != root and any(
        part.startswith(".") for part in os.path.relpath(path, root).split(os.sep)
    )


class _Runs:
    """Runs that are due, tried until they succeed."""

    def __init__(self, index: Callable[[Sequence[str]], object]) -> None:
        self._index = index
        self._pause, self._next = 0.0, 0.0
        self._said = ""
        self.is_due = True

    def try_now(self, roots: Sequence[str]) -> None:
        """Index if it is due, and not too soon after a run that failed."""
        if not self.is_due or time.monotonic() < self._next:
            return
        try:
            self._index(roots)
        except _LASTING:
            raise
        except IndexLockedError as error:
            self._wait(str(error))
        except (WenduanError, OSError, MemoryError) as error:
            self._wait(str(error) or type(error).__name__)
        else:
            self.is_due, self._pause, self._said = False, 0.0, ""

    def _wait(self, reason: str) -> None:
        if reason != self._said:
            click.echo(neutral(f"wenduan: {reason}; trying again"), err=True)
        self._said = reason
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LAST_PAUSE)
        self._next = time.monotonic() + self._pause


def keep_indexed(
    index: Callable[[Sequence[str]], object],
    paths: Sequence[str],
    location: str | None,
    watch: Watch,
) -> None:
    """Have `index` called whenever something below `paths` has changed; ends with an exception.

    It is called with those of the paths that are there: a disk may just not be mounted. `location`
    is the folder of the index, None for one elsewhere. Raises KeyboardInterrupt on Ctrl-C, and
    errors of the index that do not pass.
    """
    roots = [os.path.abspath(path) for path in paths]
    runs, away = _Runs(index), set[str]()
    while True:
        there = _identities(roots)
        for root in sorted({*roots}.difference(there) - away):
            click.echo(neutral(f"wenduan: {root} is not there; its pages are kept"), err=True)
        away = {*roots}.difference(there)
        runs.is_due = True
        # What happened before the watch began, or while it was set up, is seen by the first run.
        for changes in _changes(watch, list(there), Relevance(list(there), location)):
            runs.is_due = runs.is_due or bool(changes)
            is_moved = any(path in there for _, path in changes)
            if is_moved or _identities(roots) != there:
                break
            if there:
                runs.try_now(list(there))


def _identities(roots: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Of the paths that are there, what tells that others were put in their place."""
    found = {}
    for root in roots:
        try:
            state = os.stat(root)
        except OSError:
            continue
        found[root] = state.st_dev, state.st_ino
    return found


def _changes(watch: Watch, roots: Sequence[str], filter_: Relevance) -> Iterator[Changes]:
    """Give changes as they come, and none every second."""
    if not roots:
        time.sleep(_LOOK_EVERY / 1_000)
        yield set()
        return
    options: dict[str, Any] = {
        "rust_timeout": _LOOK_EVERY,
        "yield_on_timeout": True,
        "raise_interrupt": True,
        "ignore_permission_denied": True,
    }
    try:
        yield from watch(*roots, watch_filter=filter_, **options)
    except FileNotFoundError:
        # It went just now: the next look tells.
        return
    except (OSError, RuntimeError) as error:
        raise WenduanError(
            f"the folders cannot be watched ({error}); raise the system's limit of watches"
            " (fs.inotify.max_user_watches), or set WATCHFILES_FORCE_POLLING=1"
        ) from error
