"""An index folder that a stranger made: it is opened and changed without a wait, nothing runs on.

No file is written outside of it, whatever links lie in it.
"""

import json
import os
import shutil
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import build
from wenduan.cli import cli
from wenduan.engines import arrays
from wenduan.errors import IndexDamagedError, WenduanError
from wenduan.searching import open_index

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links and pipes of POSIX")

# Files of an index of one commit: what is written, read by a search, and read by all else.
WRITTEN = ["MAIN_WRITELOCK", "writer.json", "_MAIN_2.toc.new"]
READ = ["_MAIN_1.toc", "_MAIN_2.toc", "MAIN_*.seg", "dictionary_*.trie", "dictionary_*.arrays"]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    (folder / "a.md").write_text("站台上的火车。", encoding="utf-8")
    build(folder / "index", folder / "a.md").close()
    return folder


@pytest.fixture
def here(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with an index and a page; it takes ten seconds to wait for ever."""
    monkeypatch.delenv("WENDUAN_INDEX", raising=False)
    folder = tmp_path / "downloaded"
    shutil.copytree(good, folder)
    (folder / "b.md").write_text("火车晚点了。", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(folder)

    def stop(*_: object) -> None:
        raise AssertionError("waits for ever")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    yield folder
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def replaced(index: Path, name: str, kind: str) -> None:
    """Put a pipe, a link to something or a folder in the place of a file of an index."""
    path = next(iter(index.glob(name)), index / name)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(kind)


def ends_in_one_line(result: Result) -> bool:
    """Tell whether a command did what it should, or `main` would say why not."""
    return result.exit_code in (0, 1) and isinstance(
        result.exception, WenduanError | OSError | SystemExit | None
    )


@pytest.mark.parametrize("link", ["../../outside/precious", "../../outside/new"])
@pytest.mark.parametrize("name", WRITTEN)
def test_indexing_follows_no_link_out_of_the_index(here: Path, name: str, link: str) -> None:
    """`writer.json`, and the table of contents of the next commit, overwrote what it led to."""
    replaced(here / "index", name, link)
    result = run("index", ".")
    assert ends_in_one_line(result)
    outside = here.parent / "outside"
    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (outside / "precious").read_text(encoding="utf-8") == "mine"
    if name == "MAIN_WRITELOCK":
        assert "not a regular file; remove it" in str(result.exception)
    else:
        assert run("search", "晚点").exit_code == 0
        assert not any(path.is_symlink() for path in (here / "index").iterdir())


@pytest.mark.parametrize("name", [*WRITTEN, *READ])
@pytest.mark.parametrize("kind", ["pipe", "folder", "/dev/zero"])
def test_what_is_no_file_is_neither_waited_for_nor_read_without_end(
    here: Path, name: str, kind: str
) -> None:
    replaced(here / "index", name, kind)
    for arguments in (
        ["search", "火车"],
        ["stats"],
        ["check"],
        ["index", "."],
        ["index", ".", "--rebuild"],
    ):
        assert ends_in_one_line(run(*arguments)), arguments
    if name in READ and not (kind == "folder" and name.startswith("dictionary")):
        # The rebuild has replaced it, or does without. No file takes the place of a folder.
        assert run("search", "晚点").exit_code == 0


def test_the_default_index_is_no_link_out_of_the_current_folder(here: Path) -> None:
    """Pages would be indexed where a stranger says."""
    (here / "index").rename(here.parent / "outside" / "index")
    (here / "index").symlink_to("../outside/index")
    before = sorted(path.name for path in (here.parent / "outside" / "index").iterdir())
    for arguments in (["search", "火车"], ["index", "."], ["index", ".", "--rebuild"], ["stats"]):
        result = run(*arguments)
        assert f"outside{os.sep}index, outside of this folder" in str(result.exception)
        assert "give --index index" in str(result.exception)
    assert sorted(path.name for path in (here.parent / "outside" / "index").iterdir()) == before
    # Who names it means it.
    assert run("search", "火车", "--index", "index").exit_code == 0


def test_a_link_within_the_current_folder_is_followed(here: Path) -> None:
    (here / "index").rename(here / "kept")
    (here / "index").symlink_to("kept")
    assert run("search", "火车").exit_code == 0


def test_tables_nested_without_end_are_damage(here: Path) -> None:
    """Python's own error ended the search."""
    line = b'{"format":' + b"[" * 200_000
    (here / "index" / "_MAIN_2.toc").write_bytes(line + b"\n%08x\n" % zlib.crc32(line))
    with pytest.raises(IndexDamagedError, match="RecursionError"):
        open_index("index")


def test_a_header_nested_without_end_is_damage(here: Path) -> None:
    (segment,) = (here / "index").glob("*.seg")
    raw = b"[" * 200_000
    head = arrays.HEAD.pack(arrays.MAGIC, arrays.VERSION, len(raw), zlib.crc32(raw), 0)
    segment.write_bytes((head + raw).ljust(300_000, b"\0"))
    with pytest.raises(IndexDamagedError, match="its header is none: RecursionError"):
        open_index("index")


def test_files_of_no_size_are_not_read_into_memory(here: Path) -> None:
    """A file of holes takes no place on the disk, and all of the memory."""
    for name in ("_MAIN_1.toc", "*.trie", "*.seg"):
        (path,) = (here / "index").glob(name)
        saved = path.read_bytes()
        with path.open("wb") as file:
            if name == "*.seg":
                head = arrays.HEAD.pack(arrays.MAGIC, arrays.VERSION, 0xFFFFFFFF, 0, 0)
                file.write(head)
            file.truncate(1 << 40)
        with pytest.raises(IndexDamagedError, match="longer than"), open_index("index") as index:
            index.search("火车")
        path.write_bytes(saved)


@pytest.mark.parametrize("number", ["4294967295", "9999999999"])
def test_numbers_of_commits_end(here: Path, number: str) -> None:
    """Segments keep them in four bytes: the next commit ended in Python's own error."""
    facts = json.loads((here / "index" / "_MAIN_1.toc").read_bytes().partition(b"\n")[0])
    line = json.dumps(facts | {"generation": int(number)}).encode()
    path = here / "index" / f"_MAIN_{number}.toc"
    path.write_bytes(line + b"\n%08x\n" % zlib.crc32(line))
    assert run("search", "火车").exit_code == 0
    for arguments in (["index", "."], ["index", ".", "--rebuild"]):
        assert "no commit can follow" in str(run(*arguments).exception)
    # More digits than any commit has are another's file.
    path.rename(here / "index" / f"_MAIN_{number}{number}.toc")
    assert run("index", ".").exit_code == 0


def test_who_holds_the_lock_is_told_whatever_it_wrote(here: Path) -> None:
    from wenduan.engines.holding import LOCK, lock_at

    lock = lock_at(str(here / "index" / LOCK))
    assert lock.acquire()
    try:
        for content in (b"[" * 4_000, b"[]", b"7", b"\xff", b" " * 100_000, b'{"pid": 1}'):
            (here / "index" / "writer.json").write_bytes(content)
            assert "being written by another process" in str(run("index", ".").exception)
    finally:
        lock.release()
