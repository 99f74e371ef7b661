"""One saved file -> Page: front matter, Markdown blocks, and a reader for each kind of page."""

from .model import DroppedLine, Page, Paragraph, Post, Question, Reference
from .reading import parse_page, read_page

__all__ = [
    "DroppedLine",
    "Page",
    "Paragraph",
    "Post",
    "Question",
    "Reference",
    "parse_page",
    "read_page",
]
