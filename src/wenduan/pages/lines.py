"""Where a long text stands in its file: from how much of it is read to the line of what follows."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable

# What readers take from a text, or add to it, without saying so: white space, places of images,
# and what parts the cells of tables.
_UNSEEN = " \t\n\u3000\u00a0\u200b\ufeff\ufffc|"
_WITHOUT_UNSEEN = dict.fromkeys(map(ord, _UNSEEN))


def count_seen(text: str) -> int:
    """How many characters of a text are seen, which is what its places are counted by."""
    return len(text.translate(_WITHOUT_UNSEEN))


class Lines:
    """The lines on which the parts of a text begin, by the characters seen before each part."""

    __slots__ = ("_lines", "_seen")

    def __init__(self, parts: Iterable[tuple[int, str]]) -> None:
        """Each part with its line; those within it follow line by line."""
        self._seen, self._lines = array("Q"), array("Q")
        seen = 0
        for line, part in parts:
            for at, row in enumerate(part.split("\n")):
                self._seen.append(seen)
                self._lines.append(line + at)
                seen += count_seen(row)

    def behind(self, seen: int, first_line: int) -> int:
        """The line of the character behind `seen` others of a text that begins on `first_line`."""
        if not self._lines:
            return first_line
        # What stood above has been taken away.
        begin = bisect_right(self._lines, first_line - 1) if first_line > self._lines[0] else 0
        before = self._seen[begin] if begin < len(self._seen) else 0
        return self._lines[bisect_right(self._seen, before + seen) - 1]
