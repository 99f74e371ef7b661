"""Zhihu answers without their authors above them: what says who wrote them is the file's head."""

from collections.abc import Sequence
from dataclasses import replace

from ..addresses import zhihu_address
from ..blocks import Block
from ..document import Reading, Saved, Site
from ..facts import Facts
from ..model import Post
from ..paragraphs import source_ids
from ..zhihu.answers import (
    Found,
    Head,
    end_of_head,
    question_post,
    question_with,
    read_head,
    read_parts,
    read_post,
)
from ..zhihu.byline import split_name
from ..zhihu.chrome import clean_title


def _recognise(saved: Saved) -> bool:
    address = zhihu_address(saved.facts.url)
    return address is not None and address.kind in {"answer", "question"}


def _read(saved: Saved) -> Reading:
    address = zhihu_address(saved.facts.url)
    assert address is not None
    question_id = address.question if address.kind == "answer" else address.id
    title, author = clean_title(saved.facts.title or "")
    at = len(saved.blocks) if saved.head_only else end_of_head(saved.blocks, title)
    head = read_head(saved.blocks[:at], title)
    rest = saved.blocks[at:]
    found = Found()
    if address.kind == "question" and _is_description(saved, head):
        head = read_head(saved.blocks, title)
    elif address.kind == "question" and all(row.kind == "quote" for row in rest):
        _read_highlights(rest, question_id, found)
    elif rest:
        name, headline = split_name(saved.facts.author, author)
        identity = address.id if address.kind == "answer" else None
        headline = saved.facts.headline or headline
        facts = replace(saved.facts, id=identity, author=name, headline=headline)
        found.posts.append(read_post("answer", rest, facts, question_id, found))
    read_parts(saved.parts, question_id, found)
    question = question_with(question_id, title, head, saved.facts)
    description = question_post(head, question_id, title, saved.facts.title_line)
    posts = [post for post in found.posts if _says_something(post)]
    posts = [*([description] if description else []), *posts]
    kind = "answer" if len(found.posts) == 1 else "question"
    return Reading(kind, title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _is_description(saved: Saved, head: Head) -> bool:
    """Tell whether all that is saved of a question is what its author says of it."""
    return saved.saver == "zhihu-export" or head.followers is not None


def _read_highlights(quotes: Sequence[Block], question_id: str | None, found: Found) -> None:
    """Highlights of several answers: the entity links in them say of which each is."""
    answers: dict[str | None, list[Block]] = {}
    for block in quotes:
        answers.setdefault(next(iter(source_ids([block])), None), []).append(block)
    for identity, blocks in answers.items():
        facts = Facts(id=identity)
        found.posts.append(read_post("answer", blocks, facts, question_id, found))


def _says_something(post: Post) -> bool:
    known = post.headline is not None or post.votes is not None
    return bool(post.paragraphs or post.references or post.collapsed or known)


READER = Site("zhihu", 40, _recognise, _read, reads_parts=True)
