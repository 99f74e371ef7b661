"""A saved file -> Pages: unpacked, then read by the reader of its saver and that of its site."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path, PurePath

from ..errors import PageError
from ..loading import MOST_BYTES, Loaded, TooLargeError, load
from ..walking import ARCHIVE_SUFFIXES
from .archive import Archive, is_archive
from .blocks import Block
from .bounds import bounded
from .decoding import most_bytes, too_large
from .document import Document, Reading, Saved, Saver, Site
from .guarding import guarded
from .model import DroppedLine, Page, Post
from .paragraphs import number_paragraphs
from .ranges import within_ranges
from .registry import find_readers
from .unpacking import unpack, unpack_archive


def read_page(path: str | Path) -> Page:
    """Read the saved page at `path`, the first one where the file holds several.

    Raises PageError, with the path and the reason, for a file that is empty, no text, too large,
    or cannot be opened, and for an archive without a page.

    >>> read_page("samples/zhihu-rice-cooker.md").kind
    'question'
    """
    return next(iter(read_pages(path)))


def read_pages(path: str | Path) -> list[Page]:
    """Read all pages that the file at `path` holds; there is at least one.

    Raises PageError as read_page does, also where one page of several cannot be read.
    """
    return _all(iter_pages(path))


def iter_pages(path: str | Path, data: bytes | None = None) -> Iterator[Page | PageError]:
    """Give the pages of a file one by one, an error in the place of each that cannot be read.

    Of a file that has been read already, `data` are its bytes, and `path` only names it. The
    errors may be kept: they hold nothing of the file.
    """
    path = str(path)
    try:
        found = load_page(path).data if data is None else data
    except OSError as error:
        yield PageError(path, error.strerror or str(error))
        return
    if is_archive(found) or _is_named_archive(path):
        yield from _iter_archive(path, found)
    else:
        yield from _iter_file(path, found)


def load_page(path: str) -> Loaded:
    """Read the bytes of a file that may hold pages, once; raises OSError as loading.load does."""
    try:
        return load(path, lambda data: _most_bytes(path, data))
    except TooLargeError:
        advice = f"larger than {MOST_BYTES >> 20} MiB; unpack it"
        raise TooLargeError(advice if _is_named_archive(path) else too_large(path).reason) from None


def _most_bytes(path: str, beginning: bytes) -> int:
    is_packed = is_archive(beginning) or _is_named_archive(path)
    return MOST_BYTES if is_packed else most_bytes(path)


def _is_named_archive(path: str) -> bool:
    return PurePath(path).suffix.lower() in ARCHIVE_SUFFIXES


def parse_page(path: str, data: bytes) -> Page:
    """Read a page from a file's bytes; `path` names it. Raises PageError as read_page does."""
    return parse_pages(path, data)[0]


def parse_pages(path: str, data: bytes) -> list[Page]:
    """Read all pages from a file's bytes. Raises PageError as read_pages does."""
    return _all(iter_pages(path, data))


def _all(found: Iterable[Page | PageError]) -> list[Page]:
    pages = []
    for page in found:
        if isinstance(page, PageError):
            raise page
        pages.append(page)
    return pages


def _iter_file(path: str, data: bytes) -> Iterator[Page | PageError]:
    if len(data) > most_bytes(path):
        yield too_large(path)
        return
    documents = guarded(path, lambda: unpack(path, data))
    if isinstance(documents, PageError):
        yield documents
        return
    for document in documents:
        yield guarded(path, partial(read_document, document))


def _iter_archive(path: str, data: bytes) -> Iterator[Page | PageError]:
    seen = False
    archive = guarded(path, lambda: Archive(path, data))
    if isinstance(archive, PageError):
        yield archive
        return
    with archive:
        for found in unpack_archive(archive):
            seen = True
            if isinstance(found, PageError):
                yield found
            else:
                yield guarded(found.path, partial(read_document, found))
    if not seen:
        yield PageError(path, "no page in it")


@cache
def savers() -> tuple[Saver, ...]:
    """The readers of savers' pages, in the order in which they are asked."""
    return find_readers(f"{__package__}.savers")


@cache
def sites() -> tuple[Site, ...]:
    """The readers of sites' pages, in the order in which they are asked."""
    return find_readers(f"{__package__}.sites")


def read_document(document: Document) -> Page:
    """Let the reader of its saver, then that of its site, read a document."""
    saver = next(row for row in savers() if row.recognise(document))
    saved = _with_title(saver.read(document), document)
    site = next(row for row in sites() if row.recognise(saved))
    reading = site.read(saved if site.reads_parts else saved.whole())
    notes = _notes_post(saved)
    posts = (*reading.posts, *notes)
    facts = saved.facts
    page = Page(
        path=document.path,
        saver=saved.saver,
        site=reading.site,
        kind=reading.kind,
        title=reading.title,
        url=facts.url or next((post.url for post in posts if post.url), None),
        question=reading.question,
        saved=facts.saved,
        published=facts.published,
        tags=facts.tags,
        posts=posts,
        chrome=_chrome(document, saved, reading, posts),
        warnings=(*document.warnings, *reading.warnings),
    )
    return within_ranges(bounded(page))


def _with_title(saved: Saved, document: Document) -> Saved:
    """Name a page without a title after its first heading, else after its file."""
    if saved.facts.title is not None:
        return saved
    title = _first_heading(saved.blocks) or document.name
    return replace(saved, facts=replace(saved.facts, title=title, title_line=None))


def _first_heading(blocks: Iterable[Block]) -> str | None:
    headings = [block for block in blocks if block.kind == "heading" and block.text]
    return min(headings, key=lambda block: block.level).flat if headings else None


def _notes_post(saved: Saved) -> tuple[Post, ...]:
    """What the user wrote about a page is a post of its own, by nobody on the page."""
    paragraphs = number_paragraphs(saved.notes)
    return (Post("article", paragraphs),) if paragraphs else ()


def _chrome(
    document: Document, saved: Saved, reading: Reading, posts: tuple[Post, ...]
) -> tuple[DroppedLine, ...]:
    """All that can be seen on the page and is in no paragraph, in the order of its lines."""
    dropped = [*saved.dropped, *reading.dropped]
    lines = [DroppedLine(block.line, block.text) for block in dropped if block.text]
    names = {post.author for post in posts}
    for block in document.blocks:
        for alternative in block.alts:
            if re.search(r"\w", alternative) and alternative not in names:
                lines.append(DroppedLine(block.line, alternative))
    return tuple(sorted(lines, key=lambda line: line.line))
