"""One search of a snapshot: what matches, its scores of both rankings, and the order of equals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.folding import fold_codes
from ..query import Query
from ..ranking import WEIGHTS, Floats
from .budget import Budget
from .full_score import Candidates, score_fully
from .matching import Matched
from .measuring import Texts
from .places import have_ties, in_order
from .scoring import Scored
from .snapshot import QueryTerms, Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Rows:
    """Paragraphs with their scores of the first ranking: their segments, their numbers there."""

    def __init__(
        self, scored: Scored, homes: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> None:
        self.scored, self.homes, self.numbers = scored, homes, numbers

    def __len__(self) -> int:
        return len(self.homes)

    def take(self, places: NDArray[np.intp] | slice) -> Rows:
        """Some of them."""
        return Rows(self.scored.take(places), self.homes[places], self.numbers[places])

    def by_segment(self) -> list[tuple[int, NDArray[np.intp]]]:
        """Each segment that has any of the rows, and the places of its rows."""
        return [(home, (self.homes == home).nonzero()[0]) for home in set(self.homes.tolist())]


@dataclass(frozen=True)
class Search:
    """One search: the query, its terms, and what matches."""

    snapshot: Snapshot
    query: Query
    terms: QueryTerms
    matched: Matched
    budget: Budget

    def rows(self, scored: Scored) -> Rows:
        """Scored paragraphs with their segments."""
        collection = self.snapshot.collection
        homes = collection.home_of(scored.ids)
        return Rows(scored, homes, scored.ids - collection.bases[homes])

    def order(self, rows: Rows, *keys: NDArray[Any]) -> NDArray[np.intp]:
        """Positions of rows in ascending order of some keys, equal ones by their path and line."""
        ranked = in_order(keys)
        if not have_ties(keys, ranked):
            return ranked
        places = self.snapshot.places
        posts = places.posts(rows.homes, rows.numbers)
        lines = places.lines(rows.homes, rows.numbers)
        return in_order((*keys, places.ranks(rows.homes, posts), lines, rows.scored.ids))


def score(run: Search, rows: Rows) -> Floats:
    """The parts of the full scores of some paragraphs, each with its weight, one row a part."""
    if not len(rows):
        return np.zeros((len(WEIGHTS), 0))
    native = run.snapshot.native
    read = native.read(rows.homes, rows.numbers) if native else _read_texts(run.snapshot, rows)
    words = rows.scored.words / max(run.terms.words_total, 1e-9)
    return score_fully(words, read, run.terms.units, run.terms.pairs, run.query.runs)


def _read_texts(snapshot: Snapshot, rows: Rows) -> Candidates:
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
