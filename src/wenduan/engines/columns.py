"""Facts of a post -> the numbers by which results are filtered."""

from collections.abc import Callable, Mapping
from typing import Any

from ..query import KINDS

Column = Callable[[Mapping[str, Any]], int]

# Flags of a paragraph: it cites something, it shows or cites an address.
REFERENCE, LINK = 1, 2
# Stands where the page does not tell.
UNKNOWN = -(2**31)


def _number_of(name: str) -> Column:
    def read(facts: Mapping[str, Any]) -> int:
        value = facts.get(name)
        return UNKNOWN if value is None else int(value)

    return read


def _day_of(*names: str) -> Column:
    """The day of the first fact that the page tells."""

    def read(facts: Mapping[str, Any]) -> int:
        value = next((facts[name] for name in names if facts.get(name)), None)
        digits = str(value or "")[:10].replace("-", "")
        return int(digits) if digits.isdecimal() and len(digits) == 8 else UNKNOWN

    return read


# What filters ask of a post, as numbers; UNKNOWN where the page does not tell.
POST_COLUMNS: dict[str, Column] = {
    "votes": _number_of("votes"),
    "comments": _number_of("comments"),
    # Of an answer that was edited, many pages show only when.
    "published": _day_of("published", "edited"),
    "kind": lambda facts: KINDS.get(facts.get("form") or facts.get("kind", ""), 0),
}
# The same of a page.
PAGE_COLUMNS: dict[str, Column] = {"saved": _day_of("saved")}


def month_of(day: int) -> str:
    """The month of a day of a column, as in 2023-01.

    >>> month_of(20230102)
    '2023-01'
    """
    return f"{day // 10_000:04}-{day // 100 % 100:02}"
