"""Posts of Hexo, Hugo and Jekyll: front matter as these write it, perhaps a line of the source."""

import re
from dataclasses import replace

from ..blocks import Block
from ..document import Document, Saved, Saver
from ..facts import list_of
from ..fields import take_fields

_KEYS = {"date", "categories", "tags", "layout", "origin_url", "draft", "category", "permalink"}

# A tag of Hexo's or Jekyll's templates, on a line of its own.
_TAG = re.compile(r"\{%-?[^{}%\n]{1,200}-?%\}")


def _recognise(document: Document) -> bool:
    names = {str(name).lower() for name in document.values}
    return {"title", "date"} <= names and len(names & _KEYS) > 1


def _read(document: Document) -> Saved:
    found, taken, blocks = take_fields(document.blocks, 4)
    values = document.values
    tags = list_of(values.get("tags")) or list_of(values.get("categories"))
    facts = replace(document.facts.over(found), tags=tags)
    kept = [block for block in blocks if block.flat not in {"<!-- more -->", "<!--more-->"}]
    kept = [row for block in kept for row in _without_tags(block, taken)]
    return Saved(None, facts, kept, dropped=taken)


def _without_tags(block: Block, dropped: list[Block]) -> list[Block]:
    """A text without the lines that are tags of the template: `{% note info %}`."""
    lines = block.text.split("\n")
    tags = {at for at, line in enumerate(lines) if _TAG.fullmatch(line.strip())}
    if not tags or block.kind == "code":
        return [block]
    dropped += [Block("text", block.line + at, lines[at]) for at in sorted(tags)]
    kept = [at for at in range(len(lines)) if at not in tags]
    if not kept:
        return []
    text = "\n".join(lines[at] for at in kept)
    return [replace(block, text=text, line=block.line + kept[0])]


READER = Saver(None, 40, _recognise, _read)
