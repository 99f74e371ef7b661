"""Query + snapshot -> Matches: match, rank by words, rank the best anew by the full score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..analysis import is_han
from ..query import Phrase, Query, iter_leaves
from ..ranking import WINDOW, Floats, order
from .base import Match, Matches
from .live import LiveSegment
from .matching import Numbers, find_held, match
from .scoring import score_texts, score_tokens, score_words
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
    return Matches(sum(map(len, matched)), _read(snapshot, best))


def _best(
    snapshot: Snapshot, query: Query, matched: Sequence[Numbers], best: int
) -> tuple[_Rows, NDArray[np.int64]]:
    """The best by words, and how many quotations each holds to the letter."""
    leaves = iter_leaves(query.tree)
    quoted = [leaf for leaf in leaves if isinstance(leaf, Phrase) and leaf.quoted is not None]
    # Before it is known how many quotations each holds exactly, none can be left out.
    rows = _rank_by_words(snapshot, query, matched, snapshot.size if quoted else best)
    if quoted:
        return _exact_first(snapshot, rows, quoted, best)
    return rows, np.zeros(len(rows), np.int64)


def _rank_by_words(
    snapshot: Snapshot, query: Query, matched: Sequence[Numbers], best: int
) -> _Rows:
    words = snapshot.weighted("words", query.words)
    parts = [_Rows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    floor = 0.0
    for home, (segment, row) in enumerate(zip(snapshot.segments, matched, strict=True)):
        if len(row):
            numbers, scores = score_words(segment, row, words, best, floor)
            numbers, scores = _cut(numbers, scores, best)
            parts.append(_Rows(np.full(len(numbers), home), numbers.astype(np.int64), scores))
            floor = _floor([part.scores for part in parts], best)
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
    least = np.partition(scores, len(scores) - best)[len(scores) - best]
    # Of those that share the lowest score, the first win.
    above, ties = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    kept = np.sort(np.concatenate([above, ties[: best - len(above)]]))
    return numbers[kept], scores[kept]


def _floor(scores: Sequence[Floats], best: int) -> float:
    """The score that the best so far reach, 0 where there are fewer."""
    joined = np.concatenate(scores)
    if len(joined) < best:
        return 0.0
    return float(np.partition(joined, len(joined) - best)[len(joined) - best])


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
    units = snapshot.weighted("units", query.units)
    pairs = snapshot.weighted("pairs", query.pairs)
    tokens = [unit for unit in units if not is_han(unit.term)]
    scores = np.zeros(len(rows))
    for segment, here in _by_segment(snapshot, rows):
        numbers = rows.numbers[here]
        norms = segment.unit_norms[numbers]
        codes, lengths = segment.segment.text_codes(numbers)
        scores[here] = score_texts(codes, lengths, norms, units, pairs)
        for token in tokens:
            counts = _count_token(segment, numbers, token.term)
            scores[here] += score_tokens(counts, token.weight, norms)
    return scores


def _by_segment(snapshot: Snapshot, rows: _Rows) -> Iterator[tuple[LiveSegment, NDArray[np.intp]]]:
    """Give each segment that has any of the rows, and the places of its rows."""
    for home in sorted(set(rows.homes.tolist())):
        yield snapshot.segments[home], np.flatnonzero(rows.homes == home)


def _count_token(segment: LiveSegment, numbers: Numbers, token: str) -> list[int]:
    """How often each of some paragraphs holds a Latin word or a number."""
    held = find_held(numbers, segment.numbers("units", token)).tolist()
    rows = zip(numbers.tolist(), held, strict=True)
    return [segment.evidence(number).token_counts[token] if has else 0 for number, has in rows]


def _read(snapshot: Snapshot, rows: _Rows) -> list[Match]:
    matches = []
    for home, number, score in zip(
        rows.homes.tolist(), rows.numbers.tolist(), rows.scores.tolist(), strict=True
    ):
        segment = snapshot.segments[home].segment
        file = snapshot.latest(segment.page(segment.page_of(number)))
        matches.append(Match(score, segment.entry(number), file))
    return matches
