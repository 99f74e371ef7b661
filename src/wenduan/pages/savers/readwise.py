"""Readwise: a title, a list of metadata, and highlights as list items with links."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..blocks import Block
from ..document import Document, Saved, Saver
from ..fields import block_fields, facts_of_fields
from ..heads import Highlights, retext

_VIEW = re.compile(r"(?<!\s)\s*\(?\[?View Highlight\]?\)?\s*")
_TAGS = re.compile(r"Tags?:\s*(.*)")
_NOTE = re.compile(r"(?:Note|笔记)[:：]\s*(.*)", re.DOTALL)


# Title, cover, and a list of no more than a dozen items stand above the highlights.
_TOP = 24


def _recognise(document: Document) -> bool:
    top = document.blocks[:_TOP]
    headings = {block.flat for block in top if block.kind == "heading"}
    return {"Metadata", "Highlights"} <= headings or any(
        "readwise.io" in link.url for block in top for link in block.links
    )


def _read(document: Document) -> Saved:
    fields: list[tuple[str, str]] = []
    kept: list[Block] = []
    found = Highlights()
    section = ""
    for block in document.blocks:
        if block.kind == "heading" and block.level > 1:
            section = block.flat
            found.marks.append(block)
        elif section == "Full Document":
            # A link to where the plugin keeps it.
            found.marks.append(block)
        elif section == "Metadata":
            fields += block_fields(block)
            found.marks.append(block)
        elif section:
            _take(block, kept, found)
        else:
            kept.append(block)
    facts = facts_of_fields(fields)
    return Saved(
        "readwise",
        replace(facts, title_line=_line_of(facts.title, document.blocks)).over(document.facts),
        kept,
        notes=found.notes,
        dropped=found.marks,
    )


def _line_of(title: str | None, blocks: Sequence[Block]) -> int | None:
    return next((row.line for row in blocks if title and title in row.flat), None)


def _take(block: Block, kept: list[Block], found: Highlights) -> None:
    text = _VIEW.sub(" ", block.text).strip() if "View Highlight" in block.text else block.text
    if "View Highlight" in block.text:
        found.marks.append(Block("text", block.line, "View Highlight"))
    if _TAGS.fullmatch(block.flat):
        found.marks.append(block)
    elif note := _NOTE.fullmatch(text):
        found.notes.append(retext(block, note[1]))
    elif text:
        kept.append(retext(block, text.rstrip(" ()")))


READER = Saver("readwise", 30, _recognise, _read)
