"""A Zhihu exporter: `#! address` above the text, facts in comments of Markdown."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block, without
from ..dates import date_of
from ..document import Document, Saved, Saver
from ..facts import Facts, text_of

_ADDRESS = re.compile(r"#!\s*(https?://\S+)")
_COMMENT = re.compile(r"\[comment\]: <> (?:\((.*)\)|\"(.*)\")?\s*$")
_NAMES = {
    "Answer URL": "url", "Article URL": "url", "Question Title": "title", "Article Title": "title",
    "Author Name": "author", "Create Time": "published", "Update Time": "edited",
}  # fmt: skip


def _recognise(document: Document) -> bool:
    return any(_ADDRESS.fullmatch(block.flat) for block in _top(document.blocks[:3]))


def _top(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, comments apart that stand right below the address: Markdown sees one text."""
    return [line for block in blocks for line in _lines(block)]


def _lines(block: Block) -> list[Block]:
    first, *others = block.text.split("\n")
    below = [_COMMENT.match(line) is not None for line in others]
    if not below or not _ADDRESS.fullmatch(first) or not below[0]:
        return [block]
    # What stands behind the comments is text again.
    count = below.index(False) if False in below else len(below)
    rows = [replace(block, text=first)]
    rows += [
        replace(block, kind="definition", text=text, line=block.line + at, links=[])
        for at, text in enumerate(others[:count], 1)
    ]
    rest = "\n".join(others[count:])
    return [*rows, replace(block, text=rest, line=block.line + count + 1)] if rest else rows


def _read(document: Document) -> Saved:
    taken: list[Block] = []
    facts = Facts()
    blocks = [*_top(document.blocks[:3]), *document.blocks[3:]]
    for block in blocks[:12]:
        if match := _ADDRESS.fullmatch(block.flat):
            facts = facts.over(Facts(url=match[1]))
            taken.append(block)
        elif block.kind == "definition" and (comment := _COMMENT.match(block.text)):
            facts = facts.over(_fact(comment[1] or comment[2] or "", block.line))
            taken.append(block)
    return Saved(
        "zhihu-export",
        facts.over(document.facts),
        without(blocks, taken),
        dropped=taken,
    )


def _fact(comment: str, line: int) -> Facts:
    name, colon, value = comment.partition(": ")
    fact = _NAMES.get(name.strip())
    if not colon or fact is None:
        # A title without its name stands in quotation marks.
        return Facts(title=text_of(comment), title_line=line)
    if fact in {"published", "edited"}:
        return replace(Facts(), **{fact: date_of(value)})  # type: ignore[arg-type]
    if fact == "author" and (address := web_address(value)):
        return Facts(author_url=address)
    if fact == "title":
        return Facts(title=text_of(value), title_line=line)
    return replace(Facts(), **{fact: text_of(value)})  # type: ignore[arg-type]


READER = Saver("zhihu-export", 10, _recognise, _read)
