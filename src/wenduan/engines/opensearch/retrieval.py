"""Query + index of a cluster -> Matches: the cluster ranks by words, we rank its best anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...analysis import expand
from ...analysis.folding import fold_codes, to_codes
from ...query import Phrase, Query, iter_leaves
from ...ranking import K1, WINDOW, Floats, length_norm, order, saturation
from ..base import LazyMatches, Match, Matches, Wanted
from ..full_score import PARTS, Candidates, score_fully
from ..measuring import Texts
from .documents import Counted, StoredParagraph
from .dsl import PARAGRAPHS, exactly, matching, ranking
from .statistics import QueryTerms, Statistics
from .streams import count_words, encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A cluster gives so many results at once (index.max_result_window).
_MOST_AT_ONCE = 10_000
# Results behind the window are read so many at a time.
_BLOCK = 100
# Lucene's BM25 leaves this factor of the formula out, for it changes no order.
_FACTOR = K1 + 1
# Ties are broken so that every copy of a shard gives the same order.
_LAST_KEYS = ({"page": "asc"}, {"place": "asc"})

Body = dict[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """How a cluster is asked: several searches at once, and documents by their ids."""

    search_all: Callable[[Sequence[Body]], Sequence[Answer]]
    get: Callable[[Sequence[str]], Sequence[Mapping[str, Any]]]
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class _Row:
    """A result as the cluster gives it; `tier` is how many quotations it holds to the letter."""

    id: str
    post: str
    score: float
    tier: int
    value: float


class _Search:
    """One search that is being made."""

    def __init__(self, asking: Asking, query: Query) -> None:
        self.asking, self.query = asking, query
        self.terms: QueryTerms = asking.statistics.weigh(query.words, query.units, query.pairs)
        self.filter = {"bool": {"filter": [PARAGRAPHS, matching(query.tree)]}}
        self.total = 0
        self.read: dict[str, StoredParagraph] = {}

    @cached_property
    def tiers(self) -> list[Body]:
        """What matches, parted by how many quotations are held to the letter, the most first."""
        leaves = iter_leaves(self.query.tree)
        quoted = [exactly(leaf) for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted]
        if not quoted:
            return [self.filter]
        tiers = []
        for least in range(len(quoted), -1, -1):
            held = [_at_least(quoted, least)] if least else []
            more = [_at_least(quoted, least + 1)] if least < len(quoted) else []
            tiers.append({"bool": {"filter": [self.filter, *held], "must_not": more}})
        return tiers

    def find(self, best: int, sort: str | None) -> list[_Row]:
        """The best paragraphs, best first."""
        tiers = self.tiers if sort is None else [self.filter]
        bodies = [self._body(tier, min(best, WINDOW), sort) for tier in tiers]
        answers = self.asking.search_all(bodies)
        self.total = sum(answer["hits"]["total"]["value"] for answer in answers)
        rows: list[_Row] = []
        for at, (tier, answer) in enumerate(zip(tiers, answers, strict=True)):
            found = self._rows(answer, len(tiers) - 1 - at, sort)
            here = answer["hits"]["total"]["value"]
            last = answer["hits"]["hits"][-1]["sort"] if found else []
            while len(found) < min(here, best - len(rows)):
                size = min(best - len(rows) - len(found), _MOST_AT_ONCE)
                body = self._body(tier, size, sort, last)
                (answer,) = self.asking.search_all([body])
                new = self._rows(answer, len(tiers) - 1 - at, sort)
                if not new:
                    break
                found += new
                last = answer["hits"]["hits"][-1]["sort"]
            rows += found
        return rows[:best]

    def _body(
        self, tier: Body, size: int, sort: str | None, after: Sequence[Any] | None = None
    ) -> Body:
        words = [word.term for word in self.terms.words]
        rare = [pair.term for pair in self.terms.rare]
        first = "_score" if sort is None else {sort: {"order": "desc", "missing": "_last"}}
        body: Body = {
            "size": size,
            "track_total_hits": after is None,
            "query": {"bool": {"filter": [tier], "should": ranking(words, rare)}},
            "sort": [first, *_LAST_KEYS],
        }
        if after is not None:
            # Few of them will be read.
            body |= {"search_after": list(after), "_source": False, "docvalue_fields": ["post"]}
        return body

    def _rows(self, answer: Answer, tier: int, sort: str | None) -> list[_Row]:
        rows = []
        for hit in answer["hits"]["hits"]:
            if "_source" in hit:
                self.read[hit["_id"]] = StoredParagraph(hit["_source"])
            post = hit["_source"]["post"] if "_source" in hit else hit["fields"]["post"][0]
            value = hit["sort"][0]
            rows.append(
                _Row(
                    hit["_id"],
                    post,
                    value if sort is None else 0.0,
                    tier,
                    float(value) if sort is not None else 0.0,
                )
            )
        return rows

    def paragraphs(self, rows: Sequence[_Row]) -> list[StoredParagraph]:
        """What is stored of some results."""
        missing = [row.id for row in rows if row.id not in self.read]
        if missing:
            for document in self.asking.get(missing):
                self.read[document["_id"]] = StoredParagraph(document["_source"])
        return [self.read[row.id] for row in rows]


def _at_least(clauses: Sequence[Body], least: int) -> Body:
    return {"bool": {"should": list(clauses), "minimum_should_match": least}}


def search(asking: Asking, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match, and the best of them, best first."""
    run = _Search(asking, query)
    best = max(wanted.limit, WINDOW)
    while True:
        rows, parts = _rank(run, run.find(best, wanted.sort), wanted.sort)
        complete = len(rows) >= run.total
        posts = {row.post for row in rows}
        if wanted.by_post:
            firsts: dict[str, int] = {}
            for place, row in enumerate(rows):
                firsts.setdefault(row.post, place)
            places = list(firsts.values())
        else:
            places = list(range(len(rows)))
        if complete or len(posts if wanted.by_post else rows) >= wanted.limit:
            counts = _count_posts(rows) if complete else None
            best_rows = [rows[place] for place in places]
            shown = _Best(run, best_rows, parts[:, places], wanted.by_post, counts)
            return Matches(run.total, shown, complete)
        # The best are paragraphs of too few posts.
        best *= 4


