"""A Zhihu exporter: for each answer a heading, a callout of facts, and the text quoted."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..blocks import Block
from ..document import Document, Part, Saved, Saver
from ..fields import facts_of_fields, read_field

_HEADING = re.compile(r"(?:📝\s*)?(.{1,40}?)的回答")
_CALLOUT = re.compile(r"\[!\w+\][-+]?[ \t]*[^\n]*")
_COMMENTS = re.compile(r".{0,4}评论 \(\d+ 条\)")


def _starts(blocks: Sequence[Block]) -> list[int]:
    """Where answers begin: at a heading that names one, with a callout below it."""
    return [at for at in range(len(blocks) - 1) if _is_start(blocks[at], blocks[at + 1])]


def _is_start(block: Block, below: Block) -> bool:
    if block.kind != "heading" or not _HEADING.fullmatch(block.flat):
        return False
    return bool(_CALLOUT.match(below.flat))


def _recognise(document: Document) -> bool:
    return bool(_starts(document.blocks))


def _read(document: Document) -> Saved:
    blocks = list(document.blocks)
    starts = _starts(blocks)
    ends = [*starts[1:], len(blocks)]
    dropped: list[Block] = []
    parts = [_part(blocks[a:b], dropped) for a, b in zip(starts, ends, strict=True)]
    return Saved(
        "zhihu-export",
        document.facts,
        [block for block in blocks[: starts[0]] if block.kind != "rule"],
        parts,
        dropped=dropped,
    )


def _part(blocks: Sequence[Block], dropped: list[Block]) -> Part:
    """One answer: what its callout says, and its text, which is a quotation in form only."""
    fields: list[tuple[str, str]] = []
    kept: list[Block] = []
    dropped.append(blocks[0])
    said = True
    for block in (piece for row in blocks[1:] for piece in _without_label(row)):
        if block.kind == "heading" and _COMMENTS.fullmatch(block.flat):
            said = False
        callout = _CALLOUT.fullmatch(block.flat)
        told = [] if callout or kept else _fields(block)
        fields += told
        if told or callout or not said:
            dropped.append(block)
        elif block.kind != "rule":
            kept.append(replace(block, kind="text") if block.kind == "quote" else block)
    return Part(facts_of_fields(fields), kept)


def _without_label(block: Block) -> list[Block]:
    """Part the label of a callout from the text that begins on the next line."""
    match = _CALLOUT.match(block.text)
    if not match or match.end() == len(block.text):
        return [block]
    rest = block.text[match.end() :].lstrip("\n")
    return [replace(block, text=match[0]), replace(block, text=rest, line=block.line + 1)]


def _fields(block: Block) -> list[tuple[str, str]]:
    """The facts of a callout's block, one a line; none where another line is among them."""
    if block.kind not in {"list", "quote"}:
        return []
    lines = [read_field(line) for line in block.text.split("\n") if line.strip()]
    found = [field for field in lines if field is not None]
    return [_with_target(field, block) for field in found] if len(found) == len(lines) else []


def _with_target(field: tuple[str, str], block: Block) -> tuple[str, str]:
    """A fact of the callout; the address stands behind the text of a link."""
    name = field[0]
    return (name, block.links[0].url) if name.startswith("原文") and block.links else field


READER = Saver("zhihu-export", 10, _recognise, _read)
