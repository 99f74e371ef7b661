"""Text -> the same text with differences of form taken away, character for character.

Folding never changes the length, so an offset in the folded text is the offset in the original.
"""

import unicodedata


class _Table(dict[int, str]):
    """Folds of single characters, made as they are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_char(chr(code))
        return folded


def _fold_char(char: str) -> str:
    if unicodedata.category(char) in {"No", "Nl"}:
        # ① or ² beside a digit would read as one number with it.
        return char
    plain = unicodedata.normalize("NFKD", char)
    if len(plain) > 1 and all(unicodedata.combining(mark) for mark in plain[1:]):
        # An accent goes only from letters that are also written without it.
        plain = plain[0] if plain[0] < "\u0530" else char
    lower = (plain if len(plain) == 1 else char).lower()
    return lower if len(lower) == 1 else char


_TABLE = _Table()


def fold(text: str) -> str:
    """Fold case, full width and compatibility forms; the result is as long as `text`.

    >>> fold("ＧＰＴ－４ Café")
    'gpt-4 cafe'
    """
    return text.translate(_TABLE)
