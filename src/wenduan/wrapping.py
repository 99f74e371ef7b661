"""Text -> the ranges of its lines on a terminal, on which a Han character takes two columns."""

from collections.abc import Iterator
from functools import lru_cache

# What must not begin a line, and what must not end one.
_CLOSING = frozenset("，。、；：？！…）】》」』”’,.;:?!)]}>%·")
_OPENING = frozenset("（【《「『“‘([{<")


@lru_cache(4_096)
def columns_of(char: str) -> int:
    """How many columns a character takes: none, one or two."""
    from wcwidth import wcwidth

    return max(wcwidth(char), 0)


def columns(text: str) -> int:
    """How many columns a text takes."""
    return sum(map(columns_of, text))


def iter_lines(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Give the ranges, in characters, of lines that take at most `width` columns.

    A line ends at a space, or beside a Han character; a longer word is parted. Spaces at the end
    of a line are left out.
    """
    begin = 0
    while begin < len(text):
        end = _fitting(text, begin, max(width, 2))
        if end < len(text):
            end = _break_before(text, begin, end)
        yield begin, begin + len(text[begin:end].rstrip())
        while end < len(text) and text[end] == " ":
            end += 1
        begin = end


def _fitting(text: str, begin: int, width: int) -> int:
    """Where the characters from `begin` on reach beyond `width` columns."""
    used = 0
    for at in range(begin, len(text)):
        used += columns_of(text[at])
        if used > width:
            return max(at, begin + 1)
    return len(text)


def _break_before(text: str, begin: int, end: int) -> int:
    """The last place up to `end` at which a line may end; `end` itself if there is none."""
    at = end
    while at > begin:
        if _may_break(text[at - 1], text[at]):
            return at
        at -= 1
    return end


def _may_break(before: str, after: str) -> bool:
    if after in _CLOSING or before in _OPENING or columns_of(after) == 0:
        return False
    return " " in (before, after) or columns_of(before) == 2 or columns_of(after) == 2


def shorten(text: str, width: int) -> str:
    """A text of at most `width` columns: what is too long loses its middle to …"""
    if columns(text) <= width:
        return text
    half = max((width - 1) // 2, 1)
    head = text[: _fitting(text, 0, half)]
    tail = text[::-1]
    return f"{head}…{tail[: _fitting(tail, 0, half)][::-1]}"
