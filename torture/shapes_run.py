"""Hostile shapes, each read by a process of its own: what it takes follows the size of the file."""

import os
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from wenduan.errors import PageError
from wenduan.pages import iter_pages
from wenduan.pages.guarding import is_fault

from .shapes import SHAPES

# Of four times as much, a square would take sixteen times as long.
_MOST_GROWTH = 9.0
# Below this, the clock says little.
_LEAST_SECONDS = 0.2
# Bytes of memory for each byte of a file, beside what any file takes.
_MOST_MEMORY, _LEAST_MEMORY = 400, 64 * 1024 * 1024
# What a process may take; a shape that needs more has no bound.
_LIMIT_MEMORY, _LIMIT_SECONDS = 4 << 30, 120


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading a shape took: seconds of the processor, bytes of memory beside the file."""

    name: str
    size: int
    seconds: float
    memory: int
    fault: str = ""


def measure(name: str, size: int) -> Cost:
    """Read a shape of so many bytes in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            # Parsers are loaded, and have taken what they take of any page.
            pool.submit(_read, name, 2_000).result()
            return pool.submit(_read, name, size).result()
        except BrokenProcessPool:
            return Cost(name, size, 0, 0, "took more than a process may, or crashed")


def _read(name: str, size: int) -> Cost:
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT_MEMORY, _LIMIT_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_LIMIT_SECONDS, _LIMIT_SECONDS))
    suffix, make = SHAPES[name]
    data = make(size).encode()
    _forget_peak()
    before, begin = _peak(), time.process_time()
    fault = ""
    for page in iter_pages(f"a{suffix}", data):
        if isinstance(page, PageError) and (is_fault(page) or "memory" in page.reason):
            fault = page.reason
    return Cost(name, len(data), time.process_time() - begin, _peak() - before, fault)


def _forget_peak() -> None:
    """Let the system count the most memory from now on, where it can."""
    if os.path.exists("/proc/self/clear_refs"):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")


def _peak() -> int:
    if not os.path.exists("/proc/self/status"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with open("/proc/self/status", encoding="ascii") as file:
        row = next(line for line in file if line.startswith("VmHWM"))
    return int(row.split()[1]) * 1024


def compare(small: Cost, large: Cost) -> str | None:
    """Say what is wrong where what a shape takes grows faster than it does."""
    if large.fault or small.fault:
        return f"{large.name}: {large.fault or small.fault}"
    if large.seconds > _MOST_GROWTH * max(small.seconds, _LEAST_SECONDS):
        return f"{large.name}: {small.seconds:.2f} s, of four times as much {large.seconds:.2f} s"
    if large.memory > _MOST_MEMORY * large.size + _LEAST_MEMORY:
        return f"{large.name}: {large.memory >> 20} MiB for {large.size:,} bytes"
    return None


def run(size: int, names: Sequence[str] = tuple(SHAPES)) -> tuple[list[Cost], list[str]]:
    """Measure shapes of so many bytes and of a quarter of it; gives what is wrong besides."""
    costs, wrong = [], []
    for name in names:
        small, large = measure(name, size // 4), measure(name, size)
        costs.append(large)
        if said := compare(small, large):
            wrong.append(said)
    return costs, wrong
