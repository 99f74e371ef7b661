"""Omnivore's plugin for Logseq: properties of a block, highlights as blocks below it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..blocks import Block
from ..document import Document, Saved, Saver
from ..facts import Facts, read_facts
from ..heads import Highlights, retext, strip_trail

_PROPERTY = re.compile(r"(?<![a-z-])([a-z]+(?:-[a-z]+)*)::\s*(.*)")
_HEADINGS = {"### Highlights", "Highlights", "### Content", "Content", "🔖 Articles"}


def _recognise(document: Document) -> bool:
    first = document.blocks[:8]
    return any(_properties(block).get("site") is not None for block in first)


def _properties(block: Block) -> dict[str, str]:
    found = (_PROPERTY.fullmatch(line.strip()) for line in block.text.split("\n"))
    return {match[1]: match[2] for match in found if match}


def _read(document: Document) -> Saved:
    facts = document.facts
    marks = Highlights()
    kept: list[Block] = []
    begun = False
    for block in document.blocks:
        properties = _properties(block)
        if "site" in properties:
            facts = facts.over(_facts(block, properties))
            marks.marks.append(block)
            begun = True
        elif not begun and block.level:
            # The heading below which the plugin puts its pages, by whatever name.
            marks.marks.append(block)
        elif "note" in properties:
            marks.notes += _note(block)
        elif block.flat in _HEADINGS or (properties and len(properties) == len(_lines(block))):
            marks.marks.append(block)
        elif block.kind != "rule":
            kept.append(_unmarked(block, marks))
    if facts.title and facts.title_line is not None:
        kept.insert(0, Block("heading", facts.title_line, facts.title))
    return Saved(
        "omnivore",
        facts,
        kept,
        notes=marks.notes,
        dropped=marks.marks,
    )


def _lines(block: Block) -> list[str]:
    return [line for line in block.text.split("\n") if line.strip()]


def _facts(block: Block, properties: dict[str, str]) -> Facts:
    """The first line is a link with the title; the second link leads to the page itself."""
    names = {"date-saved": "date_saved", "date-published": "date_published", "labels": "tags"}
    values = {names.get(name, name): value for name, value in properties.items() if name != "site"}
    first = _lines(block)[0]
    links = [link for link in block.links if link.url.startswith("http")]
    if links and links[0].text.strip() == first.strip():
        values["title"] = first
        links = links[1:]
    if links:
        values["original_url"] = links[0].url
        values["site_name"] = links[0].text
    return replace(read_facts(values), title_line=block.line if "title" in values else None)


def _note(block: Block) -> Sequence[Block]:
    text = "\n".join(_PROPERTY.sub(r"\2", line) for line in block.text.split("\n"))
    return [retext(block, text)] if text.strip() else []


def _unmarked(block: Block, marks: Highlights) -> Block:
    if not any(link.text.startswith("⤴") for link in block.links):
        return block
    text = strip_trail(block.text)
    rest = block.text[len(text) :].strip()
    marks.marks.append(Block("text", block.line + block.text.count("\n"), rest))
    return replace(block, kind="quote", text=text)


# Its highlights bear the mark by which the reader of the other plugin knows its own.
READER = Saver("omnivore", 8, _recognise, _read)
