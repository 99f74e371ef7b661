"""Exporters of Zhihu that write one answer, article or question a file, with a head of facts."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..addresses import is_zhihu
from ..blocks import Block
from ..dates import date_of
from ..document import Document, Saved, Saver
from ..facts import Facts, text_of
from ..heads import take_section

_TYPES = re.compile(r"zhihu[-_ ](?:answer|article|question|pin)")
_KEYS = {"upvote_num", "comment_num", "voteup_count", "answer_count", "author_badge"}
_COMMENTS = re.compile(r".{0,4}评论 \(\d+ 条\)|评论")


def _recognise(document: Document) -> bool:
    values = document.values
    if _TYPES.fullmatch(str(values.get("type", ""))):
        return True
    return is_zhihu(document.facts.url) and bool(_KEYS & {str(name) for name in values})


def _read(document: Document) -> Saved:
    comments, blocks = take_section(document.blocks, _begins_comments, lambda block: False)
    return Saved(
        "zhihu-export",
        _facts(document.facts, document.values),
        blocks,
        dropped=comments,
    )


def _begins_comments(block: Block) -> bool:
    return block.kind == "heading" and bool(_COMMENTS.fullmatch(block.flat))


def _facts(facts: Facts, values: Mapping[Any, Any]) -> Facts:
    """In these files `created` is when the post was written, `collected` when it was saved."""
    return replace(
        facts,
        published=date_of(values.get("created")) or facts.published,
        saved=date_of(values.get("collected")),
        place=text_of(values.get("location")) or facts.place,
    )


READER = Saver("zhihu-export", 15, _recognise, _read)
