"""Output is written in any encoding, to any stream; exit codes say what they say elsewhere."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import build
from wenduan.cli import main
from wenduan.cli.streams import Stream

COMMAND = Path(sys.executable).with_name("wenduan")
ENCODINGS = ["gbk", "cp950", "cp1252", "ascii", "big5", "shift_jis", "euc-kr", "utf-16", "cp437"]
# In no one of the encodings above, but for UTF-16.
TEXT = "晚饭后🎵练琴，é한𠮷ж；晚餐"
PAGE = f'{{"title": "{TEXT}", "author": "é{TEXT}", "tags": ["{TEXT}"], "votes": 3}}\n{TEXT}。\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encodings")
    (folder / "页").mkdir()
    (folder / "页" / "练🎵.md").write_text(PAGE, encoding="utf-8")
    # A backslash to Shift JIS, and a wide sign to code page 950.
    (folder / "页" / "价.md").write_text(f"{TEXT}\n\n价格 ¥5 \u203e", encoding="utf-8")
    (folder / "页" / "bad.md").write_bytes(b"\0")
    build(folder / "index", folder / "页").close()
    return folder


def run(
    monkeypatch: pytest.MonkeyPatch, encoding: str, *arguments: str
) -> tuple[int, bytes, bytes]:
    """The exit code, and what is written to standard output and error of an encoding."""
    out, err = io.BytesIO(), io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["wenduan", *arguments])
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding))
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return code, out.getvalue(), err.getvalue()


def unescape(text: str) -> str:
    return re.sub(
        r"\\(?:x(..)|u(....)|U(........))",
        lambda match: chr(int(match[1] or match[2] or match[3], 16)),
        text,
    )


COMMANDS: Mapping[str, tuple[list[str], int]] = {
    "search": (["search", "晚饭后"], 0),
    "styled": (["search", "晚饭后", "--color", "always"], 0),
    "context": (["search", "晚饭后", "--context", "1"], 0),
    "json": (["search", "晚饭后", "--json"], 0),
    "jsonl": (["search", "晚饭后", "--jsonl"], 0),
    "format": (["search", "晚饭后", "--format", "{title} {path} é"], 0),
    "explain-query": (["search", "晚饭后 🎵", "--explain-query"], 0),
    "nothing": (["search", "晚饭后 没有🎵zzz"], 1),
    "explain": (["explain", "晚饭后"], 0),
    "show": (["show", "{page}:3"], 0),
    "similar": (["similar", "{page}:1"], 0),
    "titles": (["list", "titles"], 0),
    "tags": (["list", "tags"], 0),
    "stats": (["stats"], 0),
    "stats-json": (["stats", "--json"], 0),
    "check": (["check"], 0),
    "read": (["read", "{page}"], 0),
    "summary": (["read", "--summary", "页"], 2),
    "dry-run": (["index", "页", "--dry-run", "--index", "none"], 0),
    "index": (["index", "页", "--rebuild", "--index", "other"], 2),
    "help": (["search", "--help"], 0),
    "no-command": (["晚饭🎵"], 2),
    "no-option": (["search", "--晚饭🎵"], 2),
    "no-index": (["search", "x", "--index", "晚饭🎵"], 2),
    "no-file": (["read", "晚饭🎵.md"], 2),
    "no-choice": (["list", "晚饭🎵"], 2),
}

JSON = {"json", "jsonl", "stats-json", "read"}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_an_encoding_lacks_is_escaped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WENDUAN_INDEX", str(folder / "index"))
    arguments, code = COMMANDS[name]
    page = str(folder / "页" / "练🎵.md")
    arguments = [argument.replace("{page}", page) for argument in arguments]
    wanted = run(monkeypatch, "utf-8", *arguments)
    assert wanted[0] == code, wanted
    for encoding in ENCODINGS:
        found = run(monkeypatch, encoding, *arguments)
        assert found[0] == code, encoding
        for kind, (was, now) in enumerate(zip(wanted[1:], found[1:], strict=True)):
            before, after = was.decode(), now.decode(encoding)
            if kind == 0 and name in JSON:
                assert as_json(after) == as_json(before), encoding
            elif encoding != "shift_jis":
                # Seconds and milliseconds may differ.
                assert re.sub(r"\d+\.\d s|took.*", "", unescape(after)) == re.sub(
                    r"\d+\.\d s|took.*", "", before
                ), encoding


def as_json(text: str) -> list[Any]:
    found = [json.loads(text)] if text[1:2] == "\n" else list(map(json.loads, text.splitlines()))
    found[0].pop("took_ms", None)
    return found


@pytest.mark.parametrize("encoding", [*ENCODINGS, "shift_jis_2004", "utf-8"])
def test_json_says_the_same_in_any_encoding(
    folder: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.chdir(folder)
    _, out, _ = run(monkeypatch, encoding, "search", "价格", "--jsonl", "--index", "index")
    (hit,) = map(json.loads, out.decode(encoding).splitlines())
    assert hit["text"] == "价格 ¥5 \u203e"
    _, out, _ = run(monkeypatch, encoding, "read", "页/价.md")
    post = json.loads(out.decode(encoding))["posts"][0]
    assert [row["text"] for row in post["paragraphs"]] == [TEXT, hit["text"]]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names of bytes")
@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "ascii", "utf-16", "utf-8"])
def test_names_of_files_are_written_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    names = ["练🎵.md".encode(), b"a\x1bb.md"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "w", encoding="utf-8") as file:
            file.write("晚饭后")
    build(tmp_path / "index", tmp_path).close()
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(monkeypatch, encoding, "search", "晚饭后", "--files", "--index", "index")
    assert code == 0
    assert sorted(map(os.path.basename, out.splitlines())) == sorted(names)


def finish(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments, "--index", "index"], cwd=folder, timeout=60, check=False, **options
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_output_that_cannot_be_written_is_one_line(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        for command in (["search", "晚饭后"], ["search", "晚饭后", "--files"], ["stats", "--json"]):
            done = finish(folder, *command, stdout=full, stderr=subprocess.PIPE)
            assert done.returncode == 2, done.stderr
            assert done.stderr.count(b"\n") == 1
            assert b"standard output: No space left on device" in done.stderr
        # What cannot be told changes nothing.
        done = finish(folder, "search", "x y z", stdout=subprocess.PIPE, stderr=full)
        assert done.returncode == 1
        assert finish(folder, "show", "none.md:1", stderr=full).returncode == 2
        done = finish(folder, "index", "页", stdout=subprocess.PIPE, stderr=full)
        assert done.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["search", "晚饭后"], 0), (["search", "晚饭后", "--files"], 0), (["search", "没有z"], 1),
        (["index", "页"], 2), (["check"], 0),
    ],
)  # fmt: skip
def test_who_reads_no_more_changes_no_exit_code(
    folder: Path, command: list[str], code: int
) -> None:
    for closed in ("stdout", "stderr"):
        read, write = os.pipe()
        os.close(read)
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, closed: write}
        done = finish(folder, *command, **options)
        os.close(write)
        assert done.returncode == code, closed
        assert b"Traceback" not in (done.stderr or b"")
        assert b"Exception" not in (done.stderr or b"")


def test_a_locale_of_ascii_is_no_hindrance(folder: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = {**os.environ, **plain}
    found = finish(folder, "search", "晚饭后", "--json", env=environment, capture_output=True)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["hits"][0]["text"] == f"{TEXT}。"
    found = finish(folder, "check", env=environment, capture_output=True)
    assert (found.returncode, found.stderr) == (0, b"")


def test_a_stream_of_before_stays_open() -> None:
    beneath = io.BytesIO()
    before = io.TextIOWrapper(beneath, "ascii")
    stream = Stream.over(before, is_told=True)
    stream.write("晚")
    del stream
    before.write("x")
    before.flush()
    assert beneath.getvalue() == b"\\u665ax"


def test_a_pager_that_is_no_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PAGER", "less '")
    monkeypatch.setattr("wenduan.cli.searching.is_terminal", lambda _: True)
    monkeypatch.setattr("wenduan.cli.searching._screen_size", lambda: (80, 2))
    monkeypatch.setattr("click._termui_impl.isatty", lambda _: True)
    code, _, err = run(monkeypatch, "utf-8", "search", "晚饭后", "--index", str(folder / "index"))
    assert code == 2
    assert b"$PAGER is no command" in err
