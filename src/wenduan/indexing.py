"""Files + engine -> IndexReport: reads what is new or changed, and writes it in one change."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .engines import Engine, Entry, IndexedFile, Writer
from .errors import PageError
from .pages import Page, Post, parse_page
from .pages.source import MAX_BYTES
from .scanner import FileState, Scan, scan

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class IndexReport:
    """What one run of indexing did; `skipped` are the files that could not be read."""

    pages: int = 0
    posts: int = 0
    paragraphs: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    skipped: list[PageError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def index_files(
    engine: Engine, paths: Sequence[str], progress: Progress | None = None
) -> IndexReport:
    """Bring the index up to date with the files below `paths`.

    `progress` is told how many of how many files are read. Raises IndexLockedError where another
    process is writing, WenduanError for a path that does not exist.
    """
    begin = time.perf_counter()
    report = IndexReport()
    with engine.write() as writer:
        known = {file.path: file for file in engine.files()}
        found = scan(paths, known)
        report.skipped += found.unreadable
        report.unchanged = len(found.unchanged) + len(found.touched)
        report.moved, report.changed = len(found.moved), len(found.changed)
        _follow(writer, found, known)
        report.removed = len(found.gone)
        for path in [*found.gone, *(state.path for state in found.changed)]:
            writer.remove(known[path].page)
        todo = [*found.new, *found.changed]
        for at, state in enumerate(todo, 1):
            _add(writer, state, report)
            if progress is not None:
                progress(at, len(todo))
    report.seconds = time.perf_counter() - begin
    return report


def _follow(writer: Writer, found: Scan, known: dict[str, IndexedFile]) -> None:
    """Note the new path or time of files whose content is known."""
    for old, state in [*found.moved, *((state.path, state) for state in found.touched)]:
        was = known[old]
        writer.move(IndexedFile(was.page, **asdict(state), facts=was.facts))


def _add(writer: Writer, state: FileState, report: IndexReport) -> None:
    try:
        if state.size > MAX_BYTES:
            raise PageError(state.path, f"larger than {MAX_BYTES >> 20} MiB; split it into pages")
        page = parse_page(state.path, Path(state.path).read_bytes())
    except OSError as error:
        report.skipped.append(PageError(state.path, error.strerror or str(error)))
        return
    except PageError as error:
        report.skipped.append(error)
        return
    entries = list(iter_entries(page))
    if not entries:
        report.skipped.append(PageError(state.path, "no text in it"))
        return
    file = IndexedFile(uuid.uuid4().hex, **asdict(state), facts=_page_facts(page))
    writer.put(file, entries)
    report.pages += 1
    report.posts += len(page.posts)
    report.paragraphs += len(entries)
    report.warnings += [f"{state.path}: {warning}" for warning in page.warnings]


def iter_entries(page: Page) -> Iterator[Entry]:
    """Give each paragraph of a page with all that a result tells of it."""
    for number, post in enumerate(page.posts, 1):
        facts = _post_facts(page, post, number)
        for row in post.paragraphs:
            references = [asdict(reference) for reference in row.references]
            yield Entry(row.text, row.number, row.line, references, facts)


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
    return facts | {"post": number, "url": post.url or question_url or page.url}
