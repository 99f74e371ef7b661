"""What the system has no room for at the moment is told as that, and never as a damaged index."""

import errno
import mmap
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import marisa_trie
import numpy as np
import pytest

from conftest import build_notes
from wenduan.cli import cli, main
from wenduan.engines import arrays, retrieval
from wenduan.errors import IndexDamagedError
from wenduan.searching import open_index

NOTES = {"a": "水往低处流。\n\n人往高处走。", "b": "水是生命之源。"}
needs_limits = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


@pytest.fixture
def location(tmp_path: Path) -> str:
    build_notes(tmp_path, NOTES).close()
    return str(tmp_path / "index")


def ask(location: str) -> None:
    with open_index(location) as index:
        assert index.run("水").total == 2


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


SHORTAGES = [
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.ENFILE, "Too many open files in system"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
    OSError(errno.EIO, "Input/output error"),
    MemoryError(),
]
PLACES = [(mmap, "mmap"), (os, "dup"), (os, "listdir"), (arrays.ArrayFile, "_read_header")]


@pytest.mark.parametrize("error", SHORTAGES, ids=repr)
@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda row: str(row))
def test_a_shortage_in_opening_is_told_as_it_is(
    location: str, owner: Any, name: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(error))
        with pytest.raises(type(error)) as told:
            ask(location)
    assert told.value is error
    ask(location)


@pytest.mark.parametrize("error", [*SHORTAGES, RecursionError(), KeyboardInterrupt()], ids=repr)
def test_a_shortage_in_a_search_is_told_as_it_is(
    location: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_index(location) as index:
        for owner, name in ((retrieval, "search"), (arrays.ArrayFile, "check")):
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, failing(error))
                with pytest.raises(type(error)):
                    index.run("水 低处")
        assert index.run("水 低处").total == 1


def test_a_trie_that_cannot_be_mapped_is_read(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unmapped(marisa_trie.Trie):  # type: ignore[misc]
        def mmap(self, _: str) -> Any:
            raise RuntimeError("trie.cc: MARISA_IO_ERROR: open")

    monkeypatch.setattr(marisa_trie, "Trie", Unmapped)
    ask(location)


def test_memory_that_no_honest_index_asks_for_is_damage(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_for_much(*_: Any) -> Any:
        return np.zeros(1 << 50, np.int64)

    with open_index(location) as index:
        index.run("水")
        monkeypatch.setattr(retrieval, "search", ask_for_much)
        with pytest.raises(IndexDamagedError, match="Unable to allocate"):
            index.run("水")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (SHORTAGES[0], "ulimit -n"),
        (SHORTAGES[1], "close some programs"),
        (SHORTAGES[2], "ulimit -v"),
        (SHORTAGES[3], "try again"),
        (MemoryError(), "ulimit -v"),
        (ImportError("a.so: failed to map segment from shared object"), "ulimit -n, -v"),
    ],
    ids=repr,
)
def test_the_command_advises_on_shortages(
    error: Exception,
    advice: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(cli, "main", failing(error))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert advice in line
    assert "rebuild" not in line


# Opens and asks an index under one limit after the other, from little to enough; prints for each
# whether it answered, or the error.
PROBE = """
import gc, os, resource, sys
from collections import Counter
from wenduan.searching import open_index

def ask():
    with open_index(sys.argv[2]) as index:
        assert index.run("水 低处").total == 1
        assert index.run("没有", sort="votes").total == 0
        index.advise("没有的")
        index.stats()

ask()
gc.collect()
what = getattr(resource, sys.argv[1])
if sys.argv[1] == "RLIMIT_NOFILE":
    used, step = len(os.listdir("/proc/self/fd")), 1
else:
    used, step = int(open("/proc/self/statm").read().split()[0]) * 4096, 1 << 19
before, most = resource.getrlimit(what)
seen = Counter()
for count in range(30):
    resource.setrlimit(what, (used + count * step, most))
    try:
        ask()
        said = "answered"
    except BaseException as error:
        said = type(error).__name__ + (f" {error.errno}" if isinstance(error, OSError) else "")
    finally:
        resource.setrlimit(what, (before, most))
    gc.collect()
    seen[said] += 1
print(dict(seen))
"""


@needs_limits
@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        ("RLIMIT_NOFILE", {"answered", f"OSError {errno.EMFILE}"}),
        ("RLIMIT_AS", {"answered", f"OSError {errno.ENOMEM}", "MemoryError"}),
    ],
)
def test_under_a_limit_an_index_answers_or_tells_what_is_short(
    location: str, limit: str, allowed: set[str]
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, limit, location], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    seen = eval(run.stdout)
    assert set(seen) <= allowed, seen
    assert len(seen) > 1, seen
