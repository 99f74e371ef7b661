"""Evernote exports: the whole page, hard-wrapped, and the note's attributes as a trailer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block, without
from ..dates import date_of
from ..document import Document, Saved, Saver
from ..facts import Facts
from ..heads import take_section

# The trailer is a heading and a quote, perhaps with a rule behind it.
_TRAILER = 6
# Buttons of the page's head, among its first blocks.
_BUTTONS = {"登录", "注册", "登录注册", "登录/注册"}
_TOP = 8


def _recognise(document: Document) -> bool:
    return any(_names(block, "NOTE ATTRIBUTES") for block in document.blocks[-_TRAILER:])


def _names(block: Block, *names: str) -> bool:
    return block.kind == "heading" and block.flat in names


def _begins_trailer(block: Block) -> bool:
    return _names(block, "ATTACHMENTS", "TAGS", "NOTE ATTRIBUTES")


def _read(document: Document) -> Saved:
    trailer, blocks = take_section(document.blocks, _begins_trailer, lambda block: False)
    while blocks and blocks[-1].kind == "rule":
        trailer.append(blocks.pop())
    buttons = [row for row in blocks[:_TOP] if row.kind == "text" and row.flat in _BUTTONS]
    values: dict[str, str] = {}
    for name, value in _values(trailer):
        values.setdefault(name, value)
    # `author` is whose note it is, which need not be who wrote the page.
    facts = Facts(
        url=web_address(values.get("source-url")),
        saved=date_of(values.get("Created Date", "")),
        tags=_tags(trailer),
    )
    return Saved(
        "evernote",
        document.facts.over(facts),
        [_unwrapped(block) for block in without(blocks, buttons)],
        dropped=[*buttons, *trailer],
    )


def _tags(trailer: Sequence[Block]) -> tuple[str, ...]:
    """The tags below their heading, each in braces."""
    at = next((at for at, block in enumerate(trailer) if _names(block, "TAGS")), None)
    if at is None or at + 1 == len(trailer):
        return ()
    return tuple(re.findall(r"\{([^{}]+)\}", trailer[at + 1].text))


def _values(trailer: Sequence[Block]) -> Iterator[tuple[str, str]]:
    for block in trailer:
        for line in block.text.split("\n"):
            name, colon, value = line.lstrip("> ").partition(":")
            if colon:
                yield name.strip(), value.strip()


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
