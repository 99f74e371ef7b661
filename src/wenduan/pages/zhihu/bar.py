"""The line of buttons below a Zhihu post, and the line of votes above it -> votes and comments."""

import re

from ..facts import count_of

_COUNT = r"(?:[\d,.]+(?: ?[万wWkK])?)"
_HEADER = re.compile(
    rf"(?:.{{0,200}}?(?:等|、)\s*)?(?:[·•]\s*)?({_COUNT})\s*人(?:也)?赞同了该(?:回答|文章|想法)(?:\s*[›>])?"
)
_UNCOUNTED = re.compile(r".{1,80}赞同了该(?:回答|文章|想法)")
_BAR = re.compile(r"(?:已?赞同|▲|△)\s*([\d,. \u200b万wWkK]*?)\s*(条评论|添加评论|评论)")
_BUTTON = (
    r"(?:条评论|添加评论|已?收藏|评论|分享|喜欢|举报|收起|申请转载|感谢|更多|推荐|不喜欢|设置)"
)
_IS_BAR = re.compile(
    rf"[\u200b\s]*(?:(?:[▲△][\u200b\s]*)?已?赞同|[▲△])[\u200b\s]*[\d,.万wWkK\s\u200b]*"
    rf"(?:{_BUTTON}[\d,\s\u200b]*)+"
)
# As long as a line of buttons gets.
_LONGEST = 90
# Before 2019: digits, `13 条评论`, 分享, 收藏, 感谢收起 without 赞同 before them.
_OLD_BAR = re.compile(
    rf"(?:({_COUNT})\s+)?(?:({_COUNT}) 条评论|添加评论)\s*(?:分享|收藏|感谢|收起|举报|\s)*"
)
_INVISIBLE = "\u200b"
# Tried where a gap begins only, so that a long one takes no longer than it is.
_GAP = re.compile(rf"(?<![\s{_INVISIBLE}])[\s{_INVISIBLE}]+")


def read_votes_line(text: str) -> int | None:
    """Votes in a line such as `1,043 人赞同了该回答`; None where the text is no such line."""
    match = _HEADER.fullmatch(text.strip()) if len(text) < 300 else None
    return count_of(match[1]) if match else None


def is_votes_line(text: str) -> bool:
    """Tell whether a line says who agreed, be it with a number or not."""
    if "赞同了该" not in text:
        return False
    return read_votes_line(text) is not None or bool(_UNCOUNTED.fullmatch(text.strip()))


def is_bar(text: str) -> bool:
    """Tell whether a text is the line of buttons below a post."""
    return len(text) < _LONGEST and bool(_IS_BAR.fullmatch(text))


def read_old_bar(text: str) -> tuple[int | None, int | None] | None:
    """Votes and comments of the line of buttons as it was before 2019; None for other texts."""
    match = _OLD_BAR.fullmatch(text) if len(text) < _LONGEST else None
    if not match:
        return None
    return count_of(match[1]), count_of(match[2]) if match[2] else 0


def read_bar(bar: str | None, votes: int | None) -> tuple[int | None, int | None]:
    """Read votes and comments off `赞同 3211 条评论收藏喜欢`, given the votes if known before.

    The page parts the two numbers by an invisible mark that some savers drop; then they run
    together, and only the votes known from elsewhere tell where one ends.
    """
    match = _BAR.search(bar or "")
    if not match:
        return _votes_alone(bar, votes)
    digits = match[1].strip()
    if match[2] == "添加评论":
        shown = count_of(digits.replace(_INVISIBLE, ""))
        return (votes if votes is not None else shown or 0), 0
    parts = [part.strip() for part in _GAP.sub(_mark_of_gap, digits).split(_INVISIBLE)]
    if match[2] == "评论":
        # No count of comments, so all digits are votes.
        shown = count_of(digits.replace(_INVISIBLE, ""))
        return (votes if votes is not None else shown), None
    if len(parts) == 2:
        shown = count_of(parts[0])
        return (votes if votes is not None else shown or 0), count_of(parts[1])
    return _part_digits(digits, votes)


def _mark_of_gap(gap: re.Match[str]) -> str:
    return _INVISIBLE if _INVISIBLE in gap[0] else gap[0]


def _votes_alone(bar: str | None, votes: int | None) -> tuple[int | None, int | None]:
    """A bar without comments, such as `赞同 12 喜欢`, still counts the votes."""
    match = re.match(rf"[\s{_INVISIBLE}]*已?赞同\s*({_COUNT})", bar or "")
    return (votes if votes is not None or not match else count_of(match[1])), None


def _part_digits(digits: str, votes: int | None) -> tuple[int | None, int | None]:
    spaced = digits.split()
    if len(spaced) == 2 and "万" not in spaced:
        return (votes if votes is not None else count_of(spaced[0])), count_of(spaced[1])
    plain = digits.replace(",", "").replace(" ", "")
    if "万" in plain:
        head, _, rest = plain.partition("万")
        shown = count_of(head + "万")
        return (votes if votes is not None else shown), count_of(rest)
    if votes is not None:
        rest = plain.removeprefix(str(votes))
        return votes, (int(rest) if rest != plain and rest.isdecimal() and rest.isascii() else None)
    # One digit cannot be two numbers; the comments are the number that is always shown.
    return (0, int(plain)) if len(plain) == 1 and plain.isdecimal() else (None, None)
