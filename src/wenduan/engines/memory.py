"""An engine without files, for tests and small programs: it scores every paragraph, plainly."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import log1p, log10
from typing import NamedTuple

from ..analysis import Cut, Terms, analyze, default_cut, expand, fold, is_han
from ..query import (
    KIND_OF,
    Every,
    Field,
    Has,
    Literal,
    Node,
    Not,
    Phrase,
    Prefix,
    Query,
    Some,
    iter_leaves,
)
from ..query.proof import Evidence
from ..ranking import DIGITS, K1, PIVOT_UNITS, PIVOT_WORDS, RARE, WEIGHTS, WINDOW, B
from .base import MOST_COMPLETED, Entry, IndexedFile, Match, Matches, Wanted
from .columns import PAGE_COLUMNS, POST_COLUMNS, UNKNOWN, Column, month_of
from .facets import PAGE_FACETS, POST_FACETS, FacetQuery, has_link, values_of


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

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Score every paragraph that matches; the scores are written out here once more, simply."""
        rows = [row for _, entries in self._pages.values() for row in entries]
        plain = PlainScores(query, [terms for _, terms in rows])
        found = list(self._matching(query, plain))
        if wanted.sort is None:
            best = _ranked(found, plain)
        else:
            posts = _by_posts(found, POST_COLUMNS[wanted.sort])
            best = [match for rows in posts for match in _ranked(rows, plain)]
        if wanted.by_post:
            best = _first_of_posts(best)
        return Matches(len(found), best[: wanted.limit], len(best) <= wanted.limit)

    def _matching(self, query: Query, plain: "PlainScores") -> Iterator["_Found"]:
        leaves = [leaf for leaf in iter_leaves(query.tree) if isinstance(leaf, Phrase)]
        for file, entries in self._pages.values():
            for at, (entry, terms) in enumerate(entries):
                evidence = Evidence(entry.text)
                if _passes(query.tree, evidence, entry, file):
                    exact = sum(evidence.is_exact(leaf) for leaf in leaves)
                    above = _above([entry for entry, _ in entries], at)
                    yield _Found(exact, plain.first(terms), file, entry, terms, above, at)

    def words(self) -> Counter[str]:
        """All words, and how many paragraphs hold each."""
        rows = (terms for _, entries in self._pages.values() for _, terms in entries)
        return Counter(word for terms in rows for word in terms.words)

    def size(self) -> int:
        """How many paragraphs there are."""
        return sum(len(entries) for _, entries in self._pages.values())

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of a page."""
        return [entry for entry, _ in self._pages[page][1]]

    def count(self, what: str) -> Counter[str]:
        """Count posts or pages by something."""
        found: Counter[str] = Counter()
        for file, entries in self._pages.values():
            posts = list({id(entry.post): entry.post for entry, _ in entries}.values())
            if what in PAGE_FACETS:
                found.update(values_of(what, file, {})[: None if what == "tag" else 1])
            elif what in POST_FACETS:
                found.update(text for post in posts for text in values_of(what, file, post))
            elif what == "kind":
                found.update(KIND_OF[POST_COLUMNS["kind"](post)] for post in posts)
            elif what == "month":
                days = (POST_COLUMNS["published"](post) for post in posts)
                found.update(month_of(day) for day in days if day != UNKNOWN)
            else:
                raise ValueError(f"nothing is counted by {what}")
        return found

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        held = Counter(
            unit
            for _, entries in self._pages.values()
            for _, terms in entries
            for unit in terms.units
            if unit.startswith(begun)
        )
        return sorted(held, key=lambda unit: (-held[unit], unit))[:MOST_COMPLETED]

    @contextmanager
    def view(self) -> Iterator["MemoryEngine"]:
        """The pages as they are now."""
        seen = MemoryEngine()
        seen._pages = dict(self._pages)
        yield seen

    checked = "are in memory"

    def verify(self) -> int:
        """Nothing is written anywhere."""
        return 0

    @contextmanager
    def write(self) -> Iterator["MemoryEngine"]:
        """Begin a change; an exception within undoes it."""
        before = dict(self._pages)
        try:
            yield self
        except BaseException:
            self._pages = before
            raise

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page."""
        return uuid.uuid4().hex

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


