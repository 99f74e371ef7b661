"""Pages -> finished segments of a commit that is being made, in this process or in a second one."""

import secrets
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..analysis.segmenting import CutRuns
from .array_writing import write_arrays
from .base import Entry, IndexedFile
from .building import SegmentBuilder
from .toc import SegmentEntry

# A segment holds up to this many paragraphs, unless one page has more: their numbers take two
# bytes each, and the cost of a merge is bounded.
MAX_SIZE = 65_536
# And up to so many characters, unless one page has more: an index of usual paragraphs does not
# come near, and what builds a segment takes some hundred bytes of memory for each.
MAX_CHARS = 8_000_000


class PartWriter:
    """Writes pages into new segments, which no table of contents names yet."""

    def __init__(self, folder: str, generation: int, cut_runs: CutRuns) -> None:
        self._folder = Path(folder)
        self._generation = generation
        self._cut_runs = cut_runs
        self._builder = SegmentBuilder(cut_runs, generation)
        self.done: list[SegmentEntry] = []

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page: another one each time, for what was deleted leaves its traces."""
        return uuid.uuid4().hex

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page; without entries, only the new state of a page of an earlier segment."""
        size, chars = self._builder.size, self._builder.chars
        if size + len(entries) > MAX_SIZE or chars + _count_chars(entries) > MAX_CHARS:
            self.flush()
        self._builder.put(file, entries)

    def flush(self) -> None:
        """Write a segment of what has been put since the last one."""
        if not self._builder.is_empty:
            size = self._builder.size
            self.write(self._builder.build(), size)
            self._builder = SegmentBuilder(self._cut_runs, self._generation)

    def write(self, arrays: Any, size: int) -> SegmentEntry:
        """Write a segment of finished arrays."""
        entry = SegmentEntry(secrets.token_hex(8), size)
        self.done.append(entry)
        write_arrays(self._folder / entry.file, arrays, {"generation": self._generation})
        return entry

    def discard(self) -> None:
        """Delete all segments written."""
        for entry in self.done:
            (self._folder / entry.file).unlink(missing_ok=True)


def _count_chars(entries: Sequence[Entry]) -> int:
    return sum(len(entry.text) for entry in entries)
