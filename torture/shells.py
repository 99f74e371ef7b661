"""Shells at a terminal of their own: what is typed there, and what a command is given."""

import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PROMPT = "ready%"
# A function in the place of the command notes what it is given.
_NOTE = "printf '%s\\0' {arguments} >'{said}.new'; mv '{said}.new' '{said}'"
_STARTS = {
    "bash": (
        ["--noprofile", "--rcfile", "{script}", "-i"],
        f"PS1='{PROMPT}'; HISTFILE=; set -H; bind 'set enable-bracketed-paste off'\n"
        "wenduan() {{ " + _NOTE.replace("{arguments}", '"$@"') + "; }}\n",
    ),
    "zsh": (
        ["-d", "-i"],
        f"unsetopt prompt_cr prompt_sp; PS1='{PROMPT}%'; HISTFILE=\n"
        "autoload -Uz compinit; compinit -u -D\n"
        "wenduan() {{ " + _NOTE.replace("{arguments}", '"$@"') + " }}\n",
    ),
    "fish": (
        ["--no-config", "-i", "-C", "source '{script}'"],
        f"function fish_prompt; echo -n '{PROMPT}'; end\nset fish_greeting\n"
        "function wenduan; " + _NOTE.replace("{arguments}", "$argv") + "; end\n",
    ),
}
SHELLS = tuple(_STARTS)


class Shell:
    """A shell with the completion of wenduan, in a folder of its own."""

    def __init__(self, name: str, folder: Path, index: str) -> None:
        """Start it; `folder` is made, and is its current folder."""
        self.name, self.folder = name, folder
        self._said = folder.parent / f"{folder.name}-said"
        folder.mkdir()
        program = shutil.which(name)
        assert program is not None
        arguments, start = _STARTS[name]
        command = Path(sys.executable).with_name("wenduan")
        home = folder.parent / f"{folder.name}-home"
        home.mkdir()
        script = home / ".zshrc"
        completion = subprocess.check_output([command, "completion", name]).decode()
        script.write_text(start.format(said=self._said) + completion, encoding="utf-8")
        self._terminal, slave = pty.openpty()
        environment = {
            "PATH": f"{command.parent}:/usr/bin:/bin", "HOME": str(home), "ZDOTDIR": str(home),
            "LC_ALL": "C.UTF-8", "TERM": "xterm", "WENDUAN_INDEX": index,
            "TTY": os.ttyname(slave), "COLUMNS": "2000",
        }  # fmt: skip
        arguments = [argument.format(script=script) for argument in arguments]
        # The first terminal that the leader of a session opens is the session's.
        self._process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" <"$TTY" >"$TTY" 2>&1', program, *arguments],
            cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        self._wait(lambda shown: PROMPT.encode() in shown)
        os.close(slave)

    def _wait(self, ended: Callable[[bytes], bool]) -> None:
        shown = b""
        for _ in range(600):
            if select.select([self._terminal], [], [], 0.05)[0]:
                shown += self._read()
            if ended(shown):
                return
        raise AssertionError(f"the shell waits for something: {shown.decode(errors='replace')}")

    def _read(self) -> bytes:
        try:
            return os.read(self._terminal, 65_536)
        except OSError:
            return b"(it has ended)"

    def type(self, keys: str) -> None:
        """Type, and wait for nothing."""
        os.write(self._terminal, keys.encode())

    def run(self, keys: str) -> list[str]:
        """Type a line and Enter; gives the arguments that the command got."""
        self._said.unlink(missing_ok=True)
        self.type(f"{keys}\r")
        self._wait(lambda _: self._said.exists())
        return self._said.read_bytes().decode().split("\0")[:-1]

    def interrupt(self) -> None:
        """Leave the line as Ctrl-C does."""
        os.write(self._terminal, b"\x03")
        self._wait(lambda shown: PROMPT.encode() in shown)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)
