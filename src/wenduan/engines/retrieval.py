"""Query + snapshot -> Matches: match, rank by words, rank the best anew by the full score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.folding import fold_codes
from ..query import Phrase, Query, iter_leaves
from ..ranking import WEIGHTS, WINDOW, Floats, order
from .base import LazyMatches, Match, Matches, Wanted
from .full_score import PARTS, Candidates, score_fully
from .matching import Matched, match
from .measuring import Texts
from .scoring import Scored, look_up, score_words
from .snapshot import QueryTerms, Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Rows:
    """Paragraphs with their scores of the first ranking: their segments, their numbers there."""

    def __init__(
        self, scored: Scored, homes: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> None:
        self.scored, self.homes, self.numbers = scored, homes, numbers

    def __len__(self) -> int:
        return len(self.homes)

    def take(self, places: NDArray[np.intp] | slice) -> _Rows:
        return _Rows(self.scored.take(places), self.homes[places], self.numbers[places])

    def by_segment(self) -> list[tuple[int, NDArray[np.intp]]]:
        """Each segment that has any of the rows, and the places of its rows."""
        return [(home, (self.homes == home).nonzero()[0]) for home in set(self.homes.tolist())]


@dataclass(frozen=True)
class _Search:
    """One search: the query, its terms, and what matches."""

    snapshot: Snapshot
    query: Query
    terms: QueryTerms
    matched: Matched

    def rows(self, scored: Scored) -> _Rows:
        collection = self.snapshot.collection
        homes = collection.home_of(scored.ids)
        return _Rows(scored, homes, scored.ids - collection.bases[homes])


def search(snapshot: Snapshot, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match, and read the best of them, best first."""
    found = [segment.keep_live(match(query.tree, segment)) for segment in snapshot.segments]
    matched = Matched(found, snapshot.collection.bases)
    run = _Search(snapshot, query, snapshot.weigh(query), matched)
    best, total = max(wanted.limit, WINDOW), matched.count
    while True:
        rows, parts = _rank(run, best) if wanted.sort is None else _sort(run, wanted.sort, best)
        # Whatever the scores: all have been asked for.
        complete = best >= total or len(rows) >= total
        if wanted.by_post:
            places = _first_of_posts(run.snapshot, rows)
            rows, parts = rows.take(places), parts[:, places]
        if complete or len(rows) >= wanted.limit:
            return Matches(total, _Best(run, rows, parts, wanted.by_post), complete)
        # The best are paragraphs of too few posts.
        best *= 4


def _rank(run: _Search, best: int) -> tuple[_Rows, Floats]:
    """The best paragraphs, best first, and the parts of their scores, see PARTS."""
    rows, tiers = _best(run, best)
    parts = np.zeros((len(PARTS), len(rows)))
    head = min(len(rows), WINDOW)
    first, rest = rows.take(slice(0, head)), rows.scored.scores[head:]
    of_first = _score(run, first)
    scores = of_first.sum(axis=0)
    ranked = order(tiers[:head], scores)
    parts[:-1, :head] = of_first.take(ranked, axis=1)
    if not len(rest):
        return first.take(ranked), parts
    # Those behind have only the score of the first ranking, and never more than those before.
    rest = rest / max(run.terms.words_total + run.terms.rare_total, 1e-9)
    parts[-1, head:] = np.minimum(rest, scores.min(initial=np.inf))
    return rows.take(np.concatenate([ranked, np.arange(head, len(rows))])), parts


def _sort(run: _Search, column: str, best: int) -> tuple[_Rows, Floats]:
    """The paragraphs with the highest numbers in a column, unknown ones last."""
    values = np.concatenate(
        [
            segment.post_values(column, found.numbers)
            for segment, found in zip(run.snapshot.segments, run.matched.segments, strict=True)
        ]
    )
    kept = np.sort(np.argsort(-values, kind="stable")[:best])
    ids, values = run.matched.ids[kept], values[kept]
    rows = run.rows(look_up(run.snapshot.collection, ids, run.terms.words, run.terms.rare))
    parts = np.zeros((len(PARTS), len(rows)))
    parts[:-1] = _score(run, rows)
    # The paragraphs of a post share its numbers: the best of them comes first.
    ranked = np.lexsort((-parts.sum(axis=0), -values))
    return rows.take(ranked), parts[:, ranked]


def _best(run: _Search, best: int) -> tuple[_Rows, NDArray[np.int64]]:
    """The best by words, and how many quotations each holds to the letter."""
    leaves = iter_leaves(run.query.tree)
    quoted = [leaf for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted is not None]
    # Before it is known how many quotations each holds exactly, none can be left out.
    rows = _rank_by_words(run, run.matched.count if quoted else best)
    if quoted:
        return _exact_first(run.snapshot, rows, quoted, best)
    return rows, np.zeros(len(rows), np.int64)


