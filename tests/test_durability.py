"""A commit reaches the disk in an order that survives a crash of the system; none is left half."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import SAMPLES, build
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.scanner import scan

STRACE = shutil.which("strace")


def traced(folder: Path, *arguments: str) -> list[tuple[str, str]]:
    """The calls by which a run of wenduan changes files of its index, each with the file."""
    log = folder / "log"
    calls = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"
    assert STRACE is not None
    command = [STRACE, "-f", "-y", "-e", f"trace={calls}", "-o", str(log), sys.executable, "-m"]
    done = subprocess.run([*command, "wenduan", *arguments], capture_output=True, text=True)
    if "ptrace" in done.stderr:
        pytest.skip("no process may be traced here")
    assert done.returncode == 0, done.stderr
    index = re.escape(str(folder / "index"))
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        match = re.search(rf"(\w+)\(.*?[<\"]{index}(?:/([^>\"]*))?[>\"]", line)
        if match:
            name = re.sub(r"[0-9a-f]{16}|\d+(?=\.toc)|_[0-9a-f]{8}(?=\.)", "*", match[2] or "")
            # What is named from an open folder is named all the same.
            found.append((match[1].removesuffix("at"), name))
    return found


@pytest.mark.skipif(STRACE is None, reason="strace, which counts the calls, is not installed")
def test_files_then_contents_then_folder_are_synced(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    shutil.copy(SAMPLES / "zhihu-rice-cooker.md", tmp_path / "pages")
    build(tmp_path / "index", tmp_path / "pages").close()
    shutil.copy(SAMPLES / "zhihu-cat-water.md", tmp_path / "pages")
    commit = [
        ("fsync", "_MAIN_*.toc.new"), ("fsync", ""), ("rename", "_MAIN_*.toc.new"), ("fsync", ""),
    ]  # fmt: skip
    calls = traced(tmp_path, "index", str(tmp_path / "pages"), "--index", str(tmp_path / "index"))
    # The new segment, and the one that it and the old one are merged into.
    assert calls[:2] == [("fsync", "MAIN_*.seg")] * 2
    assert calls[2:6] == commit
    assert {call for call, _ in calls[6:]} == {"unlink"}
    options = ("--rebuild", "--index", str(tmp_path / "index"))
    calls = traced(tmp_path, "index", str(tmp_path / "pages"), *options)
    synced = [("fsync", "dictionary*.trie.new"), ("fsync", "dictionary*.arrays.new")]
    unlinked = [("unlink", f"dictionary*.{kind}.new") for kind in ("trie", "arrays")]
    assert [call for call in calls if call not in unlinked][:7] == [
        *synced, ("fsync", "MAIN_*.seg"), *commit
    ]  # fmt: skip


def test_a_second_process_deletes_what_the_first_one_does_not_take_over(tmp_path: Path) -> None:
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    commit = engine.begin()
    states = scan([str(SAMPLES)], {}).new
    files = [{name: getattr(state, name) for name in state.__slots__} for state in states]
    work = json.dumps({"part": commit.part(), "files": files})
    for answer, left in (("taken\n", 1), ("", 0)):
        process = subprocess.Popen(
            [sys.executable, "-m", "wenduan.parallel"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(work + "\n")
        process.stdin.flush()
        ((name, _),) = json.loads(process.stdout.readline())["segments"]
        process.stdin.write(answer)
        process.communicate()
        assert os.path.exists(tmp_path / "index" / f"MAIN_{name}.seg") == left
    commit.cancel()
