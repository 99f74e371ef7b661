"""A Zhihu page with a question and answers below it, each with its author above it."""

from dataclasses import replace

from ..addresses import ZhihuAddress, is_zhihu, zhihu_address
from ..blocks import Block
from ..document import Reading, Saved, Site
from ..facts import Facts
from ..model import Post
from ..zhihu.answers import (
    Found,
    end_of_head,
    find_starts,
    question_of,
    question_post,
    question_with,
    read_answers,
    read_head,
    read_parts,
    read_post,
)
from ..zhihu.bar import is_bar, is_votes_line
from ..zhihu.byline import lines_apart, split_name
from ..zhihu.chrome import clean_title
from ..zhihu.ending import ends_post


def _recognise(saved: Saved) -> bool:
    url = saved.facts.url
    address = zhihu_address(url)
    if (url is not None and not is_zhihu(url)) or (address and address.kind in {"article", "pin"}):
        return False
    if url is None and not any(_mentions_zhihu(row) for row in saved.blocks):
        return False
    blocks = lines_apart(saved.blocks)
    if not find_starts(blocks):
        return False
    return question_of(url, blocks) is not None or any(_is_border(row) for row in blocks)


def _mentions_zhihu(block: Block) -> bool:
    if "人赞同了该" in block.text:
        return True
    return bool(block.links) and any(is_zhihu(link.url) for link in block.links)


def _is_border(block: Block) -> bool:
    """Tell whether a block is a line that only answers have."""
    return is_bar(block.flat) or (is_votes_line(block.flat) and "该回答" in block.text)


def _read(saved: Saved) -> Reading:
    blocks = lines_apart(saved.blocks)
    question_id = question_of(saved.facts.url, blocks)
    title, _ = clean_title(saved.facts.title or "")
    starts = find_starts(blocks)
    above = blocks[: starts[0].at]
    at = end_of_head(above, title) if any(ends_post(block) for block in above) else len(above)
    head = read_head(above[:at], title)
    found = Found()
    if at < len(above):
        # The saver has left out who wrote the answer that the page shows first.
        found.posts.append(read_post("answer", above[at:], Facts(), question_id, found))
    read_answers(blocks, starts, question_id, found)
    _add_page_facts(saved.facts, found)
    read_parts(saved.parts, question_id, found)
    question = question_with(question_id, title, head, saved.facts)
    description = question_post(head, question_id, title, saved.facts.title_line)
    posts = [*([description] if description else []), *found.posts]
    return Reading("question", title, posts, "zhihu", question, [*head.dropped, *found.dropped])


def _add_page_facts(facts: Facts, found: Found) -> None:
    """What the head of the file says counts for the answer whose address is the page's own."""
    address = zhihu_address(facts.url)
    alone = len(found.posts) == 1
    for at, post in enumerate(found.posts):
        of_page = post.id == address.id if address and post.id else alone
        if address and address.kind == "answer" and of_page:
            found.posts[at] = _with_page_facts(post, address, facts, alone)


def _with_page_facts(post: Post, address: ZhihuAddress, facts: Facts, alone: bool) -> Post:
    if post.author is None:
        name, headline = split_name(facts.author, clean_title(facts.title or "")[1])
        post = replace(post, author=name, headline=post.headline or headline)
    if alone and post.published is None and post.edited is None:
        # Where a page holds several answers, its date may be that of any.
        post = replace(post, published=facts.published)
    return replace(post, id=address.id, url=post.url or address.url)


READER = Site("zhihu", 20, _recognise, _read, reads_parts=True)
