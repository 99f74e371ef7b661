"""An engine without files, for tests and small programs: it scores every paragraph, plainly."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import log1p

from ..analysis import Cut, Terms, analyze, default_cut, fold
from ..query import Between, Every, Node, Phrase, Query, Some, iter_leaves
from ..query.proof import Evidence
from ..ranking import K1, WINDOW, B
from .base import Entry, IndexedFile, Match, Matches
from .columns import POST_COLUMNS, UNKNOWN


class MemoryEngine:
    """Keeps pages in a dict; each search looks at every paragraph and each of its terms."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[IndexedFile, list[tuple[Entry, Terms]]]] = {}

    @property
    def cut(self) -> Cut:
        """The segmenter that cuts paragraphs."""
        return default_cut()

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        return [file for file, _ in self._pages.values()]

    def search(self, query: Query, limit: int) -> Matches:
        """Score every paragraph that matches; BM25 is written out here a second time, simply."""
        rows = [(file, *row) for file, entries in self._pages.values() for row in entries]
        everything = [terms for _, _, terms in rows]
        leaves = [leaf for leaf in iter_leaves(query.tree) if isinstance(leaf, Phrase)]
        found = []
        for file, entry, terms in rows:
            evidence = Evidence(entry.text)
            if _passes(query.tree, evidence, entry):
                exact = sum(evidence.is_exact(leaf) for leaf in leaves)
                words = _score(terms.words, query.words, "words", everything)
                found.append((exact, words, file, entry, terms))
        found.sort(key=lambda row: (-row[0], -row[1]))
        full = [(*row[:4], row[1] + _rest(query, row[3], row[4], everything)) for row in found]
        head = sorted(full[:WINDOW], key=lambda row: (-row[0], -row[4]))
        best = [Match(row[4], row[3], row[2]) for row in head]
        best += [Match(row[1], row[3], row[2]) for row in found[WINDOW:]]
        return Matches(len(found), best[:limit])

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

    def part(self) -> None:
        """No other process can put pages here."""

    def adopt(self, segments: Sequence[tuple[str, int]]) -> None:
        """There is nothing to take over."""

    def close(self) -> None:
        """Let go of all pages."""
        self._pages.clear()


def _passes(node: Node, evidence: Evidence, entry: Entry) -> bool:
    if isinstance(node, Every | Some):
        each = (_passes(child, evidence, entry) for child in node.nodes)
        return all(each) if isinstance(node, Every) else any(each)
    if not isinstance(node, Between):
        return evidence.holds(node)
    value = POST_COLUMNS[node.column](entry.post)
    least = UNKNOWN + 1 if node.least is None else node.least
    return least <= value and (node.most is None or value <= node.most)


def _rest(query: Query, entry: Entry, terms: Terms, everything: Sequence[Terms]) -> float:
    """What units, and pairs of Han characters side by side, add to the score."""
    side_by_side = Counter(a + b for a, b in pairwise(fold(entry.text)))
    return _score(terms.units, query.units, "units", everything) + _score(
        side_by_side, query.pairs, "pairs", everything, terms.units.total()
    )


def _score(
    counts: Counter[str],
    wanted: Sequence[str],
    field: str,
    everything: Sequence[Terms],
    length: int | None = None,
) -> float:
    total = 0.0
    others = [getattr(other, field) for other in everything]
    sized = [getattr(other, "units" if field == "pairs" else field) for other in everything]
    mean = sum(other.total() for other in sized) / len(sized)
    for term in wanted:
        holding = sum(term in other for other in others)
        idf = log1p((len(others) - holding + 0.5) / (holding + 0.5))
        norm = K1 * (1 - B + B * (counts.total() if length is None else length) / max(mean, 1e-9))
        total += idf * counts[term] * (K1 + 1) / (counts[term] + norm)
    return total
