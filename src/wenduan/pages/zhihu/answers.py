"""Blocks -> the posts of a Zhihu page: where each begins and ends, and what it says of itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..addresses import ZhihuAddress, canonical, target_of, zhihu_address
from ..blocks import Block
from ..document import Part
from ..facts import Facts, count_of
from ..formulas import undouble
from ..model import Post, Question
from ..paragraphs import number_paragraphs, source_ids, take_notes, take_reference_list
from .bar import is_bar
from .borders import with_unnamed
from .byline import Start, find_start, take_byline
from .chrome import begins_tail, clean_title, is_button, is_noise, take_contents
from .copied import Copied, split_copied
from .ending import borders_below_dates, take_ending

_COUNTS = re.compile(r"关注者\s*([\d,]+)\s*被浏览\s*([\d,]+)")
_COUNT = re.compile(r"(关注者|被浏览)\s*([\d,]+)?")
_SPACE = " \n\u200b"
_DESCRIPTION_CUT = "显示全部"


@dataclass(slots=True)
class Found:
    """What has been read of a page: posts, and the blocks that are chrome."""

    posts: list[Post] = field(default_factory=list)
    dropped: list[Block] = field(default_factory=list)


def find_starts(blocks: Sequence[Block]) -> list[Start]:
    """Where answers begin, in order; people who comment below an answer begin none."""
    starts: list[Start] = []
    at, below, about = 0, False, False
    while at < len(blocks):
        # Below an answer, a name and a face may be anybody's.
        below = below or (bool(starts) and begins_tail(blocks[at]))
        below = below and not is_bar(blocks[at].flat)
        about = about or blocks[at].flat.startswith("关于作者")
        start = find_start(blocks, at)
        if start is None or (below and not _has_byline(blocks, start)):
            at += 1
            continue
        if not about:
            starts.append(start)
            below = False
        about = False
        at += start.length
    return with_unnamed(blocks, starts)


def _has_byline(blocks: Sequence[Block], start: Start) -> bool:
    """Tell whether 关注 or votes stand below a name, as they do not for one who comments."""
    if start.sure:
        return True
    below = blocks[start.at + start.length : start.at + start.length + 17]
    top = [row for row in below if row.kind != "fact"][:7]
    byline = take_byline(top)
    return byline.votes is not None or any("关注" in row.flat for row in byline.taken)


def read_answers(
    blocks: Sequence[Block], starts: Sequence[Start], question: str | None, found: Found
) -> None:
    """Read the answers that begin at `starts`."""
    ends = [*(start.at for start in starts[1:]), len(blocks)]
    for start, end in zip(starts, ends, strict=True):
        facts = Facts(
            author=start.author,
            author_url=start.author_url,
            headline=start.headline,
            id=start.id,
        )
        rows = list(blocks[start.at + start.length : end])
        found.posts.append(read_post("answer", rows, facts, question, found))


def read_post(
    kind: str, blocks: Sequence[Block], facts: Facts, question: str | None, found: Found
) -> Post:
    """Read one post off its blocks, of which `facts` are known; chrome goes to `found`."""
    # What the markup states may stand anywhere, also between a name and its votes.
    stated = [row for row in blocks if row.kind == "fact"]
    rows = [row for row in blocks if row.kind != "fact"]
    byline = take_byline(rows)
    kept, ending = take_ending([*stated, *rows])
    kept, facts = _without_copied(kept, kind, facts, found)
    kept, contents = take_contents(kept)
    defined = [row for row in kept if row.note is not None]
    notes, kept = take_notes(kept)
    listed, kept, heading = take_reference_list(kept)
    kept = _without_doubles(kept)
    found.dropped += [*byline.taken, *ending.taken, *contents, *heading]
    labels = {reference.label for reference in listed}
    # Of two entries by one label, that of the list is the one that the text cites.
    found.dropped += [row for row in defined if row.note in labels]
    references = (*listed, *(note for note in notes if note.label not in labels))
    known = byline.votes if byline.votes is not None else facts.votes
    votes, comments = ending.counts(known)
    identity = facts.id or ending.id
    if identity is None and kind == "answer":
        identity = next(iter(source_ids(kept)), None)
    return Post(
        kind,
        number_paragraphs(kept, references),
        id=identity,
        author=facts.author,
        author_url=facts.author_url,
        headline=byline.headline or facts.headline,
        votes=votes,
        comments=comments if comments is not None else facts.comments,
        published=ending.published or facts.published,
        edited=ending.edited or facts.edited,
        place=ending.place or facts.place,
        url=_post_url(kind, identity, question, facts.url),
        collapsed=ending.collapsed,
        references=references,
    )


def with_top(post: Post, blocks: Sequence[Block], found: Found) -> Post:
    """An article with the blocks that stand above the line that names its author: its title."""
    top = read_post("article", blocks, Facts(), None, found)
    moved = (replace(row, number=row.number + len(top.paragraphs)) for row in post.paragraphs)
    return replace(
        post,
        paragraphs=(*top.paragraphs, *moved),
        references=(*top.references, *post.references),
        published=post.published or top.published,
        edited=post.edited or top.edited,
        place=post.place or top.place,
    )


def _without_doubles(blocks: list[Block]) -> list[Block]:
    """The blocks, with each formula once."""
    rows = [row for row in blocks if row.kind not in {"code", "formula"}]
    texts = [row.text for row in rows]
    once = dict(zip(map(id, rows), undouble(texts), strict=True))
    changed = {id(row) for row in rows if once[id(row)] != row.text}
    return [replace(row, text=once[id(row)]) if id(row) in changed else row for row in blocks]


def _without_copied(
    blocks: list[Block], kind: str, facts: Facts, found: Found
) -> tuple[list[Block], Facts]:
    """A text without the header that people copy along with it; it may say whose it is."""
    first, *pieces = split_copied(blocks)
    kept = list(first.blocks)
    for piece in pieces:
        kept += piece.blocks
        found.dropped += [piece.header] if piece.header else []
        address = piece.address
        if kind == "answer" and address and address.kind == kind and facts.id is None:
            facts = replace(facts, id=address.id, author=facts.author or piece.author)
    return kept, facts


def _post_url(kind: str, identity: str | None, question: str | None, url: str | None) -> str | None:
    if kind == "answer":
        stated = zhihu_address(url)
        if identity is None:
            return stated.url if stated and stated.kind == "answer" else None
        if stated and stated.id == identity and stated.question and question is None:
            question = stated.question
        return ZhihuAddress("answer", identity, question).url
    return canonical(url)


def read_parts(parts: Sequence[Part], question: str | None, found: Found) -> None:
    """Read the answers that the saver has told apart."""
    pieces = [piece for part in parts for piece in _split_part(part)]
    for part in pieces:
        address = zhihu_address(part.facts.url)
        facts = part.facts
        if address and address.kind == "answer":
            facts = replace(facts, id=facts.id or address.id)
            question = address.question or question
        found.posts.append(read_post("answer", part.blocks, facts, question, found))


def _split_part(part: Part) -> list[Part]:
    """Part the answers of which nothing is known at the dates that they end with."""
    if part.facts != Facts():
        return [part]
    begins = [0, *borders_below_dates(part.blocks), len(part.blocks)]
    return [Part(Facts(), part.blocks[a:b]) for a, b in pairwise(begins)]


def read_copied(pieces: Sequence[Copied], found: Found) -> None:
    """Read the posts of copied text, each by its header."""
    for piece in pieces:
        assert piece.address is not None
        kind = "answer" if piece.address.kind == "answer" else "article"
        facts = Facts(author=piece.author, url=piece.address.url, id=piece.address.id)
        found.posts.append(read_post(kind, piece.blocks, facts, piece.address.question, found))
        if piece.header:
            found.dropped.append(piece.header)


def copied_pieces(blocks: Sequence[Block]) -> tuple[list[Block], list[Copied]]:
    """The blocks before the first header of copied text, and the pieces that have one."""
    first, *pieces = split_copied(blocks)
    return list(first.blocks), pieces


@dataclass(slots=True)
class Head:
    """What stands above the answers: the description of the question, and its counts."""

    kept: list[Block] = field(default_factory=list)
    dropped: list[Block] = field(default_factory=list)
    followers: int | None = None
    views: int | None = None
    collapsed: bool = False


def read_head(blocks: Sequence[Block], title: str) -> Head:
    """Read what stands above the answers of a question page, and know chrome from text."""
    head = Head()
    label: str | None = None
    tail = False
    for block in blocks:
        text = block.flat
        tail = tail or begins_tail(block)
        if both := _COUNTS.search(text):
            head.followers, head.views = count_of(both[1]), count_of(both[2])
        if label is not None and count_of(text) is not None:
            _count(head, label, text)
            label = None
        elif count := _COUNT.fullmatch(text):
            label = None if count[2] else count[1]
            _count(head, count[1], count[2])
        elif both and is_button(_COUNTS.sub("", text).strip()):
            pass
        elif tail or _is_head_noise(block, title):
            head.collapsed = head.collapsed or text == _DESCRIPTION_CUT
        else:
            _keep(head, block, title)
            continue
        head.dropped.append(block)
    return head


def _count(head: Head, label: str, text: str | None) -> None:
    if text is not None:
        name = "followers" if label == "关注者" else "views"
        setattr(head, name, count_of(text))


def _keep(head: Head, block: Block, title: str) -> None:
    """Keep a block, without what the page has put into it; the title once."""
    if block.flat.endswith(_DESCRIPTION_CUT):
        text = block.text.rstrip(_SPACE).removesuffix(_DESCRIPTION_CUT).rstrip(_SPACE)
        head.kept.append(replace(block, text=text))
        head.collapsed = True
        end = block.line + block.text.count("\n")
        head.dropped.append(Block("text", end, _DESCRIPTION_CUT))
    elif not _is_title(block, title):
        head.kept.append(block)
    elif any(row.kind == "heading" and row.text == title for row in head.kept):
        head.dropped.append(block)
    else:
        head.kept.append(replace(block, text=title))
        if block.text != title:
            head.dropped.append(block)


def end_of_head(rows: Sequence[Block], title: str) -> int:
    """How many blocks at the top are the title, or chrome of the question."""
    for at, row in enumerate(rows):
        if row.text and not _is_title(row, title) and not read_head([row], title).dropped:
            return at
    return len(rows)


def _is_head_noise(block: Block, title: str) -> bool:
    if block.kind in {"rule", "fact"} or is_noise(block):
        return True
    # The title once more, without being a heading.
    return block.kind == "text" and bool(title) and clean_title(block.flat)[0] == title


def _is_title(block: Block, title: str) -> bool:
    """Tell whether a block is the page's title, perhaps with what the site adds to it."""
    return block.kind == "heading" and bool(title) and clean_title(block.flat)[0] == title


