"""A second process that reads half of the files and writes their segments, when files are many.

Both processes talk in lines of JSON: the first sends what to do, the second how far it is and, at
the end, what it has done; the first says that it has taken that over. If it does not, it is gone,
and the second one deletes what it has written.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .errors import PageError
from .feeding import Fed, feed
from .loading import FileState
from .starting import start_command

# Bytes of files from which a second process is worth its start of half a second.
_MANY_BYTES = 3_000_000
_TELL_EVERY = 20
_TAKEN = "taken\n"


def split_work(todo: Sequence[FileState]) -> tuple[Sequence[FileState], Sequence[FileState]]:
    """Part files into those for this process and those for a second one, by their bytes."""
    total = sum(state.size for state in todo)
    if total < _MANY_BYTES or _cores() < 2:
        return todo, []
    taken, at = 0, 0
    while taken < total // 2:
        taken += todo[at].size
        at += 1
    return todo[:at], todo[at:]


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Result:
    """What the second process has put, and the segments it has written: their names and sizes."""

    fed: Fed
    segments: Sequence[tuple[str, int]]


class SecondProcess:
    """The second process, at work from the moment it is made."""

    def __init__(
        self, process: "subprocess.Popen[str]", part: Mapping[str, Any], files: Sequence[FileState]
    ) -> None:
        """`part` is what the engine's writer tells of itself, see Writer.part."""
        self.read = 0
        self._last = ""
        self._process = process
        work = json.dumps({"part": part, "files": [asdict(state) for state in files]})
        self._thread = threading.Thread(target=self._talk, args=(work,), daemon=True)
        self._thread.start()

    def _talk(self, work: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(work + "\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                self._last = line
                if line[:1].isdigit():
                    self.read = int(line)
                else:
                    self._process.stdin.write(_TAKEN)
                    self._process.stdin.flush()
        except (OSError, ValueError):
            # It has ended early; `wait` says so.
            return

    def wait(self) -> Result | None:
        """Wait for the end of the work; None if the process has failed."""
        self._thread.join()
        if self._process.wait() != 0:
            return None
        found = json.loads(self._last)
        skipped = [PageError(path, reason) for path, reason in found.pop("skipped")]
        segments = [(name, size) for name, size in found.pop("segments")]
        return Result(Fed(skipped=skipped, **found), segments)

    def stop(self) -> None:
        """End the process if it is still at work; what it wrote is no part of any commit."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            # What it did not take any more need not be flushed.
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def start_second(part: Mapping[str, Any], files: Sequence[FileState]) -> SecondProcess | None:
    """Have a second process read files; None where none can be started."""
    command = start_command("wenduan.parallel")
    if command is None:
        return None
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except OSError:
        # No memory, or as many processes as there may be.
        return None
    return SecondProcess(process, part, files)


def _work() -> None:
    """Do what the first process sends."""
    from .engines.lexicon import Lexicon
    from .engines.part import PartWriter

    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    order = json.loads(sys.stdin.readline())
    part, parent = order["part"], os.getppid()
    lexicon = Lexicon(part["folder"], tuple((name, crc) for name, crc in part["dictionary"]))
    writer = PartWriter(part["folder"], part["generation"], lexicon.bulk())
    fed = Fed()
    try:
        for at, row in enumerate(order["files"], 1):
            feed(writer, FileState(**row), fed)
            if at % _TELL_EVERY == 0:
                print(at, flush=True)
                if os.getppid() != parent:
                    raise KeyboardInterrupt
        writer.flush()
        result = asdict(fed) | {
            "skipped": [(error.path, error.reason) for error in fed.skipped],
            "segments": [(row.name, row.size) for row in writer.done],
        }
        print(json.dumps(result), flush=True)
        if sys.stdin.readline() != _TAKEN:
            raise KeyboardInterrupt
    except BaseException:
        writer.discard()
        raise


def main() -> None:
    """Be the second process."""
    try:
        _work()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
