"""The engine interface: what an index must do for indexing and searching, and its records."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from ..analysis import Cut
from ..query import Query

# By what posts or pages are counted.
COUNTED = ("author", "kind", "month", "title", "tag", "site")
# A prefix stands for up to this many units.
MOST_COMPLETED = 200


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file of the index: its state when it was read, and the facts of its page."""

    page: str
    path: str
    size: int
    mtime_ns: int
    digest: str
    facts: Mapping[str, Any]

    @property
    def ctime_ns(self) -> int | None:
        """When anything of the file had changed last; None if it was indexed by an old version."""
        return self.facts.get("ctime_ns")


@dataclass(frozen=True, slots=True)
class Entry:
    """One paragraph: its text, its number in its post and line in its file (both from 1).

    `references` are what it cites; `post` the facts of its post, one object for all its entries.
    `kind` is what it is to those below it: the page's `title`, a `heading`, or neither.
    """

    text: str
    paragraph: int
    line: int
    references: Sequence[Mapping[str, Any]]
    post: Mapping[str, Any]
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Match:
    """One paragraph found, with its score and the file it stands in.

    `parts` are the summands of the score by their names, see ranking.PARTS; `more` counts the
    other paragraphs of its post that match, where results are grouped by post.
    """

    score: float
    entry: Entry
    file: IndexedFile
    parts: Mapping[str, float]
    more: int = 0


class Ranked(Protocol):
    """Matches, best first."""

    def __len__(self) -> int:
        """How many were found."""

    def __iter__(self) -> Iterator[Match]:
        """Give them in their order."""


class LazyMatches(Ranked):
    """Ranked matches, each read when it is asked for; what is gone by then is left out."""

    @abstractmethod
    def _read(self, place: int) -> Match | None:
        """Read the match at a place, from 0; None if it has been removed since."""

    def __iter__(self) -> Iterator[Match]:
        """Give them in their order."""
        return self.since(0)

    def since(self, begin: int) -> Iterator[Match]:
        """Give those from a place on, from 0; those before are not read."""
        for place in range(begin, len(self)):
            match = self._read(place)
            if match is not None:
                yield match

    def files(self) -> Iterator[IndexedFile]:
        """Give the file of each, in their order."""
        return (match.file for match in self)


def since(best: Ranked, begin: int) -> Iterator[Match]:
    """Give the matches from a place on, from 0; those before are not read, where that can be."""
    skip: Callable[[int], Iterator[Match]] | None = getattr(best, "since", None)
    return islice(best, begin, None) if skip is None else skip(begin)


def files_of(best: Ranked) -> Iterator[IndexedFile]:
    """Give the file of each match; nothing else of it is read, where that can be done."""
    files: Callable[[], Iterator[IndexedFile]] | None = getattr(best, "files", None)
    return (match.file for match in best) if files is None else files()


@dataclass(frozen=True, slots=True)
class Matches:
    """The best matches, and how many paragraphs match in all.

    `best` may go on behind what was wanted; a match is read when it is asked for. `complete`
    tells that there are no others, however many are wanted. `partial` tells that the search would
    have cost more than it may: more paragraphs match, and better ones may be among them.
    """

    total: int
    best: Ranked
    complete: bool
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search shall give: how many, one of each post or all, in which order.

    `sort` is a column, `votes` or `published`, whose highest numbers come first; None ranks.
    """

    limit: int
    by_post: bool = False
    sort: str | None = None


class Writer(Protocol):
    """One change of the index; it is seen by searches when the writing context ends well."""

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page that will be put, of a path and of content with a digest."""

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page under an id that the index does not hold."""

    def move(self, file: IndexedFile) -> None:
        """Give the page with the id of `file` another path or state."""

    def remove(self, page: str) -> None:
        """Remove the page with this id, unless this change has put it anew."""

    def part(self) -> Mapping[str, Any] | None:
        """What another process needs to put pages of this change, as JSON; None if it cannot."""

    def adopt(self, segments: Sequence[tuple[str, int]]) -> None:
        """Take over what another process has put: names and sizes of its segments."""


class View(Protocol):
    """What an index holds, to be read. Safe to share among threads."""

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""

    def words(self) -> Mapping[str, int]:
        """Words, and how many paragraphs or pages hold each, deleted ones perhaps included.

        All of them, or of very many those that most hold.
        """

    def size(self) -> int:
        """How many paragraphs the index has."""

    def entries(self, page: str) -> Sequence[Entry]:
        """Give all paragraphs of the page with this id, in their order; KeyError for no page's."""

    def count(self, what: str) -> Mapping[str, int]:
        """Count posts by `author`, `kind` or `month`, or pages by `title`, `tag` or `site`.

        A post whose page does not tell counts nowhere. Raises ValueError for anything else.
        """

    def complete(self, begun: str) -> Sequence[str]:
        """Give the units that begin with a text, at most MOST_COMPLETED: those of most paragraphs.

        The best known comes first.
        """


class Engine(View, Protocol):
    """An open index: each call reads the last finished change."""

    def view(self) -> AbstractContextManager[View]:
        """The last finished change: all that is read through it is of that one.

        An index of a cluster has no such thing, and reads what is there now.
        """

    @property
    def checked(self) -> str:
        """What `verify` has found of the index's bytes, as the end of a sentence."""

    def verify(self) -> int:
        """See that the index is as it was written; gives its size in bytes.

        Raises an error of the engine's where it is not.
        """

    def write(self) -> AbstractContextManager[Writer]:
        """Begin a change; raises IndexLockedError where another process has begun one."""

    def close(self) -> None:
        """Let go of files and memory."""