def _passes(node: Node, evidence: Evidence, entry: Entry, file: IndexedFile) -> bool:
    if isinstance(node, Every | Some):
        each = (_passes(child, evidence, entry, file) for child in node.nodes)
        return all(each) if isinstance(node, Every) else any(each)
    if isinstance(node, Not):
        return not _passes(node.node, evidence, entry, file)
    if isinstance(node, Phrase | Literal):
        return evidence.holds(node)
    if isinstance(node, Field):
        query = FacetQuery(node.text, node.name == "path")
        return any(query.holds(fold(text)) for text in values_of(node.name, file, entry.post))
    if isinstance(node, Has):
        cited = [row.get("url") for row in entry.references]
        return bool(cited) if node.what == "reference" else has_link(entry.text) or any(cited)
    if isinstance(node, Prefix):
        raise TypeError("a prefix must be expanded before it is searched")
    if node.column in PAGE_COLUMNS:
        value = PAGE_COLUMNS[node.column](file.facts)
    else:
        value = POST_COLUMNS[node.column](entry.post)
    least = UNKNOWN + 1 if node.least is None else node.least
    return least <= value and (node.most is None or value <= node.most)


def _above(entries: Sequence[Entry], at: int) -> tuple[str | None, str | None]:
    """The title of an entry's page and the heading it stands under."""
    title = next((entry.text for entry in entries if entry.kind == "title"), None)
    entry, heading = entries[at], None
    for before in entries[:at] if entry.kind != "heading" else ():
        if before.post is entry.post and before.kind == "heading":
            heading = before.text
    return (None if entry.kind == "title" else title), heading


class _Found(NamedTuple):
    """A paragraph that matches: how many quotations it holds to the letter, its first score, where
    it stands, what is above it, and its number in its page.
    """

    exact: int
    first: float
    file: IndexedFile
    entry: Entry
    terms: Terms
    above: tuple[str | None, str | None]
    at: int

    @property
    def place(self) -> tuple[str, int, int]:
        """What equal results are ordered by."""
        return self.file.path, self.entry.line, self.at


def _ranked(found: Sequence[_Found], plain: "PlainScores") -> list[Match]:
    """Paragraphs by their first score, the first of them by the full one."""
    found = sorted(found, key=lambda row: (-row.exact, -_compared(row.first), row.place))
    head = [
        (row, Match(sum(parts.values()), row.entry, row.file, parts))
        for row in found[:WINDOW]
        for parts in [plain.parts(row.entry, row.terms, *row.above)]
    ]
    least = min((match.score for _, match in head), default=0.0)
    head.sort(key=lambda both: (-both[0].exact, -_compared(both[1].score), both[0].place))
    best = [match for _, match in head]
    for row in found[WINDOW:]:
        score = min(row.first / plain.first_total, least)
        best.append(Match(score, row.entry, row.file, {"first": score}))
    return best


def _compared(score: float) -> float:
    return round(score, DIGITS)


def _by_posts(found: Sequence[_Found], read: Column) -> Iterator[list[_Found]]:
    """Matches by their posts, those of the highest number first, equal ones by path and line."""
    posts: dict[tuple[str, int], list[_Found]] = {}
    for row in found:
        posts.setdefault((row.file.page, id(row.entry.post)), []).append(row._replace(exact=0))
    yield from sorted(
        posts.values(),
        key=lambda rows: (-read(rows[0].entry.post), min(row.place for row in rows)),
    )


def _first_of_posts(best: Sequence[Match]) -> list[Match]:
    kept: dict[tuple[str, int], Match] = {}
    for match in best:
        key = match.file.page, id(match.entry.post)
        first = kept.get(key)
        if first is not None:
            match = Match(first.score, first.entry, first.file, first.parts, first.more + 1)
        kept[key] = match
    return list(kept.values())


