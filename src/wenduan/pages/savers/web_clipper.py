"""Obsidian Web Clipper: properties above the page, names and buttons glued together in it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..addresses import is_zhihu
from ..blocks import Block, without
from ..document import Document, Part, Saved, Saver
from ..facts import Facts, list_of

_KEYS = {"title", "source", "created", "description"}
_MORE = re.compile(r"更多回答(?:收录于.*)?", re.DOTALL)

# The line above an answer: name, a mark that is not seen, headline and button.
_FOLLOW = re.compile(r"([^\n。！？；]{1,90}?)[\s\u200b]*已?关注")
_TOP = 3


def _recognise(document: Document) -> bool:
    values = document.values
    return "clippings" in list_of(values.get("tags")) or {str(name) for name in values} >= _KEYS


def _read(document: Document) -> Saved:
    facts = document.facts
    blocks = list(document.blocks)
    dropped: list[Block] = []
    if is_zhihu(facts.url):
        blocks = [part for block in blocks for part in _unglue(block)]
        facts, dropped = _read_byline(facts, blocks[:_TOP])
        blocks = without(blocks, dropped)
    at = next((at for at, block in enumerate(blocks) if _begins_more(block)), len(blocks))
    parts: Sequence[Part] = ()
    if at < len(blocks):
        # Their borders are not saved, nor who wrote them.
        parts = [Part(Facts(), blocks[at + 1 :])] if at + 1 < len(blocks) else ()
        dropped.append(blocks[at])
    return Saved(
        "obsidian-web-clipper",
        facts,
        blocks[:at],
        parts,
        dropped=dropped,
    )


def _begins_more(block: Block) -> bool:
    return block.kind == "heading" and bool(_MORE.fullmatch(block.text))


def _unglue(block: Block) -> list[Block]:
    """Part what the clipper glued behind 更多回答 into a block of its own."""
    if block.kind != "heading" or not block.text.startswith("更多回答") or block.flat == "更多回答":
        return [block]
    rest = block.text.removeprefix("更多回答").strip()
    return [replace(block, text="更多回答", links=[]), replace(block, kind="text", text=rest)]


def _read_byline(facts: Facts, top: Sequence[Block]) -> tuple[Facts, list[Block]]:
    """Name and headline off the line that ends in the button, where it tells them apart."""
    for block in top:
        match = _FOLLOW.fullmatch(block.text.strip("\u200b "))
        if match is None or block.kind != "text" or block.links:
            continue
        name, mark, headline = match[1].partition("\u200b")
        known = facts.author
        if known and not mark:
            name, headline = known, match[1].removeprefix(known)
        # What does not begin with the name that the file gives is no line of that person.
        if match[1].startswith(name) and (known.startswith(name) if known else mark):
            headline = headline.strip(" \u200b")
            found = Facts(author=name.strip(), headline=facts.headline or headline or None)
            return found.over(facts), [block]
    return facts, []


READER = Saver("obsidian-web-clipper", 20, _recognise, _read)
