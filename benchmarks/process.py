"""Run a command, and measure its time and the memory of all its processes."""

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.05
_PROC = Path("/proc")


class CommandFailedError(Exception):
    """A measured command did not end well; the text holds what it said."""


@dataclass(frozen=True)
class Measured:
    """One finished command; memory in megabytes.

    `tree_mb` is the largest sum over the process and its children, sampled; `own_mb` is what the
    kernel noted as the largest of a single process, so it misses no peak.
    """

    seconds: float
    tree_mb: float
    own_mb: float
    output: str

    @property
    def peak_mb(self) -> float:
        """The most memory held, by whichever way it was seen."""
        return max(self.tree_mb, self.own_mb)


def measure(
    command: list[str],
    environment: dict[str, str] | None = None,
    sampled: bool = True,
    accepted: Container[int] = (0,),
) -> Measured:
    """Run a command to its end; raise CommandFailedError if its exit code is none of `accepted`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.perf_counter()
        child = subprocess.Popen(
            command, stdout=out, stderr=err, env={**os.environ, **(environment or {})}
        )
        watch = _Watch(child.pid)
        if sampled:
            watch.start()
        # wait4 alone tells what this one child used; Popen must not wait for it again.
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
        out.seek(0)
        err.seek(0)
        if child.returncode not in accepted:
            raise CommandFailedError(f"{command[2:4]}: {err.read().decode()[-2000:]}")
        return Measured(seconds, watch.peak / 2**20, usage.ru_maxrss / 1024, out.read().decode())


class _Watch(threading.Thread):
    """Samples the memory of a process and its children until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            pids = _tree(self._pid)
            # Alone, a process shares with none of its own; then the cheap figure is the true one.
            memory = _resident if len(pids) == 1 else _proportional
            self.peak = max(self.peak, sum(map(memory, pids)))

    def stop(self) -> None:
        self._over.set()
        if self.ident:
            self.join()


def _tree(pid: int) -> list[int]:
    """A process and all below it; those that end meanwhile are left out."""
    found = [pid]
    for each in found:
        for children in (_PROC / str(each) / "task").glob("*/children"):
            found += map(int, _read(children).split())
    return found


def _resident(pid: int) -> int:
    fields = _read(_PROC / str(pid) / "statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _proportional(pid: int) -> int:
    """Memory with what is shared counted in parts, so that forked children do not count twice."""
    match = re.search(r"^Pss:\s+(\d+)", _read(_PROC / str(pid) / "smaps_rollup"), re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
