"""Query + snapshot -> Matches: match, rank by words, rank the best anew by the full score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..query import Phrase, Query, iter_leaves
from ..ranking import WINDOW, Floats, compared
from .base import LazyMatches, Match, Matches, Wanted
from .full_score import PARTS
from .matching import Matched, match
from .one_search import Rows, Search, score
from .scoring import score_words
from .snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray


def search(snapshot: Snapshot, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match, and read the best of them, best first."""
    found = [segment.keep_live(match(query.tree, segment)) for segment in snapshot.segments]
    matched = Matched(found, snapshot.collection.bases)
    if not matched.count:
        return Matches(0, (), True)
    run = Search(snapshot, query, snapshot.weigh(query), matched)
    return _search_ranked(run, wanted) if wanted.sort is None else _search_sorted(run, wanted)


def _search_ranked(run: Search, wanted: Wanted) -> Matches:
    best, total = max(wanted.limit, WINDOW), run.matched.count
    while True:
        rows, parts = _rank(run, best)
        # Whatever the scores: all have been asked for.
        complete = best >= total or len(rows) >= total
        if wanted.by_post:
            places = _first_of_posts(run.snapshot, rows)
            rows, parts = rows.take(places), parts[:, places]
        if complete or len(rows) >= wanted.limit:
            return Matches(total, _Best(run, rows, parts, wanted.by_post), complete)
        # The best are paragraphs of too few posts.
        best *= 4


def _search_sorted(run: Search, wanted: Wanted) -> Matches:
    # Most searches rank.
    from .sorting import sort_posts

    assert wanted.sort is not None
    rows, parts, of_posts = sort_posts(run, wanted.sort, wanted.limit, WINDOW)
    complete = len(rows) == run.matched.count
    if wanted.by_post:
        places = np.searchsorted(of_posts, np.arange(len(rows) and of_posts[-1] + 1))
        rows, parts = rows.take(places), parts[:, places]
    return Matches(run.matched.count, _Best(run, rows, parts, wanted.by_post), complete)


def _rank(run: Search, best: int) -> tuple[Rows, Floats]:
    """The best paragraphs, best first, and the parts of their scores, see PARTS."""
    rows, tiers = _best(run, best)
    parts = np.zeros((len(PARTS), len(rows)))
    head = min(len(rows), WINDOW)
    first, rest = rows.take(slice(0, head)), rows.scored.scores[head:]
    of_first = score(run, first)
    scores = of_first.sum(axis=0)
    ranked = run.order(first, -tiers[:head], -compared(scores))
    parts[:-1, :head] = of_first.take(ranked, axis=1)
    if not len(rest):
        return first.take(ranked), parts
    # Those behind have only the score of the first ranking, and never more than those before.
    rest = rest / max(run.terms.words_total + run.terms.rare_total, 1e-9)
    parts[-1, head:] = np.minimum(rest, scores.min(initial=np.inf))
    return rows.take(np.concatenate([ranked, np.arange(head, len(rows))])), parts


def _best(run: Search, best: int) -> tuple[Rows, NDArray[np.int64]]:
    """The best by words, and how many quotations each holds to the letter."""
    leaves = iter_leaves(run.query.tree)
    quoted = [leaf for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted is not None]
    # Before it is known how many quotations each holds exactly, none can be left out.
    rows = _rank_by_words(run, run.matched.count if quoted else best)
    if quoted:
        return _exact_first(run.snapshot, rows, quoted, best)
    return rows, np.zeros(len(rows), np.int64)


def _rank_by_words(run: Search, best: int) -> Rows:
    words, pairs = run.terms.words, run.terms.rare
    native, scored = run.snapshot.native, None
    if native is not None and run.matched.count > best:
        scored = native.rank(run.matched, words, pairs, best)
    if scored is None:
        scored = score_words(run.snapshot.collection, run.matched, words, pairs, best)
    rows = run.rows(scored.above(best))
    if len(rows) <= WINDOW:
        # All of them are ranked anew.
        return rows
    return rows.take(run.order(rows, -compared(rows.scored.scores))[:best])


def _exact_first(
    snapshot: Snapshot, rows: Rows, quoted: Sequence[Phrase], best: int
) -> tuple[Rows, NDArray[np.int64]]:
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


def _first_of_posts(snapshot: Snapshot, rows: Rows) -> NDArray[np.intp]:
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

    def __init__(self, run: Search, rows: Rows, parts: Floats, by_post: bool) -> None:
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
