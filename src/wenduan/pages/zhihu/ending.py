"""What stands below a Zhihu post: its date, place and permalink, the buttons, then chrome."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..addresses import zhihu_address
from ..blocks import Block, Link
from ..dates import date_of
from ..facts import count_of
from .bar import is_bar, read_bar, read_old_bar
from .chrome import begins_tail, is_noise

_DATED = re.compile(r"(发布于|编辑于)\s*(\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)")
_PLACE = re.compile(r"[・·]\s*(?:IP 属地)?\s*([\u4e00-\u9fff]{2,8})")
_DIGITS = re.compile(r"[\d,.]+ ?[KkWw万]?")
_CUT = re.compile(r"(?<=…)[\s\u200b]*((?:展开)?阅读全文|显示全部|展开)[\s\u200b]*$")
_CUT_LENGTH = 24
_COMMENTS = re.compile(r"[\d,]+ 条评论|默认|最新|评论 ?\d+")
# A line of a date is not longer, with what may be glued to it.
_LONGEST = 1000
# Facts of the markup -> what they tell of the post.
_STATED = {
    "upvoteCount": "votes", "commentCount": "comments", "dateCreated": "published",
    "dateModified": "edited", "url": "url",
}  # fmt: skip


@dataclass(slots=True)
class Ending:
    """What the lines below a post say; `taken` are those lines and all chrome behind them."""

    id: str | None = None
    published: str | None = None
    edited: str | None = None
    place: str | None = None
    bar: str | None = None
    votes: int | None = None
    comments: int | None = None
    collapsed: bool = False
    taken: list[Block] = field(default_factory=list)

    def counts(self, votes: int | None) -> tuple[int | None, int | None]:
        """Votes and comments; `votes` are those that the line above the post tells."""
        up, comments = read_bar(self.bar, votes)
        if up is None:
            up = self.votes
        return up, self.comments if comments is None else comments


def take_ending(blocks: Sequence[Block]) -> tuple[list[Block], Ending]:
    """Part what a person wrote from what the page put below it."""
    ending = Ending()
    kept: list[Block] = []
    tail = False
    last = max((at for at, block in enumerate(blocks) if ends_post(block)), default=-1)
    for at, row in enumerate(blocks):
        block = _without_cut(ending, row)
        if block.kind == "fact":
            _take_stated(ending, block)
        # Before the ending, a heading such as 推荐阅读 is the author's own.
        elif tail or (at > last and (begins_tail(block) or _begins_comments(block, ending))):
            tail = True
            ending.taken.append(block)
        elif _take(ending, blocks, at) or (_has_ended(ending) and _only_links(block)):
            ending.taken.append(block)
        elif block.kind != "rule":
            kept.append(block)
    return kept, ending


def borders_below_dates(blocks: Sequence[Block]) -> list[int]:
    """Where the next answer begins below the date of one: behind the chrome, at text again."""
    found: list[int] = []
    dated, words = False, False
    for at, block in enumerate(blocks):
        if dated and (begins_tail(block) or block.flat in {"默认", "最新"}):
            # What stands below is by nobody who answers.
            break
        if _take(Ending(), blocks, at) or block.kind == "rule":
            dated = dated or (words and _take_date(Ending(), block, block.flat))
        else:
            if dated and block.text and not _only_links(block):
                found.append(at)
                dated = False
            words = words or bool(block.text)
    return found


def _without_cut(ending: Ending, block: Block) -> Block:
    """A text without the button that the page puts where it cuts it off."""
    match = _CUT.search(block.text[-_CUT_LENGTH:])
    if not match or block.kind not in {"text", "list"} or block.flat == match[1]:
        return block
    ending.collapsed = True
    ending.taken.append(Block("text", block.line + block.text.count("\n"), match[1]))
    return replace(block, text=block.text[: len(block.text) - len(match[0])])


def _has_ended(ending: Ending) -> bool:
    return bool(ending.bar or ending.published or ending.edited)


def _begins_comments(block: Block, ending: Ending) -> bool:
    """Below the buttons, a line that counts comments is the heading of what others wrote."""
    return ending.bar is not None and bool(_COMMENTS.fullmatch(block.flat))


def ends_post(block: Block) -> bool:
    """Tell whether a block is the date with its permalink, or the line of buttons."""
    if block.kind not in {"text", "list"}:
        return False
    return is_bar(block.flat) or any(_DATED.match(link.text.strip()) for link in block.links)


def permalink_id(block: Block) -> str | None:
    """Id of the answer that a block's date is linked to; None for a block without one."""
    if block.kind not in {"text", "list"}:
        return None
    for link in block.links:
        if _DATED.match(link.text.strip()):
            address = zhihu_address(link.url)
            return address.id if address and address.kind == "answer" else None
    return None


def _take_stated(ending: Ending, block: Block) -> None:
    for name, value in block.facts.items():
        fact = _STATED.get(name)
        if fact in {"votes", "comments"}:
            count = count_of(value)
            setattr(ending, fact, getattr(ending, fact) if count is None else count)
        elif fact in {"published", "edited"}:
            setattr(ending, fact, date_of(value) or getattr(ending, fact))
        elif fact == "url" and (address := zhihu_address(value)) and address.kind != "person":
            ending.id = ending.id or address.id


def _take(ending: Ending, blocks: Sequence[Block], at: int) -> bool:
    block = blocks[at]
    if block.kind not in {"text", "list"}:
        return is_noise(block) and (block.kind != "heading" or block.flat == "更多回答")
    text = block.flat
    if _take_date(ending, block, text):
        return True
    if is_bar(text):
        ending.bar = block.text
        return True
    if _take_old_bar(ending, blocks, at, text):
        return True
    ending.collapsed = ending.collapsed or text in {"展开阅读全文", "阅读全文"}
    return is_noise(block)


def _take_old_bar(ending: Ending, blocks: Sequence[Block], at: int, text: str) -> bool:
    below = blocks[at + 1].flat if at + 1 < len(blocks) else ""
    if _DIGITS.fullmatch(text) and "评论" in below and (old := read_old_bar(f"{text} {below}")):
        ending.votes = old[0]
        return True
    old = read_old_bar(text)
    if old is None or ending.bar is not None:
        return False
    ending.votes = old[0] if old[0] is not None else ending.votes
    ending.comments = old[1]
    return True


def _take_date(ending: Ending, block: Block, text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    link = next((row for row in block.links if _DATED.match(row.text.strip())), None)
    for other in block.links:
        # What is glued to the date is an advertisement, and its address no permalink.
        if other is not link and other.text:
            text = text.replace(" ".join(other.text.split()), " ")
    match = _DATED.search(text) if link else _DATED.match(text)
    if not match or len(text) > (160 if link else 60):
        return False
    moment = date_of(match[2])
    if match[1] == "发布于":
        ending.published = moment
    else:
        ending.edited = moment
    if place := _PLACE.search(text, match.end()):
        ending.place = place[1]
    if link:
        _take_permalink(ending, link)
    return True


def _take_permalink(ending: Ending, link: Link) -> None:
    address = zhihu_address(link.url)
    if address and address.kind in {"answer", "article", "pin"}:
        ending.id = address.id


def _only_links(block: Block) -> bool:
    """Tell whether a block is nothing but links: cards of other pages, below a post."""
    if not block.links or block.kind in {"code", "quote", "table"}:
        return False
    linked = "".join("".join(link.text.split()) for link in block.links)
    return linked == re.sub(r"[\s\u200b·・|-]", "", block.text)