def question_post(
    head: Head, question_id: str | None, title: str, title_line: int | None
) -> Post | None:
    """The post of the question: its title, and its description; None where neither stands.

    `title_line` is the line on which the file's head names the title.
    """
    blocks = list(head.kept)
    if title and title_line is not None and not any(_is_title(row, title) for row in blocks):
        blocks.insert(0, Block("heading", title_line, title))
    references, rows = take_notes(blocks)
    paragraphs = number_paragraphs(rows, references)
    if not paragraphs and not references:
        return None
    return Post(
        "question",
        paragraphs,
        id=question_id,
        url=f"https://www.zhihu.com/question/{question_id}" if question_id else None,
        collapsed=head.collapsed,
        references=references,
    )


def question_with(question_id: str | None, title: str, head: Head, facts: Facts) -> Question | None:
    """The question, with the counts that the page shows, else those of the file's head."""
    if question_id is None:
        return None
    followers = head.followers if head.followers is not None else facts.followers
    views = head.views if head.views is not None else facts.views
    return Question(question_id, title, followers, views)


def question_of(url: str | None, blocks: Sequence[Block]) -> str | None:
    """Id of the question a page shows: of its address, else of a permalink on it."""
    address = zhihu_address(url)
    if address and address.kind in {"question", "answer"}:
        return address.question or (address.id if address.kind == "question" else None)
    for block in blocks:
        for link in block.links:
            found = zhihu_address(target_of(link.url))
            if found and found.kind == "answer" and found.question:
                return found.question
    return None
