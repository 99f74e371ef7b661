"""Dates as people, sites and savers write them -> ISO 8601."""

import re
from datetime import UTC, date, datetime

from .ranges import NO_DAY

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# 2018年05月21日05时39分12秒, 2021/3/4 12:00, 2019-01-02 9:05
_NUMBERS = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:\s*T?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2}))?\s*[分秒]?)?"
)
# Sat Dec 23 2023 10:00:00 GMT+0800, Dec 23rd, 2023
_NAMED = re.compile(
    r"(?:[A-Za-z]+,?\s+)??([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
    r"(?:,?\s+(\d\d?):(\d\d)(?::(\d\d))?)?"
)
# 01/23/2024 and 23/01/2024, where one of the numbers can be no month.
_SLASHED = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-])(\d\d):?(\d\d)")
# Seconds and milliseconds since 1970 that lie in this century.
_EPOCH = re.compile(r"(1\d{9}|9\d{8})(\d{3})?")

# A number that is no year, or three that are no day.
_LIKE_DATE = re.compile(r"-\d+$|\d{5,}(?:\.\d+)?$|[-+]?\d+\s*[-/.年]\s*\d+\s*[-/.月]\s*\d+")
_LARGEST = 10**18


class ToldText(str):
    """A value that is not what it looks like, of which a warning tells with its line."""

    __slots__ = ()


def iso_date(text: str) -> str | None:
    """Read a date off the whole of a text, as precise as it stands; None where it is none.

    >>> iso_date("2018年05月21日05时39分12秒")
    '2018-05-21T05:39:12'
    """
    text = text.strip().strip("[]").strip()
    # No way to write a date is longer, and patterns need not be tried on pages of text.
    if not 8 <= len(text) <= 80:
        return None
    # Python takes some of these for a day without its dashes: 1713052800000 for one of 1713.
    if match := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC).isoformat()
    if text.isdecimal() and len(text) > 8:
        clock = ":".join(text[at : at + 2] for at in range(8, len(text), 2))
        text = f"{text[:8]}T{clock}"
    try:
        return _from_iso(text)
    except ValueError:
        pass
    if match := _SLASHED.fullmatch(text):
        return _from_slashes(int(match[1]), int(match[2]), int(match[3]))
    for pattern, order in ((_NUMBERS, (1, 2, 3)), (_NAMED, (3, 1, 2))):
        match = pattern.match(text)
        if match and _ends_well(text[match.end() :]):
            return _build(match, order, text[match.end() :])
    return None


def date_of(value: object) -> str | None:
    """Give a value of front matter as a date in ISO 8601, else None.

    What is written as a date and is none gives NO_DAY: a 30th of February, the year 99999.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if not isinstance(value, str):
        if not -_LARGEST < value < _LARGEST:
            return NO_DAY
        value = str(int(value))
    found = iso_date(value)
    if found is None and not isinstance(value, ToldText) and _LIKE_DATE.match(value[:80].strip()):
        return NO_DAY
    return found


def _from_iso(text: str) -> str:
    if len(text) <= 10:
        return date.fromisoformat(text).isoformat()
    moment = datetime.fromisoformat(text)
    seconds = re.search(r"\d:\d\d:\d\d", text)
    return moment.replace(microsecond=0).isoformat(timespec="seconds" if seconds else "minutes")


def _from_slashes(first: int, second: int, year: int) -> str | None:
    month, day = (first, second) if second > 12 or first == second else (second, first)
    if day <= 12 and first != second:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _ends_well(rest: str) -> bool:
    """Tell whether what stands behind a date may: nothing, an offset, the name of a zone."""
    return not rest.strip() or bool(re.match(r"\s*\(?(?:GMT|UTC)", rest))


def _build(match: re.Match[str], order: tuple[int, int, int], rest: str) -> str | None:
    year, month, day = (match[group] for group in order)
    if not month.isdecimal():
        name = month.lower()
        if name not in _MONTHS:
            return None
        month = str(_MONTHS.index(name) + 1)
    clock = [part for part in match.groups()[3:] if part is not None]
    try:
        day_text = date(int(year), int(month), int(day)).isoformat()
        if not clock:
            return day_text
        hour, minute, second = (*(int(part) for part in clock), 0)[:3]
        moment = datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        return None
    timespec = "seconds" if len(clock) == 3 else "minutes"
    return moment.isoformat(timespec=timespec) + _offset(rest)


def _offset(rest: str) -> str:
    match = _OFFSET.search(rest)
    return f"{match[1]}{match[2]}:{match[3]}" if match else ""
