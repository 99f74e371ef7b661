"""Inputs made at random for the page readers, the query parser and the reader of array files.

Pages are golden ones and samples with bytes changed; a process of its own reads them, for what
compiled code cannot bear ends it.
"""

import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from wenduan.engines.array_writing import write_arrays
from wenduan.engines.arrays import ArrayFile
from wenduan.errors import IndexDamagedError, PageError, QueryError
from wenduan.pages import parse_pages
from wenduan.pages.guarding import is_fault
from wenduan.query import parse_query
from wenduan.query.outline import iter_outline

_ROOT = Path(__file__).parent.parent
# What the readers and the parser look for.
_TOKENS = [
    "---\n", "+++\n", "title: ", "- ", "? ", "&a ", "*a", "!!python/name:x ", "[", "]", "{", "}",
    "\"", "'", "|\n", ">\n", "# ", "> ", "```", "$$", "<table>", "<td>", "<math>", "<div>",
    "<a href=\"", "</", "<!--", "&#xD800;", "&#0;", "![", "](", "[^1]: ", "\0", "\ufeff",
    "\u202e", "\r", "\t",
    "　", "赞同 3211 条评论", "发布于 2020-13-45", "https://www.zhihu.com/question/1/answer/2",
    "%00", "1e999",
]  # fmt: skip
_QUERY_TOKENS = [
    "苹果", "C++", "3.5", "\"", "“", "(", ")", "|", "-", "NOT ", "*", "author:", "votes:>",
    "after:", "saved:<", "in:", "：", " ", "　", "has:link", "\0", "\ud800", "😀", "é", "①",
    "99999999999999999999", "2023-02-30", "[1]", "…", "/", "\\",
]  # fmt: skip


@dataclass(slots=True)
class Tally:
    """How many inputs were tried; what they broke."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


Target = Callable[[random.Random, Path], str | None]


@cache
def _seeds() -> list[bytes]:
    paths = [*(_ROOT / "samples").glob("*.md"), *(_ROOT / "tests" / "pages").rglob("*.md")]
    paths += (_ROOT / "tests" / "pages").rglob("*.html")
    return [path.read_bytes() for path in sorted(paths)]


def _mutate(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            data = data[:at] + rng.randbytes(rng.randint(1, 4)) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + data[at + rng.randrange(400) :]
        elif kind == 2:
            times = rng.choice([1, 2, 40, 20_000])
            data = data[:at] + rng.choice(_TOKENS).encode() * times + data[at:]
        elif kind == 3:
            end = at + rng.randrange(400)
            data = data[:end] + data[at:end] * rng.choice([1, 30]) + data[end:]
        else:
            data = data[:at]
    return data


def _read_page(rng: random.Random, _: Path) -> str | None:
    """A page, or a piece of one in an archive, is read or refused in one line."""
    data, name = _mutate(rng, rng.choice(_seeds())), rng.choice(["a.md", "a.html", "a.txt"])
    if rng.random() < 0.2:
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", rng.choice([0, 8, 12, 14])) as archive:
            archive.writestr("../../a.md", data)
            archive.writestr("metadata_0.json", rng.choice(["[1]", '[{"slug": 1}]', "{", "[" * 99]))
        data, name = _flipped(rng, packed.getvalue()), "a.zip"
    try:
        for page in parse_pages(name, data):
            json.dumps([paragraph.text for post in page.posts for paragraph in post.paragraphs])
    except PageError as error:
        if is_fault(error):
            return str(error)
        return "an error of several lines" if "\n" in str(error) else None
    return None


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([0, 1, 4])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _parse_query(rng: random.Random, _: Path) -> str | None:
    """A query is understood, or refused in one line."""
    query = "".join(rng.choices(_QUERY_TOKENS, k=rng.choice([1, 3, 8, 40, 300])))
    try:
        list(iter_outline(parse_query(query).tree))
    except QueryError as error:
        return f"{query!r}: an error of several lines" if "\n" in str(error) else None
    return None


def _read_arrays(rng: random.Random, folder: Path) -> str | None:
    """An array file with damage, or a header that was forged with its checksum, is told."""
    path = folder / "fuzzed"
    path.unlink(missing_ok=True)
    arrays = {"a": np.arange(rng.randrange(40_000), dtype="<u4"), "b": np.arange(9, dtype="<u1")}
    write_arrays(path, arrays, {})
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(_forged(rng, data) if rng.random() < 0.7 else _mutate(rng, data))
    try:
        file = ArrayFile(str(path))
        file.check_all()
        for name in arrays:
            file[name].all().sum()
    except IndexDamagedError:
        return None
    return None


def _forged(rng: random.Random, data: bytes) -> bytes:
    size = struct.unpack_from("<I", data, 12)[0]
    header = json.loads(data[24 : 24 + size])
    strange: Any = rng.choice(
        [None, -1, 2**70, "x", [], {}, 1.5, True, ["<u8", 0, 2**61], ["<u4", 64, 1]]
    )
    place = rng.choice(["arrays", "meta", "size", "checksums", "a", "b"])
    (header["arrays"] if place in {"a", "b"} else header)[place] = strange
    raw = json.dumps(header if rng.random() < 0.9 else strange).encode().ljust(size)[:size]
    return data[:12] + struct.pack("<III", size, zlib.crc32(raw), 0) + raw + data[24 + size :]


TARGETS: dict[str, Target] = {
    "pages": _read_page, "queries": _parse_query, "arrays": _read_arrays,
}  # fmt: skip


def run(folder: Path, target: str, count: int, seed: int) -> Tally:
    """Try so many inputs on a target, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_run, folder, target, count, seed).result()
        except BrokenProcessPool:
            return Tally(count, [f"{target}, seed {seed}: the process was ended by a signal"])


def _run(folder: Path, target: str, count: int, seed: int) -> Tally:
    tally = Tally()
    for number in range(seed * 1_000_000, seed * 1_000_000 + count):
        what = f"{target}, input {number}"
        try_once(TARGETS[target], random.Random(number), folder, what, tally)
    return tally


def try_once(call: Target, rng: random.Random, folder: Path, what: str, tally: Tally) -> None:
    """Try one input; `what` names it where it breaks something."""
    tally.tried += 1
    try:
        said = call(rng, folder)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    if said:
        tally.wrong.append(f"{what}: {said}")
