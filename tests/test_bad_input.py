"""Odd files are indexed or skipped with path and reason; odd queries get one line."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import build
from wenduan import PageError, QueryError, read_page
from wenduan.engines import arrays
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import IndexUnreadableError
from wenduan.indexing import IndexReport, index_files
from wenduan.query import parse_query
from wenduan.searching import Index, open_index


def wenduan(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wenduan", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def index_folder(tmp_path: Path) -> tuple[IndexReport, Index]:
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    report = index_files(engine, [str(tmp_path / "pages")])
    return report, Index(engine)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "good.md").write_text("好好的一页", encoding="utf-8")
    return folder


BIG = "一行很长的字" * 3_000_000


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        (b"\xff\xfe\x00", "broken utf-16"),
        (b"abc\n\xff\xff\xff\xfe", "line 2: neither UTF-8"),
        (BIG.encode(), "larger than 16 MiB"),
        (b"[](x)", "no text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unreadable_file_is_skipped_with_its_reason(
    pages: Path, tmp_path: Path, data: bytes, reason: str
) -> None:
    (pages / "bad.md").write_bytes(data)
    report, index = index_folder(tmp_path)
    (error,) = report.skipped
    assert error.path.endswith("bad.md")
    assert reason in error.reason
    assert index.run("好好的").total == 1


@pytest.mark.parametrize(
    "data",
    [
        "大会堂开会，简体中文的一段话".encode("gb18030"),
        "大会堂开会，简体中文的一段话".encode("utf-16"),
        b"\xef\xbb\xbf" + "大会堂开会".encode(),
        "---\ntitle: [broken\n---\n大会堂开会".encode(),
        "---\ntitle: x\n大会堂开会".encode(),
        ("---\r\ntitle: x\r\n---\r\n大会堂开会\r\n").encode(),
        (">" * 100_000 + "大会堂开会").encode(),
        ("[" * 100_000 + "大会堂开会").encode(),
        ("大会堂开会\n\n" + "- " * 100_000 + "x").encode(),
        ("<a" * 200_000 + "\n\n大会堂开会").encode(),
    ],
    ids="gb18030 utf16 bom broken-yaml open-yaml crlf quotes brackets lists tags".split(),
)
def test_odd_file_is_indexed(pages: Path, tmp_path: Path, data: bytes) -> None:
    (pages / "odd.md").write_bytes(data)
    report, index = index_folder(tmp_path)
    assert not report.skipped
    assert index.run("大会堂").total == 1


def test_big5_is_read(pages: Path, tmp_path: Path) -> None:
    (pages / "odd.md").write_bytes("自行車的鏈條應該多久上一次油，這裡說說我的經驗".encode("big5"))
    _, index = index_folder(tmp_path)
    assert index.run("鏈條應該").total == 1


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_loop_of_links_ends(pages: Path, tmp_path: Path) -> None:
    (pages / "loop").symlink_to(pages)
    (pages / "nowhere.md").symlink_to(pages / "missing.md")
    report, index = index_folder(tmp_path)
    assert len(report.skipped) == 2
    assert index.run("好好的").total == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_name_that_is_not_utf8_is_skipped(pages: Path, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(pages) + b"/\xff\xfe.md")).write_text("x", encoding="utf-8")
    report, index = index_folder(tmp_path)
    assert "\\xff\\xfe.md" in str(report.skipped[0])
    assert index.run("好好的").total == 1


def test_folder_without_permission_keeps_its_pages(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = pages / "closed"
    closed.mkdir()
    (closed / "inner.md").write_text("里面的一页", encoding="utf-8")
    report, index = index_folder(tmp_path)
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(os, "scandir", refuse)
    report, index = index_folder(tmp_path)
    assert "Permission denied" in str(report.skipped[0])
    assert index.run("里面的").total == 1


@pytest.mark.parametrize("query", ["", "   ", '""', "好" * 100_000])
def test_query_for_nothing_or_too_much_is_one_line(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("query", ["，。！", '"', '"好', '好"好"好"', "😀", "\udcff", "((((", "\0"])
def test_odd_query_is_answered(pages: Path, tmp_path: Path, query: str) -> None:
    _, index = index_folder(tmp_path)
    with contextlib.suppress(QueryError):
        index.run(query)


def test_exit_codes(pages: Path, tmp_path: Path) -> None:
    assert wenduan("index", "pages", cwd=tmp_path).returncode == 0
    found = wenduan("search", "好好的", cwd=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    nothing = wenduan("search", "没有这样的话", cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    (pages / "bad.md").write_bytes(b"\0\0")
    bad = wenduan("index", "pages", cwd=tmp_path)
    assert bad.returncode == 2
    assert "bad.md: binary" in bad.stderr
    for arguments in (("search", ""), ("search", "x", "--index", "none"), ("index", "none")):
        error = wenduan(*arguments, cwd=tmp_path)
        assert (error.returncode, error.stderr.count("\n")) == (2, 1), error.stderr
        assert "Traceback" not in error.stderr


def test_closed_output_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("夹生饭", encoding="utf-8")
    for command in (["index", "a.md"], ["search", "夹生饭"]):
        run = subprocess.run(
            ["sh", "-c", 'exec "$0" -m wenduan "$@" >&-', sys.executable, *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in run.stderr
        assert run.returncode == 0


def test_an_index_that_may_not_be_read_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("夹生饭", encoding="utf-8")
    location = tmp_path / "index"
    build(location, tmp_path / "a.md").close()

    def refuse(path: str, *args: Any, **kwargs: Any) -> Any:
        if str(path).endswith(".seg"):
            raise PermissionError(13, "Permission denied", path)
        return io.open(path, *args, **kwargs)  # noqa: UP020

    monkeypatch.setattr(arrays, "open", refuse, raising=False)
    with (
        pytest.raises(IndexUnreadableError, match="permission denied"),
        open_index(location) as index,
    ):
        index.search("夹生饭")


def test_a_page_is_not_lost_for_a_few_broken_bytes(tmp_path: Path) -> None:
    rest = "后面还有很多话要说，说的是站台和火车。" * 5
    for name, data in {
        "byte": "好的一页，".encode() + b"\xff" + rest.encode(),
        "zero": "好的一页，".encode() + b"\0" + rest.encode(),
        "gbk": "好的一页，".encode("gbk") + b"\xff" + rest.encode("gbk"),
    }.items():
        path = tmp_path / f"{name}.md"
        path.write_bytes(b"\n\n" + data)
        page = read_page(path)
        assert rest in page.posts[0].paragraphs[0].text, name
        (warning,) = page.warnings
        assert warning.startswith("line 3: "), name


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\xff" * 500, b"\0" * 9])
def test_what_is_no_text_is_still_no_page(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(data)
    with pytest.raises(PageError):
        read_page(path)


def test_reading_a_pipe_does_not_wait_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "pipe.md"
    os.mkfifo(path)
    with pytest.raises(PageError, match="not a regular file"):
        read_page(path)


def test_what_the_system_refuses_comes_with_advice(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("夹生饭", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    run = wenduan("index", "a.md", "--index", "file", cwd=tmp_path)
    assert run.returncode == 2
    assert "a file stands where a folder is wanted" in run.stderr
    run = wenduan("index", "a.md", "--userdict", "none.txt", cwd=tmp_path)
    assert run.returncode == 2
    assert "none.txt: No such file or directory; check the name" in run.stderr
