"""Segments as the compiled loops read them: the first ranking, and what the second one reads."""

from __future__ import annotations

from functools import cached_property, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.expanding import expand_sign, is_sign
from ..analysis.folding import compiled_folds
from ..ranking import K1, B
from .collection import Collection
from .full_score import Candidates
from .matching import Ids, Matched
from .measuring import Texts
from .scoring import Scored, Terms, count_short
from .segment import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Native:
    """A collection's segments, ready for the compiled loops. Safe to share among threads."""

    def __init__(self, loops: ModuleType, collection: Collection, segments: list[Segment]) -> None:
        self._loops, self._collection, self._segments = loops, collection, segments

    def rank(self, matched: Matched, words: Terms, pairs: Terms, best: int) -> Scored | None:
        """As scoring.score_words, of more than `best` that match; None if that must do it."""
        collection = self._collection
        rows = self._loops.rank(
            [segment.compiled_postings for segment in self._segments],
            [found.mask.view(np.uint8) for found in matched.segments],
            collection.bases,
            words.numbers,
            words.weights,
            count_short(words, int(collection.bases[-1])),
            pairs.numbers,
            pairs.weights,
            *self._bm25,
            np.empty(best),
        )
        if rows is None:
            return None
        ids = np.frombuffer(rows, np.int64)[::3]
        by_id = ids.argsort()
        total, by_pairs = np.frombuffer(rows, np.float64).reshape(-1, 3)[by_id, 1:].T
        return Scored(ids[by_id], total, total - by_pairs)

    @cached_property
    def _bm25(self) -> tuple[Any, Any]:
        means = self._collection.mean_words, self._collection.mean_units
        by_words, by_units = (self._loops.Bm25(K1 + 1, K1 * (1 - B), K1 * B / m) for m in means)
        return by_words, by_units

    def read(self, homes: NDArray[np.int64], numbers: Ids) -> Candidates:
        """Read paragraphs, given by their segments and their numbers there."""
        size = len(homes)
        rows, texts = np.empty((4, size), np.int64), np.empty((2, 3 * size), np.int64)
        folding = _folding(self._loops)
        stored = [segment.compiled_texts for segment in self._segments]
        codes, count = self._loops.read_texts(stored, homes, numbers, folding, rows, texts)
        lengths, units = texts[:, :count]
        norms = self._collection.unit_norms(units)
        return Candidates(
            Texts(np.frombuffer(codes, np.uint32), lengths), norms, units, np.arange(size), *rows
        )


@lru_cache(1)
def _folding(loops: ModuleType) -> Any:
    signs, plain = is_sign().view(np.uint8), np.zeros(0x10000, np.uint32)
    return loops.Folding(compiled_folds(), signs, expand_sign, plain)


def open_native(
    loops: ModuleType | None, collection: Collection, segments: list[Segment]
) -> Native | None:
    """Make segments ready; None where there are no loops."""
    return None if loops is None else Native(loops, collection, segments)
