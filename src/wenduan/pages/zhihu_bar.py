"""The line of buttons below a Zhihu answer -> votes and comments."""

import re

_HEADER = re.compile(r"(?:.*等 ?)?([\d,.]+) ?(万)? ?人赞同了该(?:回答|文章)")
_BAR = re.compile(r"(?:已?赞同|▲)\s*([\d,. \u200b万]*?)\s*(条评论|添加评论|评论)")


def read_votes_line(text: str) -> int | None:
    """Votes in a line such as `1,043 人赞同了该回答`; None where the text is no such line."""
    match = _HEADER.fullmatch(text)
    if not match:
        return None
    return _number(match[1] + (match[2] or ""))


def read_bar(bar: str | None, votes: int | None) -> tuple[int | None, int | None]:
    """Read votes and comments off `赞同 3211 条评论收藏喜欢`, given the votes if known before.

    The page parts the two numbers by an invisible mark that some savers drop; then they run
    together, and only the votes known from elsewhere tell where one ends.
    """
    match = _BAR.search(bar or "")
    if not match:
        return votes, None
    digits = match[1].strip()
    if match[2] == "添加评论":
        shown = _number(digits.replace("\u200b", ""))
        return (votes if votes is not None else shown or 0), 0
    parts = digits.split("\u200b", 1)
    if len(parts) == 2:
        shown = _number(parts[0])
        return (votes if votes is not None else shown or 0), _number(parts[1])
    return _part_digits(digits, votes)


def _part_digits(digits: str, votes: int | None) -> tuple[int | None, int | None]:
    plain = digits.replace(",", "").replace(" ", "")
    if votes is not None:
        rest = plain.removeprefix(str(votes))
        return votes, (int(rest) if rest != plain and rest.isdecimal() else None)
    # One digit cannot be two numbers; the comments are the number that is always shown.
    return (0, int(plain)) if len(plain) == 1 and plain.isdecimal() else (None, None)


def _number(text: str) -> int | None:
    text = text.replace(",", "").replace(" ", "")
    scale = 10_000 if text.endswith("万") else 1
    try:
        return round(float(text.removesuffix("万")) * scale)
    except ValueError:
        return None