def _rank(run: _Search, rows: list[_Row], sort: str | None) -> tuple[list[_Row], Floats]:
    """Results in their final order, and the parts of their scores, see PARTS."""
    head = min(len(rows), WINDOW) if sort is None else len(rows)
    parts = np.zeros((len(PARTS), len(rows)))
    parts[:-1, :head] = _score(run, rows[:head])
    if sort is not None:
        values = np.array([row.value for row in rows])
        ranked = np.lexsort((-parts.sum(axis=0), -values))
        return [rows[place] for place in ranked.tolist()], parts[:, ranked]
    scores = parts[:, :head].sum(axis=0)
    # Those behind have only the score of the first ranking, and never more than those before.
    first = np.array([row.score for row in rows[head:]]) * _FACTOR
    rest = first / max(run.terms.words_total + run.terms.rare_total, 1e-9)
    parts[-1, head:] = np.minimum(rest, scores.min(initial=np.inf))
    ranked = order(np.array([row.tier for row in rows[:head]], np.int64), scores)
    parts[:, :head] = parts[:, ranked]
    return [*(rows[place] for place in ranked.tolist()), *rows[head:]], parts


def _score(run: _Search, rows: Sequence[_Row]) -> Floats:
    """The parts of the full scores of some results."""
    if not rows:
        return np.zeros((len(PARTS) - 1, 0))
    paragraphs, terms = run.paragraphs(rows), run.terms
    return score_fully(
        _by_words(paragraphs, terms) / max(terms.words_total, 1e-9),
        _read(paragraphs, terms),
        terms.units,
        terms.pairs,
        run.query.runs,
    )


def _by_words(paragraphs: Sequence[StoredParagraph], terms: QueryTerms) -> Floats:
    """BM25 of words."""
    weights = np.array([word.weight for word in terms.words])
    words = [encode(word.term) for word in terms.words]
    counts, lengths = count_words([paragraph.words for paragraph in paragraphs], words)
    norms = length_norm(lengths, terms.lengths.mean_words)
    scores: Floats = saturation(counts, norms[:, None]) @ weights
    return scores


def _read(paragraphs: Sequence[StoredParagraph], terms: QueryTerms) -> Candidates:
    """The texts of paragraphs and of what stands above them, each once."""
    above = {row for paragraph in paragraphs for row in (paragraph.title, paragraph.heading) if row}
    read = [*(paragraph.own for paragraph in paragraphs), *above]
    places = {row: at for at, row in enumerate(read[len(paragraphs) :], len(paragraphs))}
    texts = [expand(row.text) for row in read]
    joined = Texts(
        fold_codes(to_codes("\0".join([*texts, ""]))),
        np.array([len(text) for text in texts], np.int64),
    )
    units = np.array([row.units for row in read], np.int64)
    return Candidates(
        texts=joined,
        norms=length_norm(units, terms.lengths.mean_units),
        units=units,
        own=np.arange(len(paragraphs)),
        titles=_places(places, [paragraph.title for paragraph in paragraphs]),
        headings=_places(places, [paragraph.heading for paragraph in paragraphs]),
        votes=np.array([paragraph.votes for paragraph in paragraphs], np.int64),
        days=np.array([paragraph.day for paragraph in paragraphs], np.int64),
    )


def _places(places: Mapping[Counted, int], texts: Sequence[Counted | None]) -> NDArray[np.int64]:
    return np.array([-1 if text is None else places[text] for text in texts], np.int64)


def _count_posts(rows: Sequence[_Row]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.post] = counts.get(row.post, 0) + 1
    return counts


class _Best(LazyMatches):
    """Ranked results, each read when it is asked for, in blocks."""

    def __init__(
        self,
        run: _Search,
        rows: Sequence[_Row],
        parts: Floats,
        by_post: bool,
        counts: dict[str, int] | None,
    ) -> None:
        """`counts` are the matches of each post, None if they have to be asked for."""
        self._run, self._rows, self._parts, self._by_post = run, rows, parts, by_post
        self._counts = counts or {}

    def __len__(self) -> int:
        return len(self._rows)

    def _read(self, place: int) -> Match:
        row = self._rows[place]
        if row.id not in self._run.read:
            begin = place - place % _BLOCK
            self._run.paragraphs(self._rows[begin : begin + _BLOCK])
        paragraph = self._run.read[row.id]
        values = zip(PARTS, self._parts[:, place].tolist(), strict=True)
        parts = {name: value for name, value in values if value}
        more = self._count(place) - 1 if self._by_post else 0
        return Match(sum(parts.values()), paragraph.entry, paragraph.file, parts, more)

    def _count(self, place: int) -> int:
        """How many paragraphs of a result's post match; those of its block are asked at once."""
        post = self._rows[place].post
        if post not in self._counts:
            begin = place - place % _BLOCK
            posts = [row.post for row in self._rows[begin : begin + _BLOCK]]
            (answer,) = self._run.asking.search_all([_counting(self._run.filter, posts)])
            found = answer["aggregations"]["posts"]["buckets"]
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
