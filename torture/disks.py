"""Disks that are full or read-only: one clear line, and the last commit as it was."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.searching import Index

from .library import Library, answer, expected

# Room for the dictionary of an index, and so little more that soon nothing fits.
_SIZE = "size=4500k"


def _run(library: Library, *options: str, limit: int | None = None) -> tuple[int, str]:
    """Run `wenduan index`, its files limited to so many bytes; gives its end and what it said."""

    def limit_files() -> None:
        assert limit is not None
        # A disk that is full in the middle of a file; Python ignores the signal that comes too.
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    paths = [str(library.pages), "--index", str(library.location)]
    done = subprocess.run(
        [sys.executable, "-m", "wenduan", "index", *paths, *options],
        preexec_fn=limit_files if limit is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def _check_failed(library: Library, run: tuple[int, str], said: str, what: str) -> Iterator[str]:
    """Say what is wrong where a run should have failed with one line and changed nothing."""
    code, errors = run
    if code != 2 or errors.count("\n") != 1 or said not in errors:
        yield f"{what}: ended with {code}: {errors}"
    if answer(Index(WhooshEngine(str(library.location)))) != expected(library.committed):
        yield f"{what}: searches do not find what they found before"
    if left := library.unnamed():
        yield f"{what}: left behind {left}"


def fill(folder: Path, seed: int, limits: int) -> tuple[int, list[str]]:
    """Let so many runs fail at limits of file size, update and rebuild; gives them, and faults.

    The limits are spread from nothing to more than the largest file.
    """
    library, failed = Library(folder, seed), 0
    wrong: list[str] = []
    library.update()
    largest = max(path.stat().st_size for path in library.location.iterdir())
    for at in range(limits):
        library.change()
        options = ["--rebuild"] if at % 2 else []
        # An update writes small files, a rebuild the dictionary too.
        limit = int((largest if options else 20_000) * at / limits)
        run = _run(library, *options, limit=limit)
        if run[0] == 0:
            library.committed = dict(library.texts)
            continue
        failed += 1
        wrong += _check_failed(library, run, "File too large", f"limit of {limit:,} bytes")
    library.update()
    if answer(Index(WhooshEngine(str(library.location)))) != expected(library.texts):
        wrong.append("after the limits: the next run gives wrong results")
    return failed, wrong


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def can_mount(folder: Path) -> bool:
    """Tell whether this process may mount a disk in memory."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        subprocess.run(["umount", folder], check=True)
    return mounted.returncode == 0


def mount(folder: Path, seed: int, rounds: int) -> tuple[int, list[str]]:
    """Fill a small disk in memory, then make it read-only; gives how many runs failed, faults."""
    folder.mkdir()
    wrong: list[str] = []
    failed = 0
    with _mounted(folder, _SIZE):
        library = Library(folder, seed, paragraphs=60)
        library.update()
        for _ in range(rounds):
            library.change()
            filler = folder / "filler"
            room = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
            filler.write_bytes(bytes(max(room - library.rng.randrange(100_000), 0)))
            run = _run(library, *library.rng.choice([[], ["--rebuild"]]))
            if run[0] == 0:
                library.committed = dict(library.texts)
            else:
                failed += 1
                wrong += _check_failed(library, run, "No space left on device", "full disk")
            filler.unlink()
        library.update()
        library.change()
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        failed += 1
        wrong += _check_failed(library, _run(library), "Read-only file system", "read-only disk")
    return failed, wrong
