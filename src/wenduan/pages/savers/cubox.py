"""Cubox: links to its card and to the page, annotations, and the text below a heading."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block, without
from ..document import Document, Saved, Saver
from ..facts import Facts
from ..heads import Highlights, original_url, part_repeated, take_section

_CONTENT = re.compile(r"(?:\\?#+ )?(?:📖 ?)?正文(?:全文)?")
_ANNOTATIONS = re.compile(r"(?:\\?#+ )?(?:Annotations|标注|高亮)", re.IGNORECASE)
# Its links stand above the text or below it.
_ENDS = 8


def _recognise(document: Document) -> bool:
    if "cubox_url" in document.values:
        return True
    blocks = document.blocks
    return any(_is_card(block) for block in (*blocks[:_ENDS], *blocks[-_ENDS:]))


def _is_card(block: Block) -> bool:
    return any(link.text.strip() == "Read in Cubox" for link in block.links)


def _read(document: Document) -> Saved:
    blocks = list(document.blocks)
    url = document.facts.url or web_address(original_url(blocks))
    section, blocks = take_section(blocks, _begins_annotations, _begins_content)
    at = next((at for at, block in enumerate(blocks) if _begins_content(block)), None)
    taken = [row for row in blocks if _is_card(row) or _is_link_line(row) or row.kind == "rule"]
    facts = replace(document.facts, url=url)
    if at is not None:
        # The card above the text repeats its title, and how it begins.
        card = without(blocks[:at], taken)
        repeated, alone = part_repeated(card, blocks[at + 1 :])
        facts, line = _read_byline(facts, blocks[at + 1 : at + 5])
        taken += [blocks[at], *[row for row in card if _is_excerpt(row, blocks[at:])], *line]
        taken += without(repeated, taken)
        taken += [row for row in alone if _is_named_below(row, blocks[at + 1 : at + 3])]
    marks = _annotations(section)
    page = without(blocks, taken)
    repeated, alone = part_repeated(marks.quotes, page)
    return Saved(
        "cubox", facts, [*page, *alone], notes=marks.notes,
        dropped=[*taken, *marks.marks, *repeated],
    )  # fmt: skip


def _is_link_line(block: Block) -> bool:
    return block.flat in {"Read Original", "Read in Cubox Read Original"}


def _begins_content(block: Block) -> bool:
    return block.kind in {"heading", "text"} and bool(_CONTENT.fullmatch(block.flat))


def _begins_annotations(block: Block) -> bool:
    return block.kind in {"heading", "text"} and bool(_ANNOTATIONS.fullmatch(block.flat))


def _is_excerpt(block: Block, page: Sequence[Block]) -> bool:
    """Tell whether a line above the text is its beginning, cut off."""
    start = block.flat.removesuffix("…").removesuffix("...")
    joined = "".join(row.flat.replace(" ", "") for row in page[:12])
    return block.kind == "text" and start.replace(" ", "")[:30] in joined


def _is_named_below(block: Block, top: Sequence[Block]) -> bool:
    """Tell whether the title of the card is that of the text, but for the name of the site."""
    titles = [row.flat for row in top if row.kind == "heading"]
    return block.kind == "heading" and any(block.flat.startswith(title) for title in titles)


def _read_byline(facts: Facts, top: Sequence[Block]) -> tuple[Facts, list[Block]]:
    """The line below the title: a link named by its host, then author and account."""
    for block in top:
        if block.kind != "text" or not block.links:
            continue
        first = block.links[0]
        host = re.fullmatch(r"[\w.-]+\.\w+", first.text.strip())
        if host and block.text.startswith(first.text) and host[0] in first.url:
            names = block.text[len(first.text) :].split()
            return replace(facts, author=facts.author or _author(names)), [block]
    return facts, []


def _author(names: Sequence[str]) -> str | None:
    """The words of the name; the last word is the account, or the headline with its button."""
    if not 1 < len(names) < 5 or names[-1].endswith("关注"):
        return None
    return " ".join(names[:-1])


def _annotations(section: Sequence[Block]) -> Highlights:
    found = Highlights(marks=list(section[:1]))
    for block in section[1:]:
        if block.kind == "quote":
            found.quotes.append(block)
        elif block.flat.startswith("Link") and block.links:
            found.marks.append(block)
        elif block.kind != "rule":
            found.notes.append(block)
    return found


READER = Saver("cubox", 10, _recognise, _read)
