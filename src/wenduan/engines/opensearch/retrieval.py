"""Query + index of a cluster -> Matches: the cluster ranks by words, we rank its best anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis.expanding import expand_codes
from ...analysis.folding import fold_codes, to_codes
from ...query import Phrase, Query, Some, iter_leaves
from ...ranking import K1, WINDOW, Floats, compared, length_norm, saturation
from ..base import LazyMatches, Match, Matches, Wanted
from ..full_score import PARTS, Candidates, score_fully
from ..measuring import Texts
from .asking import OpenIndex
from .documents import Counted, StoredParagraph
from .dsl import exactly, paragraphs, ranking
from .statistics import QueryTerms
from .streams import count_words, encode

if TYPE_CHECKING:
    pass

# A cluster gives so many results at once (index.max_result_window).
MOST_AT_ONCE = 10_000
# Results behind the window are read so many at a time.
_BLOCK = 100
# The matches of so many posts are counted at once.
_COUNTED = 16
# Lucene's BM25 leaves this factor of the formula out, for it changes no order.
_FACTOR = K1 + 1
# More than words and pairs can add to a score: 400 of them, an idf of 18 each. What holds one more
# of the quotations to the letter comes before what does not, whatever else it holds.
_TIER = 8_192.0
# What a shard has found by then is the answer, which is marked as partial. What a search of a
# cluster costs is counted nowhere.
_TIMEOUT = "5s"
# By what equal results are ordered, so that every copy of a shard gives the same order: the path,
# then what tells its pages apart, which comes from their contents, then the place on the page.
LAST_KEYS = ({"path_folded": "asc"}, {"page": "asc"}, {"place": "asc"})
# Scores of a cluster have so many digits; sums in another order may differ in the last one.
_PRECISION = 1e-6

Body = dict[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A result as the cluster gives it; `tier` is how many quotations it holds to the letter."""

    id: str
    post: str
    score: float = 0.0
    tier: int = 0


class Search:
    """One search that is being made."""

    def __init__(self, index: OpenIndex, query: Query) -> None:
        self.index, self.query = index, query
        self.terms: QueryTerms = index.statistics.weigh(query.words, query.units, query.pairs)
        self.filter = paragraphs(query.tree)
        self._ranking = ranking(self.terms.words.terms, self.terms.rare.terms)
        self.read: dict[str, StoredParagraph] = {}
        # A shard gave what it had found by the time that a search may take.
        self.partial = False

    def ask(self, *bodies: Body) -> Sequence[Answer]:
        """Make some searches at once, none of which takes longer than it may."""
        answers = self.index.search_all([{"timeout": _TIMEOUT, **body} for body in bodies])
        self.partial |= any(answer.get("timed_out", False) for answer in answers)
        return answers

    @cached_property
    def _exact(self) -> list[Body]:
        """For each quotation, what adds a tier to the score of what holds it to the letter."""
        leaves = iter_leaves(self.query.tree)
        quoted = [exactly(leaf) for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted]
        return [{"constant_score": {"filter": clause, "boost": _TIER}} for clause in quoted]

    def find(self, best: int) -> tuple[int, list[Row]]:
        """How many paragraphs match; the best of them, best first."""
        if best == WINDOW and self._is_question:
            total, rows = self._find_first(WINDOW + 1)
            # The cluster does not tell which of equal ones come first.
            if len(rows) > WINDOW and _are_apart(*rows[WINDOW - 1 :]):
                return total, rows[:WINDOW]
        return self._find_all(best)

    @property
    def _is_question(self) -> bool:
        """Whether many paragraphs match, most of them by what they are ranked by."""
        return not self._exact and isinstance(self.query.tree, Some)

    def _find_first(self, size: int | None = None) -> tuple[int, list[Row]]:
        """As `find`, but only what holds a term that it is ranked by.

        The cluster passes over what cannot be among the best, and sees only of the best whether
        they match: half of the time that going through all matches takes.
        """
        first = {
            "size": size or WINDOW,
            "track_total_hits": False,
            "query": {"bool": {"should": self._ranking}},
            "post_filter": self.filter,
        }
        count = {"size": 0, "track_total_hits": True, "query": self.filter}
        found, counted = self.ask(first, count)
        return _total(counted), self._rows(found)

    def _find_all(self, best: int) -> tuple[int, list[Row]]:
        (answer,) = self.ask(self._body(min(best, WINDOW)))
        total, rows = _total(answer), self._rows(answer)
        while len(rows) < min(total, best):
            last = answer["hits"]["hits"][-1]["sort"]
            size = min(best - len(rows), MOST_AT_ONCE)
            (answer,) = self.ask(self._body(size, last))
            new = self._rows(answer)
            if not new:
                break
            rows += new
        return total, rows

    def _body(self, size: int, after: Sequence[Any] | None = None) -> Body:
        should = [*self._ranking, *self._exact]
        body: Body = {
            "size": size,
            "track_total_hits": after is None,
            "query": {"bool": {"filter": [self.filter], "should": should}},
            "sort": ["_score", *LAST_KEYS],
        }
        if after is not None:
            # Few of them will be read.
            body |= {"search_after": list(after), "_source": False, "docvalue_fields": ["post"]}
        return body

    def _rows(self, answer: Answer) -> list[Row]:
        rows = []
        for hit in answer["hits"]["hits"]:
            if "_source" in hit:
                self.read[hit["_id"]] = StoredParagraph(hit["_source"])
            post = hit["_source"]["post"] if "_source" in hit else hit["fields"]["post"][0]
            value = hit["sort"][0] if "sort" in hit else hit["_score"]
            tier, score = divmod(value, _TIER)
            rows.append(Row(hit["_id"], post, score, int(tier)))
        return rows

    def present(self, rows: Sequence[Row]) -> list[Row]:
        """Read what is stored of some results; gives those that have not been removed since."""
        missing = [row.id for row in rows if row.id not in self.read]
        if missing:
            for document in self.index.get(missing):
                self.read[document["_id"]] = StoredParagraph(document["_source"])
        return [row for row in rows if row.id in self.read]

    def order(self, rows: Sequence[Row], scores: Floats) -> list[int]:
        """Places of some results that were read, best first, equal ones by path and line."""
        keys = [(-row.tier, -value) for row, value in zip(rows, compared(scores), strict=True)]
        if len(set(keys)) == len(keys):
            return sorted(range(len(rows)), key=keys.__getitem__)
        return sorted(range(len(rows)), key=lambda at: (keys[at], self.read[rows[at].id].place))


