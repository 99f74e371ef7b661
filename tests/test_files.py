"""The index follows what happens to files, between two runs and while they are read."""

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wenduan import indexing
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.feeding import Fed, PageWriter, feed
from wenduan.indexing import IndexReport, index_files, known_files, look
from wenduan.loading import ChangingError, FileState, hash_file, load
from wenduan.regular import IrregularError
from wenduan.scanner import list_files
from wenduan.searching import Index

posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and long paths of POSIX")


class Notes:
    """A folder of pages with its index."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder, folder / "notes"
        self.folder.mkdir()
        self.engine = WhooshEngine(str(folder / "index"), create=True)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def update(self) -> IndexReport:
        return index_files(self.engine, [str(self.folder)])

    def pages(self) -> list[object]:
        return _pages(self.engine)

    def fresh(self) -> list[object]:
        """What an index made anew has."""
        engine = WhooshEngine(str(self.home / f"fresh{len(os.listdir(self.home))}"), create=True)
        index_files(engine, [str(self.folder)])
        return _pages(engine)

    def stale(self) -> list[str]:
        """Of the files that the index knows, those that another run would read or remove."""
        known = known_files(self.engine)
        found = look(list(known), known)
        return [*found.gone, *(state.path for state in found.changed)]


def _pages(engine: WhooshEngine) -> list[object]:
    """All that an index has of each page, without what tells one reading from another."""
    rows = []
    for file in engine.files():
        facts = {name: value for name, value in file.facts.items() if name != "ctime_ns"}
        entries = [
            (row.text, row.paragraph, row.line, row.kind, dict(row.post))
            for row in engine.entries(file.page)
        ]
        rows.append((file.path, file.digest, json.dumps(facts, sort_keys=True), entries))
    return sorted(rows, key=repr)


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("旧名字.md", "新名字.md", "没有标题的一页，只有一段。"),
        ("网页.txt", "网页.html", "<p>第一段</p>\n\n    <p>第二段</p>\n\n*星号*的第三段\n"),
        ("网页.html", "网页.md", "<p>第一段</p>\n\n    <p>第二段</p>\n\n*星号*的第三段\n"),
        ("a.md", "深/处/a.md", "搬了家的一页"),
        ("a.md", "A.md", "只改大小写"),
        ("旧.md", "新.md", "%%00000000_start%%\n前一页\n%%00000000_end%%\n"),
    ],
)
def test_a_renamed_page_is_as_if_it_had_never_had_another_name(
    notes: Notes, old: str, new: str, text: str
) -> None:
    path = notes.write(old, text)
    notes.update()
    (notes.folder / new).parent.mkdir(parents=True, exist_ok=True)
    path.rename(notes.folder / new)
    report = notes.update()
    assert (report.moved, report.removed, report.pages) == (1, 0, 0)
    assert notes.pages() == notes.fresh()
    assert notes.stale() == []
    assert notes.update().unchanged == 1


def test_two_pages_that_swap_their_names_are_read_anew(notes: Notes) -> None:
    first, second = notes.write("甲.md", "先来的一页"), notes.write("乙.md", "后到的一页")
    for path in (first, second):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    notes.update()
    first.rename(notes.home / "aside")
    second.rename(first)
    (notes.home / "aside").rename(second)
    # Sizes and times of change are the same as before.
    assert sorted(notes.stale()) == sorted([str(first), str(second)])
    notes.update()
    assert notes.pages() == notes.fresh()


def _dangling(path: Path, home: Path) -> None:
    path.symlink_to(home / "nowhere.md")


def _loop(path: Path, home: Path) -> None:
    path.symlink_to(path)


def _pipe(path: Path, home: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, home: Path) -> None:
    # The name of a socket may have a hundred bytes, fewer than the folders of tests.
    here = os.open(path.parent, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{here}/{path.name}")
    finally:
        os.close(here)


def _folder(path: Path, home: Path) -> None:
    path.mkdir()
    (path / "inner.md").write_text("文件夹里的一页", encoding="utf-8")


def _way_out(path: Path, home: Path) -> None:
    secret = home / "secret.md"
    secret.write_text("外面的一页", encoding="utf-8")
    path.symlink_to(secret)


def _nothing(path: Path, home: Path) -> None:
    return


def _binary(path: Path, home: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


def _empty(path: Path, home: Path) -> None:
    path.write_bytes(b"")


def _huge(path: Path, home: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@posix
@pytest.mark.parametrize(
    "become",
    [_dangling, _loop, _pipe, _socket, _folder, _way_out, _nothing, _binary, _empty, _huge],
    ids=lambda become: become.__name__.strip("_"),
)
def test_what_is_no_page_any_more_is_gone(
    notes: Notes, become: Callable[[Path, Path], None]
) -> None:
    if become is _socket and sys.platform != "linux":
        pytest.skip("made by /proc")
    notes.write("stays.md", "留下的一页")
    path = notes.write("goes.md", "走掉的一页")
    notes.update()
    path.unlink()
    become(path, notes.home)
    notes.update()
    assert notes.pages() == notes.fresh()
    assert "走掉的一页" not in repr(notes.pages())
    # To index again is never advised where it would change nothing.
    assert notes.stale() == []
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.write_text("走掉的一页", encoding="utf-8")
    notes.update()
    assert notes.pages() == notes.fresh()
    assert "走掉的一页" in repr(notes.pages())


@posix
def test_a_page_behind_a_link_goes_with_its_target_and_changes_with_it(notes: Notes) -> None:
    target = notes.write("inner/x.md", "链接后面的一页")
    (notes.folder / "link.md").symlink_to(target)
    (notes.folder / "folder").symlink_to(target.parent)
    notes.update()
    assert len(notes.pages()) == 3
    target.write_text("换了说法的一页", encoding="utf-8")
    assert notes.update().changed == 3
    assert notes.pages() == notes.fresh()
    target.unlink()
    notes.update()
    assert notes.pages() == notes.fresh() == []
    assert notes.stale() == []


def _refusing(really: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def refuse(name: object, *options: object, **named: object) -> Any:
        if name == str(path):
            raise PermissionError(13, "Permission denied")
        return really(name, *options, **named)

    return refuse


def test_a_page_that_cannot_be_read_now_is_kept_and_no_run_is_advised(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notes.write("a.md", "暂时读不了的一页")
    notes.update()
    path.write_text("后来又写的另一页", encoding="utf-8")
    # The tests may run as root, whom no permission stops.
    for call in ("open", "stat"):
        monkeypatch.setattr(os, call, _refusing(getattr(os, call), path))
        (error,) = notes.update().skipped
        assert "Permission denied" in str(error)
        assert "暂时读不了" in repr(notes.pages())
    assert notes.stale() == []
    monkeypatch.undo()
    notes.update()
    assert notes.pages() == notes.fresh()


def test_what_a_file_says_when_it_is_read_is_known_by_its_own_digest(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notes.write("a.md", "先前写的话。")

    def meanwhile(writer: PageWriter, state: FileState, fed: Fed) -> None:
        path.write_text("中间写的话。", encoding="utf-8")
        feed(writer, state, fed)

    with monkeypatch.context() as patched:
        patched.setattr(indexing, "feed", meanwhile)
        notes.update()
    (known,) = notes.engine.files()
    assert known.digest == hashlib.sha256("中间写的话。".encode()).hexdigest()
    path.write_text("先前写的话。", encoding="utf-8")
    assert notes.update().changed == 1
    assert notes.pages() == notes.fresh()


def test_a_file_that_goes_before_it_is_read_is_gone(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notes.write("a.md", "苹果")
    notes.update()
    path.write_text("苹果又变", encoding="utf-8")

    def meanwhile(writer: PageWriter, state: FileState, fed: Fed) -> None:
        path.unlink()
        feed(writer, state, fed)

    monkeypatch.setattr(indexing, "feed", meanwhile)
    assert notes.update().skipped == []
    assert notes.pages() == []


def test_a_file_that_is_written_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("开头", encoding="utf-8")

    def write_once(beginning: bytes) -> int:
        if path.stat().st_size < 10:
            path.write_text("开头和结尾", encoding="utf-8")
        return 1_000

    loaded = load(str(path), write_once)
    assert loaded.data.decode() == "开头和结尾"
    assert loaded.state.digest == hashlib.sha256(loaded.data).hexdigest()
    assert loaded.state.size == len(loaded.data)

    def write_always(beginning: bytes) -> int:
        with path.open("a", encoding="utf-8") as file:
            file.write("又来")
        return 1_000

    with pytest.raises(ChangingError, match="changes while it is read; index again"):
        load(str(path), write_always)


def test_a_file_that_changed_just_now_is_looked_into_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_text("开头", encoding="utf-8")
    changed = path.stat().st_ctime_ns
    # Another change might bear the same time.
    monkeypatch.setattr("wenduan.loading.time.time_ns", lambda: changed + 1_000_000)
    assert hash_file(str(path)).ctime_ns == 0
    monkeypatch.setattr("wenduan.loading.time.time_ns", lambda: changed + 10_000_000_000)
    assert hash_file(str(path)).ctime_ns == changed


def _zip(*members: tuple[str, bytes]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            made.writestr(name, data)
    return found.getvalue()


_REFUSED = {
    "binary.md": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(400_000),
    "broken.md": b"abc\n\xff\xff\xff\xfe" * 60_000,
    "broken.html": b"\xff\xfe" + b"\x00\xd8" * 200_000,
    "empty.txt": b" " * 400_000,
    "no-text.md": b"[](x)" * 40_000,
    "damaged.zip": b"PK\x03\x04" + b"\xfe" * 400_000,
    "members.zip": _zip(("a.md", b"abc\n\xff\xff\xff\xfe" * 60_000), ("b.md", b"\0" * 400_000)),
    "bomb.zip": _zip(("a.md", b" " * 2_000_000)),
}


def test_errors_of_refused_files_hold_nothing_of_them(notes: Notes) -> None:
    for name, data in _REFUSED.items():
        (notes.folder / name).write_bytes(data)
    skipped = notes.update().skipped
    assert {Path(error.path).relative_to(notes.folder).parts[0] for error in skipped} == {*_REFUSED}
    for error in skipped:
        assert error.__traceback__ is None, error
        assert error.__cause__ is None, error
        assert error.__context__ is None, error


@posix
def test_a_pipe_put_in_the_place_of_a_file_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "a.md"
    os.mkfifo(pipe)
    # As if it had been a file when it was looked at.
    looked = os.stat(__file__)
    monkeypatch.setattr(os, "stat", lambda path: looked)
    with pytest.raises(IrregularError):
        load(str(pipe), lambda beginning: 1_000)
    with pytest.raises(IrregularError):
        hash_file(str(pipe))


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder for what shutil, which tidies up after tests, does not get rid of."""
    folder = tmp_path / "deep"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def nest(folder: Path, depth: int, name: str = "a") -> None:
    """Make folders within each other, also where no path can tell the innermost."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    page = os.open("深处.md", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(page, "深处的一页".encode())
    os.close(page)
    os.close(here)


@posix
def test_folders_nested_a_thousand_deep_are_read(deep: Path) -> None:
    nest(deep, 1_200)
    (deep / "good.md").write_text("好的一页", encoding="utf-8")
    files, errors = list_files([str(deep)])
    assert [Path(path).name for path in files] == ["深处.md", "good.md"]
    assert errors == []


@posix
def test_folders_deeper_than_a_path_may_be_long_cost_one_line(deep: Path, tmp_path: Path) -> None:
    nest(deep, 3_000, "ab")
    (deep / "good.md").write_text("好的一页", encoding="utf-8")
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    for _ in range(2):
        (error,) = index_files(engine, [str(deep)]).skipped
        assert error.reason == "File name too long"
        assert Index(engine).run("好的一页").total == 1


@posix
def test_links_that_double_the_way_at_each_step_do_not_hold_the_walk_up(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for level in range(30):
        folder = root / f"{level:02}"
        folder.mkdir(parents=True)
        (folder / "page.md").write_text("一页", encoding="utf-8")
        for name in ("left", "right"):
            (folder / name).symlink_to(root / f"{level + 1:02}")
    files, _ = list_files([str(root)])
    own = {str(root / f"{level:02}" / "page.md") for level in range(30)}
    assert own < set(files)
    assert len(files) == len(set(files)) <= 30 * 9


@posix
def test_odd_names_of_files_and_folders_are_walked_through(tmp_path: Path) -> None:
    root = tmp_path / "root"
    names = [
        "a\nb",
        "转\x1b[31m",
        "右\u202e左",
        "e\u0301",
        "\u00e9",
        "末尾 ",
        "末尾.",
        "v1.2",
        "-r",
    ]
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / f"{name}.md").write_text(f"{names.index(name)}号", encoding="utf-8")
    (root / "self").symlink_to(root / "self")
    (root / "self.md").symlink_to(root / "self.md")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "page.md").write_text("藏着", encoding="utf-8")
    files, errors = list_files([str(root)])
    assert sorted(Path(path).stem for path in files) == sorted(names)
    assert [Path(error.path).name for error in errors] == ["self.md"]
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    assert index_files(engine, [str(root)]).pages == len(names)
    assert index_files(engine, [str(root)]).unchanged == len(names)
    assert Index(engine).run("3号").total == 1


def test_a_folder_that_goes_while_it_is_walked_is_gone(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes.write("b/x.md", "走掉的一页")
    notes.write("c.md", "留下的一页")
    notes.update()
    scandir = os.scandir

    def remove(path: str) -> object:
        if path == str(notes.folder / "b"):
            shutil.rmtree(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", remove)
    report = notes.update()
    assert (report.removed, report.skipped) == (1, [])
    monkeypatch.undo()
    assert notes.pages() == notes.fresh()


def test_checking_many_files_compares_none_with_all_others(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        notes.write(f"{number}.md", "一页")
    notes.update()
    for number in range(30):
        (notes.folder / f"{number}.md").unlink()
    steps = 0
    really = os.path.dirname

    def count(path: str) -> str:
        nonlocal steps
        steps += 1
        return really(path)

    monkeypatch.setattr(os.path, "dirname", count)
    monkeypatch.setattr("wenduan.scanner.is_below", None)
    assert len(notes.stale()) == 30
    assert steps < 60 * 40
