"""`wenduan read` prints what a reader makes of a page, and names what it cannot read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from golden import PAGES

KEYS = {
    "path", "saver", "site", "kind", "title", "url", "question", "saved", "published", "tags",
    "posts", "chrome", "warnings",
}  # fmt: skip
POST_KEYS = {
    "kind", "id", "author", "author_url", "headline", "votes", "comments", "published", "edited",
    "place", "url", "collapsed", "paragraphs", "references",
}  # fmt: skip


def read(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wenduan", "read", *arguments],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_one_page_is_one_object() -> None:
    found = json.loads(read(str(PAGES / "exporter-answer.md")).stdout)
    assert set(found) == KEYS
    assert all(set(post) == POST_KEYS for post in found["posts"])
    assert set(found["posts"][1]["paragraphs"][0]) == {
        "number",
        "line",
        "kind",
        "text",
        "references",
    }
    assert set(found["chrome"][0]) == {"line", "text"}


def test_several_pages_are_one_object_a_line() -> None:
    found = read(str(PAGES / "omnivore-single-file.md"))
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert [row["title"] for row in rows] == ["旧自行车怎么除锈", "为什么猫喜欢纸箱？"]
    assert found.returncode == 0


def test_summary_is_one_line_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 题\n\n正文", encoding="utf-8")
    (tmp_path / "b.html").write_text("<p>甲<p>乙", encoding="utf-8")
    (tmp_path / "bad.md").write_bytes(b"\0")
    (tmp_path / "c.png").write_bytes(b"\0")
    found = read("--summary", ".", cwd=tmp_path)
    words = [line.split() for line in found.stdout.splitlines()]
    assert words == [
        ["-", "-", "article", "1", "posts", "2", "paragraphs", "0", "warnings", "./a.md"],
        ["-", "-", "article", "1", "posts", "2", "paragraphs", "0", "warnings", "./b.html"],
    ]
    assert found.stderr == "wenduan: ./bad.md: binary, not text\n"
    assert found.returncode == 2


@pytest.mark.parametrize("arguments", [["none.md"], ["--summary", "none"], ["."]])
def test_what_cannot_be_read_is_one_line(tmp_path: Path, arguments: list[str]) -> None:
    found = read(*arguments, cwd=tmp_path)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert "Traceback" not in found.stderr