def _rank_by_words(run: _Search, best: int) -> _Rows:
    words, pairs = run.terms.words, run.terms.rare
    native, scored = run.snapshot.native, None
    if native is not None and run.matched.count > best:
        scored = native.rank(run.matched, words, pairs, best)
    if scored is None:
        scored = score_words(run.snapshot.collection, run.matched, words, pairs, best)
    return run.rows(scored.best(best))


def _exact_first(
    snapshot: Snapshot, rows: _Rows, quoted: Sequence[Phrase], best: int
) -> tuple[_Rows, NDArray[np.int64]]:
    """Those that hold more quotations to the letter first, then as they came."""
    tiers: list[int] = []
    full = 0
    for home, number in zip(rows.homes.tolist(), rows.numbers.tolist(), strict=True):
        evidence = snapshot.segments[home].evidence(number)
        tiers.append(sum(evidence.is_exact(leaf) for leaf in quoted))
        full += tiers[-1] == len(quoted)
        if full == best:
            break
    counts = np.array(tiers, np.int64)
    ranked = np.argsort(-counts, kind="stable")[:best]
    return rows.take(ranked), counts[ranked]


def _score(run: _Search, rows: _Rows) -> Floats:
    """The parts of the full scores of some paragraphs, each with its weight, one row a part."""
    if not len(rows):
        return np.zeros((len(WEIGHTS), 0))
    native = run.snapshot.native
    read = native.read(rows.homes, rows.numbers) if native else _read_texts(run.snapshot, rows)
    words = rows.scored.words / max(run.terms.words_total, 1e-9)
    return score_fully(words, read, run.terms.units, run.terms.pairs, run.query.runs)


def _read_texts(snapshot: Snapshot, rows: _Rows) -> Candidates:
    codes, lengths, norms, units = [], [], [], []
    of_rows = np.zeros((5, len(rows)), np.int64)
    done = 0
    for home, here in rows.by_segment():
        segment, numbers = snapshot.segments[home], rows.numbers[here]
        plain = segment.segment
        posts = plain.post_numbers(numbers)
        titles, headings = plain.titles(numbers, posts), plain.headings(numbers)
        # By a set, for numpy's own function loads a module that takes longer than a search.
        above = np.array(sorted({*titles.tolist(), *headings.tolist()} - {-1}), np.int64)
        texts = np.concatenate([numbers, above])
        of_texts = plain.text_codes(texts)
        codes.append(of_texts[0])
        lengths.append(of_texts[1])
        units.append(plain.unit_counts(texts))
        norms.append(snapshot.collection.unit_norms(units[-1]))
        first = done + len(numbers)
        of_rows[:, here] = (
            np.arange(done, first),
            *(np.where(r >= 0, first + np.searchsorted(above, r), -1) for r in (titles, headings)),
            plain.file["votes"].take(posts),
            plain.file["published"].take(posts),
        )
        done += len(texts)
    joined = Texts(fold_codes(np.concatenate(codes)), np.concatenate(lengths))
    return Candidates(joined, np.concatenate(norms), np.concatenate(units), *of_rows)


def _first_of_posts(snapshot: Snapshot, rows: _Rows) -> NDArray[np.intp]:
    """Places of the first paragraph of each post."""
    posts = np.zeros(len(rows), np.int64)
    for home, here in rows.by_segment():
        posts[here] = snapshot.segments[home].segment.post_numbers(rows.numbers[here])
    keys = zip(rows.homes[::-1].tolist(), posts[::-1].tolist(), strict=True)
    # Of several places of a post, the last one stays: the first.
    firsts = dict(zip(keys, range(len(rows) - 1, -1, -1), strict=True))
    return np.array(sorted(firsts.values()), np.intp)


class _Best(LazyMatches):
    """Ranked paragraphs, each read when it is asked for."""

    def __init__(self, run: _Search, rows: _Rows, parts: Floats, by_post: bool) -> None:
        self._run, self._parts, self._by_post = run, parts.T, by_post
        self._homes, self._numbers = rows.homes.tolist(), rows.numbers.tolist()

    def __len__(self) -> int:
        return len(self._homes)

    def _read(self, place: int) -> Match:
        home, number = self._homes[place], self._numbers[place]
        segment = self._run.snapshot.segments[home].segment
        values = zip(PARTS, self._parts[place].tolist(), strict=True)
        parts = {name: value for name, value in values if value}
        post = segment.post_of(number)
        more = 0
        if self._by_post:
            of_post = segment.post_range(post)
            more = self._run.matched.segments[home].count_between(*of_post) - 1
        file = self._run.snapshot.latest(segment.page(segment.page_of(post)))
        return Match(sum(parts.values()), segment.entry(number, post), file, parts, more)
