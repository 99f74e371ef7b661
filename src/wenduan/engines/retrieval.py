"""Query + snapshot -> Matches: match, rank by words, rank the best anew by the full score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis import is_han
from ..analysis.folding import fold_codes
from ..query import Phrase, Query, iter_leaves
from ..ranking import WINDOW, Floats, order
from .base import Match, Matches
from .matching import Found, Numbers, match
from .scoring import Texts, least_of_best, score_texts, score_token, score_words
from .snapshot import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class _Rows:
    """Paragraphs: which segment, which number in it, and the score of each."""

    homes: NDArray[np.int64]
    numbers: NDArray[np.int64]
    scores: Floats

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, places: NDArray[np.intp] | slice) -> _Rows:
        return _Rows(self.homes[places], self.numbers[places], self.scores[places])


def search(snapshot: Snapshot, query: Query, limit: int) -> Matches:
    """Find all paragraphs that match, and read the best `limit` of them, best first."""
    matched = [segment.keep_live(match(query.tree, segment)) for segment in snapshot.segments]
    rows, tiers = _best(snapshot, query, matched, max(limit, WINDOW))
    head = rows.take(slice(0, WINDOW))
    scores = rows.scores.copy()
    scores[:WINDOW] += _rest(snapshot, query, head)
    places = np.arange(len(rows))
    places[:WINDOW] = order(tiers[:WINDOW], scores[:WINDOW])
    best = _Rows(rows.homes, rows.numbers, scores).take(places[:limit])
    return Matches(sum(found.count for found in matched), _read(snapshot, best))


def _best(
    snapshot: Snapshot, query: Query, matched: Sequence[Found], best: int
) -> tuple[_Rows, NDArray[np.int64]]:
    """The best by words, and how many quotations each holds to the letter."""
    leaves = iter_leaves(query.tree)
    quoted = [leaf for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted is not None]
    # Before it is known how many quotations each holds exactly, none can be left out.
    rows = _rank_by_words(snapshot, query, matched, snapshot.size if quoted else best)
    if quoted:
        return _exact_first(snapshot, rows, quoted, best)
    return rows, np.zeros(len(rows), np.int64)


def _rank_by_words(snapshot: Snapshot, query: Query, matched: Sequence[Found], best: int) -> _Rows:
    found, weights = snapshot.find_words(query.words)
    parts = [_Rows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    floor = 0.0
    for home, (segment, row) in enumerate(zip(snapshot.segments, matched, strict=True)):
        if row.count:
            known = found[home] >= 0
            words = found[home][known], weights[known]
            numbers, scores = score_words(segment, row, *words, best, floor)
            numbers, scores = _cut(numbers, scores, best)
            parts.append(_Rows(np.full(len(numbers), home), numbers.astype(np.int64), scores))
            floor = least_of_best(np.concatenate([part.scores for part in parts]), best)
    rows = _Rows(
        np.concatenate([part.homes for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
    return rows.take(np.argsort(-rows.scores, kind="stable")[:best])


def _cut(numbers: Numbers, scores: Floats, best: int) -> tuple[Numbers, Floats]:
    """The best of a row, in the order of their numbers."""
    if len(numbers) <= best:
        return numbers, scores
    least = least_of_best(scores, best)
    # Of those that share the lowest score, the first win.
    above, ties = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    kept = np.sort(np.concatenate([above, ties[: best - len(above)]]))
    return numbers[kept], scores[kept]


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


def _rest(snapshot: Snapshot, query: Query, rows: _Rows) -> Floats:
    """What units and pairs add to the scores of some paragraphs."""
    scores = np.zeros(len(rows))
    if not len(rows):
        return scores
    units = snapshot.weigh_units(query.units)
    pairs = snapshot.weigh_pairs(query.pairs)
    places, texts = _read_texts(snapshot, rows)
    scores[places] = score_texts(texts, units, pairs)
    for token in units:
        if not is_han(token.term):
            scores[places] += score_token(texts, token)
    return scores


def _read_texts(snapshot: Snapshot, rows: _Rows) -> tuple[NDArray[np.intp], Texts]:
    """The texts of some paragraphs, segment by segment, and the place of each in the rows."""
    parts = []
    for home in sorted(set(rows.homes.tolist())):
        here, segment = np.flatnonzero(rows.homes == home), snapshot.segments[home]
        numbers = rows.numbers[here]
        parts.append((here, *segment.segment.text_codes(numbers), segment.unit_norms[numbers]))
    places, codes, lengths, norms = (np.concatenate(part) for part in zip(*parts, strict=True))
    return places, Texts(fold_codes(codes), lengths, norms)


def _read(snapshot: Snapshot, rows: _Rows) -> list[Match]:
    matches = []
    for home, number, score in zip(
        rows.homes.tolist(), rows.numbers.tolist(), rows.scores.tolist(), strict=True
    ):
        segment = snapshot.segments[home].segment
        file = snapshot.latest(segment.page(segment.page_of(number)))
        matches.append(Match(score, segment.entry(number), file))
    return matches
