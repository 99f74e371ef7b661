"""Annotation cards: highlights only, with code of dataview around them, and no page text."""

import re
from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block, without
from ..document import Document, Saved, Saver
from ..fields import take_fields
from ..heads import original_url

_QUERY = re.compile(r"\s*(?:```)?(?:dataview|dataviewjs|table|list|task|calendar)\b", re.IGNORECASE)
# The code stands above or below the cards.
_ENDS = 8
_QUERY_PARTS = re.compile(r"\b(?:from|where|sort|dv\.)", re.IGNORECASE)


def _recognise(document: Document) -> bool:
    blocks = document.blocks
    return any(_is_query(block) for block in (*blocks[:_ENDS], *blocks[-_ENDS:]))


def _is_query(block: Block) -> bool:
    if block.kind != "code":
        return False
    return bool(_QUERY.match(block.text) and _QUERY_PARTS.search(block.text)) or "dv." in block.text


def _read(document: Document) -> Saved:
    queries = [block for block in document.blocks if _is_query(block)]
    found, taken, blocks = take_fields(without(document.blocks, queries), 6)
    facts = document.facts.over(found)
    if facts.url is None:
        facts = replace(facts, url=web_address(original_url(blocks)))
    return Saved(None, facts, blocks, dropped=[*queries, *taken])


READER = Saver(None, 60, _recognise, _read)
