"""A watched folder is indexed whatever happens to it, and nothing but Ctrl-C ends the watching."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import build
from wenduan import IndexDamagedError, IndexLockedError, WenduanError, open_index
from wenduan.cli import watching
from wenduan.cli.watching import Change, Relevance, keep_indexed
from wenduan.engines.whoosh_engine import WhooshEngine

ADDED, MODIFIED, DELETED = 1, 2, 3


@pytest.mark.parametrize(
    ("change", "name", "matters"),
    [
        (DELETED, "v1.2", True),
        (ADDED, "v1.2", True),
        (DELETED, "folder", True),
        (MODIFIED, "page.md", True),
        (MODIFIED, "PAGE.HTML", True),
        (MODIFIED, "photo.jpg", False),
        (MODIFIED, "open.d", True),
        (DELETED, "sub/v1.2", True),
        (ADDED, ".obsidian", False),
        (MODIFIED, ".obsidian/page.md", False),
        (ADDED, "sub/.trash/page.md", False),
        (ADDED, "index/MAIN_WRITELOCK", False),
        (DELETED, "index/page.md", False),
        (DELETED, "index.md", True),
        (DELETED, "../elsewhere.md", False),
    ],
)
def test_any_path_may_have_been_a_folder(
    tmp_path: Path, change: int, name: str, matters: bool
) -> None:
    root = tmp_path / "notes"
    (root / "open.d").mkdir(parents=True)
    (root / "photo.jpg").touch()
    relevance = Relevance([str(root)], str(root / "index"))
    assert relevance(change, os.path.normpath(root / name)) is matters


def test_a_hidden_folder_that_is_watched_itself_matters(tmp_path: Path) -> None:
    root = tmp_path / ".notes"
    assert Relevance([str(root)], None)(DELETED, str(root / "a.md"))
    assert Relevance([str(root)], None)(DELETED, str(root))


class Script:
    """A watch whose changes are told by a test, and what was indexed meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs: list[Sequence[str]] = []
        self.watched: list[tuple[str, ...]] = []
        self.errors: list[BaseException] = []
        self.now = 0.0
        monkeypatch.setattr(watching.time, "monotonic", lambda: self.now)  # type: ignore[attr-defined]
        monkeypatch.setattr(watching.time, "sleep", self._pass)  # type: ignore[attr-defined]
        self.steps: Iterator[object] = iter(())

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self._step()

    def _step(self) -> set[Change]:
        """What happens in the next second: changes, or something that is done."""
        step = next(self.steps, None)
        if step is None:
            raise KeyboardInterrupt
        if callable(step):
            step()
            return set()
        assert isinstance(step, set)
        return step

    def watch(self, *roots: str, **_: Any) -> Iterator[set[Change]]:
        self.watched.append(roots)
        while True:
            self.now += 1
            yield self._step()

    def index(self, roots: Sequence[str]) -> None:
        self.runs.append(roots)
        if self.errors:
            raise self.errors.pop(0)

    def play(self, roots: Sequence[Path], *steps: object) -> None:
        self.steps = iter(steps)
        with pytest.raises(KeyboardInterrupt):
            keep_indexed(self.index, [str(root) for root in roots], None, self.watch)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script(monkeypatch)


NOTHING: set[Change] = set()


def test_what_changed_before_the_watch_began_is_indexed(script: Script, tmp_path: Path) -> None:
    script.play([tmp_path], NOTHING, NOTHING, NOTHING)
    assert len(script.runs) == 1


