"""Text -> units, the smallest things a query can match: a Han character, a Latin word, a number.

What stands between units (punctuation, symbols, white space) is a gap. Two units are joined where
no gap parts them, or where one of them is no Han character: `GPT-4`, `GPT4` and `GPT 4` are the
same two units in a row. Between two Han characters only a line break counts as no gap.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .folding import fold

# Letters of scripts that part their words: all below Thai, and the Latin and Greek extensions.
# Said by what may stand, not by what may not: a set is compiled code point by code point.
_LETTER = r"(?:(?=[\x00-\xb1\xb4-\xb8\xba\xbb\xbf-\u0dff\u1e00-\u1fff])[^\W\d_])"
_MARK = r"[\u0300-\u036f]"
_TOKEN = (
    r"(?P<citation>\[\d{1,3}\])"
    r"|(?P<number>\d+(?:\.\d+)*)"
    rf"|(?P<word>{_LETTER}(?:{_LETTER}|{_MARK})*(?:\+\+|(?<!{_LETTER}{_LETTER})\#)?)"
)
_UNIT = re.compile(_TOKEN + r"|(?P<char>[^\W_])")
_CITATION = re.compile(r"\[\d{1,3}\]")
_MARK_AT = re.compile(_MARK)
# The same by code point.
MARKS = range(0x300, 0x370)
_MARKS = dict.fromkeys(MARKS)


class Unit(NamedTuple):
    """One unit: its folded text, and its range in the original text in characters.

    `loose` is true where a gap parts it from the unit before, so that no word spans the two.
    `citation` is true for the number of a reference in brackets, which a reader may leave out.
    """

    text: str
    start: int
    end: int
    loose: bool
    citation: bool = False


def split_units(text: str) -> list[Unit]:
    """Split text into units, in the order of the text.

    >>> [unit.text for unit in split_units("C++ 和 GPT-4.5")]
    ['c++', '和', 'gpt', '4.5']
    """
    folded = fold(text)
    units: list[Unit] = []
    was_char, parted, end = False, False, 0
    for match in _UNIT.finditer(folded):
        begin, last = match.span()
        if begin > end and not parted:
            parted = not _is_layout(folded[end:begin])
        end = last
        kind = match.lastgroup
        if kind == "char":
            units.append(Unit(match[0], begin, end, was_char and parted))
            was_char, parted = True, False
        elif kind == "citation":
            # What stands before and after a citation is still next to each other without it.
            units.append(Unit(token_text(match), begin + 1, end - 1, False, citation=True))
        else:
            units.append(Unit(token_text(match), begin, end, False))
            was_char = parted = False
    return units


def iter_tokens(folded: str) -> Iterator[re.Match[str]]:
    """Give the matches of all units of a folded text that may be longer than one character."""
    return _token_pattern().finditer(folded)


def find_token(folded: str, token: str, is_marked: bool | None = None) -> Iterator[tuple[int, int]]:
    """Give the ranges, in characters, where a folded text has a Latin word or number as a unit.

    The same as those of `iter_tokens` whose text is `token`, in a small part of the time.
    `is_marked` tells whether the text may hold accents that stand apart, where that is known.
    """
    if is_marked is None:
        is_marked = _MARK_AT.search(folded) is not None
    if is_marked:
        yield from _find_among_tokens(folded, token)
        return
    is_number, is_bare = token[0].isdecimal(), token[-1] not in "+#"
    at = folded.find(token)
    while at >= 0:
        end = at + len(token)
        before, after = folded[max(at - 2, 0) : at], folded[end : end + 2]
        if is_number:
            whole = not (_ends_number(before) or _goes_on_as_number(after))
        else:
            whole = not _is_letter(before[-1:])
            if is_bare:
                plus = after == "++" or (after[:1] == "#" and len(token) == 1)
                whole = whole and not plus and not _is_letter(after[:1])
        if whole:
            yield at, end
        else:
            # No token begins within another: a million letters are passed over at once.
            run = (_NUMBER if is_number else _LETTERS).match(folded, at)
            end = run.end() if run else at + 1
        at = folded.find(token, end)


def find_units(folded: str, wanted: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give the ranges, in characters, where a folded text has some units in a row, gaps or not.

    All citations count as units, or none does.
    """
    found = _find_rows(folded, wanted, citations=True)
    if "[" in folded:
        found = iter(dict.fromkeys([*found, *_find_rows(folded, wanted, citations=False)]))
    return found


