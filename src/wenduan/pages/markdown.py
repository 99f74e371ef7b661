"""Markdown -> Blocks: each with its visible text, its line, and the links, images and notes in it.

The structure comes from pyromark's CommonMark events; this module only folds them into records.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyromark

from .blocks import IMAGE, Block, Link
from .cutting import MOST_CHARS
from .formulas import EQUATION, formula_of, math_text
from .html import fragment_blocks
from .html_tags import inline_text
from .lines import Lines
from .ranges import check_blocks

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_STRIKETHROUGH
)
# A template engine writes these, for / = ` too; people and browsers do not.
_ESCAPES = {
    "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x2F;": "/", "&#x60;": "`",
    "&#x3D;": "=", "&amp;": "&",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_ESCAPES))
# Evernote's exports point to images by names that are defined nowhere.
_ATTACHMENT = re.compile(r"!\[(noteattachment\d+)\]\[[0-9a-f]{32}\]")
# An address that a line break has cut in two.
_CUT_ADDRESS = re.compile(r"\]\((https?://[^\s()<>]+)\n([^\s()<>]+)\)")
# A rule that was escaped on its way: the marks stand apart.
_ODD_RULE = re.compile(r"(?m)^[ \t]*(?:\*{1,3} ){2,}\*{1,3}[ \t]*$")
_ESCAPED_HEADING = re.compile(r"(?m)^\\(?=#{2,6} )")
_DEFINITION = re.compile(r"(?m)^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t].*$")


def parse_blocks(text: str, first_line: int = 1) -> list[Block]:
    """Parse Markdown into its leaf blocks, in the order of the text.

    `first_line` is the line of the file on which the text begins.
    """
    text = _repair(text)
    folder = _Folder(text, first_line)
    for event, span in pyromark.events_with_range(text, options=_OPTIONS):
        folder.take(event, span["start"], span["end"])
        check_blocks(len(folder.blocks))
    folder.close()
    blocks = [row for row in folder.blocks if row.kind == "rule" or row.says_something]
    return _join_links(_with_definitions(text, first_line, blocks, folder.leaves))


def _repair(text: str) -> str:
    """Undo what savers do to Markdown, without moving any line's beginning."""
    if "&#x2F;&#x2F;" in text:
        text = _ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)
    text = _ATTACHMENT.sub(r"![](\1)", text) if "![noteattachment" in text else text
    text = _CUT_ADDRESS.sub(r"](\1\2)\n", text)
    if "\\#" in text:
        text = _ESCAPED_HEADING.sub("", text)
    return _ODD_RULE.sub("***", text) if "* *" in text else text


def _with_definitions(
    text: str, first_line: int, blocks: list[Block], leaves: list[tuple[int, int]]
) -> list[Block]:
    """Add the lines that define link targets: Markdown shows them nowhere, but they are there."""
    found = list(_DEFINITION.finditer(text))
    if not found:
        return blocks
    rows, at, offset, line, leaf = [], 0, 0, first_line, 0
    for match in found:
        offset += len(text[at : match.start()].encode("utf-8"))
        line += text.count("\n", at, match.start())
        at = match.start()
        while leaf < len(leaves) and leaves[leaf][1] <= offset:
            leaf += 1
        covered = leaf < len(leaves) and leaves[leaf][0] <= offset
        if not covered:
            rows.append(Block("definition", line, match[0].strip()))
    return sorted([*blocks, *rows], key=lambda block: block.line) if rows else blocks


def _join_links(blocks: list[Block]) -> list[Block]:
    """Join links whose text stands between blank lines: CommonMark knows no such links."""
    opened: Block | None = None
    found: list[Block] = []
    for at, block in enumerate(blocks):
        if block.text == "[" and not block.links:
            opened = block
        elif opened is not None and (match := re.fullmatch(r"\]\((\S+)\)\s*(.*)", block.text)):
            inner = [row for row in blocks[max(0, at - 4) : at] if row.line > opened.line]
            for row in inner:
                row.links.append(Link(row.text, match[1]))
            opened = None
            if match[2]:
                block.text = match[2]
                found.append(block)
            continue
        found.append(block)
    return [row for row in found if row.text != "[" or row.links]


