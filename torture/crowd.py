"""Threads and processes search without pause while a writer commits: each sees one commit."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.searching import Index

from .library import WORDS, Library

# A word of every paragraph, and the words that tell which commit a page is of.
_EVERYWHERE = "海豚"
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
    """Write every page anew, all with the number of one commit, and one page of others besides."""
    for at in range(_PAGES):
        path = library.pages / f"c{at:02}.md"
        path.write_text(f"{_EVERYWHERE}第{commit}次{WORDS[at % len(WORDS)]}\n", encoding="utf-8")


def _read(location: str, stop: Callable[[], bool], count: Callable[[], None]) -> set[str]:
    """Search until told to stop; gives the commits that were seen. Raises for a mixed answer."""
    seen, index = set(), Index(WhooshEngine(location))
    while not stop():
        hits = index.search(f'"{_EVERYWHERE}"', 100, grouped=False)
        commits = {hit.text.split("次")[0] for hit in hits}
        if len(hits) != _PAGES or len(commits) != 1:
            raise AssertionError(f"{len(hits)} paragraphs of {len(commits)} commits")
        seen |= commits
        count()
    return seen


def _reading_process(location: str, stop: Any, counter: Any, said: Any) -> None:
    def count() -> None:
        with counter.get_lock():
            counter.value += 1

    try:
        said.put(("", _read(location, stop.is_set, count)))
    except Exception as error:
        said.put((f"a process: {type(error).__name__}: {error}", set()))


class _Readers:
    """Threads and processes that search until they are told to stop."""

    def __init__(self, location: str, threads: int, processes: int) -> None:
        self._context = get_context("spawn")
        self._stop, self._said = self._context.Event(), self._context.Queue()
        self._counter = self._context.Value("q", 0)
        self._threads_counts = [0] * threads
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self._threads = [
            threading.Thread(target=self._in_thread, args=(location, at)) for at in range(threads)
        ]
        self._processes = [
            self._context.Process(
                target=_reading_process, args=(location, self._stop, self._counter, self._said)
            )
            for _ in range(processes)
        ]
        self._workers: list[Any] = [*self._processes, *self._threads]
        for worker in self._workers:
            worker.start()

    def _in_thread(self, location: str, at: int) -> None:
        def count() -> None:
            self._threads_counts[at] += 1

        try:
            self.seen |= _read(location, self._stop.is_set, count)
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
    readers = _Readers(str(library.location), threads, processes)
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
