"""Matches -> matches without copies: a text saved twice, highlighted or quoted shows once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .analysis import fold
from .engines import Match

# A shorter text is no copy because it stands in a longer one.
_SHORTEST = 10
# So much of two texts' pairs of characters must be the same (Broder, On the Resemblance and
# Containment of Documents, 1997).
_ALIKE = 0.9
_PROBE_CHARS = 6
_GAPS = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Group:
    """A match, its folded text, and the others that say the same, in the order of their rank."""

    match: Match
    folded: str
    copies: list[Match] = field(default_factory=list)


def group_copies(matches: Iterable[Match], limit: int) -> list[Group]:
    """Put copies of the same text together, until there are `limit` groups."""
    groups: list[tuple[str, Group]] = []
    for match in matches:
        folded = fold(match.entry.text)
        core = _GAPS.sub("", folded)
        for other, group in groups:
            if is_copy(core, other):
                group.copies.append(match)
                break
        else:
            groups.append((core, Group(match, folded)))
            if len(groups) == limit:
                break
    return [group for _, group in groups]


def is_copy(one: str, other: str) -> bool:
    """Tell whether two texts, folded and without punctuation, are the same or nearly so.

    >>> is_copy("人工智能企业烧钱是烧钱", "人工智能企业烧钱是烧钱但行业领先的企业并不缺投资")
    True
    """
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) < _SHORTEST:
        return short == long
    # Of texts that are alike, one of a few short pieces stands in both.
    step = (len(short) - _PROBE_CHARS) // 2
    if not any(short[at : at + _PROBE_CHARS] in long for at in (0, step, 2 * step)):
        return False
    if short in long:
        return True
    if len(short) < _ALIKE * len(long):
        return False
    pairs, others = ({text[at : at + 2] for at in range(len(text) - 1)} for text in (short, long))
    return len(pairs & others) >= _ALIKE * len(pairs | others)
