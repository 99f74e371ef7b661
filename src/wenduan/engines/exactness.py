"""Ranked paragraphs + quotations -> how many of these each holds to the letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.runs import make_runs
from .budget import Budget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .live import LiveSegment

# Paragraphs whose texts are read together, at first and at most.
_FEW, _MANY = 256, 4_096
# To look for quotations in a text takes so many times as long as to read it.
_READINGS = 3


def count_exact(
    segments: Sequence[LiveSegment],
    homes: NDArray[np.int64],
    numbers: NDArray[np.int64],
    quoted: Sequence[str],
    best: int,
    budget: Budget,
) -> NDArray[np.int64]:
    """Of each paragraph, how many of some folded quotations it holds with their very punctuation.

    Paragraphs are given by their segments and their numbers there. What comes behind the first
    `best` that hold all of them, and what the budget is not enough for, counts as none.
    """
    wanted, runs = Counter(quoted), make_runs(set(quoted))
    counts = np.zeros(len(homes), np.int64)
    begin, size, full = 0, _FEW, 0
    while begin < len(homes) and full < best:
        here = slice(begin, begin + size)
        for home in sorted(set(homes[here].tolist())):
            places = begin + (homes[here] == home).nonzero()[0]
            segment, asked = segments[home], numbers[places]
            chars = segment.count_chars(asked)
            if not budget.spend(chars * _READINGS):
                return counts
            texts = segment.read_texts(asked, folded=True)
            for place, text in zip(places.tolist(), texts.each(), strict=True):
                found = {text[begin:end] for begin, end in runs.ranges(text)}
                counts[place] = sum(wanted[one] for one in found)
        full += int((counts[here] == len(quoted)).sum())
        begin, size = begin + size, min(2 * size, _MANY)
    return counts
