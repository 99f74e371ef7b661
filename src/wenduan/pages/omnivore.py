"""The head that Omnivore's note template puts above a page: recognised, read and taken off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block
from .source import iso_date

_DATE = re.compile(r"(date_saved|date_published):\s*(.+)")
_TAGS = re.compile(r"(?:#[^\s#]+\s*)+")
# The template's own lines stand before the content, among the first blocks of the page.
_HEAD_BLOCKS = 12


@dataclass(frozen=True, slots=True)
class SavedHead:
    """What a saver's head says, which blocks it is made of, and which blocks are the page."""

    url: str | None
    saved: str | None
    published: str | None
    tags: tuple[str, ...]
    head: tuple[Block, ...]
    rest: tuple[Block, ...]


def read_omnivore_head(blocks: Sequence[Block]) -> SavedHead | None:
    """Read the head off a page saved by Omnivore; None where the page was not saved by it."""
    if not any(_is_mark(block) for block in blocks[:_HEAD_BLOCKS]):
        return None
    facts: dict[str, str] = {}
    tags: list[str] = []
    head = [block for block in blocks[:_HEAD_BLOCKS] if _take(block, facts, tags)]
    rest = [block for block in blocks if not any(block is taken for taken in head)]
    return SavedHead(
        facts.get("url"),
        facts.get("date_saved"),
        facts.get("date_published"),
        tuple(tags),
        tuple(head),
        tuple(rest),
    )


def _is_mark(block: Block) -> bool:
    return block.flat.split()[:1] == ["#Omnivore"] or any(
        link.text == "Read on Omnivore" for link in block.links
    )


def _take(block: Block, facts: dict[str, str], tags: list[str]) -> bool:
    """Tell whether a block is part of the head, and note what it says."""
    text = block.flat
    if block.kind == "rule":
        return True
    if block.kind == "heading":
        return text.rstrip(":： ") == "Full Content"
    if text.startswith("#Omnivore") and _TAGS.fullmatch(text):
        tags += [tag for tag in text.replace("#", " ").split() if tag != "Omnivore"]
        return True
    if match := _DATE.fullmatch(text):
        if moment := iso_date(match[2]):
            facts.setdefault(match[1], moment)
        return True
    if len(block.links) == 1 and text in {"Read on Omnivore", "Read Original"}:
        if text == "Read Original":
            facts["url"] = block.links[0].url
        return True
    return False
