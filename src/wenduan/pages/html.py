"""HTML, a page or a piece of one -> Blocks, each on its line, and what the head states.

The tree comes from lxml. What has none, or is too deep for one, is read as the text between tags.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from . import cutting
from .blocks import Block, tidy
from .html_head import head_facts
from .html_taming import tamed
from .html_walk import walk
from .lines import Lines
from .ranges import MOST_CHARS, BeyondError

# Images and fonts within a page can be nearly all of it.
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,80};base64,[A-Za-z0-9+/=]+")
_TAG = re.compile(r"<[/a-zA-Z!?][^<>]*>")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A parsed page: what its head states, as front matter would, and its blocks."""

    facts: Mapping[str, Any]
    blocks: list[Block]


def parse_html(text: str) -> HtmlPage:
    """Parse a whole page; lines count from 1."""
    text = _EMBEDDED.sub("data:", text)
    if len(text) > MOST_CHARS:
        raise BeyondError(f"larger than {MOST_CHARS >> 20} MiB without its images; split it")
    model = Block("text", 1)
    root, complete = _parse(text)
    if root is None or not complete:
        return HtmlPage({}, _flat_blocks(text, model))
    return HtmlPage(head_facts(root, text), walk(root, model))


def fragment_blocks(source: str, model: Block) -> list[Block]:
    """Parse a piece of HTML that stands in Markdown where `model` does.

    Its blocks have the kind and the note of `model` wherever the HTML does not say better.
    """
    if "<" not in source:
        return _flat_blocks(source, model)
    root, complete = _parse(source)
    if root is None:
        return []
    return walk(root, model) if complete else _flat_blocks(source, model)


def _parse(text: str) -> tuple[Any, bool]:
    """The tree of a text, None where it has no element; and whether all of it is in the tree."""
    parser = etree.HTMLParser(huge_tree=True, encoding="utf-8")
    data = tamed(text).replace("\0", " ").encode("utf-8", "replace")
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None, not _TAG.sub("", text).strip()
    deep = any("depth" in entry.message for entry in parser.error_log)
    return root, not deep


def _flat_blocks(source: str, model: Block) -> list[Block]:
    """The text between all tags as one block, for what is no tree."""
    seen = html.unescape(_TAG.sub(" ", source))
    text = tidy(seen, "text")
    lead = len(source) - len(source.lstrip())
    at = model.line + source.count("\n", 0, lead)
    lines = Lines([(model.line, seen)]) if len(text) > cutting.MOST_CHARS else None
    return [replace(model, line=at, text=text, lines=lines)] if text else []
