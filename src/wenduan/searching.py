"""Query + engine -> ranked Hits; the functions that other programs call."""

import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Any, Self

from .engines import Engine, Match, Wanted
from .engines.whoosh_engine import WhooshEngine
from .grouping import Group, group_copies
from .links import paragraph_link
from .pages.reference import Reference
from .query import Filter, Query, iter_outline, parse_query
from .snippets import Snippet, make_snippet

# Orders of results, and the columns whose highest numbers come first in them.
SORTS: dict[str, str | None] = {"relevance": None, "votes": "votes", "date": "published"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph stands; `line` and `paragraph` count from 1."""

    path: str
    line: int
    paragraph: int
    url: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One paragraph found. Unknown facts are None; `line` and `paragraph` count from 1.

    `url` is the post's own address, else the question's, else the page's; `link` leads to the
    paragraph. `path` can be opened from the current folder. `more` counts further paragraphs of
    the same post that match and are not listed; `also` are other places with the same text.
    `parts` are the summands of the score by their names, see ranking.PARTS.
    """

    rank: int
    score: float
    kind: str
    title: str
    author: str | None
    author_url: str | None
    headline: str | None
    votes: int | None
    comments: int | None
    published: str | None
    saved: str | None
    url: str | None
    link: str | None
    snippet: Snippet
    text: str
    references: tuple[Reference, ...]
    path: str
    line: int
    paragraph: int
    site: str | None
    tags: tuple[str, ...]
    more: int
    also: tuple[Place, ...]
    parts: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Give the hit as the JSON object that `wenduan search --json` prints."""
        shown = asdict(self)
        del shown["parts"]
        return shown


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one query: how many paragraphs match, the time, and the best of them."""

    query: str
    total: int
    took_ms: float
    hits: list[Hit]


class Index:
    """An open index; share it among as many threads as you like.

    It sees each change of the index as soon as that is finished.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        filters: Sequence[Filter] = (),
        sort: str = "relevance",
        grouped: bool = True,
    ) -> list[Hit]:
        """Give the best `limit` paragraphs for a query that pass all filters, best first.

        `Between("votes", 100)` leaves posts with 100 votes or more, see there. `sort` is
        `relevance`, `votes` or `date`. Of each post the best paragraph is given, and of copies
        of one text the best; `grouped=False` gives them all. Raises QueryError for a query that
        asks for nothing, IndexDamagedError for a broken index.
        """
        return self.run(query, limit, filters=filters, sort=sort, grouped=grouped).hits

    def run(
        self,
        query: str,
        limit: int = 10,
        *,
        filters: Sequence[Filter] = (),
        sort: str = "relevance",
        grouped: bool = True,
    ) -> Results:
        """Give the best paragraphs as `search` does, with their number and the time."""
        begin = time.perf_counter()
        if limit < 1:
            raise ValueError(f"limit is {limit}; give 1 or more")
        if sort not in SORTS:
            raise ValueError(f"sort is {sort}; give one of {', '.join(SORTS)}")
        parsed = parse_query(query, self._engine.cut).narrowed(filters)
        parsed = parsed.expanded(self._engine.complete)
        if sort == "relevance" and not parsed.asks_for_text:
            # Filters alone rank nothing.
            sort = "date"
        wanted = Wanted(limit, grouped, SORTS[sort])
        total, groups = self._find(parsed, wanted)
        here = os.path.join(os.getcwd(), "")
        hits = [_hit(rank, group, parsed, here) for rank, group in enumerate(groups, 1)]
        took = round((time.perf_counter() - begin) * 1000, 3)
        return Results(parsed.text, total, took, hits)

    def outline(self, query: str) -> list[str]:
        """Tell how a query is understood, a line for each part; raises QueryError."""
        return list(iter_outline(parse_query(query, self._engine.cut).tree))

    def _find(self, query: Query, wanted: Wanted) -> tuple[int, list[Group]]:
        """All that matches, counted, and the best of it."""
        limit = wanted.limit
        while True:
            found = self._engine.search(query, wanted)
            if not wanted.by_post:
                return found.total, [Group(match) for match in found.best[:limit]]
            groups = group_copies(found.best, limit)
            if len(groups) == limit or found.complete:
                return found.total, groups
            # Copies have taken the places of others.
            wanted = replace(wanted, limit=4 * max(wanted.limit, len(found.best)))

    def close(self) -> None:
        """Let go of files and memory."""
        self._engine.close()

    def __enter__(self) -> Self:
        """Give the index itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the index."""
        self.close()


def open_index(location: str | os.PathLike[str] = "index") -> Index:
    """Open the index in a folder, for many searches; use it in a `with` statement.

    Raises IndexMissingError, IndexVersionError or IndexDamagedError.
    """
    return Index(WhooshEngine(os.fspath(location)))


def search(query: str, index: str | os.PathLike[str] = "index", limit: int = 10) -> list[Hit]:
    """Search the index in a folder once; see Index.search and open_index for what is raised."""
    with open_index(index) as opened:
        return opened.search(query, limit)


def _hit(rank: int, group: Group, query: Query, here: str) -> Hit:
    match = group.match
    entry, facts, page = match.entry, match.entry.post, match.file.facts
    return Hit(
        rank=rank,
        score=round(match.score, 6),
        kind=facts["kind"],
        title=page["title"],
        author=facts["author"],
        author_url=facts["author_url"],
        headline=facts["headline"],
        votes=facts["votes"],
        comments=facts["comments"],
        published=facts["published"],
        saved=page["saved"],
        url=facts["url"],
        link=paragraph_link(facts["url"], entry.text),
        snippet=make_snippet(entry.text, query, group.folded),
        text=entry.text,
        references=tuple(Reference(**reference) for reference in entry.references),
        path=_shown_path(match, here),
        line=entry.line,
        paragraph=entry.paragraph,
        site=page["site"],
        tags=tuple(page["tags"]),
        more=match.more,
        also=tuple(_place(copy, here) for copy in group.copies),
        parts=dict(match.parts),
    )


def _place(match: Match, here: str) -> Place:
    path = _shown_path(match, here)
    return Place(path, match.entry.line, match.entry.paragraph, match.entry.post["url"])


def _shown_path(match: Match, here: str) -> str:
    """The path of a match; one within the current folder is given from there."""
    return match.file.path.removeprefix(here)
