"""Commands in a real terminal of 80 columns (tmux): what people see."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from wenduan.wrapping import columns

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """A shell in a terminal of 80 columns and 50 lines."""

    def __init__(self, folder: Path, index: str) -> None:
        self._name = f"wenduan-{uuid.uuid4().hex}"
        self._socket = str(folder / "tmux")
        environment = {**os.environ, "WENDUAN_INDEX": index, "PS1": "$ ", "LANG": "C.UTF-8"}
        environment |= {"LC_ALL": "C.UTF-8", "TERM": "screen-256color", "PAGER": "cat"}
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "50",
            "env PS1='$ ' bash --norc --noprofile", env=environment,
        )  # fmt: skip

    def _tmux(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        return subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout

    def type(self, text: str, *keys: str) -> None:
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", *(keys or ("Enter",)))

    def press(self, key: str) -> None:
        self._tmux("send-keys", key)

    def screen(self) -> list[str]:
        return self._tmux("capture-pane", "-p", "-J").rstrip("\n").split("\n")

    def wait_for(self, seen: Callable[[list[str]], bool]) -> list[str]:
        for _ in range(300):
            shown = self.screen()
            if seen(shown):
                return shown
            time.sleep(0.1)
        raise AssertionError("\n".join(self.screen()))

    def run(self, command: str) -> list[str]:
        """The lines that a command prints, and its exit code as the last one."""
        self.type(f"clear; {sys.executable} -m wenduan {command}; echo code $?")
        shown = self.wait_for(lambda lines: any(line.startswith("code ") for line in lines))
        end = next(at for at, line in enumerate(shown) if line.startswith("code "))
        return shown[: end + 1]

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path, sample_location: str) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, sample_location)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("search 夹生饭 -n 3", "2 results; 3 paragraphs match"),
        ("search 猫为什么不喝水 -n 2 --context 1", "2 results; "),
        ("search 'kind:answer' -n 3", "3 results; "),
        ("search 夹升饭", "no paragraph holds 夹升饭; near it: 夹生饭"),
        ("similar samples/zhihu-rice-cooker.md:59 -n 1", "1 result; "),
        ("stats", "months"),
        ("list sites", "1\texample.com"),
        ("explain 夹生饭", "score"),
        ("show samples/zhihu-rice-cooker.md:59", ">  我奶奶有一句话"),
        ("check", "files are indexed"),
        ("completion zsh", "compdef"),
        ("search 夹生饭 --explain-query", "夹生饭"),
    ],
)
def test_lines_fit_the_terminal(terminal: Terminal, command: str, shown: str) -> None:
    lines = terminal.run(command)
    text = "\n".join(lines).expandtabs()
    assert shown.expandtabs() in text
    assert lines[-1] == f"code {int('no paragraph' in shown)}"
    if not command.startswith(("explain", "completion")):
        # tmux joins what a terminal had to break.
        assert max(map(columns, lines)) <= 80
    for line in lines:
        if "https://" in line:
            assert line.strip().startswith(("https://", "[")), line


def test_the_progress_bar_leaves_no_trace(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.md").write_text(f"第{number}页。" * 50, encoding="utf-8")
    lines = terminal.run(f"index {folder} --index {tmp_path / 'index'}")
    assert [line for line in lines if line.strip()] == [lines[0], "code 0"]
    assert lines[0].startswith("300 pages")


def test_ctrl_c_ends_with_130_and_no_traceback(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3_000):
        (folder / f"{number}.md").write_text(f"第{number}页，写的是别的。" * 200, encoding="utf-8")
    index = tmp_path / "index"
    terminal.type(
        f"clear; {sys.executable} -m wenduan index {folder} --index {index}; echo code $?"
    )
    terminal.wait_for(lambda lines: any("reading" in line for line in lines))
    terminal.press("C-c")
    lines = terminal.wait_for(lambda lines: any(line.startswith("code ") for line in lines))
    text = "\n".join(lines)
    assert "code 130" in text
    assert "interrupted; the index is as it was before" in text
    assert "Traceback" not in text
