"""A page of no site we know -> its Reading: one post of kind article, with all its text."""

from collections.abc import Sequence
from dataclasses import replace

from .addresses import canonical
from .blocks import Block
from .cutting import cut
from .document import Reading, Saved
from .model import Paragraph, Post
from .paragraphs import number_paragraphs, take_notes

# As much of the text must stand in the page's main element for the rest to be chrome.
_MAIN_SHARE = 0.4


def read_article(saved: Saved) -> Reading:
    """Make one post of all blocks; a title that is no heading of the text becomes its first."""
    facts = saved.facts
    blocks, dropped = _without_chrome(saved.blocks)
    references, body = take_notes(blocks)
    paragraphs = number_paragraphs(body, references)
    title = facts.title or ""
    named = any(p.kind == "heading" and p.text == title for p in paragraphs)
    if facts.title_line is not None and title and not named:
        above = [
            Paragraph(number, facts.title_line, "heading", title[begin:end].strip())
            for number, (begin, end) in enumerate(cut(title), 1)
        ]
        rest = (replace(row, number=row.number + len(above)) for row in paragraphs)
        paragraphs = (*above, *rest)
    post = Post(
        "article",
        paragraphs,
        author=facts.author,
        author_url=facts.author_url,
        headline=facts.headline,
        votes=facts.votes,
        comments=facts.comments,
        published=facts.published,
        edited=facts.edited,
        url=canonical(facts.url),
        references=references,
    )
    return Reading("article", title, [post], facts.site, None, dropped)


def _without_chrome(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Part the text of a page from what its markup says stands around it."""
    main = sum(len(row.text) for row in blocks if row.region == "main")
    seen = sum(len(row.text) for row in blocks if row.region != "aside")
    only_main = main > _MAIN_SHARE * seen
    kept: list[Block] = []
    dropped: list[Block] = []
    for row in blocks:
        outside = row.region == "aside" or (only_main and row.region != "main")
        (dropped if outside or row.kind in {"fact", "definition"} else kept).append(row)
    if not any(row.text for row in kept):
        # What says that all of the page stands aside says nothing.
        silent = {"fact", "definition"}
        kept = [row for row in blocks if row.kind not in silent]
        dropped = [row for row in blocks if row.kind in silent]
    return kept, dropped
