"""What callers give to an index -> the same, checked; a wrong one is named, and what is right.

Each function gives back what it was given, or raises TypeError or ValueError.
"""

import operator
import os
from collections.abc import Iterable, Sequence
from typing import Any

from .query import Filter, check_filter

# More paragraphs than any index holds, and few enough to add two of them.
_MOST = 10**9


def checked_query(query: Any) -> str:
    """A query must be a string; what it asks for, the parser checks."""
    if not isinstance(query, str):
        raise TypeError(f"the query is {type(query).__name__}; give a string")
    return query


def checked_number(name: str, number: Any, least: int) -> int:
    """A whole number from `least` on; more than an index can hold is as good as all."""
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        kind = type(number).__name__
        raise TypeError(f"{name} is {number!r} ({kind}); give a whole number, {least} or more")
    whole = operator.index(number)
    if whole < least:
        raise ValueError(f"{name} is {whole}; give {least} or more")
    return min(whole, _MOST)


def checked_choice(name: str, choice: Any, choices: Sequence[str]) -> str:
    """One of some names."""
    if not isinstance(choice, str) or choice not in choices:
        raise ValueError(f"{name} is {choice!r}; give one of {', '.join(choices)}")
    return choice


def checked_filters(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """Filters, of whatever holds several of them."""
    if isinstance(filters, str) or not isinstance(filters, Iterable):
        kind = type(filters).__name__
        raise TypeError(f"filters is {kind}; give a list of Between, Field or Has")
    found = tuple(filters)
    for one in found:
        check_filter(one)
    return found


def checked_place(place: Any) -> tuple[str, int, int | None]:
    """A path, as a string or what stands for one, a line in it, from 1, and perhaps a paragraph."""
    if (
        isinstance(place, str | bytes)
        or not isinstance(place, Sequence)
        or len(place) not in (2, 3)
    ):
        raise TypeError(f"{place!r} is no place; give a path and a line")
    path, line, paragraph = (*place, None)[:3]
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"the path is {type(path).__name__}; give a string")
    if not os.fspath(path):
        raise ValueError("the path is empty; give that of a file")
    number = None if paragraph is None else checked_number("paragraph", paragraph, 1)
    return os.fspath(path), checked_number("line", line, 1), number
