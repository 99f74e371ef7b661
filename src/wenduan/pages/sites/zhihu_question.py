"""A Zhihu page with a question and answers below it, each with its author above it."""

from ..addresses import is_zhihu, zhihu_address
from ..document import Reading, Saved, Site
from ..facts import Facts
from ..model import Question
from ..zhihu.answers import (
    Found,
    end_of_head,
    find_starts,
    question_of,
    question_post,
    read_answers,
    read_head,
    read_parts,
    read_post,
)
from ..zhihu.chrome import clean_title
from ..zhihu.ending import ends_post


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
    above = saved.blocks[: starts[0].at]
    at = end_of_head(above, title) if any(ends_post(block) for block in above) else len(above)
    head = read_head(above[:at], title)
    found = Found()
    if at < len(above):
        # The saver has left out who wrote the answer that the page shows first.
        found.posts.append(read_post("answer", above[at:], Facts(), question_id, found))
    read_answers(saved.blocks, starts, question_id, found)
    read_parts(saved.parts, question_id, found)
    followers = head.followers if head.followers is not None else saved.facts.followers
    views = head.views if head.views is not None else saved.facts.views
    question = Question(question_id, title, followers, views)
    description = question_post(head, question, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    return Reading("question", title, posts, "zhihu", question, [*head.dropped, *found.dropped])


READER = Site("zhihu", 20, _recognise, _read)
