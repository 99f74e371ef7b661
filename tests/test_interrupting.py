"""Ctrl-C in any phase of a run: exit 130, the index as before, and no process is left."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wenduan import open_index

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")

# Runs the command, and presses Ctrl-C, which all processes of a terminal hear, where the phase
# begins: when the function with a name is called for the n-th time.
_SCRIPT = """
import importlib, os, signal, sys
module, name, at, *arguments = sys.argv[1:]
import wenduan.parallel
wenduan.parallel._MANY_BYTES = 1
owner = importlib.import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
really, calls = getattr(owner, last), 0
def pressed(*arguments, **options):
    global calls
    calls += 1
    if calls == int(at):
        os.killpg(0, signal.SIGINT)
    return really(*arguments, **options)
setattr(owner, last, pressed)
sys.argv[1:] = arguments
from wenduan.__main__ import main
main()
"""
_PHASES = [
    ("wenduan.indexing", "scan", 1),
    ("wenduan.indexing", "start_second", 1),
    ("wenduan.indexing", "feed", 3),
    ("wenduan.parallel", "SecondProcess.wait", 1),
    ("wenduan.engines.commit", "Commit.adopt", 1),
    ("wenduan.engines.part", "write_arrays", 1),
    ("wenduan.engines.merging", "merge", 1),
    ("wenduan.engines.toc", "sync_folder", 1),
]


def processes_of(session: int) -> list[str]:
    """Processes of a session that have not ended."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[3]) == session and state[0] != "Z":
            found.append(name)
    return found


@pytest.mark.parametrize(("module", "name", "at"), _PHASES, ids=lambda value: str(value))
def test_ctrl_c_leaves_the_index_as_it_was_and_no_process(
    tmp_path: Path, built: Path, module: str, name: str, at: int
) -> None:
    subprocess.run(["cp", "-r", str(built) + "/.", str(tmp_path)], check=True)
    for number in range(8):
        (tmp_path / "notes" / f"new{number}.md").write_text(f"新来的第{number}页", encoding="utf-8")
    before = sorted(os.listdir(tmp_path / "index"))
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, module, name, str(at), "index", "notes"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    said, told = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "")
    assert told.strip() == "interrupted; the index is as it was before"
    for _ in range(100):
        if not processes_of(process.pid):
            break
        time.sleep(0.1)
    assert processes_of(process.pid) == []
    assert sorted(os.listdir(tmp_path / "index")) == before
    with open_index(tmp_path / "index") as index:
        assert (index.run("旧").total, index.run("新来的").total) == (2, 0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages and an index of them."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "notes").mkdir()
    for number in range(2):
        (folder / "notes" / f"{number}.md").write_text(f"旧的第{number}页", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "wenduan", "index", "notes"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder
