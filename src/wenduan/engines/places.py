"""Where paragraphs stand: the paths and lines by which equal results are ordered.

Numbers of paragraphs tell when a page was indexed; its path and line are the same in any index of
the same files.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .live import LiveSegment
from .matching import Ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

# So few pages are compared by themselves; for more, the paths of all are put in order once.
_FEW = 256


class Places:
    """Paths and lines of the paragraphs of some segments. Safe to share among threads."""

    def __init__(self, segments: Sequence[LiveSegment]) -> None:
        self._segments = segments

    def lines(self, homes: NDArray[np.int64], numbers: Ids) -> NDArray[np.int64]:
        """Lines, from 1, of paragraphs given by their segments and their numbers there."""
        return self._column("paragraph_line", homes, numbers)

    def posts(self, homes: NDArray[np.int64], numbers: Ids) -> NDArray[np.int64]:
        """Numbers of the posts of paragraphs, each within its segment."""
        return self._column("paragraph_post", homes, numbers)

    def ranks(self, homes: NDArray[np.int64], posts: Ids) -> NDArray[np.int64]:
        """Numbers that order posts as their paths do; those of one path have the same one."""
        pages = self._column("post_page", homes, posts)
        distinct = {*zip(homes.tolist(), pages.tolist(), strict=True)}
        if "_all_ranks" not in self.__dict__ and len(distinct) <= _FEW:
            return self._ranks_among(distinct, homes, pages)
        ranks = np.zeros(len(homes), np.int64)
        for home in set(homes.tolist()):
            here = homes == home
            ranks[here] = self._all_ranks[home][pages[here]]
        return ranks

    def _ranks_among(
        self, distinct: set[tuple[int, int]], homes: NDArray[np.int64], pages: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        paths = {(home, page): self._segments[home].path(page) for home, page in distinct}
        rank_of = {path: rank for rank, path in enumerate(sorted(set(paths.values())))}
        rows = zip(homes.tolist(), pages.tolist(), strict=True)
        return np.array([rank_of[paths[row]] for row in rows], np.int64)

    @cached_property
    def _all_ranks(self) -> list[NDArray[np.int64]]:
        """For each segment, the rank of each page's path among those of all pages."""
        paths = [segment.paths() for segment in self._segments]
        every = sorted({path for row in paths for path in row})
        rank_of = {path: rank for rank, path in enumerate(every)}
        return [np.array([rank_of[path] for path in row], np.int64) for row in paths]

    def _column(self, name: str, homes: NDArray[np.int64], numbers: Ids) -> NDArray[np.int64]:
        values = np.zeros(len(homes), np.int64)
        for home in set(homes.tolist()):
            here = homes == home
            values[here] = self._segments[home].segment.file[name].take(numbers[here])
        return values


def in_order(keys: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    """Positions in ascending order of some keys, the weightiest first."""
    return np.lexsort(keys[::-1])


def have_ties(keys: Sequence[NDArray[Any]], ranked: NDArray[np.intp]) -> bool:
    """Tell whether some neighbours of an order agree in all keys."""
    same = np.ones(max(len(ranked) - 1, 0), bool)
    for key in keys:
        ordered = key[ranked]
        same &= ordered[1:] == ordered[:-1]
    return bool(same.any())
