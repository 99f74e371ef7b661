"""Query + a column + index of a cluster -> Matches: posts with the highest numbers first.

The cluster puts posts in their order, by number, path and place; then all matches of those that
are wanted are read, and the best of each comes first. So no order depends on how many are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...query import Query
from ...ranking import WINDOW, Floats
from ..base import Matches, Wanted
from ..full_score import PARTS
from .asking import OpenIndex
from .documents import StoredParagraph
from .retrieval import LAST_KEYS, MOST_AT_ONCE, Best, Row, Search, score

Body = dict[str, Any]
# The matches of so many posts are read together, so many documents at once.
_POSTS = 500
_DOCUMENTS = 1_000


def search_sorted(index: OpenIndex, query: Query, wanted: Wanted) -> Matches:
    """Find all paragraphs that match; those of the posts with the highest numbers come first.

    Unknown numbers come last, equal ones by their paths.
    """
    run = Search(index, query)
    total, posts = _find_posts(run, wanted)
    rows = [row for row in _read_posts(run, posts) if row.post in posts]
    parts = np.zeros((len(PARTS), len(rows)))
    parts[:-1] = score(run, rows)
    ranked = _order(run, posts, rows, parts.sum(axis=0))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.post] = counts.get(row.post, 0) + 1
    if wanted.by_post:
        firsts: dict[str, int] = {}
        for at in ranked:
            firsts.setdefault(rows[at].post, at)
        ranked = list(firsts.values())
    shown = Best(run, [rows[at] for at in ranked], parts[:, ranked], wanted.by_post, counts)
    return Matches(total, shown, len(rows) >= total, run.partial)


def _order(run: Search, posts: Mapping[str, int], rows: Sequence[Row], scores: Floats) -> list[int]:
    """Places of results by their posts, the best of each post first."""
    best_first = run.order(rows, scores)
    return sorted(best_first, key=lambda at: posts[rows[at].post])


def _find_posts(run: Search, wanted: Wanted) -> tuple[int, dict[str, int]]:
    """How many paragraphs match, and the posts of those that come first, numbered in order."""
    found, posts = 0, dict[str, int]()
    body: Body = {
        "size": WINDOW,
        "track_total_hits": True,
        "query": {"bool": {"filter": [run.filter]}},
        "sort": [{wanted.sort: {"order": "desc", "missing": "_last"}}, *LAST_KEYS],
        "_source": False,
        "docvalue_fields": ["post"],
    }
    total = -1
    while True:
        (answer,) = run.ask(body)
        hits = answer["hits"]["hits"]
        if total < 0:
            total = answer["hits"]["total"]["value"]
        for hit in hits:
            found += 1
            posts.setdefault(hit["fields"]["post"][0], len(posts))
            if (len(posts) if wanted.by_post else found) >= wanted.limit:
                return total, posts
        if len(hits) < body["size"]:
            return total, posts
        body |= {
            "size": MOST_AT_ONCE,
            "track_total_hits": False,
            "search_after": hits[-1]["sort"],
        }


def _read_posts(run: Search, posts: Mapping[str, int]) -> Iterator[Row]:
    """Read all matching paragraphs of some posts."""
    names = list(posts)
    for begin in range(0, len(names), _POSTS):
        some = {"terms": {"post": names[begin : begin + _POSTS]}}
        body: Body = {
            "size": _DOCUMENTS,
            "track_total_hits": False,
            "query": {"bool": {"filter": [some, run.filter]}},
            "sort": [*LAST_KEYS],
        }
        while True:
            (answer,) = run.ask(body)
            hits = answer["hits"]["hits"]
            for hit in hits:
                run.read[hit["_id"]] = StoredParagraph(hit["_source"])
                yield Row(hit["_id"], hit["_source"]["post"])
            if len(hits) < _DOCUMENTS:
                break
            body["search_after"] = hits[-1]["sort"]
