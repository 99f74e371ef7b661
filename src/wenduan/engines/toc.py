"""The table of contents of an index: which segments a commit holds, and what is deleted in them.

A JSON object on one line, then its CRC-32; see index/README.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import IndexDamagedError, IndexVersionError, WenduanError
from ..regular import IrregularError, create_regular, read_regular

# Raised with each change of what an index folder holds, so that none is read as what it is not.
FORMAT = 4
# A segment takes some fifty bytes, a page deleted in it ten.
_MOST_BYTES = 1 << 28
_NAME = r"_MAIN_([0-9]{1,10})\.toc"
# Segments keep numbers of commits in four bytes.
_LAST = 2**32 - 1
_SEGMENT = r"MAIN_[0-9a-z]+\.seg"
_DICTIONARY = r"dictionary_[0-9a-f]+\.(trie|arrays)"
_OWN = rf"{_NAME}(\.new)?|{_SEGMENT}|{_DICTIONARY}(\.new)?"
# Fields by the names of their kinds, which is how a table of contents keeps them.
SCHEMA: Mapping[str, str] = {
    "words": "counted terms",
    "units": "placed terms",
    "pairs": "terms",
    "symbols": "terms",
    "page": "id",
    **dict.fromkeys(("text", "path", "paragraph", "line", "references", "post"), "stored"),
    **dict.fromkeys(("votes", "comments", "published", "kind"), "number"),
}

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment of a commit: its file's name, its paragraphs, and the ranges deleted of them."""

    name: str
    size: int
    deleted: Ranges = ()

    @property
    def live(self) -> int:
        """How many paragraphs are not deleted."""
        return self.size - sum(end - begin for begin, end in self.deleted)

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"MAIN_{self.name}.seg"


@dataclass(frozen=True, slots=True)
class Toc:
    """The contents of one commit.

    `analyzer` tells what made the terms; `dictionary` are the names of its files, each with the
    CRC-32 of its content; `schema` the fields by their kinds, as Whoosh sees them.
    """

    generation: int
    analyzer: Mapping[str, Any]
    dictionary: tuple[tuple[str, int], ...] = ()
    segments: tuple[SegmentEntry, ...] = ()
    schema: Mapping[str, str] = field(default_factory=dict)


def has_segments(folder: str) -> bool:
    """Tell whether segments lie in a folder, whether or not a table of contents names them."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return any(re.fullmatch(_SEGMENT, name) for name in names)


def latest_generation(folder: str) -> int:
    """Number of the last commit, -1 where there is none."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return -1
    found = [re.fullmatch(_NAME, name) for name in names]
    return max((int(match[1]) for match in found if match), default=-1)


def next_generation(folder: str, generation: int) -> int:
    """Number of the commit that follows another one; raises WenduanError where there is none."""
    if generation >= _LAST:
        raise WenduanError(
            f"{folder}: no commit can follow number {generation}; delete the folder, and index anew"
        )
    return generation + 1


def _path(folder: str, generation: int) -> str:
    return os.path.join(folder, f"_MAIN_{generation}.toc")


class State(NamedTuple):
    """What tells one commit from any other without reading it: device, inode and times (in ns).

    Of the folder, and with its size of the table of contents. Another index may have as many
    commits, and be put in the place of one at any time.
    """

    folder: tuple[int, int, int, int]
    toc: tuple[int, int, int, int, int]

    def is_same_commit(self, other: State) -> bool:
        """Tell whether they are of one commit, whatever else has changed in the folder."""
        return self.folder[:2] == other.folder[:2] and self.toc == other.toc

    @property
    def changed(self) -> int:
        """When something was changed last, in nanoseconds since 1970."""
        return max(*self.folder[2:], *self.toc[2:4])


def look_at(folder: str, generation: int) -> State | None:
    """The state of a commit, None where it is gone, or its folder."""
    try:
        own, toc = os.stat(folder), os.stat(_path(folder, generation))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return State(
        (own.st_dev, own.st_ino, own.st_mtime_ns, own.st_ctime_ns),
        (toc.st_dev, toc.st_ino, toc.st_mtime_ns, toc.st_ctime_ns, toc.st_size),
    )


