"""Units in a row, or any characters, looked for in many folded texts together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .characters import HAN, WORD, kinds_of
from .folding import Codes, to_codes, to_text
from .units import row_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .runs import Runs

_LINE_BREAK, _BRACKET = map(ord, "\n[")
_CITATION = re.compile(r"\[\d{1,3}\]")


class FoldedTexts:
    """Folded texts, one behind the other, each with a zero behind it."""

    def __init__(self, codes: Codes, ends: NDArray[np.int64]) -> None:
        """The code points of all, and where the zero behind each text stands."""
        self._codes, self._ends = codes, ends.tolist()

    @cached_property
    def text(self) -> str:
        """All of them as one text."""
        return to_text(self._codes)

    def holding(self, units: Sequence[str]) -> set[int]:
        """Numbers of the texts that hold some units in a row, gaps or not.

        All citations count as units, or none does.
        """
        found = set(self._iter_rows(self._letters, units, citations=True))
        if "[" in self.text and self._letters_uncited is not self._letters:
            found.update(self._iter_rows(self._letters_uncited, units, citations=False))
        return found

    def holding_text(self, wanted: str) -> set[int]:
        """Numbers of the texts that hold a text, which is not empty, as it stands."""
        found = set()
        at = self.text.find(wanted)
        while at >= 0:
            number = bisect_right(self._ends, at)
            end = self._ends[number]
            if at + len(wanted) <= end:
                found.add(number)
            at = self.text.find(wanted, end)
        return found

    def holding_any(self, runs: Runs) -> set[int]:
        """Numbers of the texts that hold any of some rows of Han characters, gaps or not."""
        found = {at for at, text in self._iter_letters(self._letters) if runs.any_in(text)}
        if "[" in self.text and self._letters_uncited is not self._letters:
            rows = self._iter_letters(self._letters_uncited)
            found.update(at for at, text in rows if at not in found and runs.any_in(text))
        return found

    def each(self) -> Iterator[str]:
        """Each of the texts."""
        begin = 0
        for end in self._ends:
            yield self.text[begin:end]
            begin = end + 1

    def _iter_letters(self, letters: tuple[str, NDArray[np.intp]]) -> Iterator[tuple[int, str]]:
        """Each text without gaps, with its number."""
        compact, places = letters
        begin = 0
        for at, end in enumerate(places.searchsorted(self._ends).tolist()):
            yield at, compact[begin:end]
            begin = end + 1

    @cached_property
    def with_breaks(self) -> set[int]:
        """Numbers of the texts with what may stand within a word: a line break, a citation."""
        places = ((self._codes == _LINE_BREAK) | (self._codes == _BRACKET)).nonzero()[0]
        return set(np.searchsorted(self._ends, places).tolist())

    @cached_property
    def _letters(self) -> tuple[str, NDArray[np.intp]]:
        """All that units are made of and the zeros, without gaps, and where each of it stands."""
        return self._without_gaps(np.zeros(0, np.int64))

    @cached_property
    def _letters_uncited(self) -> tuple[str, NDArray[np.intp]]:
        """The same without the numbers of citations."""
        spans = [match.span() for match in _CITATION.finditer(self.text)]
        if not spans:
            return self._letters
        return self._without_gaps(np.concatenate([np.arange(*span) for span in spans]))

    def _without_gaps(self, left_out: NDArray[np.int64]) -> tuple[str, NDArray[np.intp]]:
        kinds = kinds_of(self._codes)
        kept = (kinds == HAN) | (kinds == WORD) | (self._codes == 0)
        kept[left_out] = False
        return to_text(self._codes[kept]), kept.nonzero()[0]

    def _iter_rows(
        self, letters: tuple[str, NDArray[np.intp]], units: Sequence[str], citations: bool
    ) -> Iterator[int]:
        """Texts that hold the letters of a row of units; whether they do so as units is asked."""
        compact, places = letters
        wanted = "".join(char for unit in units for char in unit if char.isalnum())
        at = compact.find(wanted)
        while at >= 0:
            place = int(places[at])
            number = bisect_right(self._ends, place)
            end = row_at(self.text, place, units, citations)
            if end is None or end > self._ends[number]:
                at = compact.find(wanted, at + 1)
                continue
            yield number
            # One is enough: on with the next text.
            at = compact.find(wanted, int(places.searchsorted(self._ends[number])))


def fold_texts(texts: Sequence[str]) -> FoldedTexts:
    """Put folded texts together; none of them has a zero within."""
    codes = to_codes("\0".join([*texts, ""]))
    return FoldedTexts(codes, np.cumsum([len(text) + 1 for text in texts]) - 1)
