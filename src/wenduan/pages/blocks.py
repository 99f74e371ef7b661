"""Markdown -> Blocks: each with its visible text, its line, and the links, images and notes in it.

The structure comes from pyromark's CommonMark events; this module only folds them into records.
"""

import html
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyromark

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_STRIKETHROUGH
)
# Tags after which a browser begins a new line; all others leave the text in one piece.
_BREAKING_TAG = re.compile(r"</?(?:br|tr)\b[^<>]*>", re.IGNORECASE)
# Where one paragraph of an HTML block ends and the next begins; a table is a piece of its own.
_PIECE = re.compile(
    r"(?P<table><table\b.*?(?:</table\s*>|\Z))"
    r"|</?(?:p|div|li|ul|ol|h[1-6]|blockquote|pre|section|article|figure|figcaption"
    r"|details|summary|dd|dt|dl|hr)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# CommonMark sees no emphasis in `**很重要。**因为`: the closing mark stands between punctuation
# and a letter. People who write Chinese mean one.
_LEFT_EMPHASIS = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
_FORMULA = re.compile(r"\$\$([^$]+)\$\$")
_TAG = re.compile(r"<[/a-zA-Z!?][^<>]*>")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a block: `text` is what is seen (perhaps empty), `image` the URL it shows."""

    text: str
    url: str
    image: str | None = None
    image_text: str = ""


@dataclass(slots=True)
class Block:
    """One leaf of the Markdown tree; `line` counts from 1 within the parsed text.

    `kind` is text, heading, list, quote, code, table, formula, html or rule. `note` is the label
    of the footnote the block defines; `item` counts an ordered list's items from its start.
    """

    kind: str
    line: int
    html: bool = False
    text: str = ""
    level: int = 0
    item: int | None = None
    note: str | None = None
    links: list[Link] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def flat(self) -> str:
        """The visible text on one line, without invisible characters at its ends."""
        return " ".join(self.text.replace("\u200b", " ").split())


def parse_blocks(text: str) -> list[Block]:
    """Parse Markdown into its leaf blocks, in the order of the text."""
    folder = _Folder(text)
    for event, span in pyromark.events_with_range(text, options=_OPTIONS):
        folder.take(event, span["start"])
    folder.close()
    return [block for block in folder.blocks if block.kind == "rule" or _says_something(block)]


def html_text(source: str) -> str:
    """Visible text of an HTML fragment, a line for each block of it."""
    source = _UNSEEN.sub("", _COMMENT.sub("", source))
    source = _CELL_END.sub(" | ", _BREAKING_TAG.sub("\n", source))
    return html.unescape(_TAG.sub("", source))


def _split_html(block: Block, source: str) -> list[Block]:
    """Part an HTML block into its paragraphs and tables, each on its own line of the file."""
    # Blanked out with their lines kept, so that lines can still be counted.
    source = _UNSEEN.sub(_blank, _COMMENT.sub(_blank, source))
    pieces: list[tuple[str, int, str]] = []
    at = 0
    for match in _PIECE.finditer(source):
        pieces.append((block.kind, at, source[at : match.start()]))
        if match["table"]:
            pieces.append(("table", match.start(), match["table"]))
        at = match.end()
    pieces.append((block.kind, at, source[at:]))
    found, line, counted = [], block.line, 0
    for kind, start, piece in pieces:
        text = _tidy(html_text(piece), kind)
        if text:
            begin = start + len(piece) - len(piece.lstrip())
            line += source.count("\n", counted, begin)
            counted = begin
            found.append(replace(block, kind=kind, line=line, text=text, html=False))
    return found


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _says_something(block: Block) -> bool:
    return bool(block.text or block.links or block.images)


class _Folder:
    """Folds a stream of events into blocks; holds the open containers as it goes."""

    def __init__(self, text: str) -> None:
        self.blocks: list[Block] = []
        self._block: Block | None = None
        self._text: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._image: tuple[str, int] | None = None
        self._image_text = ""
        self._quotes = 0
        self._lists: list[int | None] = []
        self._items = 0
        self._note: str | None = None
        self._source = text.encode("utf-8")
        self._offset = 0
        self._line = 1

    def take(self, event: Any, start: int) -> None:
        if isinstance(event, str):
            name, value = event, None
        else:
            ((name, value),) = event.items()
        if name == "Start":
            self._start(*_tag(value), start)
        elif name == "End":
            self._end(_tag(value)[0])
        else:
            self._inline(name, value, start)

    def close(self) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        text, self._text = "".join(self._text), []
        if block.html:
            self.blocks += _split_html(block, text)
            return
        if block.kind != "code":
            text = _LEFT_EMPHASIS.sub(_unwrap, text)
        block.text = _tidy(text, block.kind)
        if formula := _FORMULA.fullmatch(block.text):
            block.kind, block.text = "formula", formula[1].strip()
        self.blocks.append(block)

    def _open(self, kind: str, start: int) -> Block:
        self.close()
        block = Block(kind, self._line_of(start), html=kind == "html", note=self._note)
        if self._lists and self._items and kind in {"text", "heading", "html"}:
            block.item = self._lists[-1]
            block.kind = "list"
        elif self._quotes and kind in {"text", "heading", "html"}:
            block.kind = "quote"
        self._block = block
        return block

    def _line_of(self, start: int) -> int:
        """Line (from 1) of a byte offset; events come in order, so each byte is counted once."""
        if start > self._offset:
            self._line += self._source.count(b"\n", self._offset, start)
            self._offset = start
        return self._line

    def _start(self, tag: str, value: Any, start: int) -> None:
        if tag in _LEAVES:
            block = self._open(_LEAVES[tag], start)
            if tag == "Heading":
                block.level = int(value["level"][1])
        elif tag == "Link":
            self._ensure(start)
            self._links.append((value["dest_url"], len(self._text)))
        elif tag == "Image":
            self._ensure(start)
            self._image = (value["dest_url"], len(self._text))
        elif tag == "BlockQuote":
            self.close()
            self._quotes += 1
        elif tag == "List":
            self.close()
            self._lists.append(None if value is None else int(value) - 1)
        elif tag == "Item":
            self.close()
            self._items += 1
            if self._lists and (count := self._lists[-1]) is not None:
                self._lists[-1] = count + 1
        elif tag == "FootnoteDefinition":
            self.close()
            self._note = str(value)

    def _end(self, tag: str) -> None:
        if tag in _LEAVES:
            self.close()
        elif tag == "Link":
            self._end_link()
        elif tag == "Image":
            self._end_image()
        elif tag == "BlockQuote":
            self.close()
            self._quotes -= 1
        elif tag == "List":
            self.close()
            self._lists.pop()
        elif tag == "Item":
            self.close()
            self._items -= 1
        elif tag == "FootnoteDefinition":
            self.close()
            self._note = None
        elif tag == "TableCell":
            self._text.append(" | ")
        elif tag in {"TableRow", "TableHead"}:
            self._text.append("\n")

    def _end_link(self) -> None:
        url, begin = self._links.pop()
        block = self._ensure(0)
        text = "".join(self._text[begin:])
        image = block.images[-1] if block.images and not text.strip() else None
        block.links.append(Link(text, url, image, self._image_text if image else ""))

    def _end_image(self) -> None:
        if self._image is None:
            return
        url, begin = self._image
        self._image = None
        alternative = "".join(self._text[begin:])
        del self._text[begin:]
        formula = formula_of(url, alternative)
        if formula is not None:
            self._text.append(formula)
            return
        self._image_text = alternative
        self._ensure(0).images.append(url)

    def _ensure(self, start: int) -> Block:
        """The open block; a tight list item's text comes without one of its own."""
        return self._block or self._open("text", start)

    def _inline(self, name: str, value: Any, start: int) -> None:
        if name == "Rule":
            self._open("rule", start)
            self.close()
            return
        if name == "TaskListMarker":
            return
        block = self._ensure(start)
        if name in {"SoftBreak", "HardBreak"}:
            self._text.append("\n")
        elif name == "FootnoteReference":
            block.notes.append(str(value))
            self._text.append(f"[{value}]")
        elif name == "InlineHtml":
            self._text.append(html_text(value))
        elif name in {"InlineMath", "DisplayMath"}:
            mark = "$" if name == "InlineMath" else "$$"
            self._text.append(f"{mark}{value}{mark}")
        elif value is not None:
            self._text.append(str(value))


_LEAVES = {
    "Paragraph": "text",
    "Heading": "heading",
    "CodeBlock": "code",
    "HtmlBlock": "html",
    "Table": "table",
}


def _tag(value: Any) -> tuple[str, Any]:
    """Name and value of a Start or End event, which comes as a string or as a one-item dict."""
    if isinstance(value, str):
        return value, None
    ((name, inner),) = value.items()
    return name, inner


def _unwrap(match: re.Match[str]) -> str:
    return match[0] if match[1].isascii() else match[1]


def _tidy(text: str, kind: str) -> str:
    """Trim a block's text: no blank lines, no white space at the ends of lines."""
    if kind == "code":
        return text.strip("\n")
    lines = (line.strip(" \t\u3000\u00a0\u200b") for line in text.split("\n"))
    if kind in {"table", "html", "quote", "list"}:
        lines = (line.removesuffix("|").rstrip() for line in lines)
    return "\n".join(line for line in lines if line)


def formula_of(url: str, alternative: str) -> str | None:
    """TeX of an image that stands for a formula (Zhihu's equation service), else None."""
    if "zhihu.com/equation?" not in url:
        return None
    tex = parse_qs(urlsplit(url).query).get("tex", [""])[0] or alternative
    return f"${tex.strip()}$"
