"""Front matter and other named values -> Facts: what is known of a page besides its text."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any

from .addresses import web_address
from .dates import date_of
from .ranges import OUTSIDE, count_within, is_day

# Fact -> names that savers give it, as `_key` writes them; the first that says something counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "full_title", "question_title", "标题", "问题"),
    "url": (
        "url", "source", "original_url", "originalurl", "origin_url", "source_url", "link",
        "answer_url", "permalink", "canonical_url", "回答url", "原文链接", "原文", "链接", "来源",
    ),
    "author": ("author", "authors", "author_name", "作者", "答主"),
    "author_url": ("author_url", "author_link", "作者链接"),
    "headline": ("author_badge", "author_headline", "headline"),
    "site": ("site_name", "site", "publisher"),
    "saved": (
        "date_saved", "saved", "saved_at", "savedat", "created", "collected", "clipped",
        "date_clipped", "收藏时间", "剪藏时间",
    ),
    "published": (
        "date_published", "published", "published_at", "publishedat", "date", "publish_time",
        "pubdate", "发布时间", "创建时间", "create_time",
    ),
    "edited": (
        "updated", "modified", "lastmod", "last_modified", "edited", "更新时间", "编辑时间",
    ),
    "place": ("ip_location", "ip属地"),
    "id": ("answer_id", "答案id", "回答id"),
    "description": ("description", "excerpt", "summary"),
}  # fmt: skip
_COUNTS: dict[str, tuple[str, ...]] = {
    "votes": (
        "upvote_num", "voteup_count", "upvotes", "votes", "vote_count", "voteup", "点赞数", "赞同",
        "赞同数",
    ),
    "comments": ("comment_num", "comment_count", "comments", "评论数", "评论"),
    "followers": ("follower_count", "followers", "关注者"),
    "views": ("view_count", "views", "visit_count", "被浏览", "浏览量"),
}  # fmt: skip
_TAG_NAMES = ("tags", "document_tags", "keywords", "labels", "categories", "topics", "标签")
# Every name by which one of these is known.
KNOWN_NAMES = frozenset(
    name for names in (*_NAMES.values(), *_COUNTS.values(), _TAG_NAMES) for name in names
)
# Nobody writes a count as long.
_LONGEST_COUNT = 100
_SEPARATORS = re.compile("[,，\\s\u200b]+")
_SCALES = {"千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "m": 10**6, "亿": 10**8}
_COUNT = re.compile(r"\+?(\d+)(\.\d+)?(e[+-]?\d+)?([千k万wm亿])?", re.IGNORECASE)
_NOTHING = {"unknown", "none", "null", "nan", "n/a", "undefined", "unknown-author"}
_WIKILINK = re.compile(r"\[\[([^\[\]|]*)(?:\|[^\[\]]*)?\]\]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a page; None, or an empty tuple, where the file does not tell.

    `title_line` is the line of the file on which the title stands among such values; `id` that of
    the post. Counts are numbers, dates ISO 8601.
    """

    title: str | None = None
    title_line: int | None = None
    url: str | None = None
    author: str | None = None
    author_url: str | None = None
    headline: str | None = None
    site: str | None = None
    saved: str | None = None
    published: str | None = None
    edited: str | None = None
    place: str | None = None
    id: str | None = None
    description: str | None = None
    votes: int | None = None
    comments: int | None = None
    followers: int | None = None
    views: int | None = None
    tags: tuple[str, ...] = ()

    def over(self, other: "Facts") -> "Facts":
        """These facts, and those of `other` where these do not tell."""
        missing = {
            row.name: getattr(other, row.name)
            for row in fields(self)
            if getattr(self, row.name) in (None, ())
        }
        if self.title is not None:
            missing.pop("title_line", None)
        return replace(self, **missing)


