"""Evernote exports: the whole page, hard-wrapped, and the note's attributes as a trailer."""

from dataclasses import replace

from ..blocks import Block
from ..document import Document, Saved, Saver
from ..fields import block_fields, facts_of_fields
from ..heads import take_section


def _recognise(document: Document) -> bool:
    return any(_is_trailer(block) for block in document.blocks)


def _is_trailer(block: Block) -> bool:
    return block.kind == "heading" and block.flat == "NOTE ATTRIBUTES"


def _read(document: Document) -> Saved:
    trailer, blocks = take_section(document.blocks, _is_trailer, lambda block: False)
    fields = [
        field
        for block in trailer[1:]
        for field in block_fields(replace(block, text=block.text.replace("\n>", "\n")))
    ]
    while blocks and blocks[-1].kind == "rule":
        trailer.append(blocks.pop())
    facts = facts_of_fields(fields)
    if facts.published is None:
        # `Created Date` is the day of the note, not that of the page.
        facts = replace(facts, saved=facts.saved or facts.edited, edited=None)
    return Saved(
        "evernote",
        document.facts.over(facts),
        [_unwrapped(block) for block in blocks],
        dropped=trailer,
        warnings=document.warnings,
    )


def _unwrapped(block: Block) -> Block:
    """A paragraph whose lines were broken at a fixed width, in one line again."""
    lines = block.text.split("\n")
    if block.kind not in {"text", "list", "quote"} or len(lines) < 2:
        return block
    text = lines[0]
    for line in lines[1:]:
        wide = ord(text[-1]) > 0x2E7F or ord(line[0]) > 0x2E7F
        text += line if wide else f" {line}"
    return replace(block, text=text)


READER = Saver("evernote", 10, _recognise, _read)
