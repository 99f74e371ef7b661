"""An engine's pages -> what stands around a place, and what the index holds in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, Protocol

from .engines import Entry, IndexedFile, View
from .errors import WenduanError
from .locating import absolute

# How often a page is looked for that has gone between two requests.
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph with the whole post that it is part of; `at` is its place in `entries`."""

    file: IndexedFile
    entries: tuple[Entry, ...]
    at: int

    @property
    def entry(self) -> Entry:
        """The paragraph itself."""
        return self.entries[self.at]

    @property
    def post(self) -> Mapping[str, Any]:
        """Facts of the post."""
        return self.entry.post

    def around(self, size: int) -> tuple[Sequence[Entry], Sequence[Entry]]:
        """Up to `size` paragraphs before it, and behind it, of the same post."""
        before = self.entries[max(self.at - size, 0) : self.at]
        return before, self.entries[self.at + 1 : self.at + size + 1]


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds: numbers of pages, posts and paragraphs, and of posts or pages by what
    they are; `months` counts posts by the month they were published in, oldest first.
    """

    pages: int
    posts: int
    paragraphs: int
    kinds: Mapping[str, int]
    authors: int
    sites: Mapping[str, int]
    tags: int
    months: Mapping[str, int]


# A path, a line (from 1), and which paragraph of a post in that line, None for the first.
Sought = tuple[str, int, int | None]


class Told(Protocol):
    """What a hit tells of its paragraph, by which it is known among others in one line."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def kind(self) -> str:
        """What its post is."""

    @property
    def author(self) -> str | None:
        """Who wrote its post."""

    @property
    def url(self) -> str | None:
        """Where its post stands."""


def find_passages(
    view: View, places: Sequence[Sought], told: Sequence[Told] | None = None
) -> list[Passage]:
    """Find the paragraphs that stand at lines (from 1) of files, or last before them.

    A file may hold several pages. With `told`, of those in one line the one that is told of.
    Raises WenduanError where the index has no such file, or the file no paragraph there.
    """
    for _ in range(_RETRIES):
        try:
            return _find_passages(view, places, told)
        except KeyError:
            # Of a cluster, a page may go between two requests.
            continue
    return _find_passages(view, places, told)


def _find_passages(
    view: View, places: Sequence[Sought], told: Sequence[Told] | None
) -> list[Passage]:
    wanted = {absolute(path) for path, _, _ in places}
    pages: dict[str, list[IndexedFile]] = {}
    for file in view.files():
        if file.path in wanted:
            pages.setdefault(file.path, []).append(file)
    posts = lru_cache(1 << 10)(lambda path: _posts(view, pages.get(path, ())))
    rows = zip(places, repeat(None) if told is None else told, strict=False)
    return [_find_passage(posts(absolute(place[0])), place, of) for place, of in rows]


def _posts(view: View, pages: Sequence[IndexedFile]) -> list[Passage]:
    """Each paragraph of some pages."""
    found = []
    for file in pages:
        entries = view.entries(file.page)
        of_posts: dict[int, list[Entry]] = {}
        for entry in entries:
            of_posts.setdefault(id(entry.post), []).append(entry)
        for rows in of_posts.values():
            found += [Passage(file, tuple(rows), at) for at in range(len(rows))]
    return found


def _find_passage(passages: Sequence[Passage], place: Sought, told: Told | None) -> Passage:
    path, line, paragraph = place
    if not passages:
        raise WenduanError(f"{path}: not in the index; add it with: wenduan index {path}")
    # Entries of a page need not stand in the order of its lines.
    lines = [row.entry.line for row in passages]
    nearest = max((at for at in lines if at <= line), default=0)
    if not nearest:
        raise WenduanError(
            f"{path}:{line}: no paragraph there; the first one is in line {min(lines)}"
        )
    found = [row for row in passages if row.entry.line == nearest]
    numbered = [row for row in found if row.entry.paragraph == paragraph] or found
    return numbered[0] if told is None else max(numbered, key=lambda row: _likeness(row, told))


def _likeness(passage: Passage, told: Told) -> tuple[bool, int]:
    """How much a paragraph is like what is told: its text first, then facts of its post."""
    same = [passage.post.get(name) == getattr(told, name) for name in ("kind", "author", "url")]
    return passage.entry.text == told.text, sum(same)


def count_all(view: View) -> Stats:
    """Count what an index holds."""
    kinds = dict(sorted(view.count("kind").items()))
    size = view.size()
    return Stats(
        pages=len(view.files()),
        posts=sum(kinds.values()),
        paragraphs=size,
        kinds=kinds,
        authors=len(view.count("author")),
        sites=by_number(view.count("site")),
        tags=len(view.count("tag")),
        months=dict(sorted(view.count("month").items())),
    )


def by_number(counts: Mapping[str, int]) -> dict[str, int]:
    """The highest first, equal ones by their text."""
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
