"""A note that holds several pages -> the text and the front matter of each."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from .front_matter import Split

# Omnivore's plugin for Obsidian can put all pages into one note, each between two comments.
_BORDER = re.compile(r"(?m)^%%(?P<id>[\w-]{8,64})_(?P<side>start|end)%%[ \t]*$")
# Its plugin for Logseq puts pages below each other, each a block with these properties.
_SITE = re.compile(r"(?m)^[ \t]+site:: ")
_COLLAPSED = re.compile(r"[ \t]+collapsed:: true[ \t]*")
_ITEM = re.compile(r"([ \t]*)- \[")


def split_pages(split: Split) -> list[Split]:
    """Part a file into its pages; a file of one page is given as it is."""
    pages: list[Split] = []
    if "_start%%" in split.body:
        pages = list(_between_comments(split))
    elif "site:: " in split.body:
        pages = list(_blocks(split))
    return pages or [split]


def _between_comments(split: Split) -> Iterator[Split]:
    """The pages of Obsidian's plugin; the front matter is one list of theirs."""
    by_id = {str(values.get("id")): values for values in split.many or (split.values or {},)}
    line, at = split.first_line, 0
    opened: re.Match[str] | None = None
    for border in _BORDER.finditer(split.body):
        if border["side"] == "start":
            opened = border
        elif opened is not None and opened["id"] == border["id"]:
            begin = opened.end() + 1
            line += split.body.count("\n", at, begin)
            at, opened = begin, None
            values = by_id.get(border["id"], {"id": border["id"]})
            body = split.body[begin : border.start()]
            yield replace(split, body=body, first_line=line, values=values, many=())


def _blocks(split: Split) -> Iterator[Split]:
    """The pages of Logseq's plugin, at any depth; what stands above the first belongs to it."""
    found = list(_items(split.body))
    if len(found) < 2 and not any(indent for _, indent in found):
        return
    edges = [0, *(begin for begin, _ in found[1:]), len(split.body)]
    line = split.first_line
    for (_, indent), (begin, end) in zip(found, pairwise(edges), strict=True):
        text = split.body[begin:end]
        # Deep in a list, a page would begin as code.
        body = "\n".join(row.removeprefix(indent) for row in text.split("\n"))
        yield replace(split, body=body, first_line=line)
        line += text.count("\n")


def _items(text: str) -> Iterator[tuple[int, str]]:
    """Where the items that are pages begin, and their indents: each is a link, and has a site."""
    for site in _SITE.finditer(text):
        begin, row = _line_above(text, site.start())
        if _COLLAPSED.fullmatch(row):
            begin, row = _line_above(text, begin)
        if (item := _ITEM.match(row)) and _is_link(row[item.end() :].rstrip(" \t")):
            yield begin, item[1]


def _line_above(text: str, at: int) -> tuple[int, str]:
    """The line that ends where the one at a place begins: its own beginning, and its text."""
    end = max(at - 1, 0)
    begin = text.rfind("\n", 0, end) + 1
    return begin, text[begin:end]


def _is_link(text: str) -> bool:
    """Tell whether a text, behind its bracket, is a link. (An expression would be quadratic.)"""
    middle = text.find("](")
    return middle >= 0 and text.endswith(")") and len(text) > middle + 2
