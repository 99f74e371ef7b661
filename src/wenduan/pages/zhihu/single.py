"""A Zhihu page of one post, an article or a pin -> its Reading."""

from collections.abc import Sequence
from dataclasses import replace

from ..addresses import zhihu_address
from ..blocks import Block
from ..document import Reading, Saved
from .answers import Found, read_head, read_post, with_top
from .bar import is_votes_line
from .byline import find_start, split_name
from .chrome import clean_title

# The author stands above the text, below no more than title, cover and a line of dates.
_TOP = 10


def read_single(saved: Saved, kind: str) -> Reading:
    """Read a page that shows one post of `kind`, and perhaps what others wrote below it."""
    address = zhihu_address(saved.facts.url)
    title, author = clean_title(saved.facts.title or "")
    name, headline = split_name(saved.facts.author, author)
    headline = saved.facts.headline or headline
    identity = address.id if address else None
    facts = replace(saved.facts, id=identity, author=name, headline=headline)
    above, body, start = _part(saved.blocks, facts.author)
    if start is not None:
        facts = replace(facts, author=start[0], author_url=start[1])
    head = read_head(above, title)
    found = Found()
    top = _title_block(head.kept, title, facts.title_line)
    post = read_post("article", body, facts, None, found)
    post = with_top(post, top, found)
    dropped = [*head.dropped, *found.dropped]
    return Reading(kind, title, [post], "zhihu", None, dropped)


def shows_article(blocks: Sequence[Block]) -> bool:
    """Tell whether a page without an address shows an article of a column."""
    top = blocks[: _TOP + 6]
    if not any(is_votes_line(row.flat) and "该文章" in row.text for row in top):
        return False
    return any(find_start(blocks, at) for at in range(min(_TOP, len(blocks))))


def _part(
    blocks: Sequence[Block], author: str | None
) -> tuple[Sequence[Block], Sequence[Block], tuple[str | None, str | None] | None]:
    """What stands above the author's name, what below it, and the name with its address."""
    for at in range(min(_TOP, len(blocks))):
        start = find_start(blocks, at)
        if start is not None and not (author and start.author != author and at > 3):
            named = (start.author, start.author_url)
            return blocks[:at], blocks[at + start.length :], named
    at = 0
    while at < len(blocks) and blocks[at].kind == "heading" and at < 1:
        at += 1
    return blocks[:at], blocks[at:], None


def _title_block(kept: Sequence[Block], title: str, line: int | None) -> list[Block]:
    named = any(block.kind == "heading" and block.text == title for block in kept)
    if line is None or named or not title:
        return list(kept)
    return [Block("heading", line, title), *kept]
