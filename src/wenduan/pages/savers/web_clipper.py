"""Obsidian Web Clipper: properties above the page, names and buttons glued together in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..addresses import is_zhihu
from ..blocks import Block
from ..document import Document, Part, Saved, Saver
from ..facts import Facts, list_of
from ..zhihu.byline import clean_name
from ..zhihu.chrome import clean_title

_KEYS = {"title", "source", "created", "description"}
_MORE = re.compile(r"更多回答(?:收录于.*)?", re.DOTALL)
_GLUED = re.compile(r"(.+?)[\s\u200b]*(?:已?关注)$", re.DOTALL)


def _recognise(document: Document) -> bool:
    values = document.values
    return "clippings" in list_of(values.get("tags")) or {str(name) for name in values} >= _KEYS


def _read(document: Document) -> Saved:
    facts = document.facts
    blocks = list(document.blocks)
    if is_zhihu(facts.url):
        facts = _name_author(facts, document.values)
        blocks = [part for block in blocks for part in _unglue(block)]
    at = next((at for at, block in enumerate(blocks) if _begins_more(block)), len(blocks))
    parts: Sequence[Part] = ()
    dropped: list[Block] = []
    if at < len(blocks):
        # Their borders are not saved, nor who wrote them.
        parts = [Part(Facts(), blocks[at + 1 :])] if at + 1 < len(blocks) else ()
        dropped = [blocks[at]]
    return Saved(
        "obsidian-web-clipper",
        facts,
        blocks[:at],
        parts,
        dropped=dropped,
        warnings=document.warnings,
    )


def _begins_more(block: Block) -> bool:
    return block.kind == "heading" and bool(_MORE.fullmatch(block.text))


def _name_author(facts: Facts, values: Mapping[str, Any]) -> Facts:
    """The author without headline and button; None where nothing tells where the name ends."""
    given = facts.author
    _, titled = clean_title(facts.title or "")
    if given is None:
        return replace(facts, author=titled)
    glued = _GLUED.match(given)
    plain = glued[1].strip() if glued else given
    if titled and plain.startswith(titled):
        return replace(facts, author=titled, headline=plain[len(titled) :].strip(" \u200b") or None)
    if "\u200b" in plain:
        name, _, rest = plain.partition("\u200b")
        return replace(facts, author=clean_name(name), headline=rest.strip(" \u200b") or None)
    return replace(facts, author=titled or (None if glued else plain))


def _unglue(block: Block) -> list[Block]:
    """Part what the clipper glued behind 更多回答 into a block of its own."""
    if block.kind != "heading" or not block.text.startswith("更多回答") or block.flat == "更多回答":
        return [block]
    rest = block.text.removeprefix("更多回答").strip()
    return [replace(block, text="更多回答", links=[]), replace(block, kind="text", text=rest)]


READER = Saver("obsidian-web-clipper", 20, _recognise, _read)
