"""Ranked paragraphs + quotations -> how many of these each holds to the letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .budget import Budget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .live import LiveSegment

# Paragraphs whose texts are read together, at first and at most.
_FEW, _MANY = 256, 4_096
# So many quotations that are looked for in a text take the time of reading it.
_QUOTATIONS = 32
# What each quotation that is found costs.
_FOUND = 50


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
    wanted = Counter(quoted)
    counts = np.zeros(len(homes), np.int64)
    begin, size, full = 0, _FEW, 0
    while begin < len(homes) and full < best:
        here = slice(begin, begin + size)
        for home in sorted(set(homes[here].tolist())):
            places = begin + (homes[here] == home).nonzero()[0]
            segment, asked = segments[home], numbers[places]
            chars = segment.count_chars(asked)
            if not budget.spend(chars + chars * len(wanted) // _QUOTATIONS):
                return counts
            texts = segment.read_texts(asked, folded=True)
            for text, times in wanted.items():
                found = texts.holding_text(text)
                if not budget.spend(_FOUND * len(found)):
                    return counts
                counts[places[list(found)]] += times
        full += int((counts[here] == len(quoted)).sum())
        begin, size = begin + size, min(2 * size, _MANY)
    return counts
