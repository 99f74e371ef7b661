"""An engine's pages -> what stands around a place, and what the index holds in numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .engines import Engine, Entry, IndexedFile
from .errors import WenduanError
from .locating import absolute


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

    def around(self, size: int) -> Sequence[Entry]:
        """The paragraph with up to `size` before and behind it, of the same post."""
        return self.entries[max(self.at - size, 0) : self.at + size + 1]


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


def find_passages(engine: Engine, places: Iterable[tuple[str, int]]) -> list[Passage]:
    """Find the paragraphs that stand at lines (from 1) of files, or last before them.

    Raises WenduanError where the index has no such file, or the file no paragraph there.
    """
    files: dict[str, IndexedFile] = {}
    for file in engine.files():
        files.setdefault(file.path, file)
    entries = lru_cache(1 << 10)(engine.entries)
    found = []
    for path, line in places:
        held = files.get(absolute(path))
        if held is None:
            raise WenduanError(f"{path}: not in the index; add it with: wenduan index {path}")
        found.append(_find_passage(held, entries(held.page), path, line))
    return found


def _find_passage(file: IndexedFile, entries: Sequence[Entry], path: str, line: int) -> Passage:
    places = [at for at, entry in enumerate(entries) if entry.line <= line]
    if not places:
        raise WenduanError(
            f"{path}:{line}: no paragraph there; the first one is in line {entries[0].line}"
        )
    # Entries of a page need not stand in the order of its lines.
    at = max(places, key=lambda at: (entries[at].line, at))
    same = [n for n, entry in enumerate(entries) if entry.post == entries[at].post]
    return Passage(file, tuple(entries[n] for n in same), same.index(at))


def count_all(engine: Engine) -> Stats:
    """Count what an index holds."""
    kinds = dict(sorted(engine.count("kind").items()))
    size = engine.size()
    return Stats(
        pages=len(engine.files()),
        posts=sum(kinds.values()),
        paragraphs=size,
        kinds=kinds,
        authors=len(engine.count("author")),
        sites=by_number(engine.count("site")),
        tags=len(engine.count("tag")),
        months=dict(sorted(engine.count("month").items())),
    )


def by_number(counts: Mapping[str, int]) -> dict[str, int]:
    """The highest first, equal ones by their text."""
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))
