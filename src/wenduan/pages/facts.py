"""Front matter and other named values -> Facts: what is known of a page besides its text."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .addresses import web_address
from .dates import date_of

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
        found[fact] = _first(_READ.get(fact, text_of)(value) for value in values_of)
    for fact, names in _COUNTS.items():
        found[fact] = _first(count_of(named[name]) for name in names if name in named)
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


def text_of(value: Any) -> str | None:
    """Give a value that says something as one line of text, else None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) > 10**18:
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

    >>> count_of("2.3 万")
    23000
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**12 else None
    if not isinstance(value, str) or len(value) > 24:
        return None
    text = value.replace(",", "").replace(" ", "").replace("\u200b", "")
    scales = {"万": 10_000, "w": 10_000, "k": 1000}
    scale = scales.get(text[-1:].lower(), 1)
    digits = text[:-1] if scale > 1 else text
    if not re.fullmatch(r"\d+(?:\.\d+)?", digits, re.ASCII) or ("." in digits and scale == 1):
        return None
    return round(float(digits) * scale)


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
