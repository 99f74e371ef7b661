"""A saved file -> Page: takes off the saver's head, then lets the site's reader read the rest."""

from collections.abc import Sequence
from pathlib import Path

from . import article, omnivore, zhihu
from .blocks import Block, parse_blocks
from .model import DroppedLine, Page, Post, Question
from .source import Source, fact_date, fact_list, fact_text, parse_source, read_source

_URL_FACTS = ("url", "source", "original_url", "originalUrl", "origin_url", "source_url", "link")
_SAVED_FACTS = ("date_saved", "saved", "created", "collected", "savedAt")
_PUBLISHED_FACTS = ("date_published", "published", "date", "publishedAt")


def read_page(path: str | Path) -> Page:
    """Read the saved page at `path`.

    Raises PageError, with the path and the reason, for a file that is empty, no text, too large
    or cannot be opened.

    >>> read_page("samples/zhihu-rice-cooker.md").kind
    'question'
    """
    return _read(str(path), read_source(str(path)))


def parse_page(path: str, data: bytes) -> Page:
    """Read a page from a file's bytes; `path` names it. Raises PageError as read_page does."""
    return _read(path, parse_source(path, data))


def _read(path: str, source: Source) -> Page:
    blocks: Sequence[Block] = parse_blocks(source.body)
    head = omnivore.read_omnivore_head(blocks)
    chrome: list[DroppedLine] = []
    if head is not None:
        chrome = [DroppedLine(b.line + source.first_line - 1, b.text) for b in head.head if b.text]
        blocks = head.rest
    url = (head.url if head else None) or fact_text(source.facts, *_URL_FACTS)
    saved = fact_date(source.facts, *_SAVED_FACTS) or (head.saved if head else None)
    published = fact_date(source.facts, *_PUBLISHED_FACTS) or (head.published if head else None)
    named = fact_text(source.facts, "title")
    title = named or _first_heading(blocks) or Path(path).stem
    kind, site = "article", fact_text(source.facts, "site_name", "site")
    question: Question | None = None
    question_id = zhihu.find_question(url, blocks)
    posts: tuple[Post, ...]
    if question_id is not None and zhihu.has_answers(blocks):
        kind, site, title = "question", zhihu.SITE, zhihu.clean_title(title)
        read = zhihu.read_question_page(blocks, question_id, title, source.first_line)
        question, posts = read.question, read.posts
        chrome += read.chrome
        url = url or posts[0].url
    else:
        facts = article.ArticleFacts(
            title, _title_line(source, named), fact_text(source.facts, "author"), published, url
        )
        posts = (article.read_article(blocks, facts, source.first_line),)
    return Page(
        path=path,
        saver="omnivore" if head else None,
        site=site,
        kind=kind,
        title=title,
        url=url,
        question=question,
        saved=saved,
        published=published,
        tags=fact_list(source.facts, "tags", "keywords") or (head.tags if head else ()),
        posts=posts,
        chrome=tuple(sorted(chrome, key=lambda dropped: dropped.line)),
        warnings=source.warnings,
    )


def _first_heading(blocks: Sequence[Block]) -> str | None:
    headings = [block for block in blocks if block.kind == "heading" and block.text]
    return min(headings, key=lambda block: block.level).flat if headings else None


def _title_line(source: Source, title: str | None) -> int | None:
    """Line of the file on which the front matter gives the title; None where it does not."""
    if title is None:
        return None
    lines = source.head.lstrip("\n").split("\n")
    return next((at for at, line in enumerate(lines, 2) if title in line), 1)
