"""Commands in folders that a stranger made: nothing runs, waits, leaves the folder or is sent.

Each command is a process of its own, with bounded memory and time, started in the folder.
"""

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files

from .strange_entries import TEXT, fill

# Bytes of address space and seconds that a command may take: many times what it needs.
_MOST_MEMORY = 6 << 30
_MOST_SECONDS = 120
_PLACE = "pages/a.md:1"
_COMMANDS: Sequence[Sequence[str]] = (
    ("index",),
    ("index", "."),
    ("index", "pages", "--rebuild"),
    ("index", "pages", "--dry-run"),
    ("search", "火车"),
    ("search", "@c"),
    ("search", "火车", "--json", "--all"),
    ("search", "火车", "--format", "{path} {title} {author}\n"),
    ("list", "authors"),
    ("list", "titles"),
    ("stats",),
    ("check",),
    ("show", _PLACE),
    ("similar", _PLACE),
    ("explain", "火车"),
    ("read", "--summary", "pages"),
    ("complete", "author:"),
    ("complete", "title:"),
)
# What acts on a terminal; lines may end.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Tally:
    """How many folders of which kinds were made, and commands run; what went wrong."""

    folders: int = 0
    commands: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Listener:
    """A host that nobody should call; counts who does."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.calls = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.close()
            self.calls += 1

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def run(folder: Path, count: int, seed: int, commands: int = 8) -> Tally:
    """Make so many folders, and run so many commands in each, the first of which indexes it."""
    tally = Tally()
    good = folder / "good"
    _make_good(good)
    listener = Listener()
    try:
        for number in range(count):
            name = f"seed {seed}, folder {number}"
            rng = random.Random(f"{seed} {number}")
            _try_folder(folder / str(number), good, rng, listener, commands, tally, name)
            shutil.rmtree(folder / str(number))
    finally:
        listener.close()
    return tally


def _make_good(folder: Path) -> None:
    """A folder with a page and an index, and one outside with what a stranger wants."""
    for name, text in (("downloaded/pages/a.md", TEXT), ("outside/secret.md", "外面的机密。")):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "outside" / "precious").write_text("mine", encoding="utf-8")
    (folder / "outside" / "words").write_bytes(b"\xff")
    for name in ("downloaded", "outside"):
        engine = WhooshEngine(str(folder / name / "index"), create=True)
        index_files(engine, [str(folder / name)])
        engine.close()


def _try_folder(
    base: Path,
    good: Path,
    rng: random.Random,
    listener: Listener,
    commands: int,
    tally: Tally,
    name: str,
) -> None:
    shutil.copytree(good, base, symlinks=True)
    (base / "home").mkdir()
    here = base / "downloaded"
    tally.kinds.update(kinds := fill(here, rng, listener.address))
    before, calls = _state(base), listener.calls
    chosen = [_COMMANDS[1], *rng.choices(_COMMANDS, k=commands - 1)]
    for command in chosen:
        cwd = rng.choice((here, here / "pages"))
        wrong = _run(command, cwd, _environment(base))
        if (here / "ran").exists() or (here / "pages" / "ran").exists():
            wrong.append("ran what lies in the folder")
        if _state(base) != before:
            wrong.append("changed what lies outside")
        if listener.calls != calls:
            wrong.append("called a host")
        told = f"{name} ({', '.join(kinds)}): {' '.join(command)} in {cwd.name}"
        tally.wrong += [f"{told}: {row}" for row in wrong]
        tally.commands += 1
        if wrong:
            # What is wrong once would be found with each further command.
            break
    tally.folders += 1


def _environment(base: Path) -> Mapping[str, str]:
    """A user with a home and credentials, who trusts nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": str(base / "home"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WENDUAN_OPENSEARCH_USER": "reader",
        "WENDUAN_OPENSEARCH_PASSWORD": "canary",
    }


def _run(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[str]:
    """Run a command in a folder, and tell what is wrong with how it went."""
    # As the installed command starts: with its own folder first on the path, not the current one.
    wenduan = os.path.join(os.path.dirname(sys.executable), "wenduan")
    start = ["sh", "-c", f'ulimit -v {_MOST_MEMORY >> 10}; exec "$0" "$@"', wenduan]
    if command[0] == "complete":
        words = {"COMP_WORDS": f"wenduan search {command[1]}", "COMP_CWORD": "2"}
        env = {**env, "_WENDUAN_COMPLETE": "bash_complete", **words}
    else:
        start += command
    try:
        done = subprocess.run(
            start,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [f"takes more than {_MOST_SECONDS} s"]
    return _look_at(command, done)


def _look_at(command: Sequence[str], done: "subprocess.CompletedProcess[bytes]") -> list[str]:
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    wrong = []
    if done.returncode not in (0, 1, 2):
        wrong.append(f"ends with {done.returncode}")
    if "Traceback" in err:
        wrong.append(f"a traceback: {err.splitlines()[-1]}")
    if _ACTING.search(out) or _ACTING.search(err):
        wrong.append(f"writes {_ACTING.findall(out + err)[:3]} to the terminal")
    if "机密" in out:
        wrong.append("shows what lies outside")
    if command[0] == "complete" and err:
        wrong.append(f"completion says {err.splitlines()[-1]}")
    return wrong


def _state(base: Path) -> list[tuple[str, int, int]]:
    """All that lies beside the folder, home included, with sizes and times."""
    found = []
    for name in ("outside", "home"):
        for root, folders, files in os.walk(base / name):
            for entry in (*folders, *files):
                state = os.lstat(os.path.join(root, entry))
                found.append((os.path.join(root, entry), state.st_size, state.st_mtime_ns))
    return sorted(found)
