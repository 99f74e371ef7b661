"""Read 10,000 saved pages of 10 KB, of all the shapes that the tests have, on one core."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from wenduan.pages import Page, iter_pages
from wenduan.pages.front_matter import split_front_matter

_ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (_ROOT / "tests" / "pages", _ROOT / "samples")
_SUFFIXES = {".md", ".txt", ".html"}


def make_pages(folder: Path, count: int, size: int) -> int:
    """Write so many pages of about `size` bytes; give the bytes of all.

    Each is a golden page whose body is repeated until it is long enough, in its own front matter.
    """
    sources = [path for place in FOLDERS for path in sorted(place.iterdir())]
    texts = [
        (path.suffix, _grown(path.read_text(encoding="utf-8"), path.suffix, size))
        for path in sources
        if path.suffix in _SUFFIXES
    ]
    total = 0
    for number in range(count):
        suffix, text = texts[number % len(texts)]
        # No two files are the same, as on a shelf.
        data = f"{text}\n\n第{number}页。\n".encode()
        (folder / f"{number:05}{suffix}").write_bytes(data)
        total += len(data)
    return total


def _grown(text: str, suffix: str, size: int) -> str:
    if suffix == ".html":
        head, tag, body = text.partition("<body")
    else:
        body = split_front_matter(text).body
        head, tag = text[: len(text) - len(body)], ""
    times = max(1, (size - len(head.encode())) // max(1, len(body.encode())))
    return head + tag + "\n\n".join([body] * times)


def read_all(folder: Path) -> Iterator[Page]:
    """Read each file of the folder as indexing does."""
    for path in sorted(folder.iterdir()):
        for found in iter_pages(path):
            if not isinstance(found, Page):
                raise SystemExit(f"not read: {found}")
            yield found


def main() -> None:
    """Print as JSON how many pages were read, of how many bytes, in how many seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=10_000, help="bytes of a page")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        size = make_pages(folder, options.pages, options.size)
        begin = time.perf_counter()
        paragraphs = sum(len(post.paragraphs) for page in read_all(folder) for post in page.posts)
        seconds = time.perf_counter() - begin
    found = {"pages": options.pages, "bytes": size, "paragraphs": paragraphs, "seconds": seconds}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
