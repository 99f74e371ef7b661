"""Where an answer begins that no name stands above: where the one before it has ended."""

from bisect import bisect_right
from collections.abc import Sequence

from ..blocks import Block
from .bar import is_bar
from .byline import ANONYMOUS, Start
from .chrome import is_noise
from .ending import permalink_id


def with_unnamed(blocks: Sequence[Block], starts: Sequence[Start]) -> list[Start]:
    """Add the answers that begin without a name: two permalinks are never those of one."""
    begun = [start.at for start in starts]
    ends = [(at, found) for at, row in enumerate(blocks) if (found := permalink_id(row))]
    unnamed: list[Start] = []
    next_ends = [*ends, (len(blocks), None)][1:]
    for (at, identity), (below, other) in zip(ends, next_ends, strict=True):
        if bisect_right(begun, at) < bisect_right(begun, below):
            continue
        start = _start_after(blocks, at, below)
        if start is not None and (start.author or other not in {identity, None}):
            unnamed.append(start)
    return sorted([*starts, *unnamed], key=lambda start: start.at)


def _start_after(blocks: Sequence[Block], at: int, below: int) -> Start | None:
    """What stands below the buttons of an answer: somebody without a name, or text of nobody."""
    begin, bar = at + 1, False
    while begin < below and (is_bar(blocks[begin].flat) or is_noise(blocks[begin])):
        bar = bar or is_bar(blocks[begin].flat)
        begin += 1
    if begin >= below:
        return None
    row = blocks[begin]
    named = bar and row.flat in ANONYMOUS and not row.links
    return Start(begin, 1, row.flat) if named else Start(begin, 0, None)
