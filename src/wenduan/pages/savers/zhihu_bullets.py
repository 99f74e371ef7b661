"""A Zhihu exporter: a title, list items of facts such as 点赞数, and the text as HTML."""

import re

from ..blocks import Block, without
from ..document import Document, Saved, Saver
from ..fields import facts_of_fields

_FACT = re.compile(r"(点赞数|更新时间|(?:回答|文章|问题)url)[:：]\s*(.*)")
_NAMES = {"文章url": "回答url", "问题url": "回答url"}


def _fact(block: Block) -> tuple[str, str] | None:
    match = _FACT.fullmatch(block.flat) if block.kind == "list" else None
    return (_NAMES.get(match[1], match[1]), match[2]) if match else None


def _recognise(document: Document) -> bool:
    names = [fact[0] for block in document.blocks[:8] if (fact := _fact(block))]
    return "回答url" in names and len(names) > 1


def _read(document: Document) -> Saved:
    taken = [block for block in document.blocks[:8] if _fact(block)]
    facts = facts_of_fields(fact for block in taken if (fact := _fact(block)))
    return Saved(
        "zhihu-export",
        facts.over(document.facts),
        without(document.blocks, taken),
        dropped=taken,
    )


READER = Saver("zhihu-export", 10, _recognise, _read)
