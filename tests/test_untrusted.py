"""What a page, an archive, a link or a file's name says does nothing to who reads of it."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from conftest import build
from wenduan import neutralizing, printer
from wenduan.cli import cli
from wenduan.cli.searching import _file_to_open
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import WenduanError
from wenduan.indexing import index_files
from wenduan.links import paragraph_link
from wenduan.pages import parse_page
from wenduan.searching import Index

# Colour, title of the window, C1 forms, bell, backspace, carriage return, bidirectional marks.
HOSTILE = "\x1b[31m\x1b]0;t\x07\x9b31m\x9d\x07\x08\r\x7f\u202e\u202a\u2066\u2069\u200e\u200f\u061c"
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0))} - {"\n"} | {
    *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200e", "\u200f", "\u061c"
}  # fmt: skip
FACTS = {
    "title": f"题{HOSTILE}", "author": f"某人{HOSTILE}", "tags": [f"标{HOSTILE}"],
    "url": "https://a.example/x", "published": "2020-01-01",
}  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with an index of a page all of whose parts are hostile, and its name too."""
    body = f"苹果{HOSTILE}树[一](https://b.example/{HOSTILE})[^1]\n\n[^1]: 看{HOSTILE}\n"
    page = json.dumps(FACTS) + "\n" + body
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / f"名\x1b[31m\u202e{'x'}.md").write_text(page, encoding="utf-8")
    (tmp_path / "pages" / "\x1b]0;t\x07bad.md").write_bytes(b"\0")
    return tmp_path


def run(*arguments: str) -> str:
    """All that a command prints, run here: much quicker than in a process of its own."""
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def fail(folder: Path, *arguments: str) -> str:
    """All that a command prints that ends with an error."""
    done = subprocess.run(
        [sys.executable, "-m", "wenduan", *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return (done.stdout + done.stderr).decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_nothing_reaches_the_terminal(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hostile)
    commands = [
        ["index", "pages", "--dry-run"], ["index", "pages"], ["search", "苹果"],
        ["search", "苹果 天"],
        ["search", "苹果", "--json"], ["search", "苹果", "--jsonl"], ["list", "titles"],
        ["search", "苹果", "--format", "{title} {author} {path} {url} {link} {tags} {references}"],
        ["list", "tags"], ["stats"], ["stats", "--json"], ["explain", "苹果"],
        ["search", f"苹果{HOSTILE}", "--explain-query"], ["read", "pages/\x1b]0;t\x07bad.md"],
        ["read", "--summary", "pages"],
    ]  # fmt: skip
    for command in commands:
        said = run(*command).replace("\t", "")
        assert said, command
        assert not FORBIDDEN & set(said), command
    path = next(path for path in (hostile / "pages").iterdir() if path.name[0] == "名")
    assert not FORBIDDEN & set(run("show", f"{path}:1"))
    (hostile / "pages" / path.name).write_text("别的", encoding="utf-8")
    assert not FORBIDDEN & set(run("check"))
    for command in (["read", "\x1b[31mnone.md"], ["search", "x", "--index", "\x1b[m"]):
        said = fail(hostile, *command)
        assert said
        assert not FORBIDDEN & set(said), command


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_styled_result_holds_only_our_own_escapes(hostile: Path) -> None:
    with Index(build(hostile / "index", hostile / "pages")) as index:
        text = printer.format_results(index.run("苹果"), styled=True, width=80)
    text = text.replace("\x1b]8;;\x1b\\", "")
    assert text.count("\x1b]8;;https://a.example/x#") == 1
    assert not FORBIDDEN & set(click.unstyle(text).replace("\x1b]8;;", "").replace("\x1b\\", ""))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_json_says_what_the_page_says(hostile: Path) -> None:
    with Index(build(hostile / "index", hostile / "pages")) as index:
        results = index.run("苹果")
        (found,) = json.loads(printer.format_json(results))["hits"]
    assert "\u202e" in found["text"]
    assert found["text"] == results.hits[0].text


def test_half_a_character_is_valid_json() -> None:
    page = parse_page("a.md", b'{"title": "\\ud800 x"}\n\xe6\xad\xa3')
    text = printer.format_pages([page])
    assert json.loads(text.encode("utf-8"))["title"] == "\ud800 x"


@pytest.mark.parametrize("text", ["家👨‍👩‍👧‍👦", "全　角", "a\xa0b"])
def test_what_people_write_stays(text: str) -> None:
    assert neutralizing.neutral(text) == text
    assert neutralizing.neutral_json(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:1",
        " java\nscript:1",
        "file:///etc/passwd",
        "data:text/html,x",
    ],
)
def test_only_addresses_of_the_web_are_links(tmp_path: Path, url: str) -> None:
    page = {"title": "题", "author_url": url, "url": url}
    text = json.dumps(page) + f"\n苹果[^1]\n\n[^1]: [某书](<{url.strip()}>)\n"
    (tmp_path / "a.md").write_text(text.replace("java\nscript", "javascript"), encoding="utf-8")
    with Index(build(tmp_path / "index", tmp_path / "a.md")) as index:
        hit = index.search("苹果 kind:article")[0]
    assert (hit.url, hit.link, hit.author_url) == (None, None, None)
    assert all(reference.url is None for reference in hit.references)
    assert paragraph_link(url, "苹果") is None


def test_an_address_is_written_as_rfc_3986_has_it() -> None:
    link = paragraph_link('https://a.example/"\x1b`\u202e 树', "苹果")
    assert link is not None
    assert link.startswith("https://a.example/%22%1B%60%E2%80%AE%20树#:~:text=")


def test_opening_is_one_argument_and_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "-x;touch ran;$(touch ran).md"
    Path(name).write_text("苹果树", encoding="utf-8")
    build(tmp_path / "index", tmp_path / name).close()
    opener, said = tmp_path / "xdg-open", tmp_path / "said"
    opener.write_text(f"#!/bin/sh\nprintf '%s\\n' $# \"$1\" > {said}.new; mv {said}.new {said}\n")
    opener.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-m", "wenduan", "search", "苹果", "--open", "1"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    for _ in range(200):
        if said.exists():
            break
        time.sleep(0.05)
    assert run.stderr == b""
    assert said.read_text().splitlines() == ["1", str(tmp_path / name)]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["evil.desktop", "evil.sh", "evil", "a.md.exe"])
