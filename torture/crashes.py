"""Writers killed at any moment: the last commit is found, the next run succeeds and cleans up.

They are killed by time, at random moments, or by step: at each call that changes the disk.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from wenduan import parallel
from wenduan.engines.toc import latest_generation
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import IndexMissingError
from wenduan.indexing import index_files
from wenduan.searching import Index

from .library import Answers, Library, answer, expected

# What changes the disk.
_STEPS = ("fsync", "replace", "unlink")
# Seconds after which a second process must have noticed that the first one is gone.
_PATIENCE = 20.0
# Of how long a change takes, kills are spread over so much.
_SPREAD = 1.05


def _index(location: str, pages: str) -> None:
    index_files(WhooshEngine(location, create=True), [pages])


def _in_two_processes(location: str, pages: str) -> None:
    parallel._MANY_BYTES = 1
    _index(location, pages)


def _rebuild(location: str, pages: str) -> None:
    index_files(WhooshEngine(location, create=True, rebuild=True), [pages])


def _merge(location: str, pages: str) -> None:
    WhooshEngine(location).begin().finish(optimize=True)


CHANGES: dict[str, Callable[[str, str], None]] = {
    "index": _index, "update": _index, "update in two processes": _in_two_processes,
    "merge": _merge, "rebuild": _rebuild,
}  # fmt: skip


def _die_at(step: int) -> None:
    """Have this process killed before the call number `step`, from 0, that changes the disk."""
    left = [step]

    def watch(name: str) -> None:
        call: Callable[..., Any] = getattr(os, name)

        def dying(*args: Any, **options: Any) -> Any:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return call(*args, **options)

        setattr(os, name, dying)

    for name in _STEPS:
        watch(name)


def _work(change: str, location: str, pages: str, step: int | None, started: Any) -> None:
    if step is not None:
        _die_at(step)
    started.set()
    CHANGES[change](location, pages)


@dataclass(slots=True)
class Tally:
    """How many changes were killed, how many of these before their commit; what went wrong."""

    killed: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class _Rig:
    """A library whose changes are made, and killed, in processes of their own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.library = Library(folder, seed)
        self.tally = Tally()
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["torture.crashes", "whoosh.util.filelock"])
        self.library.update()
        self._committed = expected(self.library.texts)
        self._latest = 0

    def prepare(self, change: str) -> Answers | None:
        """Give what must be found while the change is not made; None for no index at all."""
        if change == "index":
            shutil.rmtree(self.library.location)
            return None
        if change == "merge":
            for _ in range(3):
                self.library.change()
                self.library.add_segment()
            self._committed = expected(self.library.texts)
        else:
            self.library.change()
        return self._committed

    def start(self, change: str, step: int | None = None) -> Any:
        """Start a change; gives its process once it is under way."""
        started = self._context.Event()
        names = str(self.library.location), str(self.library.pages)
        self._latest = latest_generation(names[0])
        process = self._context.Process(target=_work, args=(change, *names, step, started))
        process.start()
        started.wait()
        return process

    def check(self, change: str, before: Answers | None, what: str) -> None:
        """Look at what a killed change has left, and run the next one."""
        after = expected(self.library.texts)
        self.tally.before[change] += latest_generation(str(self.library.location)) <= self._latest
        with suppress(IndexMissingError):
            found = answer(Index(WhooshEngine(str(self.library.location))))
            nothing = {word: frozenset[Any]() for word in after}
            if found not in (after, nothing if before is None else before):
                self.tally.wrong.append(f"{what}: neither what was there nor what should be")
        try:
            self.library.update()
        except Exception as error:
            self.tally.wrong.append(f"{what}: the next run: {type(error).__name__}: {error}")
            return
        if answer(Index(WhooshEngine(str(self.library.location)))) != after:
            self.tally.wrong.append(f"{what}: after the next run, results are wrong")
        self._committed = after
        if left := self._left():
            self.tally.wrong.append(f"{what}: left behind: {left}")

    def _left(self) -> set[str]:
        """Files that the last commit does not name, once no process of an earlier one writes."""
        end = time.monotonic() + _PATIENCE
        while (left := self.library.unnamed()) and time.monotonic() < end:
            time.sleep(0.05)
        return left


def kill_by_time(folder: Path, count: int, seed: int) -> Tally:
    """Kill so many changes at random moments."""
    rig, rng = _Rig(folder, seed), random.Random(seed)
    seconds: dict[str, float] = {}
    while rig.tally.killed.total() < count:
        change = sorted(CHANGES)[rig.tally.killed.total() % len(CHANGES)]
        before = rig.prepare(change)
        begin = time.monotonic()
        process = rig.start(change)
        if change in seconds:
            process.join(rng.uniform(0, _SPREAD * seconds[change]))
            process.kill()
        process.join()
        if process.exitcode == -signal.SIGKILL:
            rig.tally.killed[change] += 1
        else:
            # The first one is timed; one that was quicker than its kill tells of a quick machine.
            seconds[change] = time.monotonic() - begin
        rig.check(change, before, f"{change}, kill {rig.tally.killed.total()}")
    return rig.tally


def kill_by_step(folder: Path, seed: int, most: int = 1000) -> Tally:
    """Kill each kind of change before each of its calls that change the disk, `most` of each."""
    rig = _Rig(folder, seed)
    for change in CHANGES:
        for step in range(most):
            before = rig.prepare(change)
            process = rig.start(change, step)
            process.join()
            rig.check(change, before, f"{change}, step {step}")
            if process.exitcode != -signal.SIGKILL:
                break
            rig.tally.killed[change] += 1
    return rig.tally
