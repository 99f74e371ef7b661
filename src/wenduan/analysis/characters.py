"""Code points -> their kinds, by a table, for many texts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .folding import Codes
from .units import is_han

if TYPE_CHECKING:
    from numpy.typing import NDArray

HAN = 1
WORD = 2
LAYOUT = 3
GAP = 4

# Filled as characters are met, which several threads may do at once; 0 stands for unknown.
_KINDS = np.zeros(0x110000, dtype=np.uint8)


def kinds_of(codes: Codes) -> NDArray[np.uint8]:
    """Tell of each code point: HAN, WORD (letters, digits), LAYOUT (line break) or GAP."""
    kinds: NDArray[np.uint8] = _KINDS[codes]
    unknown = kinds == 0
    if unknown.any():
        for code in set(codes[unknown].tolist()):
            _KINDS[code] = _kind(chr(code))
        kinds = _KINDS[codes]
    return kinds


def _kind(char: str) -> int:
    if char.isalnum():
        return HAN if is_han(char) else WORD
    return LAYOUT if char == "\n" else GAP