def _find_rows(folded: str, wanted: Sequence[str], citations: bool) -> Iterator[tuple[int, int]]:
    for begin, end in _find_unit(folded, wanted[0]):
        if citations or not _is_cited(folded, begin):
            last = _end_of_row(folded, end, wanted[1:], citations)
            if last is not None:
                yield begin, last


def row_at(folded: str, begin: int, wanted: Sequence[str], citations: bool) -> int | None:
    """Where some units in a row end that begin at a place with a letter; None where they do not."""
    if is_han(wanted[0]):
        end = begin + 1 if folded[begin] == wanted[0] else None
    else:
        match = None if _is_within_token(folded, begin) else _token_pattern().match(folded, begin)
        end = match.end() if match and token_text(match) == wanted[0] else None
    return None if end is None else _end_of_row(folded, end, wanted[1:], citations)


def _is_within_token(folded: str, at: int) -> bool:
    """Tell whether a letter or digit goes on with a token that begins before it."""
    if folded[at].isdecimal():
        return _ends_number(folded[max(at - 2, 0) : at])
    before = at - 1
    while before >= 0 and _MARK_AT.match(folded[before]):
        before -= 1
    return before >= 0 and _is_letter(folded[before])


def _is_cited(folded: str, begin: int) -> bool:
    return folded[begin - 1 : begin] == "[" and _CITATION.match(folded, begin - 1) is not None


def _end_of_row(folded: str, end: int, wanted: Sequence[str], citations: bool) -> int | None:
    for unit in wanted:
        next_end = _next_unit(folded, end, unit, citations)
        if next_end is None:
            return None
        end = next_end
    return end


def _find_unit(folded: str, unit: str) -> Iterator[tuple[int, int]]:
    if not is_han(unit):
        yield from find_token(folded, unit)
        return
    at = folded.find(unit)
    while at >= 0:
        yield at, at + 1
        at = folded.find(unit, at + 1)


def _next_unit(folded: str, at: int, unit: str, citations: bool) -> int | None:
    """Where a unit ends that is the first one from a place on; None where another one is."""
    while at < len(folded) and not folded[at].isalnum():
        cited = _CITATION.match(folded, at)
        at = cited.end() if cited and not citations else at + 1
    if is_han(unit):
        return at + 1 if folded[at : at + 1] == unit else None
    match = _token_pattern().match(folded, at)
    return match.end() if match and token_text(match) == unit else None


def _find_among_tokens(folded: str, token: str) -> Iterator[tuple[int, int]]:
    for match in iter_tokens(folded):
        if token_text(match) == token:
            inner = int(match.lastgroup == "citation")
            yield match.start() + inner, match.end() - inner


def _ends_number(text: str) -> bool:
    return text[-1:].isdecimal() or (text[-1:] == "." and text[:1].isdecimal())


def _goes_on_as_number(text: str) -> bool:
    return text[:1].isdecimal() or (text[:1] == "." and text[1:].isdecimal())


def _is_letter(char: str) -> bool:
    return bool(char) and _LATIN.match(char) is not None


@lru_cache(1)
def _token_pattern() -> re.Pattern[str]:
    # Most searches do without it.
    return re.compile(_TOKEN)


def token_text(match: re.Match[str]) -> str:
    """The text of a unit as it is indexed, given its match."""
    if match.lastgroup == "citation":
        return match[0][1:-1]
    return match[0].translate(_MARKS) if match.lastgroup == "word" else match[0]


@lru_cache(16_384)
def is_han(unit: str) -> bool:
    """Tell whether a unit is a character of a script without word breaks, as Han."""
    return len(unit) == 1 and not _LATIN.match(unit) and not unit.isdecimal()


_LATIN = re.compile(_LETTER)
_LETTERS = re.compile(rf"{_LETTER}+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def _is_layout(gap: str) -> bool:
    return not gap.strip("\n")


def split_symbols(text: str) -> frozenset[str]:
    """The characters of a text that belong to no unit: punctuation, symbols, white space."""
    return frozenset(char for char in text if not char.isalnum())
