"""Threads and processes read without pause while a writer commits: each call sees one commit."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from wenduan.browsing import Passage
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.searching import Hit, Index

from .library import WORDS, Library

# A word of every paragraph, and what tells which commit a page is of.
_EVERYWHERE = "海豚"
_COMMIT = re.compile(r"\bc[a-j]+x\b")
_PAGES = 20
_PATIENCE = 60.0


@dataclass(slots=True)
class Tally:
    """What readers did while nobody wrote, and while a writer committed; what went wrong."""

    idle: float = 0.0
    busy: float = 0.0
    searches: int = 0
    commits: int = 0
    seen: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The throughput of reading beside a writer, as a share of that without one."""
        return self.busy / self.idle


def _write_all(library: Library, commit: int) -> None:
    """Write every page anew, all with the name of one commit, in text and as their author."""
    # Of letters alone, so that it is one unit.
    name = "c" + "".join("abcdefghij"[int(digit)] for digit in str(commit)) + "x"
    for at in range(_PAGES):
        path = library.pages / f"c{at:02}.md"
        text = f"{_EVERYWHERE} {name} {WORDS[at % len(WORDS)]}"
        path.write_text(f"---\nauthor: {name}\n---\n{text}\n", encoding="utf-8")


def _texts(hits: Iterable[Hit]) -> list[str]:
    return [f"{hit.text} {hit.author}" for hit in hits]


def _passage(passage: Passage) -> str:
    return f"{passage.entry.text} {passage.post['author']}"


# Each call of an index, as the texts that it answers with; and how many these are, if that is sure.
# What asks for a commit's own words knows that some commit has them all.
Call = Callable[[Index, str], Sequence[str]]
CALLS: dict[str, tuple[Call, int | None]] = {
    "search": (lambda ix, _: _texts(ix.search(f'"{_EVERYWHERE}"', 100, grouped=False)), _PAGES),
    "search c*": (lambda ix, _: _texts(ix.search("c*", 100, grouped=False)), _PAGES),
    "search by votes": (
        lambda ix, _: _texts(ix.search(_EVERYWHERE, 100, sort="votes", grouped=False)),
        _PAGES,
    ),
    "run": (lambda ix, _: [str(ix.run(f"{_EVERYWHERE} c*", 1).total)] * _PAGES, _PAGES),
    "paths": (lambda ix, _: ix.paths("c*"), _PAGES),
    "passages": (
        lambda ix, pages: list(
            map(_passage, ix.passages([(f"{pages}/c{at:02}.md", 4) for at in range(_PAGES)]))
        ),
        _PAGES,
    ),
    "passage": (lambda ix, pages: [_passage(ix.passage(f"{pages}/c07.md", 4))], 1),
    "similar": (lambda ix, pages: _texts(ix.similar(f"{pages}/c07.md", 4, 30).hits), None),
    "count": (lambda ix, _: [text for text in ix.count("author") if text[0] == "c"], 1),
    "advise": (lambda ix, _: _texts(ix.advise(f"{_EVERYWHERE} 没有的").closest), None),
    "outline": (lambda ix, _: ix.outline("c*"), 1),
    "stats": (
        lambda ix, _: [str((stats := ix.stats()).pages - stats.posts)] * stats.authors,
        1,
    ),
}


def _read(
    location: str, pages: str, stop: Callable[[], bool], count: Callable[[], None]
) -> set[str]:
    """Make one call after the other until told to stop; gives the commits that were seen.

    Raises for an answer that is of no one commit.
    """
    seen: set[str] = set()
    index = Index(WhooshEngine(location))
    calls = cycle(CALLS.items())
    while not stop():
        name, (call, wanted) = next(calls)
        texts = call(index, pages)
        commits = set(_COMMIT.findall(" ".join(texts)))
        if len(commits) > 1 or (wanted is not None and len(texts) != wanted):
            raise AssertionError(f"{name}: {len(texts)} texts of {len(commits)} commits")
        seen |= commits
        count()
    return seen


def _reading_process(location: str, pages: str, stop: Any, counter: Any, said: Any) -> None:
    def count() -> None:
        with counter.get_lock():
            counter.value += 1

    try:
        said.put(("", _read(location, pages, stop.is_set, count)))
    except Exception as error:
        said.put((f"a process: {type(error).__name__}: {error}", set()))


class _Readers:
    """Threads and processes that search until they are told to stop."""

    def __init__(self, library: Library, threads: int, processes: int) -> None:
        location, pages = str(library.location), str(library.pages)
        self._context = get_context("spawn")
        self._stop, self._said = self._context.Event(), self._context.Queue()
        self._counter = self._context.Value("q", 0)
        self._threads_counts = [0] * threads
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self._threads = [
            threading.Thread(target=self._in_thread, args=(location, pages, at))
            for at in range(threads)
        ]
        self._processes = [
            self._context.Process(
                target=_reading_process,
                args=(location, pages, self._stop, self._counter, self._said),
            )
            for _ in range(processes)
        ]
        self._workers: list[Any] = [*self._processes, *self._threads]
        for worker in self._workers:
            worker.start()

    def _in_thread(self, location: str, pages: str, at: int) -> None:
        def count() -> None:
            self._threads_counts[at] += 1

        try:
            self.seen |= _read(location, pages, self._stop.is_set, count)
        except Exception as error:
            self.wrong.append(f"a thread: {type(error).__name__}: {error}")

    def done(self) -> int:
        """How many searches were done so far."""
        return int(self._counter.value) + sum(self._threads_counts)

    def wait(self) -> None:
        """Wait until processes search too."""
        end = time.monotonic() + _PATIENCE
        while self._processes and self._counter.value < 50 and time.monotonic() < end:
            time.sleep(0.05)

    def stop(self) -> None:
        """Tell all to stop, and gather what they say."""
        self._stop.set()
        for _ in self._processes:
            wrong, seen = self._said.get(timeout=_PATIENCE)
            self.wrong += [wrong] if wrong else []
            self.seen |= seen
        for worker in self._workers:
            worker.join()


def run(folder: Path, commits: int, seed: int, *, threads: int = 8, processes: int = 4) -> Tally:
    """Let readers search, first alone for some seconds, then while so many commits are made."""
    library, tally = Library(folder, seed, pages=30), Tally(commits=commits)
    _write_all(library, 0)
    library.update()
    readers = _Readers(library, threads, processes)
    readers.wait()
    seconds = min(5.0, commits / 20)
    tally.idle = _throughput(readers, lambda: time.sleep(seconds))

    def write() -> None:
        for commit in range(1, commits + 1):
            _write_all(library, commit)
            library.update()

    tally.busy = _throughput(readers, write)
    tally.searches = readers.done()
    readers.stop()
    tally.seen, tally.wrong = len(readers.seen), readers.wrong
    return tally


def _throughput(readers: _Readers, meanwhile: Callable[[], None]) -> float:
    """Searches a second while something is done."""
    begin, before = time.perf_counter(), readers.done()
    meanwhile()
    return (readers.done() - before) / (time.perf_counter() - begin)
