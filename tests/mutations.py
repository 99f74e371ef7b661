"""Damaged pages: golden ones with bytes changed, pieces moved, markup repeated. Seeded.

As a command it reads many of them, and pages that repeat one piece, and names each that breaks
the reader or takes too long; the clock is looked at only here, not by the tests:

    .venv/bin/python tests/mutations.py --pages 20000
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from golden import golden_files
from wenduan import PageError
from wenduan.pages import parse_pages
from wenduan.pages.guarding import is_fault

SAMPLES = Path(__file__).parent.parent / "samples"
# Seconds that a page of a megabyte may take, and what any page may take besides.
SECONDS_PER_MB = 1.0
SECONDS = 0.1
# Pages of nothing but one short piece hold many more blocks a byte; a square would take a minute.
DENSE = 10
# Small pieces that readers look for.
TOKENS = [
    "[", "](", ")", "![", "`", "```\n", "<", "<p>", "</p>", "<table>", "<math>", "&#x2F;&#x2F;",
    "*", "**", "==", "> ", "- ", "1. ", "# ", "---\n", "+++\n", "{", "}", ":", ": ", "\n", "\n\n",
    "\t", " ", "　", "\u200b", "\ufeff", "\0", "$", "$$", "[^1]", "[^1]: ", "|", "| --- |\n", "\\",
    "%%0123456789_start%%\n", "作者：", "链接：", "来源：知乎", "人赞同了该回答", "赞同 ",
    " 条评论", "收起", "发布于 2020-01-01", "关注", "1", "，", "https://www.zhihu.com/question/1/answer/2",
    "https://www.zhihu.com/equation?tex=", "https://link.zhihu.com/?target=", "&amp;", "&", "!!",
    "*a", "&a ", "<<: ", "## Highlights\n", "[⤴️](https://omnivore.app/me/a#b)", "]]", "[[",
]  # fmt: skip
# Pieces that readers go back or forth from; a page of one kind of them is the worst.
PIECES = [
    "> a [⤴️](https://omnivore.app/me/a#b) #x ^1234\n\n",
    "⤴ #a ^abcd",
    "==a ",
    "32 人赞同了该回答\n\n赞同 3 条评论\n\n",
    "[发布于 2020-01-01](https://www.zhihu.com/question/1/answer/3)\n\n赞同 3 条评论\n\na\n\n",
    "参考\n\n1. a\n\n",
    "[a](b)",
    "<a href=b><p>",
    "<div>",
    "1,",
    "%%0123456789_start%%\n",
    "作者：甲 链接：https://www.zhihu.com/question/1/answer/2 来源：知乎 ",
]
ZHIHU = "---\nurl: https://www.zhihu.com/question/1/answer/2\n---\n"
LONG = 200_000
Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]


def _flip(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    begin, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:begin] + data[end:]


def _truncate(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _splice(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    other = rng.choice(seeds)
    at, begin = rng.randrange(len(data) + 1), rng.randrange(len(other) + 1)
    return data[:at] + other[begin : begin + rng.randrange(2000)] + data[at:]


def _insert(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        token = rng.choice(TOKENS).encode()
        data = data[:at] + token * rng.choice([1, 1, 2, 5, 40]) + data[at:]
    return data


def _repeat(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Grow a page: a token, or a piece of it, many times."""
    at = rng.randrange(len(data) + 1)
    piece = rng.choice(TOKENS).encode() if rng.random() < 0.5 else data[at : at + 60]
    return data[:at] + piece * rng.choice([50, 500, 5000]) + data[at:]


def _swap_lines(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    return b"\n".join(lines)


def _encode(rng: random.Random, data: bytes, seeds: list[bytes]) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(["gb18030", "utf-16", "utf-8-sig", "big5hkscs"]), "ignore")


MUTATIONS: list[Mutation] = [
    _flip, _cut, _truncate, _splice, _insert, _insert, _repeat, _swap_lines, _encode
]  # fmt: skip


def mutated_pages(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Give so many damaged pages with a name for each; the same seed gives the same pages."""
    rng = random.Random(seed)
    files = [*golden_files(), *sorted(SAMPLES.glob("*.md"))]
    seeds = [path.read_bytes() for path in files]
    for number in range(count):
        at = rng.randrange(len(files))
        data = seeds[at]
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(MUTATIONS)(rng, data, seeds)
        yield f"{number}-{files[at].name}", data


def check(name: str, data: bytes) -> str | None:
    """Read a page; say what is wrong where it breaks the reader."""
    try:
        parse_pages(name, data)
    except PageError as error:
        if "\n" in str(error):
            return f"{name}: an error of several lines"
        if is_fault(error):
            return str(error)
    except Exception:
        return f"{name}: {traceback.format_exc()}"
    return None


def check_in_time(name: str, data: bytes, scale: int = 1) -> str | None:
    """Read a page; say also where it takes too long, on a computer with nothing else to do."""
    begin = time.process_time()
    if wrong := check(name, data):
        return wrong
    seconds = time.process_time() - begin
    if seconds > scale * (SECONDS + SECONDS_PER_MB * len(data) / 1e6):
        return f"{name}: {seconds:.2f} s for {len(data):,} bytes"
    return None


def repeated(piece: str) -> bytes:
    """A page that repeats one piece: the time to read it must not grow with its square."""
    return (ZHIHU + piece * (LONG // len(piece.encode()))).encode()


def page_of_images() -> tuple[str, bytes]:
    """A page that holds an image as text, much longer than what it says."""
    image = "QUJD" * 5_000_000
    text = f'<html><body><p>前<img src="data:image/png;base64,{image}">后</p></body></html>'
    return "page.html", text.encode()


def main() -> None:
    """Read the pages that the command line asks for."""
    parser = argparse.ArgumentParser(description="Read damaged pages.")
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pages = [(f"{piece!r}{end}", repeated(piece)) for piece in PIECES for end in (".md", ".html")]
    pages.append(page_of_images())
    wrong = [said for row in pages if (said := check_in_time(*row, DENSE))]
    damaged = mutated_pages(options.pages, options.seed)
    wrong += [said for row in damaged if (said := check_in_time(*row))]
    print(*wrong, sep="\n")
    print(f"{options.pages + len(pages):,} pages read, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
