"""One file -> its pages -> the engine's writer; what cannot be read is noted with its reason."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from .engines import Entry, IndexedFile
from .errors import PageError
from .loading import FileState, is_passing
from .pages import Page, Post, iter_pages, load_page

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f]+")


class PageWriter(Protocol):
    """Takes pages: an engine's writer, or a part of it in another process."""

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page that will be put."""

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page under an id that the index does not hold."""


@dataclass(slots=True)
class Fed:
    """What has been put into an index; `skipped` are the files that could not be read.

    `unread` are the paths of those that are there, but could not be looked into now.
    """

    pages: int = 0
    posts: int = 0
    paragraphs: int = 0
    skipped: list[PageError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, other: "Fed") -> None:
        """Count in what another process has put."""
        self.pages += other.pages
        self.posts += other.posts
        self.paragraphs += other.paragraphs
        self.skipped += other.skipped
        self.warnings += other.warnings
        self.unread += other.unread


def feed(writer: PageWriter, state: FileState, fed: Fed) -> None:
    """Read a file and put its pages; never raises for what is wrong with the file.

    They are known by what the file said and was when it was read, whatever `state` says. A file
    that has gone since it was seen is none.
    """
    try:
        loaded = load_page(state.path)
    except OSError as error:
        if is_passing(error):
            fed.unread.append(state.path)
        if os.path.lexists(state.path):
            fed.skipped.append(PageError(state.path, error.strerror or str(error)))
        return
    for found in iter_pages(state.path, loaded.data):
        if isinstance(found, PageError):
            fed.skipped.append(found)
        else:
            _put(writer, loaded.state, found, fed)


def _put(writer: PageWriter, state: FileState, page: Page, fed: Fed) -> None:
    entries = list(iter_entries(page))
    if not entries:
        # Where the site had no page, there is nothing to mend.
        reason = "no page in it" if page.kind == "missing" else "no text in it"
        fed.skipped.append(PageError(page.path, reason))
        return
    facts = _page_facts(page) | {"ctime_ns": state.ctime_ns}
    if page.path != state.path:
        facts["member"] = page.path.removeprefix(f"{state.path}/")
    name = writer.name(page.path, state.digest)
    # A page of an archive is known by its own path; the state is that of the whole file.
    own = IndexedFile(name, page.path, state.size, state.mtime_ns, state.digest, facts)
    writer.put(own, entries)
    fed.pages += 1
    fed.posts += len(page.posts)
    fed.paragraphs += len(entries)
    fed.warnings += [f"{page.path}: {warning}" for warning in page.warnings]


def file_of(page: IndexedFile) -> str:
    """Path of the file that a page of the index stands in: its own, or that of its archive."""
    member = page.facts.get("member")
    return page.path.removesuffix(f"/{member}") if member else page.path


def iter_entries(page: Page) -> Iterator[Entry]:
    """Give each paragraph of a page with all that a result tells of it."""
    for number, post in enumerate(page.posts, 1):
        facts = _post_facts(page, post, number)
        for row in post.paragraphs:
            references = [
                asdict(reference) | {"url": _web(reference.url)} for reference in row.references
            ]
            is_title = row.kind == "heading" and number == row.number == 1
            kind = "title" if is_title and row.text == page.title else row.kind
            yield Entry(row.text, row.number, row.line, references, facts, kind)


def _page_facts(page: Page) -> dict[str, Any]:
    return {
        "title": page.title,
        "page_url": _web(page.url),
        "saved": page.saved,
        "site": page.site,
        "tags": list(page.tags),
    }


def _post_facts(page: Page, post: Post, number: int) -> dict[str, Any]:
    question_url = f"https://www.zhihu.com/question/{page.question.id}" if page.question else None
    names = (
        *("kind", "author", "author_url", "headline"),
        *("votes", "comments", "published", "edited"),
    )
    facts = {name: getattr(post, name) for name in names}
    facts["author_url"] = _web(post.author_url)
    # Copies of one post have the same id and permalink, whatever page they stand on; `url` is
    # where a reader is led, which may be the question.
    identity = {"id": post.id, "permalink": _web(post.url)}
    # In results a pin is an article; who filters by kind tells them apart.
    if page.kind == "pin" and post.kind == "article":
        facts["form"] = page.kind
    url = _web(post.url) or question_url or _web(page.url)
    return facts | identity | {"post": number, "url": url}


def _web(url: str | None) -> str | None:
    """An address of the web, or one without a scheme; None for javascript:, file: and the like."""
    if url is None:
        return None
    # As browsers read it: without control characters and spaces.
    scheme = _SCHEME.match(_CONTROL.sub("", url))
    return url if scheme is None or scheme[1].lower() in {"http", "https"} else None
