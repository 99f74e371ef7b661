"""A text longer than a paragraph may be -> its pieces, cut where that parts the least."""

import re
import unicodedata
from collections.abc import Callable, Iterator

# The greatest length of a paragraph. Whatever a file holds, a search reads, compares and marks
# texts of no more than this. Of the longest paragraphs that people write, some have 15,000
# characters; what one reads as one thought has fewer than 1,500.
MOST_CHARS = 2_000
# A piece has at least half of that: the strongest border behind it is where it ends.
_LEAST = MOST_CHARS // 2
# What is left behind the last cut is no mere end of a sentence.
_LEAST_REST = MOST_CHARS // 8
# What ends a sentence, with what closes there, and the references that are cited for it.
_STOP = re.compile(
    r"(?:[。！？…!?]|\.(?=[\s”」』）)\"']))[。！？…!?.]*[”」』）)\"’》]*(?:\[\d{1,3}\])*\s*"
)
_STOPPED_LINE = re.compile(r"[。！？…!?.”」』）)\"]\n")
_LINE = re.compile(r"\n")
_PAUSE = re.compile(r"[，、；：）」』”》]|[,;:)|](?![\w./])|\s(?!\[\d)")
# Up to the last character that is of no Latin word or number, nor of what ties them together.
# Letters are those of scripts that part their words, as analysis.units has them.
_APART = r"[^\w+#.'’@/&%-]|(?=[^\W\d_])[\u0e00-\u1dff\u2000-\U0010ffff]"
_UP_TO_APART = re.compile(rf"(?s:.*)(?:{_APART})")
_IS_APART = re.compile(_APART)
# So many code points are one character at most.
_TIED = 100


def cut(text: str) -> list[tuple[int, int]]:
    """Where the pieces of a text begin and end; joined, they are the text.

    None is longer than MOST_CHARS. A text is cut at ends of lines, else of sentences, else at
    other punctuation or white space, else where that parts no word, number or character of several
    code points; only what has no such place is cut anywhere.

    >>> cut("短")
    [(0, 1)]
    """
    return list(_iter_pieces(text))


def beginning(text: str) -> str:
    """The first piece of a text, without white space at its ends; all of a text that has one."""
    if len(text) <= MOST_CHARS:
        return text
    return text[slice(*next(_iter_pieces(text)))].strip()


def shortened(text: str, most: int) -> str:
    """The first characters of a text, of which those that are one character stay together."""
    return text if len(text) <= most else text[: _whole(text, 0, most)]


def _iter_pieces(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    while len(text) - begin > MOST_CHARS:
        last = min(begin + MOST_CHARS, len(text) - _LEAST_REST)
        end = _best_border(text, begin + _LEAST, last)
        yield begin, end
        begin = end
    yield begin, len(text)


def _best_border(text: str, least: int, last: int) -> int:
    """The last of the strongest borders from `least` to `last`."""
    return next(found for border in _BORDERS if (found := border(text, least, last)))


def _ends_of(pattern: re.Pattern[str]) -> Callable[[str, int, int], int]:
    def last_end(text: str, least: int, last: int) -> int:
        # What stands behind decides whether one ends here.
        ends = (match.end() for match in pattern.finditer(text, least - 2, last + 3))
        borders = (end for end in ends if least <= end <= last and not _is_tied(text, end))
        return max(borders, default=0)

    return last_end


def _loose(text: str, least: int, last: int) -> int:
    """The last place that parts no word, number or character."""
    match = _UP_TO_APART.match(text, least - 1, last)
    at = last if _IS_APART.match(text, last) else match.end() if match else 0
    found = _whole(text, least, at) if at >= least else 0
    return 0 if _is_tied(text, found) else found


def _whole(text: str, least: int, last: int) -> int:
    """The last place that parts no character of several code points; `last` where all do."""
    places = range(last, max(least, last - _TIED) - 1, -1)
    return next((at for at in places if not _is_tied(text, at)), last)


_BORDERS = (
    *map(_ends_of, (_STOPPED_LINE, _LINE, _STOP, _PAUSE)),
    _loose,
    _whole,
)


def _is_tied(text: str, at: int) -> bool:
    """Tell whether what people see as one character spans a place."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if after.isascii():
        return False
    return (
        after in "\u200d\u20e3"
        or before == "\u200d"
        or unicodedata.category(after)[0] == "M"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or "\U000e0020" <= after <= "\U000e007f"
        or "\u1160" <= after <= "\u11ff"
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
        or (_is_flag(before) and _is_flag(after) and _odd_flags(text, at))
    )


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _odd_flags(text: str, at: int) -> bool:
    """Tell whether an odd number of a flag's letters stands before a place: half a flag."""
    begin = at
    while begin > max(at - _TIED, 0) and _is_flag(text[begin - 1]):
        begin -= 1
    return (at - begin) % 2 == 1