@pytest.mark.parametrize(
    "error",
    [
        IndexLockedError("index", "process 7"),
        OSError(28, "No space left on device"),
        WenduanError("a cluster does not answer"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_run_that_fails_is_tried_again(
    script: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    script.errors = [error, error, error]
    script.play([tmp_path], *[NOTHING] * 20)
    # After 1, 2 and 4 seconds; said once.
    assert len(script.runs) == 4
    said = capsys.readouterr().err
    assert said.count("trying again") == 1
    assert str(error) in said
    script.play([tmp_path], {(MODIFIED, str(tmp_path / "a.md"))})
    assert len(script.runs) == 5


def test_a_damaged_index_ends_the_watching(script: Script, tmp_path: Path) -> None:
    script.errors = [IndexDamagedError("index", "cut short")]
    script.steps = iter([NOTHING])
    with pytest.raises(IndexDamagedError):
        keep_indexed(script.index, [str(tmp_path)], None, script.watch)


def test_a_watched_folder_that_goes_and_comes_back_is_watched_again(
    script: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    script.play(
        [one, other], NOTHING, lambda: one.rename(tmp_path / "aside"), NOTHING, NOTHING,
        lambda: other.rename(tmp_path / "away"), NOTHING, NOTHING, one.mkdir, NOTHING,
        {(ADDED, str(one / "a.md"))}, NOTHING,
    )  # fmt: skip
    both, only = [str(one), str(other)], [str(other)]
    assert script.watched == [(str(one), str(other)), (str(other),), (str(one),)]
    assert script.runs == [both, only, [str(one)], [str(one)]]
    said = capsys.readouterr().err
    assert [said.count(f"{root} is not there") for root in (one, other)] == [1, 1]


def test_a_folder_in_the_place_of_a_watched_one_is_watched(script: Script, tmp_path: Path) -> None:
    root, new = tmp_path / "root", tmp_path / "new"
    root.mkdir()
    new.mkdir()

    def swap() -> None:
        root.rename(tmp_path / "old")
        new.rename(root)

    script.play([root], NOTHING, swap, NOTHING)
    assert len(script.watched) == len(script.runs) == 2


def test_limits_of_the_system_are_told(tmp_path: Path) -> None:
    def watch(*_: str, **__: object) -> Iterator[set[Change]]:
        raise OSError(28, "OS file watch limit reached")

    with pytest.raises(WenduanError, match="max_user_watches"):
        keep_indexed(lambda _: None, [str(tmp_path)], None, watch)


class Watched:
    """A folder with `wenduan index --watch` at work on it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.root, self.location = folder, folder / "notes", folder / "notes" / "index"
        self.root.mkdir()
        self.write("first.md", "最初的一页")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wenduan", "index", "notes", "--index", str(self.location),
             "--watch"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )  # fmt: skip
        assert self.process.stderr is not None
        assert self.process.stderr.readline().startswith("watching")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def settles(self) -> bool:
        """Wait until the index holds what one made anew does; False after a minute."""
        fresh = build(self.home / "fresh", self.root)
        wanted = sorted((file.path, file.digest) for file in fresh.files())
        fresh.close()
        shutil.rmtree(self.home / "fresh")
        engine = WhooshEngine(str(self.location))
        try:
            for _ in range(600):
                if sorted((file.path, file.digest) for file in engine.files()) == wanted:
                    return True
                time.sleep(0.1)
        finally:
            engine.close()
        return False


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    pytest.importorskip("watchfiles")
    made = Watched(tmp_path)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_watched_folder_equals_a_fresh_index_after_moves(watched: Watched) -> None:
    root, home = watched.root, watched.home

    def swap_for_file() -> None:
        (root / "v1.2").rename(home / "v1.2")
        (root / "v1.2").write_text("no page", encoding="utf-8")

    def write_many() -> None:
        for number in range(200):
            watched.write(f"many/{number}.md", f"第{number}页")

    steps: list[Callable[[], object]] = [
        lambda: watched.write("v1.2/deep.er/page.md", "深处的一页"),
        swap_for_file,
        lambda: (home / "v1.2").rename(root / "v2.0"),
        lambda: (root / "v2.0").rename(root / ".hidden"),
        lambda: (root / ".hidden").rename(root / "shown.md"),
        lambda: watched.write("shown.md/deep.er/page.md", "改过的一页"),
        lambda: shutil.rmtree(root / "shown.md"),
        write_many,
        lambda: (root / "many").rename(root / "more.txt"),
        # What other pages are wrong with ends nothing.
        lambda: (root / "bad.md").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        lambda: (root / "first.md").rename(root / "last.md"),
    ]
    for number, step in enumerate(steps):
        step()
        assert watched.settles(), f"step {number}"
    with WhooshEngine(str(watched.location)).write():
        watched.write("late.md", "别人写着的时候来的一页")
        time.sleep(2)
        assert watched.process.poll() is None
    assert watched.settles()
    root.rename(home / "aside")
    time.sleep(0.2)
    (home / "aside").rename(root)
    watched.write("back.md", "回来以后的一页")
    assert watched.settles()
    watched.process.send_signal(signal.SIGINT)
    said, told = watched.process.communicate(timeout=30)
    assert watched.process.returncode == 130
    assert "trying again" in told
    assert told.count("bad.md") == 1
    assert "0 pages, 0 posts, 0 paragraphs indexed; 0.0 s" not in said
    with open_index(watched.location) as index:
        assert index.run("回来以后").total == 1
