"""Text -> the same text with differences of form taken away, character for character.

Folding never changes the length, so an offset in the folded text is the offset in the original.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cached_property
from typing import Any

import numpy as np

from .. import compiled

# Code points of a text.
Codes = np.ndarray[Any, np.dtype[np.uint32]]

_SIZE = 0x110000
# No text has this code point, so that decoding stumbles over it: it is 0 less 1.
_UNKNOWN = 0xFFFFFFFF
_ONE = np.uint32(1)
_UNIFIED = slice(0x4E00, 0xA000)


# Variants that simplified text has in words of its own, 乾坤 and 著名: a dictionary knows those
# only as they are spelled.
_OWN_WORDS = "乾著"


def _read_variants() -> tuple[Codes, Codes]:
    """Traditional and other variant forms of Han characters, and the simplified form of each.

    A line of the file is a simplified character and its variants. Made of OpenCC's tables by
    scripts/make_variants.py.
    """
    with open(os.path.join(os.path.dirname(__file__), "variants.txt"), encoding="utf-8") as file:
        codes = to_codes(file.read())
    ends = codes == ord("\n")
    lines = np.cumsum(ends) - ends
    is_first = np.concatenate([[True], ends[:-1]])
    is_variant = ~(ends | is_first)
    return codes[is_variant], codes[is_first][lines[is_variant]]


def _fold_form(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char)
    if len(plain) > 1 and all(unicodedata.combining(mark) for mark in plain[1:]):
        # An accent goes only from letters that are also written without it.
        plain = plain[0] if plain[0] < "\u0530" else char
    lower = (plain if len(plain) == 1 else char).lower()
    return lower if len(lower) == 1 else char


class _Folds:
    """The folds of all characters; filled as they are met, in many threads if need be."""

    @cached_property
    def table(self) -> Codes:
        """By code point its fold plus 1; 0 where it is not known yet."""
        table = np.zeros(_SIZE, dtype=np.uint32)
        # Unified characters have no other form in Unicode; what OpenCC knows of them comes next.
        table[_UNIFIED] = np.arange(_UNIFIED.start, _UNIFIED.stop, dtype=np.uint32) + 1
        variants, plain = _read_variants()
        table[variants] = plain + 1
        return table

    @cached_property
    def compiled(self) -> Any:
        """The same, compiled, where it could be."""
        return compiled.loops and compiled.loops.Folds(self.table, self.learn)

    def fold(self, text: str) -> str:
        if compiled.loops is not None:
            folded: str = self.compiled.fold(text)
            return folded
        codes = to_codes(text)
        try:
            return to_text(self.table.take(codes, mode="clip") - _ONE)
        except UnicodeDecodeError:
            return to_text(self.fold_codes(codes))

    def fold_codes(self, codes: Codes) -> Codes:
        # To clip, which nothing needs, is three times as quick as to refuse what lies outside.
        folded: Codes = self.table.take(codes, mode="clip") - _ONE
        unknown = folded == _UNKNOWN
        if unknown.any():
            for code in set(codes[unknown].tolist()):
                self.learn(code)
            folded = self.table.take(codes, mode="clip") - _ONE
        return folded

    def learn(self, code: int) -> int:
        """Fill in a fold that is not known yet, and give it."""
        plain = ord(_fold_form(chr(code)))
        folded = int(self.table[plain]) - 1 if self.table[plain] else plain
        self.table[code] = folded + 1
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Fold case, full width, compatibility and variant forms; the result is as long as `text`.

    >>> fold("ＧＰＴ－４ Café 臺灣")
    'gpt-4 cafe 台湾'
    """
    return _FOLDS.fold(text)


def spell(text: str, folded: str) -> str:
    """A folded text as a dictionary of simplified words spells it; as long as both.

    >>> spell("著名的臺灣", fold("著名的臺灣"))
    '著名的台湾'
    """
    if not any(char in text for char in _OWN_WORDS):
        return folded
    rows = zip(text, folded, strict=True)
    return "".join(char if char in _OWN_WORDS else plain for char, plain in rows)


def spell_codes(codes: Codes, folded: Codes) -> Codes:
    """The same of code points."""
    own = np.isin(codes, [ord(char) for char in _OWN_WORDS])
    return np.where(own, codes, folded) if own.any() else folded


def fold_codes(codes: Codes) -> Codes:
    """Fold each code point, as `fold` does with text."""
    return _FOLDS.fold_codes(codes)


def compiled_folds() -> Any:
    """What the compiled loops fold by; only where there are any."""
    return _FOLDS.compiled


def to_codes(text: str) -> Codes:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def to_text(codes: Codes) -> str:
    """The text of code points."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
