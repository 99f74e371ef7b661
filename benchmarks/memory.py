"""Peak memory of one run of indexing over ever more large files, refused ones and good ones."""

import argparse
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from . import machine
from .process import measure
from .reading import FOLDERS

_REFUSED, _GOOD = 15_000_000, 5_000_000
# What begins or ends a post, or is no text of one.
_SAID_OF_POSTS = re.compile(r"^[^\u4e00-\u9fff]|赞|评论|编辑|发布|关注|回答|作者|[:：%]|http")


def refused(folder: Path, count: int) -> None:
    """Write files that are refused for different reasons, none before much of it was read."""
    rng = random.Random(1)
    rows = bytes(rng.choices(b"\xff\xfe\xc3abc\n \x81", k=100_000))
    kinds: Iterator[Callable[[int], tuple[str, bytes]]] = cycle([
        lambda size: (".md", rows * (size // len(rows))),
        lambda size: (".txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + rows * (size // len(rows))),
        lambda size: (".html", b"\xff\xfe" + b"\x00\xd8" * (size // 2)),
        lambda size: (".zip", b"PK\x03\x04" + rows * (size // len(rows))),
        lambda size: (".md", b"text" * (2 * size // 4)),
    ])  # fmt: skip
    for number, make in zip(range(count), kinds, strict=False):
        suffix, data = make(_REFUSED)
        (folder / f"{number:03}{suffix}").write_bytes(data)


def good(folder: Path, count: int) -> None:
    """Write pages of the paragraphs of all golden pages and samples, in another order each."""
    paths = [path for place in FOLDERS for path in sorted(place.glob("*.md"))]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").split("\n")]
    texts = [line for line in lines if len(line) > 20 and not _SAID_OF_POSTS.search(line)]
    rng = random.Random(1)
    for number in range(count):
        size, rows = 0, []
        while size < _GOOD:
            rows.append(f"{rng.choice(texts)}第{number}页第{len(rows)}段。")
            size += len(rows[-1].encode()) + 2
        (folder / f"{number:03}.md").write_text("\n\n".join(rows), encoding="utf-8")


def run(make: Callable[[Path, int], None], count: int) -> dict[str, Any]:
    """Index so many files; give the seconds and the megabytes that all processes held at most."""
    with tempfile.TemporaryDirectory() as temporary:
        pages = Path(temporary) / "pages"
        pages.mkdir()
        make(pages, count)
        command = [sys.executable, "-m", "wenduan", "index", str(pages)]
        # Where files are refused, a run ends with 2.
        done = measure([*command, "--index", f"{temporary}/index"], accepted={0, 2})
    report = done.output.strip().splitlines()[-1]
    return {
        "files": f"{count} {make.__name__}", "peak_mb": done.peak_mb, "one_mb": done.own_mb,
        "seconds": done.seconds, "report": report,
    }  # fmt: skip


def render(record: dict[str, Any]) -> str:
    """The record as tables in Markdown."""
    rows = [
        f"| {row['files']} | {row['peak_mb']:,.0f} | {row['one_mb']:,.0f} | {row['seconds']:.1f} |"
        f" {row['report']} |"
        for row in record["rows"]
    ]
    head = f"# Memory of a run, {record['date']}, commit {record['commit']}\n\n"
    what = (
        f"Refused files have {_REFUSED:,} bytes (one in five of them twice as many, which is too"
        f" large), good ones {_GOOD:,}. Megabytes are those of both processes together at most,"
        " and of the larger one.\n\n"
    )
    table = "| files | MB at most | of one process | seconds | |\n| --- | --- | --- | --- | --- |\n"
    return head + what + table + "\n".join(rows) + "\n"


def main() -> None:
    """Measure runs over ever more files, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refused", type=int, nargs="*", default=[4, 8, 16, 32])
    parser.add_argument("--good", type=int, nargs="*", default=[2, 4, 8, 16])
    parser.add_argument("--runs", type=Path, default=Path(__file__).parent / "runs")
    options = parser.parse_args()
    record = machine.describe()
    rows = [run(refused, count) for count in options.refused]
    record["rows"] = [*rows, *(run(good, count) for count in options.good)]
    machine.write_record(options.runs, "memory", record, render(record))


if __name__ == "__main__":
    main()
