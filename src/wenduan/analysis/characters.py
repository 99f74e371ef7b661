"""Code points -> their folds and kinds, by tables, for many texts at once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .folding import fold
from .units import is_han

if TYPE_CHECKING:
    from numpy.typing import NDArray

Codes = np.ndarray[Any, np.dtype[np.uint32]]

HAN = 1
WORD = 2
LAYOUT = 3
GAP = 4

_SIZE = 0x110000
_UNKNOWN = 0xFFFFFFFF


class Characters:
    """Tables of what is known of each character; filled as characters are met.

    Filling is idempotent, so several threads may do it at once.
    """

    @cached_property
    def _fold(self) -> Codes:
        return np.full(_SIZE, _UNKNOWN, dtype=np.uint32)

    @cached_property
    def _kind(self) -> NDArray[np.uint8]:
        return np.zeros(_SIZE, dtype=np.uint8)

    def fold(self, codes: Codes) -> Codes:
        """Fold each code point, as `fold` does with text."""
        folded: Codes = self._fold[codes]
        unknown = folded == _UNKNOWN
        if unknown.any():
            for code in set(codes[unknown].tolist()):
                self._fold[code] = ord(fold(chr(code)))
            folded = self._fold[codes]
        return folded

    def kind(self, codes: Codes) -> NDArray[np.uint8]:
        """Tell of each code point: HAN, WORD (letters, digits), LAYOUT (line break) or GAP."""
        kinds: NDArray[np.uint8] = self._kind[codes]
        unknown = kinds == 0
        if unknown.any():
            for code in set(codes[unknown].tolist()):
                self._kind[code] = _kind(chr(code))
            kinds = self._kind[codes]
        return kinds


def _kind(char: str) -> int:
    if char.isalnum():
        return HAN if is_han(char) else WORD
    return LAYOUT if char == "\n" else GAP


def to_codes(text: str) -> Codes:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def to_text(codes: Codes) -> str:
    """The text of code points."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


CHARACTERS = Characters()
