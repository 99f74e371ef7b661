"""Zhihu answers without their authors above them: what says who wrote them is the file's head."""

from dataclasses import replace

from ..addresses import zhihu_address
from ..document import Reading, Saved, Site
from ..model import Post, Question
from ..zhihu.answers import (
    Found,
    Head,
    end_of_head,
    question_post,
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
    facts = saved.facts
    if address.kind == "answer":
        name, headline = split_name(facts.author, author)
        facts = replace(facts, author=name, headline=facts.headline or headline)
    at = end_of_head(saved.blocks, title)
    rest = saved.blocks[at:]
    whole = saved.head_only or (address.kind == "question" and not saved.parts)
    head = read_head(saved.blocks if whole else saved.blocks[:at], title)
    found = Found()
    if rest and not whole:
        identity = address.id if address.kind == "answer" else None
        found.posts.append(
            read_post("answer", rest, replace(facts, id=identity), question_id, found)
        )
    read_parts(saved.parts, question_id, found)
    return _join(saved, head, found, question_id, title)


def _join(saved: Saved, head: Head, found: Found, question_id: str | None, title: str) -> Reading:
    """Put the posts of the answers below that of the question."""
    facts = saved.facts
    question = Question(question_id, title, facts.followers, facts.views) if question_id else None
    if question and head.followers is not None:
        question = replace(question, followers=head.followers, views=head.views)
    description = question_post(head, question, facts.title_line)
    posts: list[Post] = [post for post in found.posts if _says_something(post)]
    if description is not None:
        posts.insert(0, description)
    kind = "answer" if len(found.posts) == 1 else "question"
    return Reading(kind, title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _says_something(post: Post) -> bool:
    known = post.headline is not None or post.votes is not None
    return bool(post.paragraphs or post.references or post.collapsed or known)


READER = Site("zhihu", 40, _recognise, _read)
