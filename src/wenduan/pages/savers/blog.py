"""Posts of Hexo, Hugo and Jekyll: front matter as these write it, perhaps a line of the source."""

from dataclasses import replace

from ..document import Document, Saved, Saver
from ..facts import list_of
from ..fields import take_fields

_KEYS = {"date", "categories", "tags", "layout", "origin_url", "draft", "category", "permalink"}


def _recognise(document: Document) -> bool:
    names = {str(name).lower() for name in document.values}
    return {"title", "date"} <= names and len(names & _KEYS) > 1


def _read(document: Document) -> Saved:
    found, taken, blocks = take_fields(document.blocks, 4)
    values = document.values
    tags = list_of(values.get("tags")) or list_of(values.get("categories"))
    facts = replace(document.facts.over(found), tags=tags)
    kept = [block for block in blocks if block.flat not in {"<!-- more -->", "<!--more-->"}]
    return Saved(None, facts, kept, dropped=taken, warnings=document.warnings)


READER = Saver(None, 40, _recognise, _read)
