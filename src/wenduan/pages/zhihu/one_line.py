"""A page saved as one line -> blocks: its borders are the lines of votes and of buttons."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..blocks import Block

_VOTES = re.compile(r"(?<![\d,.])[\d,.]+ ?万? ?人赞同了该(?:回答|文章)")
_COUNT = r"[\d,.]*(?: ?万)?"
_BAR = re.compile(
    rf"(?:已?赞同|▲)[\s\u200b]*{_COUNT}[\s\u200b]*(?:{_COUNT} ?条评论|添加评论)"
    r"(?:[\s\u200b]*(?:分享|收藏|喜欢|举报|申请转载|收起))*"
)
_DATE = re.compile(
    r"(?:发布于|编辑于) ?\d{4}-\d\d-\d\d(?: \d\d:\d\d)?"
    r"(?: ?[・·] ?(?:IP 属地)?[\u4e00-\u9fff]{2,4}(?=\s))?"
)
# What ends the chrome above the first answer.
_HEAD = re.compile(
    r"查看全部 ?[\d,]+ ?个回答"
    r"|(?:关注者 ?[\d,]+ ?被浏览 ?[\d,]+ ?)?关注问题"
    r"(?:[\s\u200b]*(?:写回答|邀请回答|好问题(?: ?\d+)?|(?:\d+ 条|添加)评论|分享))*"
)
# A page of one paragraph is longer than what people write without a break.
_SHORTEST = 300
# As much may stand between the border of an answer and its votes: name, headline, 关注.
_BYLINE = 120


def split_one_line(blocks: Sequence[Block]) -> list[Block]:
    """Part blocks that hold a whole page; all others stay as they are."""
    found: list[Block] = []
    for block in blocks:
        if is_one_line(block):
            found += _split(block)
        else:
            found.append(block)
    return found


def is_one_line(block: Block) -> bool:
    """Tell whether a block holds a whole page."""
    if block.kind != "text" or len(block.text) < _SHORTEST:
        return False
    return bool(_VOTES.search(block.text) and _BAR.search(block.text))


def _split(block: Block) -> list[Block]:
    """Cut at the borders; each piece keeps the line of the block."""
    text = block.text
    borders = {0, len(text)}
    for pattern in (_BAR, _DATE, _HEAD):
        for match in pattern.finditer(text):
            borders |= {match.start(), match.end()}
    ordered = sorted(borders)
    for match in _VOTES.finditer(text):
        # The name stands between the last border and the votes.
        above = ordered[bisect_right(ordered, match.start()) - 1]
        if match.start() - above <= _BYLINE:
            borders |= {match.start(), match.end()}
    found: list[Block] = []
    line = block.line
    for begin, end in pairwise(sorted(borders)):
        if piece := text[begin:end].strip(" \n\u200b"):
            found.append(
                replace(
                    block, text=piece, line=line, links=[], images=[], alts=[], below_image=False
                )
            )
        line += text.count("\n", begin, end)
    return found


def names_author(blocks: Sequence[Block], at: int) -> bool:
    """Tell whether a piece is the name above an answer: a border of the page is above it.

    Without one, nothing tells where the title and the chrome end, and the name begins.
    """
    if at < 1 or blocks[at].kind != "text" or len(blocks[at].text) > _BYLINE:
        return False
    above = blocks[at - 1].text
    return any(pattern.fullmatch(above) for pattern in (_BAR, _DATE, _HEAD))


def name_before_votes(block: Block) -> tuple[str | None, str | None]:
    """The name in the piece before the votes, its first word, and the headline before 关注."""
    name, _, rest = block.flat.partition(" ")
    if len(name) > 20:
        return None, None
    return name, rest.removesuffix("关注").strip() or None if rest.endswith("关注") else None


def ends_answer(block: Block) -> bool:
    """Tell whether a piece is the line of buttons."""
    return bool(_BAR.fullmatch(block.text))


def is_votes_piece(block: Block) -> bool:
    """Tell whether a piece is the line of votes."""
    return bool(_VOTES.fullmatch(block.text))
