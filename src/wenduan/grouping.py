"""Matches -> matches without copies: a text saved twice, highlighted or quoted shows once."""

import re
from collections.abc import Iterable
from functools import cached_property
from operator import add

from .analysis import fold
from .engines import Match

# A shorter text is no copy because it stands in a longer one.
_SHORTEST = 10
# So much of two texts' pairs of characters must be the same (Broder, On the Resemblance and
# Containment of Documents, 1997).
_ALIKE = 0.9
_PROBE_CHARS = 6
_RUN = re.compile(r"[^\W_]+")


class _Core:
    """What is said in a folded text: it without its gaps, and its pairs of characters."""

    def __init__(self, folded: str) -> None:
        self.text = "".join(_RUN.findall(folded))

    @cached_property
    def chars(self) -> frozenset[str]:
        return frozenset(self.text)

    @cached_property
    def pairs(self) -> frozenset[str]:
        return frozenset(map(add, self.text, self.text[1:]))

    def says_what(self, other: "_Core") -> bool:
        short, long = (self, other) if len(self.text) <= len(other.text) else (other, self)
        if len(short.text) < _SHORTEST:
            return short.text == long.text
        if short.text in long.text:
            return True
        if len(short.text) < _ALIKE * len(long.text):
            return False
        # Quick to see: a character that the other lacks is in a pair that it lacks, and two
        # such may share the pair.
        if len(short.chars - long.chars) > 2 * (1 - _ALIKE) * len(short.text):
            return False
        return len(short.pairs & long.pairs) >= _ALIKE * len(short.pairs | long.pairs)


class Group:
    """A match, its folded text, and others of the same post or text, in the order of their rank."""

    __slots__ = ("_core", "copies", "folded", "match", "probes")

    def __init__(self, match: Match) -> None:
        self.match = match
        self.folded = folded = fold(match.entry.text)
        self.copies: list[Match] = []
        self._core: _Core | None = None
        # A few short pieces: a text that says the same holds one of them.
        step = max(len(folded) - _PROBE_CHARS, 0) // 2
        self.probes = folded[:_PROBE_CHARS], folded[step : step + _PROBE_CHARS], folded[2 * step :]

    @property
    def address(self) -> tuple[str, str] | None:
        """What tells its post from others, on whichever page that is saved; None if unknown."""
        facts = self.match.entry.post
        address = facts.get("permalink")
        return (facts["kind"], address.rstrip("/")) if address else None

    @property
    def core(self) -> _Core:
        """What it says, without punctuation."""
        if self._core is None:
            self._core = _Core(self.folded)
        return self._core


def group_copies(matches: Iterable[Match], limit: int) -> list[Group]:
    """Put the same post of several pages and copies of one text together, up to `limit` groups.

    Stops at the first match that would make one more.
    """
    groups: list[Group] = []
    by_address: dict[tuple[str, str], Group] = {}
    for match in matches:
        new = Group(match)
        address = new.address
        same = by_address.get(address) if address is not None else None
        if same is None:
            same = _find_copied(new, groups)
        if same is not None:
            same.copies.append(match)
        elif len(groups) == limit:
            break
        else:
            groups.append(new)
            same = new
        if address is not None:
            by_address.setdefault(address, same)
    return groups


def _find_copied(new: Group, groups: Iterable[Group]) -> Group | None:
    """The first of some groups that says what a match does."""
    folded, size, (first, second, third) = new.folded, len(new.folded), new.probes
    for group in groups:
        text = group.folded
        # The shorter one's pieces are looked for in the longer one.
        if size <= len(text):
            is_near = first in text or second in text or third in text
        else:
            one, two, three = group.probes
            is_near = one in folded or two in folded or three in folded
        if is_near and new.core.says_what(group.core):
            return group
    return None


def is_copy(one: str, other: str) -> bool:
    """Tell whether two folded texts are the same or nearly so, punctuation aside.

    >>> is_copy("人工智能企业烧钱是烧钱", "人工智能企业，烧钱是烧钱，但行业领先的企业并不缺投资。")
    True
    """
    return _Core(one).says_what(_Core(other))
