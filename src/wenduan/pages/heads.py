"""Sections and marks that several savers put around a page: highlights, rules, addresses."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from .blocks import Block, without

# What a highlight ends with: a link to it, tags, and a name for it.
_TRAIL = re.compile(r"⤴\ufe0f?|\^[\w-]{4,40}|#\[\[[^\]]*\]\]|#[^\s#^]+")
# Nobody marks as many; each is looked for in the whole page.
_MOST_QUOTES = 1000
_PLAIN = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Highlights:
    """A section of highlights: what the user marked, and wrote about it."""

    quotes: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    marks: list[Block] = field(default_factory=list)


def strip_trail(text: str) -> str:
    """A highlight without the link, tags and name behind it."""
    text = text.rstrip()
    while text:
        begin = max(text.rfind(space) for space in " \n") + 1
        if not _TRAIL.fullmatch(text, begin):
            break
        text = text[:begin].rstrip()
    return text


def take_section(
    blocks: Sequence[Block], begins: Callable[[Block], bool], ends: Callable[[Block], bool]
) -> tuple[list[Block], list[Block]]:
    """Part the blocks of the first section that `begins` from the others; its heading is first."""
    at = next((at for at, block in enumerate(blocks) if begins(block)), None)
    if at is None:
        return [], list(blocks)
    end = next((i for i in range(at + 1, len(blocks)) if ends(blocks[i])), len(blocks))
    return list(blocks[at:end]), [*blocks[:at], *blocks[end:]]


def part_repeated(
    quotes: Iterable[Block], page: Iterable[Block]
) -> tuple[list[Block], list[Block]]:
    """Part highlights that the page's own text repeats from those that only they hold."""
    text = plain("".join(block.text for block in page))
    rows = list(quotes)
    repeated = [row for row in rows[:_MOST_QUOTES] if plain(row.text) in text]
    return repeated, without(rows, repeated)


def plain(text: str) -> str:
    """The letters of a text, without marks, punctuation and space, to compare two texts by."""
    return _PLAIN.sub("", text)


def retext(block: Block, text: str) -> Block:
    """The same block with another text."""
    return replace(block, text=text)


def original_url(blocks: Iterable[Block]) -> str | None:
    """Address behind a link that savers call the original."""
    for block in blocks:
        for link in block.links:
            if link.text.strip() in {"Read Original", "Original", "原文", "查看原文", "阅读原文"}:
                return link.url
    return None