class PlainScores:
    """The formula of ranking.py, term by term and text by text."""

    def __init__(self, query: Query, everything: Sequence[Terms]) -> None:
        self._query = query
        self._size = len(everything)
        self._all = everything
        self._words = {word: self._idf("words", word) for word in query.words}
        self._units = {unit: self._idf("units", unit) for unit in query.units}
        self._pairs = {pair: self._idf("pairs", pair) for pair in query.pairs}
        held = Counter(pair for terms in everything for pair in terms.pairs)
        self._rare = [pair for pair in query.pairs if held[pair] * RARE <= self._size]
        self._mean_words = max(_mean([t.word_length for t in everything]), PIVOT_WORDS)
        self._mean_units = max(_mean([t.unit_length for t in everything]), PIVOT_UNITS)
        rare = sum(self._pairs[pair] for pair in self._rare)
        self.first_total = max(sum(self._words.values()) + rare, 1e-9)

    def _idf(self, field: str, term: str) -> float:
        holding = sum(term in getattr(terms, field) for terms in self._all)
        return log1p((self._size - holding + 0.5) / (holding + 0.5))

    def _bm25(self, weight: float, count: int, length: int, mean: float) -> float:
        return weight * count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))

    def first(self, terms: Terms) -> float:
        """The score of the first ranking."""
        total = self._by_words(terms)
        for pair in self._rare:
            once = int(pair in terms.pairs)
            total += self._bm25(self._pairs[pair], once, terms.unit_length, self._mean_units)
        return total

    def _by_words(self, terms: Terms) -> float:
        return sum(
            self._bm25(weight, terms.words[word], terms.word_length, self._mean_words)
            for word, weight in self._words.items()
        )

    def parts(
        self, entry: Entry, terms: Terms, title: str | None, heading: str | None
    ) -> dict[str, float]:
        """The parts of the full score, each with its weight."""
        texts = _sentences(entry.text)
        sentences = [analyze(text) for text in texts]
        pairs = [set(_side_by_side(text)) for text in texts]
        keys = [held | set(of.units) for held, of in zip(pairs, sentences, strict=True)]
        idf = self._pairs | {unit: w for unit, w in self._units.items() if not is_han(unit)}
        squares = {key: weight**2 for key, weight in idf.items()}
        units = [set(sentence.units) for sentence in sentences]
        windows = [one | other for one, other in pairwise(units)] + units
        counted = _side_by_side(entry.text)
        values = {
            "words": self._by_words(terms) / max(sum(self._words.values()), 1e-9),
            "units": self._share(self._units, terms.units, terms.unit_length),
            "pairs": self._share(self._pairs, counted, terms.unit_length),
            "sentence": max((_part_of(idf, key) for key in keys), default=0.0),
            "rarest": max((_part_of(squares, key) for key in keys), default=0.0),
            "window": max((_part_of(self._units, held) for held in windows), default=0.0),
            "title": self._title(title),
            "verbatim": self._verbatim(entry.text),
            "heading": self._title(heading),
            "votes": min(log10(1 + max(POST_COLUMNS["votes"](entry.post), 0)) / 5, 1.0),
            "date": _date(POST_COLUMNS["published"](entry.post)),
        }
        return {name: weight * values[name] for name, weight in WEIGHTS.items()}

    def _share(self, weights: dict[str, float], counts: Counter[str], length: int) -> float:
        total = sum(
            self._bm25(weight, counts[term], length, self._mean_units)
            for term, weight in weights.items()
        )
        return total / sum(weights.values()) if weights else 0.0

    def _verbatim(self, text: str) -> float:
        runs, folded = self._query.runs, fold(expand(text))
        return sum(run in folded for run in runs) / max(len(runs), 1)

    def _title(self, text: str | None) -> float:
        if text is None:
            return 0.0
        terms = analyze(text)
        tokens = {unit for unit in self._units if not is_han(unit)}
        met = sum(n for pair, n in _side_by_side(text).items() if pair in self._pairs)
        met += sum(n for unit, n in terms.units.items() if unit in tokens)
        return min(met / max(terms.unit_length - 1, 1), 1.0)


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / max(len(lengths), 1)


def _sentences(text: str) -> list[str]:
    for stop in "。！？；!?;":
        text = text.replace(stop, "\n")
    return text.split("\n")


def _side_by_side(text: str) -> Counter[str]:
    chars = fold(expand(text))
    return Counter(a + b for a, b in pairwise(chars) if is_han(a) and is_han(b))


def _part_of(weights: dict[str, float], held: set[str]) -> float:
    if not weights:
        return 0.0
    return sum(weight for term, weight in weights.items() if term in held) / sum(weights.values())


def _date(day: int) -> float:
    years = max(day, 0) // 10_000 + max(day, 0) // 100 % 100 / 12
    return min(max((years - 2010) / 20, 0.0), 1.0)
