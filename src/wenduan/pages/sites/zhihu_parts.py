"""Answers of Zhihu that a saver has told apart, on a page that does not say its own address."""

from ..addresses import zhihu_address
from ..document import Reading, Saved, Site
from ..facts import Facts
from ..zhihu.answers import Found, question_post, question_with, read_head, read_parts
from ..zhihu.chrome import clean_title


def _recognise(saved: Saved) -> bool:
    return any(part.facts != Facts() for part in saved.parts)


def _read(saved: Saved) -> Reading:
    question_id = _question_id(saved)
    title, _ = clean_title(saved.facts.title or "")
    head = read_head(saved.blocks, title)
    found = Found()
    read_parts(saved.parts, question_id, found)
    question = question_with(question_id, title, head, saved.facts)
    description = question_post(head, question_id, title, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    return Reading("question", title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _question_id(saved: Saved) -> str | None:
    """The question that the answers' own addresses name; None where they name several."""
    found = [zhihu_address(part.facts.url) for part in saved.parts]
    ids = {address.question for address in found if address and address.question}
    return ids.pop() if len(ids) == 1 else None


READER = Site("zhihu", 45, _recognise, _read, reads_parts=True)
