"""What a page's author wrote is completed such that the shell runs none of it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torture import shells

from conftest import build
from wenduan.cli.completing import argument_of, is_visible
from wenduan.cli.quoting import FISH, POSIX, POWERSHELL, quote_bash, quote_powershell, read_line

# By the character that begins each value: the value, and what asks for it in a query.
VALUES = {
    "甲": ("$(touch ran)`touch ran`", '"甲$(touch ran)`touch ran`"'),
    "乙": ('it\'s \\ "x" !y', '“乙it\'s \\ "x" !y”'),
    "丙": (";touch ran;&<>||x", '"丙;touch ran;&<>||x"'),
    "丁": ("*?[a]{b,c}~/x", '"丁*?[a]{b,c}~/x"'),
    "戊": ("#=:%^@+,-._/x", "戊#=:%^@+,-._/x"),
    "己": (" --json\u3000-n", '"己 --json -n"'),
    "庚": ("e\u0301，·「家👨‍👩‍👧❤️」", '"庚e\u0301，·「家👨‍👩‍👧❤️」"'),
    "辛": ("!!$HOME${HOME}$'x'!*", "\"辛!!$HOME${HOME}$'x'!*\""),
    "壬": ("\\", "壬\\"),
    "癸": ("'\"$(touch ran)'", "“癸'\"$(touch ran)'”"),
}
# What cannot be seen, or asked for.
LEFT_OUT = ["子\x1b[31m", "丑\u202e甲", "寅a\u200bb", '卯“"」', "辰\u3164", "巳a\u200db", "午\x07"]


def write_page(folder: Path, name: str, value: str) -> None:
    facts = {"title": value, "author": value, "tags": [value]}
    facts |= {"url": "https://a.example/x", "site": value}
    text = json.dumps(facts, ensure_ascii=False) + "\n苹果树\n"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "pages").mkdir()
    values = [begin + rest for begin, (rest, _) in VALUES.items()]
    for number, value in enumerate([*values, *LEFT_OUT]):
        write_page(folder / "pages", str(number), value)
    build(folder / "index", folder / "pages").close()
    return str(folder / "index")


@pytest.fixture(params=shells.SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path, location: str) -> Iterator[shells.Shell]:
    if os.name == "nt" or shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    opened = shells.Shell(request.param, tmp_path / "cwd", location)
    yield opened
    opened.close()
    # Nothing ran, before Enter or after.
    assert os.listdir(tmp_path / "cwd") == []


# What is typed before the value: each field by its English and its Chinese name, the shell's own
# quotation marks in all places.
BEGUN = [
    "author:",
    "'title:",
    '"tag:',
    "site:'",
    '作者:"',
    "标题:",
    "标签:",
    "网站:",
    "-话题:",
    "by:",
]


def test_what_is_completed_reaches_the_command_as_it_is(shell: shells.Shell) -> None:
    keys = " ".join(f"{typed}{begin}\t" for typed, begin in zip(BEGUN, VALUES, strict=True))
    wanted = [
        typed.replace("'", "").replace('"', "") + asked
        for typed, (_, asked) in zip(BEGUN, VALUES.values(), strict=True)
    ]
    assert shell.run(f"wenduan search {keys}") == ["search", *wanted]
    # Names of files are completed by the shell itself.
    name = "页$(touch ran)`x`'!.md"
    (shell.folder / name).write_text("x")
    assert shell.run("wenduan read 页\t") == ["read", name]
    (shell.folder / name).unlink()


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell (pwsh) is not installed")
def test_powershell_reads_what_is_quoted_for_it() -> None:
    values = [begin + rest for begin, (rest, _) in VALUES.items()]
    code = "\n".join(
        f"[Console]::Out.Write({quote_powershell(value)} + [char]0)" for value in values
    )
    run = subprocess.run(["pwsh", "-NoProfile", "-Command", code], capture_output=True, check=True)
    assert run.stdout.decode().split("\0")[:-1] == values


TEXTS = st.text(st.sampled_from([*map(chr, range(32, 127)), *"é段‘’“”🙂"]), max_size=12)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_reads_what_is_quoted_for_it(tmp_path: Path) -> None:
    texts = [*map(chr, range(32, 127)), "a" + "".join(map(chr, range(32, 127))), "~", "~root/x"]
    texts += [f"{a}{b}x" for a in "$\\!`'\"*{~" for b in "(${!'\"\\`"]
    lines = [f"printf '%s\\0' {quote_bash(text, '')}" for text in texts]
    for mark in "'\"":
        lines += [f"printf '%s\\0' {mark}{quote_bash(text, mark)}{mark}" for text in texts]
    # As at a prompt: with the history that an exclamation mark calls up.
    code = "\n".join(["set -H; set -o history", *lines]) + "\n"
    run = subprocess.run(
        ["bash", "--norc", "--noprofile"], cwd=tmp_path, input=code.encode(), capture_output=True,
        check=False,
    )  # fmt: skip
    assert run.stdout.decode().split("\0")[:-1] == texts * 3, run.stderr


@given(TEXTS, st.sampled_from(["", "'", '"']))
def test_a_line_is_read_as_it_was_quoted(text: str, mark: str) -> None:
    (word,) = read_line(f"{mark}{quote_bash(text, mark)}", POSIX) if text else [None]
    assert word is None or (word.text, word.quote, word.plain) == (text, mark, True)
    if text:
        (word,) = read_line(quote_powershell(text), POWERSHELL)
        assert word.text.replace("‘‘", "‘").replace("’’", "’") == text


@pytest.mark.parametrize(
    ("line", "rules", "words"),
    [
        ("a  'b c'\td", POSIX, ["a", "b c", "d"]),
        ('a "b\\$ \\c\\"', POSIX, ["a", 'b$ \\c"']),
        ("a b\\ c ", POSIX, ["a", "b c", ""]),
        ("x 'it\\'s' \"", FISH, ["x", "it's", ""]),
        ("x 'it''s' \"a`\"b", POWERSHELL, ["x", "it's", 'a"b']),
        ("x a\\", POSIX, ["x", "a"]),
    ],
)
def test_words_of_a_line(line: str, rules: object, words: list[str]) -> None:
    assert [word.text for word in read_line(line, rules)] == words  # type: ignore[arg-type]


@pytest.mark.parametrize("line", ["a $x", "a $(x", 'a "`x', "a $'x"])
def test_what_only_the_shell_could_tell_is_no_plain_word(line: str) -> None:
    assert not read_line(line, POSIX)[-1].plain
    assert read_line("a '$x`", POSIX)[-1].plain


def test_powershell_knows_four_single_quotation_marks() -> None:
    # about_Quoting_Rules: a quotation mark within such marks is doubled.
    assert quote_powershell("a'b’c‘d‚e‛f") == "'a''b’’c‘‘d‚‚e‛‛f'"
    assert quote_powershell("$(x) `n") == "'$(x) `n'"
    assert quote_powershell("author:段小草") == "author:段小草"
    assert quote_powershell("-author:x") == "'-author:x'"


@pytest.mark.parametrize(
    ("value", "argument"),
    [
        ("段小草", "author:段小草"),
        ("a b", 'author:"a b"'),
        ('a"b', 'author:“a"b”'),
        ('a“b” "c', None),
        ("*", None),
        ("＊", None),
        ("(四)", 'author:"(四)"'),
        ("「x」", 'author:"「x」"'),
        ("OR", "author:OR"),
        ("author:x", "author:author:x"),
        ("！？", "author:！？"),
    ],
)
def test_the_query_that_asks_for_a_value(value: str, argument: str | None) -> None:
    assert argument_of("author:", value, "") == argument


@pytest.mark.parametrize(
    "char",
    [
        *("\u200b", "\u2060", "\u00ad", "\u034f", "\u3164", "\u2800", "\ue000", "\U000e0041"),
        *("\ufe0f", "\u200d", "\x85", "\t", "\n", "\ud800"),
    ],
)
def test_what_cannot_be_seen(char: str) -> None:
    assert not is_visible(f"甲{char}乙")


def ask(shell: str, location: str, *asked: str, **environment: str) -> list[str]:
    """What the command answers a script."""
    run = subprocess.run(
        [Path(sys.executable).with_name("wenduan"), *asked],
        env={**os.environ, "_WENDUAN_COMPLETE": f"{shell}_complete", "WENDUAN_INDEX": location,
             **environment},
        capture_output=True,
        check=True,
    )  # fmt: skip
    assert run.stderr == b""
    return run.stdout.decode().splitlines()


def test_what_cannot_be_seen_or_asked_for_is_left_out(location: str) -> None:
    lines = ask("zsh", location, "author:", "search")
    assert sorted(lines) == sorted(f"plain,author:{asked}" for _, asked in VALUES.values())


def test_powershell_gets_json_of_quoted_values(location: str) -> None:
    (line,) = ask("powershell", location, _WENDUAN_COMPLETE_LINE="wenduan search author:甲")
    (item,) = json.loads(line)
    assert item["value"] == f"'author:“甲{VALUES['甲'][0]}”'"
    assert line.isascii()
    (line,) = ask("powershell", location, _WENDUAN_COMPLETE_LINE="wenduan search author:")
    shown = [item["value"] for item in json.loads(line)]
    assert len(shown) == 8, shown
    assert not any('"' in text for text in shown)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_of_before_gets_only_what_no_shell_reads_otherwise(
    shell: str, location: str, sample_location: str
) -> None:
    words = "wenduan search author : " if shell == "bash" else "wenduan search author:"
    cursor = {"bash": "4", "zsh": "2", "fish": "author:"}[shell]
    assert ask(shell, location, COMP_WORDS=words, COMP_CWORD=cursor) == [""]
    assert len(ask(shell, sample_location, COMP_WORDS=words, COMP_CWORD=cursor)) > 5


def test_another_encoding_than_utf_8_gets_ascii_alone(sample_location: str) -> None:
    there = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert ask("zsh", sample_location, "author:", "search", **there) == [""]
    assert "plain,--json\tPrint one JSON object." in ask("zsh", "x", "--js", "search", **there)


def test_a_damaged_index_and_a_strange_line_offer_nothing(tmp_path: Path, location: str) -> None:
    shutil.copytree(location, tmp_path / "index")
    for path in (tmp_path / "index").iterdir():
        path.write_bytes(path.read_bytes()[::-1])
    for asked in (["author:", "search"], ["author:", "\0", "search"][::2], []):
        assert ask("zsh", str(tmp_path / "index"), *asked) == [""]
    for line in ("wenduan search author:$(x", "wenduan search `author:", "", "\\", "wenduan '"):
        assert ask("bash", location, line, "x") == [""]


@pytest.mark.parametrize("shell", shells.SHELLS)
def test_a_tab_starts_no_command_of_the_folder(shell: str, tmp_path: Path, location: str) -> None:
    if os.name == "nt" or shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    opened = shells.Shell(shell, tmp_path / "cwd", location)
    ran = tmp_path / "ran"
    (tmp_path / "cwd" / "wenduan").write_text(f"#!/bin/sh\necho x >{ran}\n")
    (tmp_path / "cwd" / "wenduan").chmod(0o755)
    opened.type("./wenduan search author:甲\t\x15")
    set_path = "set -gx PATH . $PATH" if shell == "fish" else "PATH=.:$PATH"
    try:
        opened.run(f"{set_path}; wenduan search author:甲\t")
    finally:
        opened.close()
    assert not ran.exists()
