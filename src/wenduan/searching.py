"""Query + engine -> ranked Hits; the functions that other programs call."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .arguments import (
    checked_choice,
    checked_filters,
    checked_number,
    checked_place,
    checked_query,
)
from .engines import Engine, Match, Matches, View, Wanted
from .engines.base import COUNTED, files_of, since
from .engines.opening import open_engine
from .grouping import BLOCK, Group, group_copies
from .links import paragraph_link
from .locating import absolute, current_folder
from .pages.reference import Reference
from .query import (
    Every,
    Filter,
    Node,
    Not,
    Query,
    parse_query,
    question_of,
)
from .snippets import Snippet, make_snippet

if TYPE_CHECKING:
    from .advising import Missing
    from .browsing import Passage, Stats
    from .query.synonyms import Synonyms

# A paragraph that reaches this part of what the asked one does itself is similar to it.
_LEAST_SIMILAR = 0.15
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
    """The answer to one query: how many paragraphs match, the time, and the best of them.

    `sounds` tells that nothing has the query's letters, and that they were taken as pinyin.
    `partial` tells that the query would have cost more than a query may: `total` is then the
    least that matches, and what was not looked at may hold better ones.
    """

    query: str
    total: int
    took_ms: float
    hits: list[Hit]
    sounds: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell who found nothing: the parts that no paragraph holds, with words near them,
    and paragraphs that hold some of the rest.
    """

    missing: "list[Missing]"
    closest: list[Hit]


