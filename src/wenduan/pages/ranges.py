"""How much a page may state: ranges of its counts and dates, and how much of all else it may have.

Readers give what they find; the last step of reading holds it against these, in one place. A count
or a date that is out of range is unknown, and a warning names it; a page that has too much of all
is refused. So no page makes an index wider or larger than its own size allows.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from .model import Page, Paragraph, Post, Question

# Zhihu's busiest questions were seen some 10**9 times. Columns of an index hold 64 bits, and JSON
# readers 53.
MOST_COUNT = 10**10
# What readers give for a number that is none of these.
OUTSIDE = MOST_COUNT + 1
# Nothing older was dated by who published it on the web; programs write 0001 and 1601 for no date,
# 9999 for never. A date that is to come is likely wrong, and harms nobody.
FIRST_YEAR, LAST_YEAR = 1800, 2199
# What readers give for a date that is no day, or none of these years.
NO_DAY = "no day"
# A saved question has some hundred answers; each takes facts of its own into the index.
MOST_POSTS = 10_000
# A book of 16 MiB has some 100,000 paragraphs. With as many characters as follow, all terms of a
# page fit into one segment of an index.
MOST_PARAGRAPHS = 2**18
MOST_CHARS = 16 * 1024 * 1024
# Of a file that holds several.
MOST_PAGES = 50_000
# Each paragraph takes what it cites into the index: all that of a page, in characters.
MOST_CITED = 8 * 1024 * 1024
_MOST_WARNINGS = 50
_DAY = re.compile(r"(\d{4})-\d\d-\d\d(?:T.*)?", re.ASCII)

Stated = TypeVar("Stated", Page, Post, Question)


class BeyondError(Exception):
    """A page has too much of something; the text says of what, and what to do."""


def check_blocks(number: int) -> None:
    """Raise BeyondError for more blocks than a page may have, before they take all memory."""
    # Not all of them become paragraphs.
    if number > 2 * MOST_PARAGRAPHS:
        raise BeyondError(f"more than {MOST_PARAGRAPHS:,} paragraphs; split it into pages")


def count_within(number: float) -> int:
    """A number as a count, or OUTSIDE where it is none that a page may state.

    >>> count_within(12), count_within(-1) == count_within(float("nan")) == OUTSIDE
    (12, True)
    """
    return round(number) if 0 <= number <= MOST_COUNT else OUTSIDE


def is_day(date: str) -> bool:
    """Tell whether a date in ISO 8601 lies within the years that a page may state."""
    match = _DAY.fullmatch(date)
    return match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR


def within_ranges(page: Page) -> Page:
    """A page whose counts and dates are all in range, with a warning for each that was not.

    Raises BeyondError for a page of too many posts, paragraphs or characters.
    """
    _check_size(page)
    said = list(page.warnings)
    page = _facts(page, "", said)
    if page.question is not None:
        page = replace(page, question=_facts(page.question, "the question's ", said))
    posts = [_facts(post, f"post {number}: ", said) for number, post in enumerate(page.posts, 1)]
    posts = _cited_within(posts, said)
    return replace(page, posts=tuple(posts), warnings=tuple(_few(said)))


def _check_size(page: Page) -> None:
    paragraphs = sum(len(post.paragraphs) for post in page.posts)
    chars = sum(len(row.text) for post in page.posts for row in post.paragraphs)
    for number, most, what in (
        (len(page.posts), MOST_POSTS, "posts"),
        (paragraphs, MOST_PARAGRAPHS, "paragraphs"),
        (chars, MOST_CHARS, "characters of text"),
    ):
        if number > most:
            raise BeyondError(f"more than {most:,} {what}; split it into pages")


def _is_count(value: int) -> bool:
    return 0 <= value <= MOST_COUNT


_COUNT_RANGE = f"no number from 0 to {MOST_COUNT:,}"
_DAY_RANGE = f"no day from {FIRST_YEAR} to {LAST_YEAR}"
_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("votes", "comments", "followers", "views"), (_is_count, _COUNT_RANGE)),
    **dict.fromkeys(("saved", "published", "edited"), (is_day, _DAY_RANGE)),
}


def _facts(stated: Stated, where: str, said: list[str]) -> Stated:
    """Make counts and dates that are out of range unknown."""
    gone: dict[str, Any] = {}
    for name, (is_within, what) in _RANGES.items():
        value = getattr(stated, name, None)
        if value is not None and not is_within(value):
            gone[name] = None
            said.append(f"{where}{name}: {what}, taken as unknown")
    return replace(stated, **gone) if gone else stated


def _cited_within(posts: list[Post], said: list[str]) -> list[Post]:
    """The posts, without what paragraphs cite beyond MOST_CITED in all."""
    cited = sum(_size(row) for post in posts for row in post.paragraphs if row.references)
    if cited <= MOST_CITED:
        return posts
    said.append("references: too much is cited too often, so paragraphs are left without")
    return [
        replace(post, paragraphs=tuple(replace(row, references=()) for row in post.paragraphs))
        for post in posts
    ]


def _size(paragraph: Paragraph) -> int:
    return sum(20 + len(row.title or "") + len(row.url or "") for row in paragraph.references)


def _few(said: list[str]) -> Iterator[str]:
    """Warnings, one line each; not more than somebody reads."""
    for row in said[:_MOST_WARNINGS]:
        yield " ".join(row.split())
    if len(said) > _MOST_WARNINGS:
        yield f"and {len(said) - _MOST_WARNINGS:,} more such warnings"
