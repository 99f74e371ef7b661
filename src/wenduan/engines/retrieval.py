"""Query + snapshot -> Matches: match, rank by words, rank the best anew by the full score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..query import Phrase, Query, iter_leaves
from ..ranking import WINDOW, Floats, compared
from .base import IndexedFile, LazyMatches, Match, Matches, Wanted
from .budget import Budget
from .full_score import PARTS
from .matching import Matched, match
from .one_search import Rows, Search, score
from .scoring import score_words
from .snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

# So many of the best by words are asked for quotations to the letter, before all are.
_FIRST_ASKED = 4_096
# What the postings of a word cost for each paragraph that is looked up in them.
_LOOKED_UP = 4


def search(snapshot: Snapshot, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match, and read the best of them, best first."""
    budget = Budget()
    shares = zip(snapshot.segments, budget.shares(len(snapshot.segments)), strict=True)
    found = [segment.keep_live(match(query.tree, segment, share)) for segment, share in shares]
    matched = Matched(found, snapshot.collection.bases)
    if not matched.count:
        return Matches(0, (), True, budget.is_exceeded)
    run = Search(snapshot, query, snapshot.weigh(query), matched, budget)
    best = _search_ranked(run, wanted) if wanted.sort is None else _search_sorted(run, wanted)
    return replace(best, partial=budget.is_exceeded)


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
        # The best are paragraphs of too few posts. If all of them are, that is known at once.
        best = total if _count_posts(run) <= wanted.limit else 4 * best


def _count_posts(run: Search) -> int:
    """How many posts the matches are of."""
    counts = 0
    for live, found in zip(run.snapshot.segments, run.matched.segments, strict=True):
        posts = live.segment.post_numbers(found.numbers)
        counts += int(np.count_nonzero(np.diff(posts))) + bool(len(posts))
    return counts


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
    leaves = [leaf for leaf in iter_leaves(run.query.tree) if isinstance(leaf, Phrase)]
    quoted = [leaf.quoted for leaf in leaves if leaf.quoted is not None]
    if not quoted:
        rows = _rank_by_words(run, best)
        return rows, np.zeros(len(rows), np.int64)
    count = run.matched.count
    rows = _rank_by_words(run, max(best, _FIRST_ASKED))
    counts = _count_exact(run, rows, quoted, best)
    # Until so many hold them all, others that hold more of them may come behind.
    if (counts == len(quoted)).sum() < best and len(rows) < count:
        work = _LOOKED_UP * count * max(len(run.terms.words.weights), 1)
        if run.budget.spend(work):
            rows = _rank_by_words(run, count)
            counts = _count_exact(run, rows, quoted, best)
    ranked = np.argsort(-counts, kind="stable")[:best]
    return rows.take(ranked), counts[ranked]


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


def _count_exact(run: Search, rows: Rows, quoted: Sequence[str], best: int) -> NDArray[np.int64]:
    """How many quotations each of some rows holds to the letter."""
    # Most queries quote nothing.
    from .exactness import count_exact

    segments = run.snapshot.segments
    return count_exact(segments, rows.homes, rows.numbers, quoted, best, run.budget)


def _first_of_posts(snapshot: Snapshot, rows: Rows) -> NDArray[np.intp]:
    """Places of the first paragraph of each post."""
    posts = np.zeros(len(rows), np.int64)
    for home, here in rows.by_segment():
        posts[here] = snapshot.segments[home].segment.post_numbers(rows.numbers[here])
    keys = rows.homes << 32 | posts
    by_post = np.argsort(keys, kind="stable")
    is_first = np.append(True, np.diff(keys[by_post]) != 0)[: len(keys)]
    return np.sort(by_post[is_first])


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

    def files(self) -> Iterator[IndexedFile]:
        """Give the file of each, in their order."""
        snapshot = self._run.snapshot
        for home, number in zip(self._homes, self._numbers, strict=True):
            segment = snapshot.segments[home].segment
            yield snapshot.latest(segment.page(segment.page_of(segment.post_of(number))))