class _Folder:
    """Folds a stream of events into blocks; holds the open containers as it goes."""

    def __init__(self, text: str, first_line: int) -> None:
        self.blocks: list[Block] = []
        self.leaves: list[tuple[int, int]] = []
        self._block: Block | None = None
        self._html = False
        # Nothing visible stands in the block so far.
        self._bare = True
        self._text: list[str] = []
        # The lines that begin within the block: where among its runs, and which.
        self._begun: list[tuple[int, int]] = []
        self._links: list[tuple[str, int]] = []
        self._image: tuple[str, int] | None = None
        self._math: list[str] | None = None
        self._quotes = 0
        self._lists: list[int | None] = []
        self._items = 0
        self._note: str | None = None
        self._source = text.encode("utf-8")
        self._offset = 0
        self._line = first_line

    def take(self, event: Any, start: int, end: int) -> None:
        if isinstance(event, str):
            name, value = event, None
        else:
            ((name, value),) = event.items()
        if name == "Start":
            tag, inner = _tag(value)
            if tag in _LEAVES:
                self.leaves.append((start, end))
            self._start(tag, inner, start)
        elif name == "End":
            self._end(_tag(value)[0])
        else:
            self._inline(name, value, start, end)

    def close(self) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        self._math = None
        runs, self._text = self._text, []
        begun, self._begun = self._begun, []
        text = "".join(runs)
        if self._html:
            self._html = False
            self.blocks += fragment_blocks(text, block)
            return
        if len(text) > MOST_CHARS:
            block.lines = _lines_of(block, runs, begun)
        block.finish(text)
        self.blocks.append(block)

    def _open(self, kind: str, start: int) -> Block:
        self.close()
        self._html = kind == "html"
        block = Block("text" if self._html else kind, self._line_of(start), note=self._note)
        if kind in {"text", "heading", "html"}:
            if self._lists and self._items:
                block.item = self._lists[-1]
                block.kind = "list"
            elif self._quotes:
                block.kind = "quote"
        self._block, self._bare = block, True
        return block

    def _line_of(self, start: int) -> int:
        """Line of a byte offset; events come in order, so each byte is counted once."""
        if start > self._offset:
            self._line += self._source.count(b"\n", self._offset, start)
            self._offset = start
        return self._line

    def _begin_line(self, start: int) -> None:
        """Note that what comes next stands on another line."""
        self._begun.append((len(self._text), self._line_of(start)))

    def _start(self, tag: str, value: Any, start: int) -> None:
        if tag in _LEAVES:
            block = self._open(_LEAVES[tag], start)
            if tag == "Heading":
                block.level = int(value["level"][1])
        elif tag in {"TableRow", "TableHead"}:
            self._begin_line(start)
        elif tag == "Link":
            self._ensure(start)
            self._links.append((value["dest_url"], len(self._text)))
        elif tag == "Image":
            self._ensure(start)
            self._image = (value["dest_url"], len(self._text))
        elif tag in _CONTAINERS:
            self.close()
            self._enter(tag, value)

    def _enter(self, tag: str, value: Any) -> None:
        if tag == "BlockQuote":
            self._quotes += 1
        elif tag == "List":
            self._lists.append(None if value is None else int(value) - 1)
        elif tag == "Item":
            self._items += 1
            if self._lists and (count := self._lists[-1]) is not None:
                self._lists[-1] = count + 1
        else:
            self._note = str(value)

    def _end(self, tag: str) -> None:
        if tag in _LEAVES:
            self.close()
        elif tag == "Link":
            self._end_link()
        elif tag == "Image":
            self._end_image()
        elif tag == "TableCell":
            self._text.append(" | ")
        elif tag in {"TableRow", "TableHead"}:
            self._text.append("\n")
        elif tag in _CONTAINERS:
            self.close()
            self._leave(tag)

    def _leave(self, tag: str) -> None:
        if tag == "BlockQuote":
            self._quotes -= 1
        elif tag == "List":
            self._lists.pop()
        elif tag == "Item":
            self._items -= 1
        else:
            self._note = None

    def _end_link(self) -> None:
        url, begin = self._links.pop()
        block = self._ensure(0)
        text = "".join(self._text[begin:])
        block.links.append(Link(text.replace(IMAGE, ""), url))

    def _end_image(self) -> None:
        if self._image is None:
            return
        url, begin = self._image
        self._image = None
        alternative = "".join(self._text[begin:])
        del self._text[begin:]
        if EQUATION in url:
            self._text.append(formula_of(url, alternative))
            return
        block = self._ensure(0)
        block.images.append(url)
        block.alts.append(alternative.strip())
        self._text.append(IMAGE)

    def _ensure(self, start: int) -> Block:
        """The open block; a tight list item's text comes without one of its own."""
        return self._block or self._open("text", start)

    def _inline(self, name: str, value: Any, start: int, end: int) -> None:
        if name == "Rule":
            self._rule(start)
            return
        if name == "TaskListMarker":
            return
        block = self._ensure(start)
        if name == "InlineHtml":
            self._inline_html(str(value), block)
        elif self._math is not None:
            self._math.append(str(value or ""))
        elif name in {"SoftBreak", "HardBreak"}:
            self._text.append("\n")
            self._begin_line(end)
        elif name == "FootnoteReference":
            block.notes.append(str(value))
            self._text.append(f"[{value}]")
        elif name in {"InlineMath", "DisplayMath"}:
            mark = "$" if name == "InlineMath" else "$$"
            self._text.append(f"{mark}{value}{mark}")
        elif value is not None:
            self._add(str(value), block, start)

    def _add(self, text: str, block: Block, start: int) -> None:
        if self._bare and block.images and text.strip():
            # An image may stand on the lines above.
            self._bare = False
            block.line = self._line_of(start)
        if block.kind == "code":
            self._begin_line(start)
        self._text.append(text)

    def _rule(self, start: int) -> None:
        """A rule parts what stands around it, be it one or many."""
        self.close()
        if not self.blocks or self.blocks[-1].kind != "rule":
            self._open("rule", start)
            self.close()

    def _inline_html(self, tag: str, block: Block) -> None:
        """Take one tag among the text; what stands in a `<math>` is read when it ends."""
        if tag.startswith("<math"):
            self._math = [tag]
        elif self._math is not None:
            self._math.append(tag)
            if tag.startswith("</math"):
                self._text.append(math_text("".join(self._math)))
                self._math = None
        else:
            self._text.append(inline_text(tag, block))


def _lines_of(block: Block, runs: Sequence[str], begun: Sequence[tuple[int, int]]) -> Lines:
    """The lines of a block, given its runs of text and the lines that begin within it."""
    marks = [(0, block.line), *begun, (len(runs), 0)]
    parts = ((line, "".join(runs[at:end])) for (at, line), (end, _) in pairwise(marks))
    if block.kind == "code":
        return Lines(parts)
    # A line break of HTML ends no line of the file.
    return Lines((line, part.replace("\n", "")) for line, part in parts)


_LEAVES = {
    "Paragraph": "text",
    "Heading": "heading",
    "CodeBlock": "code",
    "HtmlBlock": "html",
    "Table": "table",
}
_CONTAINERS = {"BlockQuote", "List", "Item", "FootnoteDefinition"}


def _tag(value: Any) -> tuple[str, Any]:
    """Name and value of a Start or End event, which comes as a string or as a one-item dict."""
    if isinstance(value, str):
        return value, None
    ((name, inner),) = value.items()
    return name, inner
