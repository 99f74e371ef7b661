"""Blocks of a Zhihu question page -> Question, Posts and the lines that are page chrome."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urlsplit

from .blocks import Block, Link
from .model import DroppedLine, Post, Question
from .paragraphs import number_paragraphs, read_reference, take_notes
from .reference import Reference
from .source import iso_date
from .zhihu_bar import read_bar, read_votes_line

SITE = "zhihu"
_QUESTION = re.compile(r"(?:https?:)?//www\.zhihu\.com/question/(\d+)")
_ANSWER = re.compile(r"(?:https?:)?//www\.zhihu\.com/question/(\d+)/answer/(\d+)")
_PERSON = re.compile(r"(?:https?:)?//www\.zhihu\.com/(?:people|org)/[^/?#]+")
_TITLE_NOISE = re.compile(r"^\(\d+\+? ?(?:封私信|条消息)[^)]*\) |\s+-\s+知乎$")
_DATED = re.compile(r"(发布于|编辑于)\s*(\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)")
_PLACE = re.compile(r"[・·]\s*(?:IP 属地)?\s*(\S+)")
_SOURCE_ID = re.compile(r'"sourceId":\s*"?(\d+)')
_ANONYMOUS = "匿名用户"
# How far below an author's name the word 关注, the headline and the votes may stand.
_HEAD_BLOCKS = 6
# Texts that the page puts around what people wrote; dropped only where one is a whole block.
_BUTTONS = re.compile(
    r"收起|显示全部|展开阅读全文|阅读全文|关注问题|写回答|邀请回答|好问题.*|添加评论|分享"
    r"|\+?\s*关注|真诚赞赏，手留余香|赞赏|还没有人赞赏.*|还没有人送礼物.*|\d+ 人已(?:送礼物|赞赏)"
    r"|查看全部 [\d,]+ 个回答|登录.*加入知乎"
)


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """What a question page holds; `chrome` are the lines that are not indexed."""

    question: Question
    posts: tuple[Post, ...]
    chrome: tuple[DroppedLine, ...]


def clean_title(title: str) -> str:
    """Take off what the site adds to a page's title: its name, counts of messages."""
    return _TITLE_NOISE.sub("", title).strip()


def find_question(url: str | None, blocks: Sequence[Block]) -> str | None:
    """Id of the question a page shows: of its address, else of a permalink or address on it."""
    if url and (match := _QUESTION.match(url)):
        return match[1]
    for block in blocks:
        for link in block.links:
            if match := _ANSWER.match(link.url):
                return match[1]
    for block in blocks:
        address = re.match(r"(?:原文|链接|来源)[^:：]*[:：]\s*(\S+)", block.text)
        if address and (found := _QUESTION.match(address[1])):
            return found[1]
    return None


def has_answers(blocks: Sequence[Block]) -> bool:
    """Tell whether the blocks show at least one answer as the question page does."""
    return any(_starts_answer(blocks, at) for at in range(len(blocks)))


def read_question_page(
    blocks: Sequence[Block], question_id: str, title: str, first_line: int
) -> QuestionPage:
    """Read all blocks of a question page; `first_line` is the file's line of block line 1."""
    reader = _Reader(question_id, first_line)
    starts = [at for at in range(len(blocks)) if _starts_answer(blocks, at)]
    head = blocks[: starts[0]] if starts else blocks
    question, description = reader.read_head(head, title)
    bounds = zip(starts, [*starts[1:], len(blocks)], strict=True)
    answers = [reader.read_answer(blocks[begin:end]) for begin, end in bounds]
    chrome = tuple(sorted(reader.chrome, key=lambda dropped: dropped.line))
    return QuestionPage(question, (description, *answers), chrome)


def _starts_answer(blocks: Sequence[Block], at: int) -> bool:
    return _name_after_avatar(blocks, at) is not None


def _name_after_avatar(blocks: Sequence[Block], at: int) -> Link | None:
    """The author's name in the block below an avatar; a Link without address if anonymous."""
    if at + 1 >= len(blocks):
        return None
    avatar, below = blocks[at], blocks[at + 1]
    if avatar.text or len(avatar.images) != 1:
        return None
    if below.flat == _ANONYMOUS and not below.links:
        return Link(_ANONYMOUS, "")
    if len(avatar.links) != 1 or not below.links:
        return None
    name = below.links[0]
    same = name.url == avatar.links[0].url and name.text.strip() == below.flat
    return name if same and _PERSON.match(name.url) else None


