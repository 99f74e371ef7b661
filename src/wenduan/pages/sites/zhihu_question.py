"""A Zhihu page with a question and answers below it, each with its author above it."""

from ..addresses import is_zhihu, zhihu_address
from ..document import Reading, Saved, Site
from ..model import Question
from ..zhihu.answers import (
    find_starts,
    question_of,
    question_post,
    read_answers,
    read_head,
    read_parts,
)
from ..zhihu.chrome import clean_title


def _recognise(saved: Saved) -> bool:
    url = saved.facts.url
    address = zhihu_address(url)
    if (url is not None and not is_zhihu(url)) or (address and address.kind in {"article", "pin"}):
        return False
    return question_of(url, saved.blocks) is not None and bool(find_starts(saved.blocks))


def _read(saved: Saved) -> Reading:
    question_id = question_of(saved.facts.url, saved.blocks) or ""
    title, _ = clean_title(saved.facts.title or "")
    starts = find_starts(saved.blocks)
    head = read_head(saved.blocks[: starts[0].at], title)
    found = read_answers(saved.blocks, starts, question_id)
    read_parts(saved.parts, question_id, found)
    followers = head.followers if head.followers is not None else saved.facts.followers
    views = head.views if head.views is not None else saved.facts.views
    question = Question(question_id, title, followers, views)
    description = question_post(head, question, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    return Reading("question", title, posts, "zhihu", question, [*head.dropped, *found.dropped])


READER = Site("zhihu", 20, _recognise, _read)
