"""Tokens of many texts -> one row with a space behind each, whose slices are the streams of texts.

A row is an array of characters, so that nothing is done in Python for each token.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...analysis.batch import Numbers
from ...analysis.folding import to_codes, to_text
from ..arrays import ranges


class Row:
    """Tokens in a row; numbers of tokens count from 0, and one more than the last is the end."""

    def __init__(self, lengths: Numbers, spelt: Numbers, texts: Sequence[str]) -> None:
        """`lengths` are in characters. Tokens at the places `spelt` are `texts`; the characters
        of all others have to be written.
        """
        self._starts = np.concatenate([[0], np.cumsum(lengths + 1)])
        self._codes = np.full(int(self._starts[-1]), ord(" "), np.uint32)
        self._codes[ranges(self._starts[spelt], lengths[spelt])] = to_codes("".join(texts))

    def write(self, tokens: NDArray[Any], place: int, codes: NDArray[Any] | int) -> None:
        """Write a character into each of some tokens, at a place within them, from 0."""
        self._codes[self._starts[:-1][tokens] + place] = codes

    def finish(self) -> None:
        """All is written."""
        self._text = to_text(self._codes)

    def slices(self, begins: Numbers, ends: Numbers) -> list[str]:
        """The tokens from each of some on, and below others, with single spaces between them."""
        text = self._text
        places = zip(self._starts[begins].tolist(), self._starts[ends].tolist(), strict=True)
        # The space behind the last one is left out; where there is none, `end` may be 0.
        return [text[begin : end and end - 1] for begin, end in places]


def parts(rows: Sequence[Any], ends: Sequence[int]) -> list[Sequence[Any]]:
    """The parts of a sequence that end before some places."""
    return [rows[begin:end] for begin, end in pairwise([0, *ends])]