class _Reader:
    """Reads the parts of one page, and keeps what it drops."""

    def __init__(self, question_id: str, first_line: int) -> None:
        self._id = question_id
        self._first_line = first_line
        self.chrome: list[DroppedLine] = []

    def _drop(self, block: Block) -> None:
        if block.text:
            self.chrome.append(DroppedLine(block.line + self._first_line - 1, block.text))

    def read_head(self, blocks: Sequence[Block], title: str) -> tuple[Question, Post]:
        """Read what stands above the answers: title, description, followers, views."""
        counts: dict[str, int | None] = {}
        kept: list[Block] = []
        cut = False
        label = None
        for block in blocks:
            text = block.flat
            if label is not None:
                counts[label] = _count(text)
                label = None
            elif text in {"关注者", "被浏览"}:
                label = text
            elif text.endswith("显示全部") and not _BUTTONS.fullmatch(text):
                kept.append(replace(block, text=block.text.rstrip().removesuffix("显示全部")))
                cut = True
                continue
            elif _is_address(block) or _BUTTONS.fullmatch(text) or block.kind == "rule":
                cut = cut or text == "显示全部"
            else:
                kept.append(self._heading(block, title))
                continue
            self._drop(block)
        question = Question(self._id, title, counts.get("关注者"), counts.get("被浏览"))
        post = Post(
            "question",
            number_paragraphs(kept, (), self._first_line),
            id=self._id,
            url=f"https://www.zhihu.com/question/{self._id}",
            collapsed=cut,
        )
        return question, post

    def _heading(self, block: Block, title: str) -> Block:
        """The page's title without what the site adds to it; any other block as it is."""
        if block.kind == "heading" and clean_title(block.text) == title:
            return replace(block, text=title)
        return block

    def read_answer(self, blocks: Sequence[Block]) -> Post:
        """Read one answer, from its author's avatar to the bar of buttons below it."""
        name = _name_after_avatar(blocks, 0)
        assert name is not None
        body = list(blocks[2:])
        headline, votes = self._read_byline(body)
        end = _Ending()
        kept = []
        for block in body:
            if end.take(block):
                self._drop(block)
            elif block.kind != "rule":
                kept.append(block)
        notes, kept = take_notes(kept)
        listed, kept = self._take_references(kept)
        references = (*listed, *notes)
        up, comments = read_bar(end.bar, votes)
        answer_id = end.answer_id or _source_id(kept)
        return Post(
            "answer",
            number_paragraphs(kept, references, self._first_line),
            id=answer_id,
            author=name.text.strip(),
            author_url=name.url or None,
            headline=headline,
            votes=up,
            comments=comments,
            published=end.published,
            edited=end.edited,
            place=end.place,
            url=_answer_url(self._id, answer_id),
            collapsed=end.collapsed,
            references=references,
        )

    def _read_byline(self, body: list[Block]) -> tuple[str | None, int | None]:
        """Take badge, headline, 关注 and votes off the top of an answer's blocks."""
        top = body[:_HEAD_BLOCKS]
        follow = next((at for at, block in enumerate(top) if block.flat == "关注"), None)
        headline = None
        if follow is not None:
            headline = " ".join(block.flat for block in top[:follow] if block.text) or None
            for block in body[: follow + 1]:
                if block.flat == "关注":
                    self._drop(block)
            del body[: follow + 1]
        elif body and not body[0].text:
            del body[0]
        votes = read_votes_line(body[0].flat) if body else None
        if votes is not None:
            self._drop(body.pop(0))
        return headline, votes

    def _take_references(self, blocks: list[Block]) -> tuple[tuple[Reference, ...], list[Block]]:
        """Part the list below the heading 参考 from the text."""
        found: list[Reference] = []
        kept: list[Block] = []
        heading: Block | None = None
        for block in blocks:
            if block.kind == "heading" and block.flat in {"参考", "参考资料", "参考文献"}:
                heading = block
                kept.append(block)
            elif heading and block.item is not None and _is_back_link(block):
                found.append(read_reference(str(block.item), block))
            else:
                kept.append(block)
        if found and heading:
            kept = [block for block in kept if block is not heading]
            self._drop(heading)
        return tuple(found), kept


@dataclass(slots=True)
class _Ending:
    """What the lines below an answer say; `take` notes a line's facts if it is one of them."""

    answer_id: str | None = None
    published: str | None = None
    edited: str | None = None
    place: str | None = None
    bar: str | None = None
    collapsed: bool = False

    def take(self, block: Block) -> bool:
        text = block.flat
        if self._take_date(block, text):
            return True
        if re.match(r"(?:已?赞同|▲)\s*[\d,.]*.*(?:评论|收藏|喜欢|分享)", text) and len(text) < 60:
            self.bar = block.text
            return True
        if _BUTTONS.fullmatch(text):
            self.collapsed = self.collapsed or text == "展开阅读全文"
            return True
        return False

    def _take_date(self, block: Block, text: str) -> bool:
        match = _DATED.match(text)
        if not match or len(text) > 60:
            return False
        moment = iso_date(match[2])
        if match[1] == "发布于":
            self.published = moment
        else:
            self.edited = moment
        if place := _PLACE.search(text, match.end()):
            self.place = place[1]
        for link in block.links:
            if permalink := _ANSWER.match(link.url):
                self.answer_id = permalink[2]
        return True


def _is_address(block: Block) -> bool:
    return bool(re.fullmatch(r"(?:原文|链接|来源)[^:：]{0,4}[:：]\s*https?://\S+", block.flat))


def _is_back_link(block: Block) -> bool:
    return any(link.url.startswith("#ref") for link in block.links) and block.text[:1] == "^"


def _count(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isdecimal() else None


def _answer_url(question_id: str, answer_id: str | None) -> str | None:
    if answer_id is None:
        return None
    return f"https://www.zhihu.com/question/{question_id}/answer/{answer_id}"


def _source_id(blocks: Sequence[Block]) -> str | None:
    """The answer's id as the entity links in its text give it, if they do."""
    for block in blocks:
        for link in block.links:
            if "zhihu.com/search" not in link.url:
                continue
            query = parse_qs(urlsplit(unquote(link.url)).query)
            extra = query.get("hybrid_search_extra", [""])[0]
            if match := _SOURCE_ID.search(extra):
                return match[1]
    return None
