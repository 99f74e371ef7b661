"""The records of a read page: Page, Question, Post, Paragraph, Reference, DroppedLine.

Unknown facts are None, never 0 or an empty string. Dates are ISO 8601 strings, as precise as the
page is and with an offset only where the page states one.
"""

from dataclasses import dataclass

from .reference import Reference


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of visible text, the unit that is indexed and found.

    `number` counts from 1 within its post, `line` from 1 within the file. `kind` is one of text,
    heading, list, quote, code, table, formula, caption. `references` are those it cites.
    """

    number: int
    line: int
    kind: str
    text: str
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """What one person wrote: an answer, the description of a question, or an article.

    `collapsed` is true where the saved page cuts or folds the text.
    """

    kind: str
    paragraphs: tuple[Paragraph, ...]
    id: str | None = None
    author: str | None = None
    author_url: str | None = None
    headline: str | None = None
    votes: int | None = None
    comments: int | None = None
    published: str | None = None
    edited: str | None = None
    place: str | None = None
    url: str | None = None
    collapsed: bool = False
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """The question that a page's answers answer."""

    id: str
    title: str
    followers: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class DroppedLine:
    """Text that was read as page chrome and is not indexed; `line` counts from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One saved page, read. `url` is the address it was saved from.

    `path` is that of the file, with the member's name behind it where the file is an archive.
    `kind` is question, answer, article, pin, or missing where the site had none at the address;
    `saver` names the tool that saved it, `site` where it was published.
    """

    path: str
    saver: str | None
    site: str | None
    kind: str
    title: str
    url: str | None
    question: Question | None
    saved: str | None
    published: str | None
    tags: tuple[str, ...]
    posts: tuple[Post, ...]
    chrome: tuple[DroppedLine, ...] = ()
    warnings: tuple[str, ...] = ()
