"""One file -> its page -> the engine's writer; what cannot be read is noted with its reason."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .engines import Entry, IndexedFile
from .errors import PageError
from .pages import Page, Post, parse_page
from .pages.source import MAX_BYTES
from .scanner import FileState


class PageWriter(Protocol):
    """Takes pages: an engine's writer, or a part of it in another process."""

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page under an id that the index does not hold."""


@dataclass(slots=True)
class Fed:
    """What has been put into an index; `skipped` are the files that could not be read."""

    pages: int = 0
    posts: int = 0
    paragraphs: int = 0
    skipped: list[PageError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, other: "Fed") -> None:
        """Count in what another process has put."""
        self.pages += other.pages
        self.posts += other.posts
        self.paragraphs += other.paragraphs
        self.skipped += other.skipped
        self.warnings += other.warnings


def feed(writer: PageWriter, state: FileState, fed: Fed) -> None:
    """Read a file and put its page; never raises for what is wrong with the file."""
    try:
        if state.size > MAX_BYTES:
            raise PageError(state.path, f"larger than {MAX_BYTES >> 20} MiB; split it into pages")
        page = parse_page(state.path, Path(state.path).read_bytes())
    except OSError as error:
        fed.skipped.append(PageError(state.path, error.strerror or str(error)))
        return
    except PageError as error:
        fed.skipped.append(error)
        return
    entries = list(iter_entries(page))
    if not entries:
        fed.skipped.append(PageError(state.path, "no text in it"))
        return
    file = IndexedFile(uuid.uuid4().hex, **asdict(state), facts=_page_facts(page))
    writer.put(file, entries)
    fed.pages += 1
    fed.posts += len(page.posts)
    fed.paragraphs += len(entries)
    fed.warnings += [f"{state.path}: {warning}" for warning in page.warnings]


def iter_entries(page: Page) -> Iterator[Entry]:
    """Give each paragraph of a page with all that a result tells of it."""
    for number, post in enumerate(page.posts, 1):
        facts = _post_facts(page, post, number)
        for row in post.paragraphs:
            references = [asdict(reference) for reference in row.references]
            is_title = row.kind == "heading" and number == row.number == 1
            kind = "title" if is_title and row.text == page.title else row.kind
            yield Entry(row.text, row.number, row.line, references, facts, kind)


def _page_facts(page: Page) -> dict[str, Any]:
    return {
        "title": page.title,
        "page_url": page.url,
        "saved": page.saved,
        "site": page.site,
        "tags": list(page.tags),
    }


def _post_facts(page: Page, post: Post, number: int) -> dict[str, Any]:
    question_url = f"https://www.zhihu.com/question/{page.question.id}" if page.question else None
    names = ("kind", "author", "author_url", "headline", "votes", "comments", "published")
    facts = {name: getattr(post, name) for name in names}
    return facts | {
        "post": number,
        "url": post.url or question_url or page.url,
        "address": post.url,
    }
