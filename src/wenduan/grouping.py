"""Matches -> matches without copies: a text saved twice, highlighted or quoted shows once."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import add

from . import compiled
from .analysis import fold
from .analysis.runs import Runs, make_runs
from .engines import Match

# Groups that are filled together: a group takes in copies until the next ten begin. However many
# are asked for, so many are looked at, and what a group has depends on nothing behind its ten.
BLOCK = 10
# A shorter text is no copy because it stands in a longer one.
_SHORTEST = 10
# So much of two texts' pairs of characters must be the same (Broder, On the Resemblance and
# Containment of Documents, 1997).
_ALIKE = 0.9
_PROBE_CHARS = 6
# One in so many pairs is looked for before all are.
_STEP = 3
# A text is held against so many of the best for being nearly the same as one of them; behind so
# many texts, only the very same ones are put together.
_MOST_COMPARED = 100
_MOST_COMPARING = 1_000
# So many copies in a row are no library but an accident, or meant to make searches slow.
_MOST_COPIES = 500
_RUN = re.compile(r"[^\W_]+")


class _Core:
    """What is said in a folded text: it without its gaps, and its pairs of characters."""

    def __init__(self, folded: str) -> None:
        loops = compiled.loops
        self.text = loops.without_gaps(folded) if loops else "".join(_RUN.findall(folded))

    @cached_property
    def pairs(self) -> frozenset[str]:
        return frozenset(map(add, self.text, self.text[1:]))

    def lacks_many_of(self, other: "_Core") -> bool:
        """Tell quickly that so many of its pairs are not in the other that it says something else.

        If m of its n pairs are not, at most n - m of all are in both, and all are n at least.
        """
        lacks = compiled.loops.lacks_many if compiled.loops else _lacks_many
        found: bool = lacks(self.text, other.text, _STEP, (1 - _ALIKE) * len(self.text))
        return found

    def says_what(self, other: "_Core") -> bool:
        short, long = (self, other) if len(self.text) <= len(other.text) else (other, self)
        if len(short.text) < _SHORTEST:
            return short.text == long.text
        if short.text in long.text:
            return True
        if len(short.text) < _ALIKE * len(long.text):
            return False
        if short.lacks_many_of(long):
            return False
        return len(short.pairs & long.pairs) >= _ALIKE * len(short.pairs | long.pairs)


class Group:
    """A match, its folded text, and others of the same post or text, in the order of their rank.

    `number` is the place of the group among all, from 0.
    """

    __slots__ = ("_core", "copies", "folded", "match", "number", "probes")

    def __init__(self, match: Match, number: int = 0) -> None:
        self.match, self.number = match, number
        self.folded = folded = fold(match.entry.text)
        self.copies: list[Match] = []
        self._core: _Core | None = None
        # A few short pieces: a text that says the same holds one of them.
        step = max(len(folded) - _PROBE_CHARS, 0) // 2
        self.probes = make_runs(
            (folded[:_PROBE_CHARS], folded[step : step + _PROBE_CHARS], folded[2 * step :])
        )

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


def group_copies(matches: Iterable[Match], limit: int) -> tuple[list[Group], bool]:
    """Put the same post of several pages and copies of one text together: the first `limit` groups.

    A copy is never shown by itself; those that come behind the ten of their group are left out.
    Also tells whether there were so many copies that what comes behind them was not looked at.
    """
    groups: list[Group] = []
    by_address: dict[tuple[str, str], Group] = {}
    by_text: dict[str, Group] = {}
    most, copies = -(-limit // BLOCK) * BLOCK, 0
    for match in matches:
        new = Group(match, len(groups))
        address = new.address
        same = by_address.get(address) if address is not None else None
        if same is None:
            same = by_text.get(new.folded)
            if same is None and len(groups) < _MOST_COMPARING:
                same = _find_copied(new, groups[:_MOST_COMPARED])
        copies = copies + 1 if same is not None else 0
        if copies > _MOST_COPIES:
            return groups[:limit], True
        if same is not None:
            if same.number // BLOCK == groups[-1].number // BLOCK:
                same.copies.append(match)
        elif len(groups) == most:
            break
        else:
            groups.append(new)
            same = by_text[new.folded] = new
        if address is not None:
            by_address.setdefault(address, same)
    return groups[:limit], False


def _find_copied(new: Group, groups: Sequence[Group]) -> Group | None:
    """The first of some groups that says what a match does."""
    near = compiled.loops.find_near if compiled.loops else _find_near
    for at in near(new.folded, new.probes, [(group.folded, group.probes) for group in groups]):
        if new.core.says_what(groups[at].core):
            return groups[at]
    return None


def _find_near(text: str, probes: Runs, others: Sequence[tuple[str, Runs]]) -> list[int]:
    """Which of some texts, each with its probes, may say the same as a text.

    The shorter one's probes are looked for in the longer one.
    """
    return [
        at
        for at, (other, of_other) in enumerate(others)
        if (probes.any_in(other) if len(text) <= len(other) else of_other.any_in(text))
    ]


def _lacks_many(text: str, other: str, step: int, most: float) -> bool:
    """Tell whether more than `most` of one in `step` pairs of a text are not in another one."""
    missing = set()
    for at in range(0, len(text) - 1, step):
        pair = text[at : at + 2]
        if pair not in other:
            missing.add(pair)
            if len(missing) > most:
                return True
    return False


def is_copy(one: str, other: str) -> bool:
    """Tell whether two folded texts are the same or nearly so, punctuation aside.

    >>> is_copy("人工智能企业烧钱是烧钱", "人工智能企业，烧钱是烧钱，但行业领先的企业并不缺投资。")
    True
    """
    return _Core(one).says_what(_Core(other))
