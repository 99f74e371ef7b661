"""A note that holds several pages -> the text and the front matter of each."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from .front_matter import Split

# Omnivore's plugin for Obsidian can put all pages into one note, each between two comments.
_BORDER = re.compile(r"(?m)^%%(?P<id>[\w-]{8,64})_(?P<side>start|end)%%[ \t]*$")
# Its plugin for Logseq puts pages below each other, each a block with these properties.
_BLOCK = re.compile(
    r"(?m)^(?P<indent>[ \t]*)- \[[^\n]*\]\([^\n]*\)[ \t]*\n"
    r"(?:[ \t]+collapsed:: true[ \t]*\n)?[ \t]+site:: "
)


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
    found = list(_BLOCK.finditer(split.body))
    if len(found) < 2 and not any(match["indent"] for match in found):
        return
    edges = [0, *(match.start() for match in found[1:]), len(split.body)]
    line = split.first_line
    for match, (begin, end) in zip(found, pairwise(edges), strict=True):
        text = split.body[begin:end]
        # Deep in a list, a page would begin as code.
        body = "\n".join(row.removeprefix(match["indent"]) for row in text.split("\n"))
        yield replace(split, body=body, first_line=line)
        line += text.count("\n")
