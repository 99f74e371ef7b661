"""Omnivore's plugin for Obsidian: its template's lines, highlights, and the content if wanted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..addresses import web_address
from ..blocks import Block, without
from ..dates import iso_date
from ..document import Document, Saved, Saver
from ..facts import Facts, list_of, read_facts
from ..heads import Highlights, part_repeated, retext, strip_trail, take_section
from ..unpacking import OMNIVORE_EXPORT

_FIELD = re.compile(r"([a-z]+(?:[_-][a-z]+)*)::?\s*(.*)")
_FIELDS = {
    "date_saved", "date_published", "date_read", "date_archived", "author", "site", "site_name",
    "tags", "labels", "note", "original_url", "omnivore_url", "state", "type", "words_count",
}  # fmt: skip
_LINKS = {"Read on Omnivore", "Read Original"}
_TAGS = re.compile(r"(?:#[^\s#]+\s*)+")
_CONTENT = re.compile(r"(?:full )?(?:content|text|article)|正文|全文|原文", re.IGNORECASE)
_HIGHLIGHTS = re.compile(r"(?:my )?highlights?|高亮|划线|标注|highlights? & notes?", re.IGNORECASE)
# The template's own lines stand before the content, among the first blocks of the page.
_HEAD_BLOCKS = 14


@dataclass(slots=True)
class _Head:
    values: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    taken: list[Block] = field(default_factory=list)


def _recognise(document: Document) -> bool:
    if "omnivore_url" in document.values or OMNIVORE_EXPORT in document.values:
        return True
    return any(_is_mark(block) for block in document.blocks[:_HEAD_BLOCKS])


def _is_mark(block: Block) -> bool:
    if block.flat == "#Omnivore" or block.flat.startswith("#Omnivore "):
        return True
    return any(link.text == "Read on Omnivore" for link in block.links) or any(
        "omnivore.app/me/" in link.url and link.text.startswith("⤴") for link in block.links
    )


def _read(document: Document) -> Saved:
    section, blocks = take_section(document.blocks, _begins_highlights, _ends_highlights)
    if OMNIVORE_EXPORT in document.values and not document.html:
        # A file of the export that is no page holds highlights, and nothing else.
        section, blocks = [Block("rule", 1), *document.blocks], []
    head = _take_head(blocks)
    blocks = without(blocks, head.taken)
    marks = _read_highlights(section)
    if marks.notes and part_repeated(marks.quotes, marks.notes)[0]:
        # A template may put the content right below the highlights: no note repeats them.
        blocks, marks.notes = [*blocks, *marks.notes], []
    page = [block for block in blocks if not _is_title(block)]
    repeated, alone = part_repeated(marks.quotes, page)
    facts = document.facts.over(_facts(head))
    return Saved(
        "omnivore",
        facts,
        [*blocks, *alone],
        notes=marks.notes,
        dropped=[*head.taken, *marks.marks, *repeated],
    )


def _facts(head: _Head) -> Facts:
    facts = read_facts(head.values)
    return facts.over(Facts(tags=tuple(head.tags)))


def _is_title(block: Block) -> bool:
    return block.kind == "heading" and block.level == 1


def _begins_highlights(block: Block) -> bool:
    return block.kind == "heading" and bool(_HIGHLIGHTS.fullmatch(block.flat.rstrip(":： ")))


def _ends_highlights(block: Block) -> bool:
    if block.kind == "heading":
        return True
    return block.kind == "text" and bool(_CONTENT.fullmatch(block.flat.rstrip(":： ")))


def _read_highlights(section: Sequence[Block]) -> Highlights:
    """Quotes are what was marked, other text is what the user wrote about it."""
    found = Highlights(marks=list(section[:1]))
    for block in section[1:]:
        if block.kind == "rule":
            continue
        if block.kind == "quote" or any(link.text.startswith("⤴") for link in block.links):
            found.quotes.append(retext(block, strip_trail(block.text)))
            if trail := _trail(block):
                found.marks.append(trail)
        else:
            found.notes.append(block)
    return found


def _trail(block: Block) -> Block | None:
    rest = block.text[len(strip_trail(block.text)) :].strip()
    line = block.line + block.text.count("\n")
    return Block("text", line, rest) if rest else None


def _take_head(blocks: Sequence[Block]) -> _Head:
    head = _Head()
    for block in blocks[:_HEAD_BLOCKS]:
        if _take(block, head):
            head.taken.append(block)
    return head


def _take(block: Block, head: _Head) -> bool:
    """Tell whether a block is part of the head, and note what it says."""
    text = block.flat
    if block.kind == "rule":
        return True
    if block.kind == "heading":
        return bool(_CONTENT.fullmatch(text.rstrip(":： ")))
    if text.startswith("#Omnivore") and _TAGS.fullmatch(text):
        head.tags += [tag for tag in text.replace("#", " ").split() if tag != "Omnivore"]
        return True
    if _take_links(block, head):
        return True
    lines = [_FIELD.fullmatch(line.strip()) for line in block.text.split("\n")]
    fields = [(line[1].replace("-", "_"), line[2]) for line in lines if line]
    if not fields or len(fields) < len(lines) or any(name not in _FIELDS for name, _ in fields):
        return False
    for name, value in fields:
        _note(head, name, value)
    return True


def _note(head: _Head, name: str, value: str) -> None:
    if name in {"tags", "labels"}:
        head.tags += list_of(value.replace("#", " "))
    elif not name.startswith("date") or iso_date(value):
        head.values.setdefault(name, value)


def _take_links(block: Block, head: _Head) -> bool:
    """Take a line of nothing but the template's links; note the original address."""
    links = [link for link in block.links if link.text in _LINKS]
    if not links or "".join(link.text for link in links) != block.text.replace("\n", ""):
        return False
    for link in links:
        if link.text == "Read Original" and (url := web_address(link.url)):
            head.values["original_url"] = url
    return True


READER = Saver("omnivore", 10, _recognise, _read)
