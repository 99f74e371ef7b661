"""Blocks of any page -> one Post of kind article, with all its paragraphs."""

from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block
from .model import Paragraph, Post, Reference
from .paragraphs import number_paragraphs, read_reference


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
    references = _read_notes(blocks)
    body = [block for block in blocks if block.note is None]
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


def _read_notes(blocks: Sequence[Block]) -> tuple[Reference, ...]:
    """Read footnote definitions; one of several blocks is told by its first."""
    notes: dict[str, Reference] = {}
    for block in blocks:
        if block.note is not None and block.note not in notes:
            notes[block.note] = read_reference(block.note, block)
    return tuple(notes.values())
