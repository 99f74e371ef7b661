"""One change of an index folder: pages go into new segments, small segments are merged."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..analysis.segmenting import CutRuns
from ..errors import IndexReplacedError, WenduanError
from . import merging
from .base import Entry, IndexedFile
from .holding import HeldFolder
from .lexicon import write_lexicon
from .part import PartWriter
from .snapshot import Snapshot
from .toc import (
    SCHEMA,
    Ranges,
    SegmentEntry,
    Toc,
    latest_generation,
    look_at,
    merge_ranges,
    next_generation,
    sweep,
    write_toc,
)

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
        self._held = HeldFolder(folder)
        try:
            self._held.tell_holder()
            base = open_base()
            self._generation = next_generation(folder, base.snapshot.toc.generation)
        except BaseException:
            self._held.release()
            raise
        self._snapshot, self._is_new = base.snapshot, base.is_new
        self._toc = self._snapshot.toc
        # What is there now, and must be there still when the commit is made.
        self._begun = look_at(folder, self._toc.generation)
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
                self._check_place(toc)
                write_toc(self._location, toc)
            # Also where nothing has changed: a writer that was stopped may have left files.
            sweep(self._location, toc, self._held.number)
        except BaseException as error:
            self._discard()
            self._tell_replaced(error)
            raise
        finally:
            self._held.release()

    def _check_place(self, toc: Toc) -> None:
        """See that a commit goes into the folder that was locked, beside what it builds upon.

        Raises IndexReplacedError.
        """
        self._held.check(row.file for row in toc.segments)
        now = look_at(self._location, self._toc.generation)
        same = now == self._begun or (now and self._begun and now.is_same_commit(self._begun))
        if not same or latest_generation(self._location) >= self._generation:
            raise IndexReplacedError(self._location)

    def _tell_replaced(self, error: BaseException) -> None:
        """Raise IndexReplacedError where that is the reason of another error."""
        if isinstance(error, Exception) and not self._held.is_in_place():
            raise IndexReplacedError(self._location) from error

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

    def cancel(self, error: BaseException | None = None) -> None:
        """Give the change up; raises IndexReplacedError where that is the reason of an error."""
        try:
            self._discard()
            if error is not None:
                self._tell_replaced(error)
        finally:
            self._held.release()

    def _discard(self) -> None:
        if not self._held.is_in_place():
            # What lies there is another index; what is left in this one, its next commit deletes.
            return
        if latest_generation(self._location) >= self._generation:
            # Stopped after the commit was made: its files are in use.
            return
        self._part.discard()
        for entry in self._adopted:
            (self._folder / entry.file).unlink(missing_ok=True)
        if not self._is_new:
            # Another process may have handed over what was not adopted yet.
            sweep(self._location, self._toc, self._held.number)


def create(folder: str, toc: Toc, userdict: str | None = None) -> None:
    """Make an empty index where there is none.

    `userdict` is a file of more words to cut by. Raises IndexLockedError, and WenduanError where
    the words cannot be read.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except RecursionError as error:
        raise WenduanError(f"{folder}: too many folders in one another; name another") from error
    held = HeldFolder(folder)
    try:
        fresh = replace(
            toc,
            generation=next_generation(folder, latest_generation(folder)),
            schema=SCHEMA,
            dictionary=write_lexicon(folder, userdict),
        )
        held.check()
        write_toc(folder, fresh)
        sweep(folder, fresh, held.number)
    finally:
        held.release()
