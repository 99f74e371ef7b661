"""An engine without files, for tests and small programs: it scores every paragraph, plainly."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import log1p

from ..analysis import Terms, analyze
from ..query import Phrase, Query, iter_leaves
from ..query.proof import Evidence
from ..ranking import K1, B
from .base import Entry, IndexedFile, Match, Matches


class MemoryEngine:
    """Keeps pages in a dict; each search looks at every paragraph and each of its terms."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[IndexedFile, list[tuple[Entry, Terms]]]] = {}

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        return [file for file, _ in self._pages.values()]

    def search(self, query: Query, limit: int) -> Matches:
        """Score every paragraph that matches; BM25 is written out here a second time, simply."""
        rows = [(file, *row) for file, entries in self._pages.values() for row in entries]
        found = []
        for file, entry, terms in rows:
            evidence = Evidence(entry.text)
            if evidence.holds(query.tree):
                leaves = [leaf for leaf in iter_leaves(query.tree) if isinstance(leaf, Phrase)]
                exact = sum(evidence.is_exact(leaf) for leaf in leaves)
                score = self._score(query, terms, [row[2] for row in rows])
                found.append((exact, Match(score, entry, file)))
        found.sort(key=lambda pair: (-pair[0], -pair[1].score))
        return Matches(len(found), [match for _, match in found[:limit]])

    def _score(self, query: Query, terms: Terms, everything: Sequence[Terms]) -> float:
        total = 0.0
        for field, wanted in (
            ("words", query.words),
            ("units", query.units),
            ("pairs", query.pairs),
        ):
            counts = getattr(terms, field)
            others = [getattr(other, field) for other in everything]
            mean = sum(other.total() for other in others) / len(others)
            for term in wanted:
                holding = sum(term in other for other in others)
                idf = log1p((len(others) - holding + 0.5) / (holding + 0.5))
                count = counts[term]
                norm = K1 * (1 - B + B * counts.total() / max(mean, 1e-9))
                total += idf * count * (K1 + 1) / (count + norm)
        return total

    @contextmanager
    def write(self) -> Iterator["MemoryEngine"]:
        """Begin a change; an exception within undoes it."""
        before = dict(self._pages)
        try:
            yield self
        except BaseException:
            self._pages = before
            raise

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page."""
        self._pages[file.page] = (file, [(entry, analyze(entry.text)) for entry in entries])

    def move(self, file: IndexedFile) -> None:
        """Give a page another path or state."""
        self._pages[file.page] = (file, self._pages[file.page][1])

    def remove(self, page: str) -> None:
        """Remove a page."""
        del self._pages[page]

    def close(self) -> None:
        """Let go of all pages."""
        self._pages.clear()