class Index:
    """An open index; share it among as many threads as you like.

    It sees each change of the index as soon as that is finished.
    """

    def __init__(self, engine: Engine, synonyms: "Synonyms | None" = None) -> None:
        self._engine, self._synonyms = engine, synonyms or {}

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        filters: Sequence[Filter] = (),
        sort: str = "relevance",
        grouped: bool = True,
        offset: int = 0,
    ) -> list[Hit]:
        """Give the best `limit` paragraphs for a query that pass all filters, best first.

        `Between("votes", 100)` leaves posts with 100 votes or more, see there. `sort` is
        `relevance`, `votes` or `date`. Of each post the best paragraph is given, and of copies
        of one text the best; `grouped=False` gives them all. `offset` leaves out so many of the
        best. Letters that stand nowhere are taken as pinyin. Raises QueryError for a query that
        asks for nothing, IndexDamagedError for a broken index; TypeError or ValueError for what no
        search can be made of.
        """
        return self.run(
            query, limit, filters=filters, sort=sort, grouped=grouped, offset=offset
        ).hits

    def run(
        self,
        query: str,
        limit: int = 10,
        *,
        filters: Sequence[Filter] = (),
        sort: str = "relevance",
        grouped: bool = True,
        offset: int = 0,
    ) -> Results:
        """Give the best paragraphs as `search` does, with their number and the time."""
        begin = time.perf_counter()
        limit, offset = (
            checked_number("limit", limit, 1),
            checked_number("offset", offset, 0),
        )
        sort, filters = checked_choice("sort", sort, tuple(SORTS)), checked_filters(filters)
        with self._engine.view() as view:
            asked = self._parse(query, view)
            found = _answer(view, [asked.narrowed(filters)], limit, sort, grouped, offset)
            sounds = False
            if not found.total:
                # Loaded where it is needed: most searches find something.
                from .advising import sounding

                meant = [query.narrowed(filters) for query in sounding(view, asked)]
                found = _answer(view, meant, limit, sort, grouped, offset) if meant else found
                sounds = bool(found.total)
        took = round((time.perf_counter() - begin) * 1000, 3)
        return replace(found, query=asked.text, took_ms=took, sounds=sounds)

    def _parse(self, query: str, view: View) -> Query:
        parsed = parse_query(checked_query(query), view.cut)
        if not self._synonyms:
            return parsed
        from .query.synonyms import with_synonyms

        return with_synonyms(parsed, self._synonyms)

    def paths(self, query: str) -> list[str]:
        """Give the paths of all files that hold a match, those of the best first.

        Raises QueryError.
        """
        return self.find_paths(query)[0]

    def find_paths(self, query: str) -> tuple[list[str], bool]:
        """Give the same paths, and whether there may be others: see Results.partial."""
        with self._engine.view() as view:
            asked = self._parse(query, view).expanded(view.complete)
            every = max(view.size(), 1)
            found = view.search(asked, Wanted(every, by_post=True))
            here = current_folder()
            paths = (file.path.removeprefix(here) for file in files_of(found.best))
            return list(dict.fromkeys(paths)), found.partial

    def advise(self, query: str, limit: int = 3) -> Advice:
        """Tell what of a query is missing in the index, what is near it, and what comes closest.

        Meant for a query that finds nothing. Raises QueryError.
        """
        from .advising import find_missing, loosened

        limit = checked_number("limit", limit, 1)
        with self._engine.view() as view:
            asked = parse_query(checked_query(query), view.cut)
            loose = loosened(asked)
            closest = _answer(view, [loose], limit).hits if loose else []
            return Advice(find_missing(view, asked), closest)

    def passage(self, path: str, line: int, paragraph: int | None = None) -> "Passage":
        """Find the paragraph at a line (from 1) of a file of the index, with its whole post.

        Of several in one line, that with the number `paragraph` in its post, else the first.
        Raises WenduanError where there is none.
        """
        return self.passages([(path, line, paragraph)])[0]

    def passages(
        self, places: "Iterable[tuple[str, int] | tuple[str, int, int | None]]"
    ) -> "list[Passage]":
        """Find the paragraphs at some paths and lines, as `passage` does."""
        from .browsing import find_passages

        checked = [checked_place(place) for place in places]
        with self._engine.view() as view:
            return find_passages(view, checked)

    def passages_of(self, hits: "Iterable[Hit]") -> "list[Passage]":
        """Find the very paragraphs of some hits, whatever else stands in their lines.

        Raises WenduanError where one has gone since.
        """
        from .browsing import find_passages

        told = list(hits)
        with self._engine.view() as view:
            return find_passages(view, [(hit.path, hit.line, hit.paragraph) for hit in told], told)

    def similar(
        self, path: str, line: int, limit: int = 10, *, paragraph: int | None = None
    ) -> Results:
        """Find paragraphs that say what the one at a place of a file says, see `passage`.

        Raises WenduanError where there is no such paragraph.
        """
        from .browsing import find_passages

        limit, place = checked_number("limit", limit, 1), checked_place((path, line, paragraph))
        with self._engine.view() as view:
            (passage,) = find_passages(view, [place])
            found = _answer(view, [question_of(passage.entry.text, view.cut)], limit + 1)
        # What shares but a few words with it does not say the same.
        least = _LEAST_SIMILAR * max((hit.score for hit in found.hits), default=0.0)
        others = [hit for hit in found.hits if hit.score >= least and not _is_of(passage, hit)]
        ranked = [replace(hit, rank=rank) for rank, hit in enumerate(others[:limit], 1)]
        return replace(found, total=len(ranked), hits=ranked)

    def stats(self) -> "Stats":
        """Count what the index holds."""
        from .browsing import count_all

        with self._engine.view() as view:
            return count_all(view)

    def count(self, what: str) -> dict[str, int]:
        """Count posts by `author`, `kind` or `month`, or pages by `title`, `tag` or `site`.

        The most first. Raises ValueError for anything else.
        """
        from .browsing import by_number

        return by_number(self._engine.count(checked_choice("what", what, COUNTED)))

    def outline(self, query: str) -> list[str]:
        """Tell how a query is understood, a line for each part; raises QueryError."""
        from .query.outline import iter_outline

        with self._engine.view() as view:
            return list(iter_outline(self._parse(query, view).tree))

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


