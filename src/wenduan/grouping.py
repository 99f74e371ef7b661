"""Matches -> matches without copies: a text saved twice, highlighted or quoted shows once."""

import re
from collections.abc import Iterable
from functools import cached_property

from .analysis import fold
from .engines import Match

# A shorter text is no copy because it stands in a longer one.
_SHORTEST = 10
# So much of two texts' pairs of characters must be the same (Broder, On the Resemblance and
# Containment of Documents, 1997).
_ALIKE = 0.9
_PROBE_CHARS = 6
_GAPS = re.compile(r"[\W_]+")


class Group:
    """A match, its folded text, and the others that say the same, in the order of their rank."""

    def __init__(self, match: Match) -> None:
        self.match = match
        self.folded = fold(match.entry.text)
        self.copies: list[Match] = []

    @cached_property
    def _probes(self) -> tuple[str, ...]:
        """A few short pieces; of texts that are alike, one holds a piece of the other."""
        step = max(len(self.folded) - _PROBE_CHARS, 0) // 2
        return tuple(self.folded[at : at + _PROBE_CHARS] for at in (0, step, 2 * step))

    @cached_property
    def _core(self) -> str:
        return _GAPS.sub("", self.folded)

    def says_what(self, other: "Group") -> bool:
        """Tell whether the match says what the other does."""
        near = any(map(other.folded.__contains__, self._probes)) or any(
            map(self.folded.__contains__, other._probes)
        )
        return near and is_copy(self._core, other._core)


def group_copies(matches: Iterable[Match], limit: int) -> list[Group]:
    """Put copies of the same text together, until there are `limit` groups."""
    groups: list[Group] = []
    for match in matches:
        new = Group(match)
        same = next((group for group in groups if new.says_what(group)), None)
        if same is not None:
            same.copies.append(match)
            continue
        groups.append(new)
        if len(groups) == limit:
            break
    return groups


def is_copy(one: str, other: str) -> bool:
    """Tell whether two texts, folded and without punctuation, are the same or nearly so.

    >>> is_copy("人工智能企业烧钱是烧钱", "人工智能企业烧钱是烧钱但行业领先的企业并不缺投资")
    True
    """
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) < _SHORTEST:
        return short == long
    if short in long:
        return True
    if len(short) < _ALIKE * len(long):
        return False
    pairs, others = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (short, long))
    return len(pairs & others) >= _ALIKE * len(pairs | others)