def _are_apart(one: Row, other: Row) -> bool:
    return one.score - other.score > _PRECISION * one.score


def _total(answer: Answer) -> int:
    total: int = answer["hits"]["total"]["value"]
    return total


def search(index: OpenIndex, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match, and the best of them, best first; `wanted` has no sort."""
    run = Search(index, query)
    best = max(wanted.limit, WINDOW)
    while True:
        total, rows = run.find(best)
        complete = len(rows) >= total
        rows, parts = _rank(run, rows)
        places = _first_places(rows, wanted.by_post)
        if complete or len(places) >= wanted.limit:
            counts = _count_posts(rows) if complete else {}
            best_rows = [rows[place] for place in places]
            shown = Best(run, best_rows, parts[:, places], wanted.by_post, counts)
            return Matches(total, shown, complete, run.partial)
        # The best are paragraphs of too few posts.
        best *= 4


def _first_places(rows: Sequence[Row], by_post: bool) -> list[int]:
    """Places of what is shown: all, or the best of each post."""
    firsts: dict[str, int] = {}
    for place, row in enumerate(rows):
        firsts.setdefault(row.post if by_post else row.id, place)
    return list(firsts.values())


def _rank(run: Search, rows: list[Row]) -> tuple[list[Row], Floats]:
    """Results in their final order, and the parts of their scores, see PARTS."""
    head = min(len(rows), WINDOW)
    read = run.present(rows[:head])
    rows, head = [*read, *rows[head:]], len(read)
    parts = np.zeros((len(PARTS), len(rows)))
    parts[:-1, :head] = score(run, rows[:head])
    scores = parts[:, :head].sum(axis=0)
    # Those behind have only the score of the first ranking, and never more than those before.
    first = np.array([row.score for row in rows[head:]]) * _FACTOR
    rest = first / max(run.terms.words_total + run.terms.rare_total, 1e-9)
    parts[-1, head:] = np.minimum(rest, scores.min(initial=np.inf))
    ranked = run.order(rows[:head], scores)
    parts[:, :head] = parts[:, ranked]
    return [*(rows[place] for place in ranked), *rows[head:]], parts


def score(run: Search, rows: Sequence[Row]) -> Floats:
    """The parts of the full scores of some results."""
    if not rows:
        return np.zeros((len(PARTS) - 1, 0))
    paragraphs, terms = [run.read[row.id] for row in rows], run.terms
    return score_fully(
        _by_words(paragraphs, terms) / max(terms.words_total, 1e-9),
        _read(paragraphs, terms),
        terms.units,
        terms.pairs,
        run.query.runs,
    )


def _by_words(paragraphs: Sequence[StoredParagraph], terms: QueryTerms) -> Floats:
    """BM25 of words."""
    words = [encode(word) for word in terms.words.terms]
    counts, lengths = count_words([paragraph.words for paragraph in paragraphs], words)
    norms = length_norm(lengths, terms.lengths.mean_words)
    scores: Floats = saturation(counts, norms[:, None]) @ terms.words.weights
    return scores


def _read(paragraphs: Sequence[StoredParagraph], terms: QueryTerms) -> Candidates:
    """The texts of paragraphs and of what stands above them, each once."""
    read = [paragraph.own for paragraph in paragraphs]
    titles = [paragraph.title for paragraph in paragraphs]
    headings = [paragraph.heading for paragraph in paragraphs]
    above = {row: 0 for row in (*titles, *headings) if row is not None}
    places: dict[Counted | None, int] = {row: at for at, row in enumerate(above, len(read))}
    places[None] = -1
    read += above
    codes, lengths = expand_codes(
        to_codes("\0".join([*(row.text for row in read), ""])),
        np.array([len(row.text) for row in read], np.int64),
    )
    units = np.array([row.units for row in read], np.int64)
    return Candidates(
        texts=Texts(fold_codes(codes), lengths),
        norms=length_norm(units, terms.lengths.mean_units),
        units=units,
        own=np.arange(len(paragraphs)),
        titles=np.array([places[title] for title in titles], np.int64),
        headings=np.array([places[heading] for heading in headings], np.int64),
        votes=np.array([paragraph.votes for paragraph in paragraphs], np.int64),
        days=np.array([paragraph.day for paragraph in paragraphs], np.int64),
    )


def _count_posts(rows: Sequence[Row]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.post] = counts.get(row.post, 0) + 1
    return counts


class Best(LazyMatches):
    """Ranked results, each read when it is asked for, in blocks."""

    def __init__(
        self,
        run: Search,
        rows: Sequence[Row],
        parts: Floats,
        by_post: bool,
        counts: dict[str, int],
    ) -> None:
        """`counts` are the matches of posts; those of others are asked for."""
        self._run, self._rows, self._parts, self._by_post = run, rows, parts, by_post
        self._counts = counts

    def __len__(self) -> int:
        return len(self._rows)

    def _read(self, place: int) -> Match | None:
        row = self._rows[place]
        if row.id not in self._run.read:
            begin = place - place % _BLOCK
            self._run.present(self._rows[begin : begin + _BLOCK])
        paragraph = self._run.read.get(row.id)
        if paragraph is None:
            return None
        values = zip(PARTS, self._parts[:, place].tolist(), strict=True)
        parts = {name: value for name, value in values if value}
        more = self._count(place) - 1 if self._by_post else 0
        return Match(sum(parts.values()), paragraph.entry, paragraph.file, parts, more)

    def _count(self, place: int) -> int:
        """How many paragraphs of a result's post match; those behind it are asked for as well."""
        post = self._rows[place].post
        if post not in self._counts:
            posts = [row.post for row in self._rows[place : place + _COUNTED]]
            (answer,) = self._run.index.search_all([_counting(self._run.filter, posts)])
            found = answer["aggregations"]["posts"]["buckets"]
            # A page may have changed since, so that nothing of a post matches any more.
            self._counts |= dict.fromkeys(posts, 1)
            self._counts |= {bucket["key"]: bucket["doc_count"] for bucket in found}
        return self._counts[post]


def _counting(matches: Body, posts: Sequence[str]) -> Body:
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"terms": {"post": list(posts)}}, matches]}},
        # The posts are few: no need to number all that there are.
        "aggs": {
            "posts": {"terms": {"field": "post", "size": len(posts), "execution_hint": "map"}}
        },
    }
