"""SimpRead 简悦: a line that names the address, then answers that begin with avatar and name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..addresses import is_zhihu, web_address
from ..blocks import Block
from ..document import Document, Part, Saved, Saver
from ..facts import Facts
from ..zhihu.byline import clean_name

_MARK = re.compile(r"本文由\s*简悦 SimpRead\s*转码")
_HEAD_BLOCKS = 5
# The avatar of an author is an image of the site's own with the mark of who shows it.
_AVATAR = re.compile(
    r"https?://(?:pic|pica|picx)\d*\.zhimg\.com/\S+?_?(?:l|xs|is|im|s)?\.\w+\?source="
)
_NAME = 24


@dataclass(slots=True)
class _Answer:
    """One answer; `glued` is its author's name where more was glued to it."""

    author: str | None
    blocks: list[Block] = field(default_factory=list)
    glued: Block | None = None


def _recognise(document: Document) -> bool:
    return any(_is_mark(block) for block in document.blocks[:_HEAD_BLOCKS])


def _is_mark(block: Block) -> bool:
    return bool(_MARK.search(block.text)) and any("simpread" in link.url for link in block.links)


def _read(document: Document) -> Saved:
    at = next(at for at, block in enumerate(document.blocks) if _is_mark(block))
    mark = document.blocks[at]
    url = next((link.url for link in mark.links if "simpread" not in link.url), None)
    address = web_address(url)
    _, _, behind = mark.text.partition("原文地址")
    shown = mark.links[-1].text if mark.links else ""
    author = clean_name(behind.replace(shown, "", 1)) if mark.images or behind else None
    facts = replace(document.facts, url=address, author=author or document.facts.author)
    if facts.title is None and not any(row.level == 1 for row in document.blocks):
        # The title is only in the name of the file; headings are those of the first answer.
        facts = replace(facts, title=document.name)
    blocks = [*document.blocks[:at], *document.blocks[at + 1 :]]
    if is_zhihu(address) and "/question/" in (address or ""):
        return _read_answers(document, facts, _split(blocks, author), mark)
    return Saved("simpread", facts, blocks, dropped=[mark])


def _read_answers(
    document: Document, facts: Facts, answers: Sequence[_Answer], mark: Block
) -> Saved:
    """The answer whose address was saved stands first; the others have none of their own."""
    head: Sequence[Block] = ()
    if answers[0].author is None and len(answers) > 1:
        # Above the first name stands what the question says.
        head, answers = answers[0].blocks, answers[1:]
    first, *others = answers
    found = [Part(replace(facts, author=first.author), first.blocks)]
    found += [Part(Facts(author=answer.author), answer.blocks) for answer in others]
    glued = [answer.glued for answer in answers if answer.glued]
    return Saved(
        "simpread", facts, head, found, dropped=[mark, *glued],
        head_only=True,
    )  # fmt: skip


def _split(blocks: Sequence[Block], author: str | None) -> list[_Answer]:
    answers = [_Answer(author)]
    for block in blocks:
        name = _name_at_avatar(block)
        if name is None:
            answers[-1].blocks.append(block)
            continue
        if before := _before_name(block):
            answers[-1].blocks.append(before)
        rest = block.behind_image.removeprefix(name)
        end = block.line + block.text.count("\n")
        answers.append(
            _Answer(name, glued=Block("text", end, block.behind_image) if rest else None)
        )
    return answers


def _name_at_avatar(block: Block) -> str | None:
    """The name behind an avatar at the end of a block, None where there is none."""
    if block.kind != "text" or not block.images or not _AVATAR.match(block.images[-1]):
        return None
    name = clean_name(block.behind_image) or ""
    return name if 0 < len(name) <= _NAME and name[-1] not in "。！？，；" else None


def _before_name(block: Block) -> Block | None:
    text = block.text.rstrip().removesuffix(block.behind_image).rstrip()
    return replace(block, text=text, images=block.images[:-1]) if text else None


READER = Saver("simpread", 10, _recognise, _read)
