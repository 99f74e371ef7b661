"""Text -> the same text with signs that stand for several characters written out, and the way back.

① is 1 and ㎡ is m2 to who looks for them. What is written out is set apart, so that 10² does not
become 102.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .folding import Codes, to_codes, to_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Where Unicode has such signs: numbers in circles, squares, fractions, ligatures and the like.
_RANGES = (
    (0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE), (0x132, 0x133), (0x2070, 0x209F), (0x2100, 0x218F),
    (0x2460, 0x24FF), (0x3200, 0x33FF), (0xFB00, 0xFB06), (0x1F100, 0x1F2FF),
)  # fmt: skip
_SIGN = re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in _RANGES) + "]")
# Parts words without being seen.
APART = "\u2060"


def has_signs(text: str) -> bool:
    """Tell whether a text may hold a sign to write out."""
    return _SIGN.search(text) is not None


def expand(text: str) -> str:
    """Write the signs of a text out.

    >>> expand("约 90㎡").replace("\u2060", "|")
    '约 90|m2|'
    """
    return _SIGN.sub(lambda match: expand_sign(match[0]), text)


def expand_back(text: str) -> tuple[str, list[int]]:
    """Write the signs out; also gives, for each character, its place in the text it came from."""
    if not has_signs(text):
        return text, list(range(len(text)))
    parts: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        written = expand_sign(char) if _SIGN.match(char) else char
        parts.append(written)
        places += [at] * len(written)
    return "".join(parts), places


@lru_cache(1_024)
def expand_sign(char: str) -> str:
    """Write one character out, if it is a sign."""
    plain = unicodedata.normalize("NFKC", char)
    # Who looks for C means no degrees.
    differs = plain != char and any(map(str.isalnum, plain)) and "°" not in plain
    if not differs or (len(plain) == 1 and unicodedata.category(char) not in {"No", "Nl", "So"}):
        # A letter such as ℃'s neighbour ℂ keeps its length: folding does it.
        return char
    return f"{APART}{plain}{APART}"


def expand_codes(codes: Codes, lengths: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """Write the signs of many texts out, and give their lengths then.

    `codes` are the code points of the texts, each with a zero behind it.
    """
    signs = np.flatnonzero(is_sign().take(codes, mode="clip"))
    if not len(signs):
        return codes, lengths
    ends = np.cumsum(lengths + 1) - 1
    lengths = lengths.copy()
    parts, done = [], 0
    for text in sorted(set(np.searchsorted(ends, signs).tolist())):
        begin, end = int(ends[text] - lengths[text]), int(ends[text])
        written = to_codes(expand(to_text(codes[begin:end].astype(np.uint32))))
        parts += [codes[done:begin], written]
        lengths[text] = len(written)
        done = end
    return np.concatenate([*parts, codes[done:]]), lengths


@lru_cache(1)
def is_sign() -> NDArray[np.bool_]:
    """By code point up to the last sign, whether it may be one to write out."""
    table = np.zeros(_RANGES[-1][1] + 2, bool)
    for first, last in _RANGES:
        table[first : last + 1] = True
    return table


def expand_all(texts: Sequence[str]) -> list[str]:
    """Write the signs of many texts out."""
    return list(map(expand, texts)) if has_signs("\0".join(texts)) else list(texts)
