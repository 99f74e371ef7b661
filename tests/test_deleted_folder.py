"""The current folder has been deleted: what is named by its full path is searched all the same."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import build
from wenduan import WenduanError, search
from wenduan.cli import cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a folder in use stays there")

GONE = "the current folder has been deleted; change to another one, or give full paths"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pages and an index; the current folder was another one."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.md").write_text("# 站台\n\n站台上的火车。", encoding="utf-8")
    build(tmp_path / "index", tmp_path / "pages").close()
    (tmp_path / "gone").mkdir()
    monkeypatch.delenv("WENDUAN_INDEX", raising=False)
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_full_paths_are_searched_indexed_and_looked_at(base: Path) -> None:
    index = ("--index", base / "index")
    found = json.loads(run("search", "火车", "--json", *index).stdout)
    assert [hit["path"] for hit in found["hits"]] == [str(base / "pages" / "a.md")]
    for arguments in (
        ["index", base / "pages"],
        ["index", base / "pages", "--rebuild"],
        ["index", base / "pages", "--dry-run"],
        ["search", "火车", "--context", "1"],
        ["search", "火车", "--files"],
        ["explain", "火车"],
        ["show", f"{base / 'pages' / 'a.md'}:1"],
        ["list", "titles"],
        ["stats"],
        ["check"],
    ):
        result = run(*arguments, *index)
        assert result.exit_code == 0, (arguments, result.exception)
    assert run("index", base / "pages", "--index", base / "second").exit_code == 0
    assert run("read", base / "pages" / "a.md").exit_code == 0
    # It is the only paragraph.
    assert run("similar", f"{base / 'pages' / 'a.md'}:1", *index).exit_code in (0, 1)
    assert run("trust", "--list").exit_code in (0, 1)


def test_programs_search_by_full_paths(base: Path) -> None:
    (hit,) = search("火车", base / "index")
    assert hit.path == str(base / "pages" / "a.md")


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "火车"],
        ["search", "火车", "--index", "index"],
        ["index", "{}/pages"],
        ["index", "pages", "--index", "{}/index"],
        ["index", "pages", "--index", "{}/index", "--dry-run"],
        ["show", "pages/a.md", "--index", "{}/index"],
        ["similar", "pages/a.md", "--index", "{}/index"],
        ["trust", "."],
        ["trust", "--remove", "."],
    ],
)
def test_relative_paths_are_told_in_one_line(base: Path, arguments: Sequence[str]) -> None:
    result = run(*(argument.format(base) for argument in arguments))
    assert isinstance(result.exception, WenduanError)
    assert str(result.exception).endswith(GONE)


def test_many_pages_are_indexed_by_two_processes(base: Path) -> None:
    """The second process starts in the same folder; all the rest is loaded there too."""
    for at in range(4):
        # Few paragraphs of many bytes: what counts is the start of the process.
        page = "\n\n".join([f"<!-- {'x' * 900_000} -->", f"第 {at} 列火车。"])
        (base / "pages" / f"{at}.md").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "wenduan", "index", base / "pages", "--index", base / "many"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("5 pages")
