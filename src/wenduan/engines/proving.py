"""Candidates + their texts -> those that hold a phrase or a literal: postings only say they may."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..analysis.runs import Runs, make_runs
from ..query import Literal, Phrase
from ..query.proof import Evidence
from .budget import Budget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis.rows import FoldedTexts

# Numbers of paragraphs within a segment, ascending, of any unsigned type.
Numbers = np.ndarray[Any, np.dtype[Any]]
# Texts that are proven together; more would not be quicker.
_MANY_TEXTS = 2_048
# What one text costs besides its characters, and what asking it for itself does.
_TEXT = 50
_ASKED = 2_000
# If one paragraph in so many is asked for, all are read as they lie in the file, which is as many
# times as quick.
_SCANNED = 4


class Texts(Protocol):
    """What proof asks of a segment: postings of words, and the texts of paragraphs."""

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the paragraphs that hold a term, ascending."""

    def count_chars(self, numbers: Numbers) -> int:
        """About how many characters the texts of some paragraphs have."""

    def read_texts(self, numbers: Numbers, *, folded: bool) -> FoldedTexts:
        """The texts of some paragraphs, folded or as they stand, signs written out."""

    size: int

    def scan(self, text: str) -> Numbers | None:
        """Numbers of all paragraphs whose text holds a text; None where that must be asked of each.

        Costs a quarter of what it costs to ask each.
        """

    def evidence(self, number: int) -> Evidence:
        """The text of a paragraph, ready to be asked."""


def prove(
    leaf: Phrase | Literal, candidates: Numbers, texts: Texts, budget: Budget, unproven: bool
) -> Numbers:
    """Those of the candidates that hold a leaf; `unproven` tells what becomes of those for which
    the budget is not enough.
    """
    if not len(candidates) or not _needs_proof(leaf):
        return candidates
    proof = _Proof(texts, budget, unproven)
    if isinstance(leaf, Literal):
        holds = proof.holds_text(candidates, leaf.text)
    elif leaf.run is None:
        holds = proof.holds_row(candidates, leaf.units)
    else:
        holds = proof.holds_run(candidates, leaf, leaf.run)
    proven: Numbers = candidates[holds]
    return proven


def prove_any(
    runs: Sequence[str], candidates: Numbers, texts: Texts, budget: Budget, unproven: bool
) -> Numbers:
    """Those of the candidates that hold any of some rows of Han characters, gaps or not."""
    proof, made = _Proof(texts, budget, unproven), make_runs(runs)
    proven: Numbers = candidates[proof.holds_any(candidates, made)]
    return proven


def _needs_proof(leaf: Phrase | Literal) -> bool:
    """Tell whether a leaf's terms may all stand in a paragraph, but somewhere else."""
    if isinstance(leaf, Literal):
        return len(leaf.text) > 1
    return len(leaf.units) > 2


class _Proof:
    """Asks texts, as long as the budget allows it."""

    def __init__(self, texts: Texts, budget: Budget, unproven: bool) -> None:
        self._texts, self._budget, self._unproven = texts, budget, unproven

    def holds_text(self, numbers: Numbers, text: str) -> NDArray[np.bool_]:
        """Which of some paragraphs hold a text as it stands."""
        if len(numbers) * _SCANNED > self._texts.size:
            chars = self._texts.count_chars(numbers)
            if self._budget.spend(chars // _SCANNED):
                found = self._texts.scan(text)
                if found is not None:
                    return find_held(numbers, found)
        return self._ask(numbers, lambda read: read.holding_text(text), folded=False)

    def holds_row(self, numbers: Numbers, units: Sequence[str]) -> NDArray[np.bool_]:
        """Which of some paragraphs hold some units in a row, whatever gaps part them."""
        return self._ask(numbers, lambda read: read.holding(units), folded=True)

    def holds_any(self, numbers: Numbers, runs: Runs) -> NDArray[np.bool_]:
        """Which of some paragraphs hold any of some rows of Han characters."""
        return self._ask(numbers, lambda read: read.holding_any(runs), folded=True)

    def holds_run(self, numbers: Numbers, leaf: Phrase, run: str) -> NDArray[np.bool_]:
        """Which of some paragraphs hold a phrase of Han characters."""
        # Where the segmenter cut this very word, there is no doubt.
        holds = find_held(numbers, self._texts.numbers("words", run))
        rest = (~holds).nonzero()[0]
        if leaf.loose:
            holds[rest] = self.holds_any(numbers[rest], make_runs([run]))
            return holds
        parted = np.zeros(len(rest), bool)
        for here, read in self._iter_read(numbers[rest], folded=True):
            if read is None:
                holds[rest[here]] = self._unproven
                continue
            held = _marks(here, read.holding_text(run))
            holds[rest[here]] = held
            parted[here] = ~held & _marks(here, read.with_breaks)
        # What a citation or the end of a line parts is a word all the same.
        for at in rest[parted].tolist():
            enough = self._budget.spend(_ASKED)
            holds[at] = (
                self._texts.evidence(int(numbers[at])).holds(leaf) if enough else self._unproven
            )
        return holds

    def _ask(
        self, numbers: Numbers, ask: Callable[[FoldedTexts], set[int]], *, folded: bool
    ) -> NDArray[np.bool_]:
        holds = np.zeros(len(numbers), bool)
        for here, read in self._iter_read(numbers, folded=folded):
            holds[here] = self._unproven if read is None else _marks(here, ask(read))
        return holds

    def _iter_read(
        self, numbers: Numbers, *, folded: bool
    ) -> Iterator[tuple[slice, FoldedTexts | None]]:
        """Give the texts of paragraphs, a few thousand at a time; None for what is too much."""
        for begin in range(0, len(numbers), _MANY_TEXTS):
            here = slice(begin, min(begin + _MANY_TEXTS, len(numbers)))
            asked = numbers[here]
            if self._budget.spend(self._texts.count_chars(asked) + _TEXT * len(asked)):
                yield here, self._texts.read_texts(asked, folded=folded)
            else:
                yield here, None


def _marks(here: slice, held: set[int]) -> NDArray[np.bool_]:
    marks = np.zeros(here.stop - here.start, bool)
    marks[list(held)] = True
    return marks


def find_held(numbers: Numbers, row: Numbers) -> NDArray[np.bool_]:
    """Which of the numbers stand in a row."""
    return find_places(numbers, row)[1]


def find_places(numbers: Numbers, row: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where each of the numbers would stand in a row, and whether it does."""
    if not len(row):
        return np.zeros(len(numbers), np.int64), np.zeros(len(numbers), bool)
    wanted = numbers.astype(row.dtype, copy=False)
    places = row.searchsorted(wanted)
    places[places == len(row)] = 0
    return places, row[places] == wanted
