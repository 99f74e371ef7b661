"""The top of a Zhihu post: who wrote it, how people call them, how many agreed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..addresses import with_scheme, zhihu_address
from ..blocks import Block
from .bar import is_votes_line, read_votes_line
from .chrome import is_noise

ANONYMOUS = ("匿名用户", "「已注销」", "知乎用户")
# How far below an author's name the word 关注, the headline and the votes may stand.
_HEAD_BLOCKS = 7
_GLUED_BLOCKS = 4
# A headline is not longer, nor a name; nor both on one line.
_HEADLINE = 60
_NAME = 24
_NAME_LINE = 90
_FOLLOW = re.compile(r"\+?\s*(?:已关注|关注(?:[她他]|TA)?)")
_GLUED_FOLLOW = re.compile(
    r"(.*?)(?<![\s\u200b])[\s\u200b]*(?:已?关注|关注(?:[她他]|TA))$", re.DOTALL
)
_GLUED_CSS = re.compile(r"\.css-[\w-]+\{[^}]*\}.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Start:
    """Where an answer begins: its first block, how many blocks name the author, and who it is.

    `sure` tells that the markup says so; else comments may look alike.
    """

    at: int
    length: int
    author: str | None
    author_url: str | None = None
    headline: str | None = None
    id: str | None = None
    sure: bool = False


@dataclass(slots=True)
class Byline:
    """What stands between an author's name and the text; `taken` are its blocks."""

    headline: str | None = None
    votes: int | None = None
    taken: list[Block] = field(default_factory=list)


def clean_name(text: str) -> str | None:
    """A name without what the page glued to it: style sheets, badges behind a mark, 关注."""
    text = _GLUED_CSS.sub("", text).strip().strip("\u200b")
    # Of a table of contents that follows, the saver may have glued the heading to the name.
    text = re.split("[\u200b\n]|目录收起", text)[0].strip()
    return text or None


def split_name(given: str | None, titled: str | None) -> tuple[str | None, str | None]:
    """Part a name from a headline that a saver glued to it; `titled` is the name in the title.

    Gives None for the name where nothing tells where it ends.
    """
    if given is None:
        return titled, None
    text = _GLUED_CSS.sub("", given).strip()
    glued = _GLUED_FOLLOW.match(text)
    plain = glued[1].strip() if glued else text
    if titled and plain.startswith(titled):
        return titled, plain[len(titled) :].strip(" \u200b") or None
    if "\u200b" in plain:
        name, _, rest = plain.partition("\u200b")
        return name.strip() or None, rest.strip(" \u200b") or None
    if glued and " " in plain:
        name, _, rest = plain.partition(" ")
        return name, rest.strip() or None
    # A headline in Chinese would show; what is left may be glued together.
    return titled or (plain or None if not glued or plain.isascii() else None), None


def find_start(blocks: Sequence[Block], at: int) -> Start | None:
    """Tell whether an answer begins at this block."""
    block = blocks[at]
    if block.kind == "fact":
        return _stated_start(blocks, at)
    if block.kind in {"code", "table", "heading", "formula", "rule"}:
        return None
    if len(block.images) == 1:
        return _start_at_avatar(blocks, at)
    return _start_at_name(blocks, at)


def _stated_start(blocks: Sequence[Block], at: int) -> Start | None:
    """The page's own note of an answer, and the name that stands below it once more."""
    try:
        note = json.loads(blocks[at].facts.get("data-zop", ""))
    except (ValueError, RecursionError):
        return None
    if not isinstance(note, dict) or note.get("type") != "answer":
        return None
    author, identity = note.get("authorName"), note.get("itemId")
    name = author if isinstance(author, str) and author else None
    start = next(
        (s for i in range(at + 1, min(at + 12, len(blocks)))
         if blocks[i].kind != "fact" and (s := find_start(blocks, i))), None
    )  # fmt: skip
    end = at + 1 if start is None else start.at + start.length
    url = start.author_url if start else None
    return Start(at, end - at, name, url, id=str(identity) if identity else None, sure=True)


def _start_at_avatar(blocks: Sequence[Block], at: int) -> Start | None:
    avatar = blocks[at]
    if avatar.text:
        return _start_in_one(avatar, at)
    below_at = next((i for i in range(at + 1, min(at + 4, len(blocks)))
                     if blocks[i].kind != "fact"), None)  # fmt: skip
    if below_at is None:
        return None
    below = blocks[below_at]
    length = below_at + 1 - at
    if below.flat in ANONYMOUS and not below.links:
        return Start(at, length, below.flat)
    if len(avatar.links) != 1 or not below.links:
        return None
    name = below.links[0]
    shown = clean_name(name.text)
    if not _is_person(name.url) or _bare(name.url) != _bare(avatar.links[0].url) or not shown:
        return None
    return Start(at, length, shown, with_scheme(name.url)) if _names(below, name.text) else None


def _start_in_one(block: Block, at: int) -> Start | None:
    """Avatar and name in one block: the link around the image, and one to the same person."""
    people = [link for link in block.links if _is_person(link.url)]
    if len(people) != 2 or _bare(people[0].url) != _bare(people[1].url):
        return None
    name = clean_name(people[1].text)
    if name is None or people[0].text.strip() or not _names(block, people[1].text):
        return None
    return Start(at, 1, name, with_scheme(people[1].url))


