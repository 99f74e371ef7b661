"""A Zhihu page that was saved as one line, all answers and chrome in a single paragraph."""

from collections.abc import Sequence
from itertools import pairwise

from ..addresses import is_zhihu
from ..blocks import Block
from ..document import Part, Reading, Saved, Site
from ..facts import Facts
from ..zhihu.answers import Found, question_of, question_post, question_with, read_head, read_parts
from ..zhihu.chrome import clean_title
from ..zhihu.one_line import (
    ends_answer,
    is_one_line,
    is_votes_piece,
    name_before_votes,
    names_author,
    split_one_line,
)


def _recognise(saved: Saved) -> bool:
    if saved.facts.url is not None and not is_zhihu(saved.facts.url):
        return False
    return any(is_one_line(block) for block in saved.blocks)


def _read(saved: Saved) -> Reading:
    question_id = question_of(saved.facts.url, saved.blocks)
    title, _ = clean_title(saved.facts.title or "")
    blocks = split_one_line(saved.blocks)
    starts = _starts(blocks)
    found = Found()
    head = read_head(blocks[: starts[0]] if starts else blocks, title)
    parts = [_part(blocks[a:b], found) for a, b in pairwise([*starts, len(blocks)])]
    read_parts(parts, question_id, found)
    question = question_with(question_id, title, head, saved.facts)
    description = question_post(head, question_id, title, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    return Reading("question", title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _starts(blocks: Sequence[Block]) -> list[int]:
    """Where answers begin: at the name above the votes, at the votes where no name is."""
    starts: list[int] = []
    for at, block in enumerate(blocks):
        if is_votes_piece(block):
            named = names_author(blocks, at - 1)
            starts.append(at - 1 if named and (not starts or at - 1 > starts[-1]) else at)
    return starts


def _part(blocks: Sequence[Block], found: Found) -> Part:
    end = next((at for at, block in enumerate(blocks, 1) if ends_answer(block)), len(blocks))
    found.dropped += blocks[end:]
    if is_votes_piece(blocks[0]):
        return Part(Facts(), blocks[:end])
    found.dropped.append(blocks[0])
    author, headline = name_before_votes(blocks[0])
    return Part(Facts(author=author, headline=headline), blocks[1:end])


READER = Site("zhihu", 15, _recognise, _read)