def read_facts(values: Mapping[Any, Any]) -> Facts:
    """Read the facts that named values give, by whatever name a saver uses."""
    named: dict[str, Any] = {}
    for name, value in values.items():
        named.setdefault(_key(name), value)
    if not named:
        return Facts()
    found: dict[str, Any] = {}
    for fact, names in _NAMES.items():
        values_of = [named[name] for name in names if name in named]
        if _READ.get(fact) is date_of:
            found[fact] = _best(map(date_of, values_of), is_day)
        else:
            found[fact] = _first(_READ.get(fact, text_of)(value) for value in values_of)
    for fact, names in _COUNTS.items():
        counts = (_stated_count(named[name]) for name in names if name in named)
        found[fact] = _best(counts, lambda count: count != OUTSIDE)
    found["tags"] = next((tags for name in _TAG_NAMES if (tags := list_of(named.get(name)))), ())
    return Facts(**found)


def is_known(name: str) -> bool:
    """Tell whether a name is one by which savers give a fact."""
    return _key(name) in KNOWN_NAMES


def _key(name: Any) -> str:
    text = str(name).strip().lower() if isinstance(name, str | int) else ""
    return re.sub(r"[\s\-]+", "_", text)


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _best(values: Iterable[Any], is_within: Callable[[Any], bool]) -> Any:
    """The first value that is within bounds, else the first one."""
    known = [value for value in values if value is not None]
    return _first(value for value in known if is_within(value)) or _first(known)


def text_of(value: Any) -> str | None:
    """Give a value that says something as one line of text, else None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int | float) and not abs(value) <= 10**18:
        return None
    text = " ".join(str(value).split())
    return None if not text or text.lower() in _NOTHING else text


def _person(value: Any) -> str | None:
    """The name in a value, the first name in a list: the others may be anybody on the page."""
    if isinstance(value, list | tuple):
        return next((name for item in value[:3] if (name := _person(item))), None)
    text = text_of(value)
    return text_of(_WIKILINK.sub(r"\1", text)) if text else None


def count_of(value: Any) -> int | None:
    """Read a count such as 1043, "1,043" or "2.3 万"; None for what is none.

    Gives OUTSIDE for a number that is larger than a count can be.

    >>> count_of("2.3 万")
    23000
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int) or (isinstance(value, float) and not value % 1):
        return count_within(value) if value >= 0 else None
    return _count_in(value) if isinstance(value, str) else None


def _count_in(text: str) -> int | None:
    if len(text) > _LONGEST_COUNT:
        return OUTSIDE if text.strip().isdecimal() else None
    match = _COUNT.fullmatch(_SEPARATORS.sub("", text))
    if match is None:
        return None
    digits, point, power, scale = match.groups()
    if not (point or power or scale):
        return count_within(int(digits))
    # A count has no fraction, unless it was shortened.
    if point and not (power or scale):
        return None
    times = _SCALES.get((scale or "").lower(), 1)
    return count_within(float(f"{digits}{point or ''}{power or ''}") * times)


def _stated_count(value: Any) -> int | None:
    """As count_of, of a value that is named as a count: a number that is none gives OUTSIDE."""
    count = count_of(value)
    if count is not None or isinstance(value, bool):
        return count
    if isinstance(value, str):
        is_negative = value.strip()[:1] == "-" and _count_in(value.strip()[1:]) is not None
        return OUTSIDE if is_negative else None
    is_number = isinstance(value, int | float)
    return OUTSIDE if is_number and (not value >= 0 or value == inf) else None


def list_of(value: Any) -> tuple[str, ...]:
    """Give what a value lists; a string is parted at commas and spaces, as Obsidian does."""
    if isinstance(value, str):
        linked = _WIKILINK.findall(value)
        items: Iterable[Any] = linked or re.split(r"[,，、;；\s]+", value.strip("[] "))
    elif isinstance(value, list | tuple):
        items = value
    else:
        return ()
    texts = (text_of(item) for item in items)
    found = (_WIKILINK.sub(r"\1", text).strip().lstrip("#").strip("\"'") for text in texts if text)
    return tuple(dict.fromkeys(item for item in found if item))


def _address(value: Any) -> str | None:
    return web_address(text_of(value))


# How a fact is read, where it is not text as it stands.
_READ: dict[str, Callable[[Any], str | None]] = {
    "url": _address,
    "author": _person,
    "author_url": _address,
    "saved": date_of,
    "published": date_of,
    "edited": date_of,
}