def _start_at_name(blocks: Sequence[Block], at: int) -> Start | None:
    """A name alone begins an answer where the votes stand below it."""
    block = blocks[at]
    if len(block.text) > _NAME_LINE or not (block.links or _repeats_name(blocks, at)):
        return None
    if not any(is_votes_line(row.flat) for row in _seen_below(blocks, at)):
        return None
    links = [link for link in block.links if link.text.strip()]
    if not links:
        return Start(at, 2, block.flat) if _repeats_name(blocks, at) else None
    name = clean_name(links[0].text)
    if len(links) > 1 or name is None or name.startswith("@") or not _is_person(links[0].url):
        return None
    url = with_scheme(links[0].url)
    if _names(block, links[0].text):
        return Start(at, 1, name, url)
    # The headline stands right behind the name, without a space.
    rest = block.flat.removeprefix(links[0].text.strip())
    return Start(at, 1, name, url, rest.strip()) if rest != block.flat else None


def _seen_below(blocks: Sequence[Block], at: int) -> list[Block]:
    """The next blocks that are seen; between them the markup may state what is not."""
    return [row for row in blocks[at + 1 : at + 15] if row.kind != "fact"][:4]


def _repeats_name(blocks: Sequence[Block], at: int) -> bool:
    """Copied by hand, the avatar leaves its text behind: the name stands twice."""
    text = blocks[at].text
    return 0 < len(text) <= _NAME and at + 1 < len(blocks) and blocks[at + 1].text == text


def lines_apart(blocks: Sequence[Block]) -> list[Block]:
    """Part the lines of a byline that was copied by hand into blocks, and the text below it."""
    found: list[Block] = []
    for block in blocks:
        lines = block.text.split("\n", _HEAD_BLOCKS) if "人赞同了该" in block.text else []
        at = next((at for at, line in enumerate(lines) if is_votes_line(line)), None)
        if at is None or len(lines) == 1 or block.kind != "text":
            found.append(block)
            continue
        rest = block.text.split("\n", at + 1)[at + 1 :]
        for number, text in enumerate([*lines[: at + 1], *rest]):
            found.append(replace(block, text=text, line=block.line + number))
    return found


def _names(block: Block, name: str) -> bool:
    """Tell whether a block says nothing but a name, and perhaps 关注."""
    rest = block.text.replace(name, "", 1).strip(" \n\u200b")
    return not rest or bool(_FOLLOW.fullmatch(rest)) or bool(_GLUED_CSS.match(rest))


def _is_person(url: str) -> bool:
    found = zhihu_address(url)
    return found is not None and found.kind == "person"


def _bare(url: str) -> str:
    return re.split("[?#]", url.removeprefix("https:").removeprefix("http:"))[0]


def take_byline(blocks: list[Block]) -> Byline:
    """Take badge, headline, 关注 and votes off the top of a post's blocks."""
    byline = Byline()
    top = blocks[:_HEAD_BLOCKS]
    follow = _find_follow(top)
    votes = next((at for at, block in enumerate(top) if is_votes_line(block.flat)), None)
    if follow is not None and (votes is None or follow < votes):
        _take_headline(blocks, follow, byline)
    elif votes is not None and all(len(block.flat) < 60 for block in top[:votes]):
        _take_above_votes(blocks, votes, byline)
    elif blocks and not blocks[0].text and _is_badge(blocks[0]):
        byline.taken.append(blocks.pop(0))
    if blocks and is_votes_line(blocks[0].flat):
        byline.votes = read_votes_line(blocks[0].flat)
        byline.taken.append(blocks.pop(0))
    return byline


def _find_follow(top: Sequence[Block]) -> int | None:
    """Where 关注 stands: in a block of its own, else behind the headline."""
    for at, block in enumerate(top):
        if _FOLLOW.fullmatch(block.flat):
            return at
    for at, block in enumerate(top[:_GLUED_BLOCKS]):
        # People also write sentences that end so.
        if len(block.flat) > _HEADLINE or re.search("[。！？；]", block.flat):
            return None
        if _GLUED_FOLLOW.match(block.flat):
            return at
    return None


def _is_badge(block: Block) -> bool:
    """Tell whether an image without text is a badge beside a name, not one of the text."""
    urls = [link.url for link in block.links]
    return bool(urls) or any("source=88ceefae" in image for image in block.images)


def _take_headline(blocks: list[Block], follow: int, byline: Byline) -> None:
    texts = []
    for block in blocks[: follow + 1]:
        if _FOLLOW.fullmatch(block.flat):
            byline.taken.append(block)
        elif block.text:
            glued = _GLUED_FOLLOW.match(block.flat) if block is blocks[follow] else None
            texts.append(glued[1].strip() if glued else block.flat)
    byline.headline = " ".join(text for text in texts if text) or None
    del blocks[: follow + 1]


def _take_above_votes(blocks: list[Block], votes: int, byline: Byline) -> None:
    byline.taken += [block for block in blocks[:votes] if is_noise(block)]
    texts = [block.flat for block in blocks[:votes] if block.text and not is_noise(block)]
    byline.headline = " ".join(texts) or None
    del blocks[:votes]
