"""One change of an index folder: pages go into new segments, small segments are merged."""

import contextlib
import json
import os
import socket
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from whoosh.util.filelock import FileLock

from ..analysis.segmenting import CutRuns
from ..errors import IndexLockedError, WenduanError
from ..regular import create_regular, read_regular
from . import merging
from .base import Entry, IndexedFile
from .lexicon import write_lexicon
from .part import PartWriter
from .snapshot import Snapshot
from .toc import (
    SCHEMA,
    Ranges,
    SegmentEntry,
    Toc,
    latest_generation,
    merge_ranges,
    next_generation,
    sweep,
    write_toc,
)

_HOLDER = "writer.json"
_MOST_HOLDER = 4_096
# The name under which Whoosh locks an index.
LOCK = "MAIN_WRITELOCK"
# A file of more bytes is of long paragraphs, which count as more than one for so many bytes.
_HEAVY, _USUAL = 8_000_000, 2_000


@dataclass(frozen=True, slots=True)
class Base:
    """What a change starts from; `is_new` if it is no commit yet, but empty and in memory only."""

    snapshot: Snapshot
    cut_runs: CutRuns
    is_new: bool = False


class Commit:
    """A change that is being made. Only `finish` makes searches see it; `cancel` leaves no trace.

    Raises IndexLockedError where another process is changing the index.
    """

    def __init__(self, folder: str, open_base: Callable[[], Base]) -> None:
        """Take the lock; `open_base` is asked under it, when nobody else changes the index."""
        self._folder = Path(folder)
        self._location = folder
        self._lock = _locked(folder)
        try:
            with create_regular(os.path.join(folder, _HOLDER)) as file:
                file.write(json.dumps(_this_process()).encode())
            base = open_base()
            self._generation = next_generation(folder, base.snapshot.toc.generation)
        except BaseException:
            self._release()
            raise
        self._snapshot, self._is_new = base.snapshot, base.is_new
        self._toc = self._snapshot.toc
        # A copy: the snapshot may serve searches.
        self._pages = dict(self._snapshot.files)
        self._deleted: list[list[tuple[int, int]]] = [list(s.deleted) for s in self._toc.segments]
        self._part = PartWriter(folder, self._generation, base.cut_runs)
        self._adopted: list[SegmentEntry] = []

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page that will be put."""
        return self._part.name(path, digest)

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page under an id that the index does not hold."""
        self._part.put(file, entries)

    def part(self) -> Mapping[str, Any]:
        """What another process needs to put pages of this change."""
        return {
            "folder": os.path.abspath(self._location),
            "generation": self._generation,
            "dictionary": self._toc.dictionary,
        }

    def adopt(self, segments: Sequence[tuple[str, int]]) -> None:
        """Take over segments that another process has written."""
        self._adopted += [SegmentEntry(name, size) for name, size in segments]

    def move(self, file: IndexedFile) -> None:
        """Give the page with the id of `file` another path or state."""
        self._pages[file.page]  # an unknown page is an error of the caller
        self._part.put(file, ())

    def remove(self, page: str) -> None:
        """Remove the page with this id."""
        _, home, at = self._pages.pop(page)
        begins, ends = self._snapshot.segments[home].segment.page_ranges()
        self.delete(home, int(begins[at]), int(ends[at]))

    def delete(self, home: int, begin: int, end: int) -> None:
        """Delete the paragraphs from `begin` to `end` of a segment."""
        self._deleted[home].append((begin, end))

    def delete_number(self, number: int) -> None:
        """Delete the paragraph with this number among all of the last commit, from 0."""
        for home, row in enumerate(self._toc.segments):
            if number < row.size:
                self.delete(home, number, number + 1)
                return
            number -= row.size
        raise LookupError("no paragraph of this number")

    def finish(self, merge: bool = True, optimize: bool = False) -> None:
        """Write what is left, merge small segments (or all), and make the commit."""
        try:
            self._part.flush()
            ranges: list[Ranges] = [merge_ranges(rows) for rows in self._deleted]
            old = [replace(s, deleted=r) for s, r in zip(self._toc.segments, ranges, strict=True)]
            toc = replace(
                self._toc,
                generation=self._generation,
                segments=(*old, *self._part.done, *self._adopted),
            )
            if toc.segments == self._toc.segments and not optimize and not self._is_new:
                toc = self._toc
            else:
                if merge or optimize:
                    toc = self._merged(toc, optimize)
                write_toc(self._location, toc)
            # Also where nothing has changed: a writer that was stopped may have left files.
            sweep(self._location, toc)
        except BaseException:
            self._discard()
            raise
        finally:
            self._release()

    def _merged(self, toc: Toc, optimize: bool) -> Toc:
        written = sum(row.size for row in (*self._part.done, *self._adopted))
        bytes_of = {row.name: os.path.getsize(self._folder / row.file) for row in toc.segments}
        weights = {name: size // _USUAL for name, size in bytes_of.items() if size > _HEAVY}
        planned = merging.plan(toc.segments, weights, everything=optimize, written=written)
        for names in planned:
            snapshot = Snapshot(self._location, toc, self._snapshot)
            chosen = [at for at, row in enumerate(toc.segments) if row.name in names]
            live = [snapshot.segments[at] for at in chosen]
            arrays = merging.merge(live, snapshot.moved, self._pages)
            merged = self._part.write(arrays, sum(toc.segments[at].live for at in chosen))
            kept = [row for row in toc.segments if row.name not in names]
            kept.insert(chosen[0], merged)
            toc = replace(toc, segments=tuple(kept))
        return toc

    def cancel(self) -> None:
        """Give the change up."""
        self._discard()
        self._release()

    def _discard(self) -> None:
        if latest_generation(self._location) >= self._generation:
            # Stopped after the commit was made: its files are in use.
            return
        self._part.discard()
        for entry in self._adopted:
            (self._folder / entry.file).unlink(missing_ok=True)
        if not self._is_new:
            # Another process may have handed over what was not adopted yet.
            sweep(self._location, self._toc)

    def _release(self) -> None:
        (self._folder / _HOLDER).unlink(missing_ok=True)
        self._lock.release()


def lock_at(path: str) -> FileLock:
    """Whoosh's lock by a file, which is made if it is missing; not taken yet.

    It would follow a link out of the folder, and wait for ever at a pipe: raises WenduanError for
    what is no file.
    """
    with contextlib.suppress(FileExistsError):
        open(path, "xb").close()
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise WenduanError(f"{path}: not a regular file; remove it")
    return FileLock(path)


def _locked(folder: str) -> FileLock:
    """The lock of an index folder, taken; raises IndexLockedError."""
    lock = lock_at(os.path.join(folder, LOCK))
    if not lock.acquire():
        raise IndexLockedError(folder, _read_holder(folder))
    return lock


def _this_process() -> dict[str, Any]:
    since = datetime.now().isoformat(" ", "seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _read_holder(folder: str) -> str:
    try:
        found = json.loads(read_regular(os.path.join(folder, _HOLDER), _MOST_HOLDER))
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "another process"


def create(folder: str, toc: Toc, userdict: str | None = None) -> None:
    """Make an empty index where there is none.

    `userdict` is a file of more words to cut by. Raises IndexLockedError, and WenduanError where
    the words cannot be read.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except RecursionError as error:
        raise WenduanError(f"{folder}: too many folders in one another; name another") from error
    lock = _locked(folder)
    try:
        fresh = replace(
            toc,
            generation=next_generation(folder, latest_generation(folder)),
            schema=SCHEMA,
            dictionary=write_lexicon(folder, userdict),
        )
        write_toc(folder, fresh)
        sweep(folder, fresh)
    finally:
        lock.release()
