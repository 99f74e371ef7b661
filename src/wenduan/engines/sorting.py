"""Matches + a column -> posts with the highest numbers first, each with its best paragraph first.

What comes first depends on no limit: posts are ordered by their number, path and line, and only
then the paragraphs of those that are wanted are scored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..ranking import Floats, compared
from .full_score import PARTS
from .matching import Ids
from .one_search import Rows, Search, score
from .places import in_order
from .scoring import look_up

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Posts(NamedTuple):
    """Posts that have matches: segments, numbers there, values of the column, first lines.

    Their matches lie from `begins` to `ends` among all matches of the index.
    """

    homes: NDArray[np.int64]
    numbers: NDArray[np.int64]
    values: NDArray[np.int64]
    lines: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    def take(self, places: NDArray[np.intp]) -> _Posts:
        return _Posts(*(column[places] for column in self))


def sort_posts(run: Search, column: str, limit: int, window: int) -> tuple[Rows, Floats, Ids]:
    """All matching paragraphs of the posts that the first `limit` are of, in their order.

    Of each paragraph the parts of its score, see PARTS, and the number of its post in the order
    of posts. Within a post, `window` paragraphs get the full score, as in ranking.
    """
    posts = _highest(run, _posts(run, column), limit)
    sizes = posts.ends - posts.begins
    of_posts = np.repeat(np.arange(len(sizes)), sizes)
    places = np.arange(len(of_posts)) + np.repeat(posts.begins - (np.cumsum(sizes) - sizes), sizes)
    by_id = np.argsort(places)
    of_posts, ids = of_posts[by_id], run.matched.ids[places[by_id]]
    terms = run.terms
    rows = run.rows(look_up(run.snapshot.collection, ids, terms.words, terms.rare))
    return _rank_within(run, rows, of_posts, window)


def _posts(run: Search, column: str) -> _Posts:
    """The posts of all that matches, in the order of their numbers."""
    found, before = [], 0
    for home, matched in enumerate(run.matched.segments):
        numbers = matched.numbers
        if not len(numbers):
            continue
        segment = run.snapshot.segments[home].segment
        posts = segment.post_numbers(numbers)
        begins = np.flatnonzero(np.append(True, posts[1:] != posts[:-1]))
        lines = np.minimum.reduceat(segment.file["paragraph_line"].take(numbers), begins)
        values = segment.file[column].take(posts[begins])
        ends = np.append(begins[1:], len(posts))
        row = (np.full(len(begins), home), posts[begins], values, lines, begins, ends)
        found.append((*row[:4], begins + before, ends + before))
        before += len(numbers)
    return _Posts(*(np.concatenate(rows).astype(np.int64) for rows in zip(*found, strict=True)))


def _highest(run: Search, posts: _Posts, limit: int) -> _Posts:
    """Those of the highest values, unknown ones last, equal ones by path and line."""
    if limit < len(posts.values):
        least = np.partition(posts.values, -limit)[-limit]
        posts = posts.take(np.flatnonzero(posts.values >= least))
    ranks = run.snapshot.places.ranks(posts.homes, posts.numbers)
    return posts.take(in_order((-posts.values, ranks, posts.lines, posts.begins))[:limit])


def _rank_within(
    run: Search, rows: Rows, of_posts: NDArray[np.int64], window: int
) -> tuple[Rows, Floats, Ids]:
    """Rows by their posts, within each of them as ranking has it."""
    first = compared(rows.scored.scores)
    lines = run.snapshot.places.lines(rows.homes, rows.numbers)
    ranked = in_order((of_posts, -first, lines, rows.scored.ids))
    rows, of_posts, first, lines = rows.take(ranked), of_posts[ranked], first[ranked], lines[ranked]
    place = np.arange(len(rows)) - np.searchsorted(of_posts, of_posts)
    head, rest = np.flatnonzero(place < window), np.flatnonzero(place >= window)
    parts = np.zeros((len(PARTS), len(rows)))
    parts[:-1, head] = score(run, rows.take(head))
    scores = parts.sum(axis=0)
    if len(rest):
        # As in ranking: those behind have only their first score, and never more.
        least = np.full(len(rows), np.inf)
        np.minimum.at(least, of_posts[head], scores[head])
        total = max(run.terms.words_total + run.terms.rare_total, 1e-9)
        parts[-1, rest] = np.minimum(rows.scored.scores[rest] / total, least[of_posts[rest]])
    ordered = np.where(place < window, compared(scores), first)
    ranked = in_order((of_posts, place >= window, -ordered, lines, rows.scored.ids))
    return rows.take(ranked), parts[:, ranked], of_posts[ranked]
