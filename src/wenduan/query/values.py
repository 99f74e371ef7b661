"""A field and its value -> a filter.

Apart from the names of fields, since most queries have none.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from .tree import COLUMNS, KINDS, Between, Field, Filter, Has, Node

_KINDS = {"回答": "answer", "答案": "answer", "问题": "question", "文章": "article", "想法": "pin"}
_THINGS = {"引用": "reference", "参考": "reference", "链接": "link"}

# What passes where a page tells anything at all.
_ANY = "*"
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(万|w|k|千)?")
_SCALE = {"万": 10_000, "w": 10_000, "k": 1_000, "千": 1_000}
_AGE = re.compile(r"(\d+)(d|天|日|w|周|m|月|y|年)")
_DAYS = {"d": 1, "天": 1, "日": 1, "w": 7, "周": 7, "m": 30, "月": 30, "y": 365, "年": 365}
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?")
_COMPARED = re.compile(r"(>=|<=|>|<|=)?(.*)")
_FIRST, _LAST = 101, 1231

# Least and most, both included; None leaves a side open.
_Range = tuple[int | None, int | None]
_Known = tuple[int, int]


def make_filter(field: str, value: str, today: date) -> Node:
    """Make the filter of a field and a value; raises ValueError with what would be right."""
    if field in ("author", "title", "tag", "site", "in"):
        # A text that is not told holds nothing, not even what is empty.
        return Field("path" if field == "in" else field, "" if value == _ANY else value)
    if value == _ANY and field in COLUMNS:
        return Between(field)
    value = value.lower().replace("≥", ">=").replace("≤", "<=")
    return _MAKERS[field](field, value, today)


def _make_kind(_: str, value: str, __: date) -> Filter:
    kind = _KINDS.get(value, value)
    if kind not in KINDS:
        raise ValueError(f"no kind {value}; give one of {', '.join(KINDS)}")
    return Between("kind", KINDS[kind], KINDS[kind])


def _make_has(_: str, value: str, __: date) -> Filter:
    what = _THINGS.get(value, value)
    if what not in ("reference", "link"):
        raise ValueError(f"nothing is known of {value}; give reference or link")
    return Has(what)


def _make_number(field: str, value: str, _: date) -> Filter:
    return Between(field, *_range(value, _read_number, "a number such as 100, >100 or 50..200"))


def _make_day(field: str, value: str, today: date) -> Filter:
    hint = "a day such as 2023, 2023-01-31 or >2023-01, or an age such as <90d"
    match = _COMPARED.fullmatch(value)
    sign, rest = (match[1] or "", match[2]) if match else ("", value)
    age = _AGE.fullmatch(rest)
    if age is None:
        return Between(field, *_range(value, _read_day, hint))
    # Less than 90 days old is later than the day 90 days ago.
    day = _day_before(today, age)
    return Between(field, None, day) if sign in (">", ">=") else Between(field, day)


def _make_after(_: str, value: str, today: date) -> Filter:
    return Between("published", _bound(value, today)[0])


def _make_before(_: str, value: str, today: date) -> Filter:
    return Between("published", None, _bound(value, today)[0] - 1)


def _bound(value: str, today: date) -> _Known:
    if age := _AGE.fullmatch(value):
        day = _day_before(today, age)
        return day, day
    found = _read_day(value)
    if found is None:
        raise ValueError(f"{value} is no day; give one such as 2023, 2023-01 or 90d")
    return found


_MAKERS: Mapping[str, Callable[[str, str, date], Filter]] = {
    "kind": _make_kind,
    "has": _make_has,
    "votes": _make_number,
    "comments": _make_number,
    "published": _make_day,
    "saved": _make_day,
    "after": _make_after,
    "before": _make_before,
}


def _range(value: str, read: Callable[[str], _Known | None], hint: str) -> _Range:
    """Least and most of `>a`, `<=a`, `a..b`, `a..`, `..b` or `a`."""
    if ".." in value:
        begin, _, end = value.partition("..")
        first, last = (read(part) if part else None for part in (begin, end))
        if (first or not begin) and (last or not end) and (first or last):
            return first and first[0], last and last[1]
        raise ValueError(f"{value} is no range; give {hint}")
    match = _COMPARED.fullmatch(value)
    found = read(match[2]) if match else None
    if match is None or found is None:
        raise ValueError(f"{value} does not tell how many or when; give {hint}")
    least, most = found
    ranges: dict[str, _Range] = {
        ">": (most + 1, None),
        ">=": (least, None),
        "<": (None, least - 1),
        "<=": (None, most),
    }
    return ranges.get(match[1] or "", found)


def _read_number(text: str) -> _Known | None:
    match = _NUMBER.fullmatch(text)
    # A column has eight bytes.
    if match is None or len(text) > 15:
        return None
    number = round(float(match[1]) * _SCALE.get(match[2], 1))
    return number, number


def _read_day(text: str) -> _Known | None:
    """The first and the last day of a year, a month or a day, as 20230131."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return year * 10_000 + _FIRST, year * 10_000 + _LAST
    if not 1 <= month <= 12:
        return None
    base = year * 10_000 + month * 100
    if day is None:
        return base + 1, base + 31
    try:
        date(year, month, day)
    except ValueError:
        return None
    return base + day, base + day


def _day_before(today: date, age: re.Match[str]) -> int:
    try:
        day = today - timedelta(days=int(age[1]) * _DAYS[age[2]])
    except OverflowError:
        return 0
    return day.year * 10_000 + day.month * 100 + day.day
