"""Shells complete what hostile authors wrote; each command must get the very argument."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files
from wenduan.query.fields import NAMES

from .shells import SHELLS, Shell

# What shells read otherwise, and what attackers write.
_PIECES = (
    *map(chr, range(33, 127)), *"\x1b\u202e\u200b\u3000é段！＊“”「」，🎵", "e\u0301", " ", "  ",
    "$(touch ran)", "`touch ran`", "'; touch ran #", '"; touch ran #', "&& touch ran",
    "| touch ran",
    "${IFS}", "$HOME", "$'\\x41'", "!!", "!$", "^a^b", "~root", "{a,b}", "<(touch ran)", "\\\n",
    "--json", "\t", "(touch ran)", "; touch ran", "[a-z]*", "%s", "\\", "'", '"', "//",
)  # fmt: skip
_NAMES = [name for kind in ("author", "title", "tag", "site") for name in NAMES[kind]]
# How a value is begun: the shell's own quotation marks before the field, and behind it.
_BEGUN = ("{}:", "'{}:", '"{}:', "{}:'", '{}:"', "-{}:")


@dataclass
class Tally:
    """What was tried, by shell, and what went wrong."""

    tried: dict[str, int] = field(default_factory=dict)
    offered: int = 0
    wrong: list[str] = field(default_factory=list)


def run(folder: Path, values: int, seed: int) -> Tally:
    """Complete so many values, begun by a number of their own, in every shell that is there."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    _write_pages(folder / "pages", values, rng)
    index_files(WhooshEngine(str(folder / "index"), create=True), [str(folder / "pages")])
    tally = Tally()
    for name in SHELLS:
        if shutil.which(name) is None:
            continue
        shell = Shell(name, folder / name, str(folder / "index"))
        try:
            for number in range(values):
                name_of_field = rng.choice(_NAMES)
                word = f"{rng.choice(_BEGUN).format(name_of_field)}号{number}。"
                _complete(shell, word, folder / "index", tally)
        finally:
            shell.close()
        tally.tried[name] = values
        left = [path.name for path in (folder / name).iterdir()]
        tally.wrong += [f"seed {seed}: {name} ran something: {left}"] * bool(left)
    return tally


def _write_pages(folder: Path, values: int, rng: random.Random) -> None:
    folder.mkdir()
    for number in range(values):
        text = "".join(rng.choices(_PIECES, k=rng.randint(1, 6)))
        value = f"号{number}。{text}尾"
        facts = {"title": value, "author": value, "site": value, "tags": [value]}
        page = json.dumps(facts, ensure_ascii=False) + f"\n苹果树{number}\n"
        (folder / f"{number}.md").write_text(page, encoding="utf-8")


def _complete(shell: Shell, typed: str, index: Path, tally: Tally) -> None:
    """Complete one word, which must become the argument that is offered for it."""
    plain = typed.replace("'", "").replace('"', "")
    offered = _offered(plain, index)
    # Where nothing is offered, an open quotation would go on in the next line.
    keys = typed if offered else plain
    wanted = ["search", offered[0] if offered else plain]
    try:
        found = shell.run(f"wenduan search {keys}\t")
    except AssertionError as error:
        tally.wrong.append(f"{shell.name} {keys!r}: {error}")
        shell.interrupt()
        return
    if found != wanted:
        tally.wrong.append(f"{shell.name} {keys!r}: {found!r}, not {wanted!r}")
    tally.offered += bool(offered)


def _offered(plain: str, index: Path) -> Sequence[str]:
    """What is offered for a word, asked as zsh does: quoted for no shell."""
    done = subprocess.run(
        [Path(sys.executable).with_name("wenduan"), plain, "search"],
        env={"_WENDUAN_COMPLETE": "zsh_complete", "WENDUAN_INDEX": str(index), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    return [line.removeprefix("plain,") for line in lines if line.startswith("plain,")]
