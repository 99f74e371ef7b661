"""Answers copied from Zhihu, each below the header that the site puts before copied text."""

from dataclasses import replace

from ..addresses import is_zhihu
from ..document import Reading, Saved, Site
from ..facts import Facts
from ..model import Post, Question
from ..zhihu.answers import (
    Found,
    copied_pieces,
    question_post,
    read_copied,
    read_head,
    with_top,
)
from ..zhihu.chrome import clean_title
from ..zhihu.copied import Copied


def _recognise(saved: Saved) -> bool:
    if saved.parts or (saved.facts.url is not None and not is_zhihu(saved.facts.url)):
        return False
    return bool(copied_pieces(saved.blocks)[1])


def _read(saved: Saved) -> Reading:
    above, pieces = copied_pieces(saved.blocks)
    title, _ = clean_title(saved.facts.title or "")
    question = _question(pieces, title)
    found = Found()
    head = read_head(above, title)
    read_copied(pieces, found)
    if len(found.posts) == 1:
        found.posts[0] = _with_facts(found.posts[0], saved.facts)
    question_id = question.id if question else None
    description = question_post(head, question_id, title, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    kinds = {post.kind for post in found.posts}
    kind = "article" if kinds == {"article"} else "answer" if len(found.posts) == 1 else "question"
    if kind == "article" and description is not None:
        # The title of an article is its own first paragraph.
        posts = [with_top(found.posts[0], head.kept, found), *found.posts[1:]]
    return Reading(kind, title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _with_facts(post: Post, facts: Facts) -> Post:
    """What the head of a file with one answer says counts for that answer."""
    return replace(
        post,
        votes=facts.votes if post.votes is None else post.votes,
        comments=facts.comments if post.comments is None else post.comments,
        published=post.published or facts.published,
        edited=post.edited or facts.edited,
        headline=post.headline or facts.headline,
    )


def _question(pieces: list[Copied], title: str) -> Question | None:
    """The question that all answers of the file answer; None where they answer several."""
    ids = {piece.address.question for piece in pieces if piece.address}
    (only,) = ids if len(ids) == 1 else (None,)
    return Question(only, title) if only else None


READER = Site("zhihu", 30, _recognise, _read)
