"""The names of fields, as people type them."""

from collections.abc import Mapping

# All names of a field, in the order in which docs/query.md gives them.
NAMES: Mapping[str, tuple[str, ...]] = {
    "author": ("author", "by", "作者", "答主"),
    "title": ("title", "标题", "题目"),
    "tag": ("tag", "tags", "标签", "话题"),
    "site": ("site", "网站", "站点"),
    "kind": ("kind", "type", "类型"),
    "in": ("in", "path", "路径", "文件"),
    "votes": ("votes", "赞同", "赞"),
    "comments": ("comments", "评论"),
    "published": ("published", "date", "发布", "日期"),
    "after": ("after", "since", "晚于"),
    "before": ("before", "until", "早于"),
    "saved": ("saved", "保存"),
    "has": ("has", "含有"),
}
_FIELD_OF = {name: field for field, names in NAMES.items() for name in names}


def field_of(name: str) -> str | None:
    """The field that a name stands for, None where it is none.

    >>> field_of("作者"), field_of("Author"), field_of("https")
    ('author', 'author', None)
    """
    return _FIELD_OF.get(name.lower())