def test_only_what_is_indexed_is_opened(tmp_path: Path, name: str) -> None:
    # Who can write to an index names any file there.
    (tmp_path / name).write_text("x")
    with pytest.raises(WenduanError, match="not opened"):
        _file_to_open(str(tmp_path / name))
    with pytest.raises(WenduanError, match="not there any more"):
        _file_to_open(f"/none/{name}")
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert _file_to_open(str(tmp_path / "a.zip" / "in" / "b.md")) == str(tmp_path / "a.zip")


def test_what_nothing_opens_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("苹果树", encoding="utf-8")
    build(tmp_path / "index", tmp_path / "a.md").close()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    arguments = ["search", "苹果", "--open", "1", "--index", str(tmp_path / "index")]
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, WenduanError)
    assert "no program opens it" in str(result.exception)


@pytest.mark.parametrize("rest", ["/树?q=\x1b\\x", "/a b\u202e", "/" + "长" * 3_000])
def test_a_link_of_the_terminal_is_ascii_and_short(tmp_path: Path, rest: str) -> None:
    page = {"title": "题", "url": f"https://a.example{rest}"}
    (tmp_path / "a.md").write_text(json.dumps(page) + "\n苹果树\n", encoding="utf-8")
    with Index(build(tmp_path / "index", tmp_path / "a.md")) as index:
        text = printer.format_results(index.run("苹果"), styled=True, width=80)
    for target in re.findall("\x1b]8;;(.*?)\x1b", text):
        assert re.fullmatch("[!-~]{0,2083}", target), target
    assert not FORBIDDEN & set(re.sub("\x1b]8;;[!-~]*\x1b\\\\", "", click.unstyle(text)))


def test_yaml_nested_without_end_is_read_as_text() -> None:
    # libyaml calls itself for each level: a hundred thousand of them ended the process.
    for head in ("a: " + "[" * 100_000, "a:\n" + "".join(" " * n + "a:\n" for n in range(1500)),
                 "- " * 100_000 + "x", "? " * 100_000, "a: " + "{a: " * 100_000):  # fmt: skip
        page = parse_page("a.md", f"---\n{head}\n---\n正文".encode())
        assert page.posts[-1].paragraphs[-1].text == "正文"


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['touch ran']",
        "!!python/name:os.system",
        "!ruby/object:A {}",
    ],
)
def test_yaml_builds_no_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    page = parse_page("a.md", f"---\ntitle: 题\nauthor: {value}\n---\n正文".encode())
    assert page.posts[-1].paragraphs[-1].text == "正文"
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_links_lead_out_of_the_folder_only_when_asked(tmp_path: Path) -> None:
    pages, secret = tmp_path / "pages", tmp_path / "secret"
    (pages / "inner").mkdir(parents=True)
    secret.mkdir()
    (secret / "key.md").write_text("香蕉的钥匙", encoding="utf-8")
    (pages / "inner" / "own.md").write_text("香蕉的一页", encoding="utf-8")
    (pages / "key.md").symlink_to(secret / "key.md")
    (pages / "secret").symlink_to(secret)
    (pages / "same").symlink_to(pages / "inner")
    (tmp_path / "root").symlink_to(pages)
    engine = WhooshEngine(str(tmp_path / "index"), create=True)

    def found() -> list[str]:
        hits = Index(engine).search("香蕉", grouped=False)
        return sorted(os.path.relpath(os.path.abspath(hit.path), tmp_path) for hit in hits)

    # The folder that is given may be a link itself.
    report = index_files(engine, [str(tmp_path / "root")])
    assert found() == ["root/inner/own.md", "root/same/own.md"]
    assert [Path(error.path).name for error in report.skipped] == ["key.md", "secret"]
    assert all("--follow-links" in error.reason for error in report.skipped)
    index_files(engine, [str(tmp_path / "root")], follow_links=True)
    assert {"root/key.md", "root/secret/key.md"} < set(found())
    # A link into another of the given folders leads nowhere else.
    other = WhooshEngine(str(tmp_path / "other"), create=True)
    assert not index_files(other, [str(pages), str(secret)]).skipped
