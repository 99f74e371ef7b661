"""Years of use in minutes: thousands of updates and opens leave files, memory, descriptors few."""

import gc
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files
from wenduan.searching import Index

from .library import WORDS, Library, answer, expected

# Measured so many times over the updates.
_LOOKS = 10


@dataclass(slots=True)
class Look:
    """The index after so many updates: its files, their bytes, memory and descriptors held."""

    updates: int
    files: int
    size: int
    memory: int
    descriptors: int


@dataclass(slots=True)
class Tally:
    """How an index and its process looked over time; what went wrong."""

    looks: list[Look] = field(default_factory=list)
    opens: int = 0
    descriptors: tuple[int, int] = (0, 0)
    most: int = 0
    wrong: list[str] = field(default_factory=list)


def descriptors() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd" if sys.platform == "linux" else "/dev/fd"))


def _memory() -> int:
    """Bytes of memory that this process holds by itself, without mapped files."""
    if sys.platform != "linux":
        return 0
    pages = Path("/proc/self/statm").read_text().split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")


def update(folder: Path, count: int, seed: int) -> Tally:
    """Make so many updates, each of a page or two, by an engine that stays open and searches."""
    library, tally = Library(folder, seed, pages=40), Tally()
    engine = WhooshEngine(str(library.location), create=True)
    index = Index(engine)
    for number in range(1, count + 1):
        library.change()
        index_files(engine, [str(library.pages)])
        index.search(WORDS[number % len(WORDS)])
        if number % max(count // _LOOKS, 1) == 0:
            if answer(index) != expected(library.texts):
                tally.wrong.append(f"after {number:,} updates: wrong results")
            files = [path.stat().st_size for path in library.location.iterdir()]
            tally.looks.append(Look(number, len(files), sum(files), _memory(), descriptors()))
    engine.close()
    return tally


def open_often(folder: Path, count: int, seed: int) -> Tally:
    """Open an index so many times, search, and close it."""
    library, tally = Library(folder, seed), Tally(opens=count)
    library.update()
    gc.collect()
    before = descriptors()
    for number in range(count):
        tally.most = max(tally.most, descriptors())
        with Index(WhooshEngine(str(library.location))) as index:
            index.search(WORDS[number % len(WORDS)])
    # What an open index holds refers to itself: the collector frees it, sooner or later.
    gc.collect()
    tally.descriptors = before, descriptors()
    return tally