def read_toc(folder: str, generation: int | None = None) -> Toc:
    """Read the table of contents of a commit, the last one unless told otherwise.

    Raises FileNotFoundError where a newer commit has just swept it away, IndexVersionError,
    IndexDamagedError.
    """
    if generation is None:
        generation = latest_generation(folder)
    if generation < 0:
        raise IndexDamagedError(folder, "its table of contents, _MAIN_n.toc, is missing")
    path = _path(folder, generation)
    name = os.path.basename(path)
    try:
        content = read_regular(path, _MOST_BYTES)
    except IrregularError as error:
        raise IndexDamagedError(folder, f"{name}: {error.strerror}") from error
    line, _, checksum = content.partition(b"\n")
    if line[:1] != b"{":
        raise IndexVersionError(folder, f"in another format ({name})", f"format {FORMAT}")
    if checksum.strip() != b"%08x" % zlib.crc32(line):
        raise IndexDamagedError(folder, f"{name} does not match its checksum")
    try:
        toc = _toc_of(folder, json.loads(line))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise IndexDamagedError(folder, f"{name}: {type(error).__name__}: {error}") from error
    if toc.generation != generation:
        raise IndexDamagedError(folder, f"{name} is that of commit {toc.generation}")
    return toc


def _toc_of(folder: str, facts: Mapping[str, Any]) -> Toc:
    if facts["format"] != FORMAT:
        raise IndexVersionError(folder, f"in format {facts['format']}", f"format {FORMAT}")
    segments = tuple(
        SegmentEntry(row["name"], row["size"], tuple((a, b) for a, b in row["deleted"]))
        for row in facts["segments"]
    )
    trie, arrays = ((name, crc) for name, crc in facts["dictionary"])
    names = [*(row.file for row in segments), trie[0], arrays[0]]
    if strange := [name for name in names if not re.fullmatch(_OWN, name)]:
        # Only files of the folder itself are read, whatever a table says.
        raise ValueError(f"{strange[0]!r} is no file of an index")
    return Toc(facts["generation"], facts["analyzer"], (trie, arrays), segments, facts["schema"])


def write_toc(folder: str, toc: Toc) -> None:
    """Make a commit: once the new table of contents has its name, searches see it."""
    facts = {
        "format": FORMAT,
        "generation": toc.generation,
        "analyzer": dict(toc.analyzer),
        "schema": dict(toc.schema),
        "dictionary": toc.dictionary,
        "segments": [
            {"name": row.name, "size": row.size, "deleted": row.deleted} for row in toc.segments
        ],
    }
    line = json.dumps(facts, ensure_ascii=False).encode("utf-8")
    path = _path(folder, toc.generation)
    new = path + ".new"
    try:
        with create_regular(new) as file:
            file.write(line + b"\n%08x\n" % zlib.crc32(line))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
        os.replace(new, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise
    sync_folder(folder)


def sync_folder(folder: str) -> None:
    """Bring new names to the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: str, toc: Toc, number: int | None = None) -> None:
    """Delete files of earlier commits and of writers that were stopped.

    `number` is that of the open folder, whatever lies at its path by now; None where the system
    opens no folders.
    """
    kept = {row.file for row in toc.segments} | {os.path.basename(_path(folder, toc.generation))}
    kept |= {name for name, _ in toc.dictionary}
    for name in os.listdir(folder if number is None else number):
        if re.fullmatch(_OWN, name) and name not in kept:
            try:
                path = name if number is not None else os.path.join(folder, name)
                os.unlink(path, dir_fd=number)
            except OSError:
                # Some systems do not delete a file that is open; a later commit will.
                continue


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in ascending order, those that touch or overlap made one.

    >>> merge_ranges([(5, 6), (0, 2), (2, 4)])
    ((0, 4), (5, 6))
    """
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)