def open_index(
    location: str | os.PathLike[str] = "index",
    *,
    userdict: str | None = None,
    synonyms: str | None = None,
    opensearch: Mapping[str, Any] | None = None,
) -> Index:
    """Open an index for many searches; use it in a `with` statement.

    `location` is a folder, or the address of an index on an OpenSearch cluster such as
    `opensearch://host:9200/name`; `opensearch` then says how to reach it: `user`, `password`,
    `ca_certs` (a file), `verify`, where the environment does not.

    `userdict` is the file of words that it must have been cut by, `synonyms` a file of words that
    mean the same, see query.synonyms. Raises IndexMissingError, IndexVersionError (also for other
    words), IndexDamagedError or ClusterError, and WenduanError for files that cannot be read.
    """
    alike = None
    if synonyms is not None:
        from .query.synonyms import read_synonyms

        alike = read_synonyms(synonyms)
    return Index(open_engine(location, userdict=userdict, opensearch=opensearch), alike)


def search(query: str, index: str | os.PathLike[str] = "index", limit: int = 10) -> list[Hit]:
    """Search an index once; see Index.search and open_index for what is raised."""
    with open_index(index) as opened:
        return opened.search(query, limit)


def _answer(
    view: View,
    queries: Sequence[Query],
    limit: int,
    sort: str = "relevance",
    grouped: bool = True,
    offset: int = 0,
) -> Results:
    """What some queries find, all of the first one before what only the next one does."""
    wanted = Wanted(limit + offset, grouped, SORTS[sort])
    # What is left out need not be read, where no copies are looked for in it.
    skipped = 0 if grouped or len(queries) > 1 else offset
    total, partial, found, before = 0, False, [], list[Node]()
    for query in queries:
        query = query.expanded(view.complete)
        tree = Every((query.tree, *map(Not, before))) if before else query.tree
        before.append(query.tree)
        first, matches = _find(view, replace(query, tree=tree), wanted, skipped)
        total += first.total
        partial |= first.partial
        found.append(matches)
    if grouped:
        groups, stopped = group_copies(chain(*found), limit + offset)
        partial |= stopped
    else:
        groups = [Group(match) for match in islice(chain(*found), limit + offset - skipped)]
    here = current_folder()
    rows = enumerate(groups[offset - skipped :], offset + 1)
    # Of several queries, only the last one has words to show.
    hits = [_hit(rank, row, query, here) for rank, row in rows]
    return Results(query.text, total, 0, hits, partial=partial)


def _find(
    view: View, query: Query, wanted: Wanted, skipped: int
) -> tuple[Matches, Iterator[Match]]:
    """The first matches, and all behind those skipped, best first, found when asked for."""
    if wanted.sort is None and not query.asks_for_text:
        # Filters alone rank nothing.
        wanted = replace(wanted, sort=SORTS["date"])
    if wanted.by_post:
        # Copies of the first come among the next, up to where the next ones begin.
        wanted = replace(wanted, limit=-(-wanted.limit // BLOCK) * BLOCK + 1)
    found = view.search(query, wanted)
    return found, _go_on(view, query, wanted, found, skipped)


def _go_on(view: View, query: Query, wanted: Wanted, found: Matches, given: int) -> Iterator[Match]:
    while True:
        for match in since(found.best, given):
            given += 1
            yield match
        if found.complete:
            return
        # Copies have taken the places of others.
        wanted = replace(wanted, limit=4 * max(wanted.limit, len(found.best)))
        found = view.search(query, wanted)


def _is_of(passage: "Passage", hit: Hit) -> bool:
    """Tell whether a hit is a paragraph itself, or has a copy of it."""
    entry, path = passage.entry, passage.file.path
    places = [(hit.path, hit.line, hit.paragraph)] if hit.text == entry.text else []
    places += [(place.path, place.line, place.paragraph) for place in hit.also]
    return (path, entry.line, entry.paragraph) in {(absolute(p), *rest) for p, *rest in places}


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
