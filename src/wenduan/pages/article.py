"""Blocks of any page -> one Post of kind article, with all its paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block
from .model import Paragraph, Post
from .paragraphs import number_paragraphs, take_notes


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What is known of an article besides its text; `title_line` is where the file names it."""

    title: str
    title_line: int | None
    author: str | None
    published: str | None
    url: str | None


def read_article(blocks: Sequence[Block], facts: ArticleFacts, first_line: int) -> Post:
    """Make one post of all blocks; a title that is no heading of the text becomes its first."""
    references, body = take_notes(blocks)
    paragraphs = number_paragraphs(body, references, first_line)
    named = any(p.kind == "heading" and p.text == facts.title for p in paragraphs)
    if facts.title_line is not None and not named:
        title = Paragraph(1, facts.title_line, "heading", facts.title)
        rest = (Paragraph(p.number + 1, p.line, p.kind, p.text, p.references) for p in paragraphs)
        paragraphs = (title, *rest)
    return Post(
        "article",
        paragraphs,
        author=facts.author,
        published=facts.published,
        url=facts.url,
        references=references,
    )
