"""Some texts that are looked for together in others; plain where loops are not compiled."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from .. import compiled


class Runs(Protocol):
    """Some texts, ready to be looked for; an empty one stands nowhere."""

    def ranges(self, text: str) -> set[tuple[int, int]]:
        """Ranges, in characters, where any of the runs stands in a text."""

    def any_in(self, text: str) -> bool:
        """Tell whether any of the runs stands in a text."""


class _PlainRuns(Runs):
    def __init__(self, runs: Iterable[str]) -> None:
        self._runs = [run for run in runs if run]

    def ranges(self, text: str) -> set[tuple[int, int]]:
        return {row for run in self._runs for row in find_text(text, run)}

    def any_in(self, text: str) -> bool:
        return any(run in text for run in self._runs)


def make_runs(runs: Iterable[str]) -> Runs:
    """Make some texts ready to be looked for.

    >>> sorted(make_runs(["开会", "会"]).ranges("大会堂开会"))
    [(1, 2), (3, 5), (4, 5)]
    """
    made: Runs = compiled.loops.Runs(runs) if compiled.loops is not None else _PlainRuns(runs)
    return made


def find_text(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Give the ranges where one text stands in another, in their order; they may overlap."""
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + 1)
