"""A tree of HTML elements -> Blocks, each on its line.

Where the markup tells the text of a page from what stands around it, blocks say so (`region`);
nothing that can be seen is left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from .blocks import IMAGE, Block, Link
from .cutting import MOST_CHARS
from .formulas import between_dollars, math_text
from .html_regions import Regions
from .html_tags import image_text, take_citation
from .lines import Lines
from .ranges import check_blocks

_UNSEEN = {"script", "style", "template", "noscript", "svg", "iframe", "head", "canvas", "datalist"}
_BREAKING = {
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "figure", "form",
    "figcaption", "details", "summary", "dd", "dt", "dl", "hr", "address", "fieldset", "body",
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "center",
}  # fmt: skip
# Elements -> the kind of block that is in them, the outermost in meaning first.
_KINDS = {
    "pre": "code", "table": "table", "figcaption": "caption", "li": "list", "blockquote": "quote",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Elements that name a page's account, author or date: apart, though they stand in one line.
_NAMING = {"js_name", "js_author_name", "publish_time"}
_CELL_ENDS = {"td": " | ", "th": " | ", "tr": "\n"}
_SPACE = re.compile(r"[ \t\r\n\f]+")
# A browser shows a line break as a space; between Han characters nobody wants one.
_WIDE = r"[\u2e80-\u9fff\uff00-\uffef]"
_WIDE_BREAK = re.compile(rf"(?<={_WIDE})[ \t]*\n\s*(?={_WIDE})")
# libxml2 keeps lines in 16 bits; beyond, they are counted from the last one it tells.
_MAX_LINE = 65_535


def walk(root: Any, model: Block) -> list[Block]:
    """The blocks of a tree, which have what `model` has wherever the markup does not say better.

    Lines count from that of `model`.
    """
    walker = _Walker(model)
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            walker.start(element)
        elif event == "end":
            walker.end(element)
        else:
            walker.pass_by(element)
        check_blocks(len(walker.blocks))
    walker.close()
    return [block for block in walker.blocks if block.kind == "rule" or block.says_something]


@dataclass(slots=True)
class _Lists:
    """The lists that are open, innermost last: the number of the last item, None if unordered."""

    open: list[int | None] = field(default_factory=list)

    def enter(self, element: Any) -> None:
        start = element.get("start", "1")
        first = int(start) if start.isdecimal() and len(start) < 9 else 1
        self.open.append(first - 1 if element.tag == "ol" else None)

    def leave(self) -> None:
        if self.open:
            self.open.pop()

    def next_item(self) -> None:
        if self.open and (last := self.open[-1]) is not None:
            self.open[-1] = last + 1


@dataclass(slots=True)
class _OpenLink:
    """A link whose end has not come; `begin` is where its text begins among the block's runs."""

    element: Any
    url: str
    begin: int


class _Walker:
    """Folds the elements of a tree, in order, into blocks."""

    def __init__(self, model: Block) -> None:
        self.blocks: list[Block] = []
        self._model = model
        self._base = model.line - 1
        self._line = model.line
        self._block: Block | None = None
        # Nothing visible stands in the block so far.
        self._bare = True
        self._text: list[str] = []
        # The runs of text as they stand in the file, each with its line.
        self._runs: list[tuple[int, str]] = []
        self._links: list[_OpenLink] = []
        self._lists = _Lists()
        # How many elements are open of those that make what is in them a kind of block.
        self._open = dict.fromkeys(_KINDS, 0)
        self._level = 0
        self._skipped: Any = None
        self._regions = Regions()

    def start(self, element: Any) -> None:
        if self._skipped is not None:
            self._pass_over(element.text)
            return
        line = element.sourceline or 0
        if 0 < line < _MAX_LINE:
            self._line = line + self._base
        tag = element.tag
        self._regions.enter(element)
        if self._skip(element, tag):
            self._skipped = element
            self._pass_over(element.text)
            return
        if tag in _BREAKING or element.get("id") in _NAMING:
            self._break_before()
        self._enter(element, tag)
        self._add(element.text)

    def end(self, element: Any) -> None:
        if self._skipped is not None:
            if self._skipped is element:
                self._skipped = None
                self._add(element.tail)
            else:
                self._pass_over(element.tail)
            self._regions.leave(element)
            return
        tag = element.tag
        if tag in _BREAKING and (not self._open["table"] or tag == "table"):
            self.close(keep_table=tag == "table" and self._open["table"] > 1)
        elif element.get("id") in _NAMING and not self._open["table"]:
            self.close()
        self._leave(element, tag)
        self._regions.leave(element)
        self._add(element.tail)

    def _break_before(self) -> None:
        """What stands apart begins a block; within a table, it only stands apart."""
        if not self._open["table"]:
            self.close()
        elif self._text and not self._text[-1].endswith((" ", "\n")):
            self._text.append(" ")

    def pass_by(self, comment: Any) -> None:
        """Count the lines of a comment; what stands behind it goes on."""
        self._pass_over(comment.text)
        if self._skipped is None:
            self._add(comment.tail)
        else:
            self._pass_over(comment.tail)

    def close(self, keep_table: bool = False) -> None:
        """End the block that is open."""
        if keep_table or self._block is None:
            return
        block, self._block = self._block, None
        for row in self._links[-1:]:
            # A link around several blocks is a link of each.
            if inner := "".join(self._text[row.begin :]).replace(IMAGE, "").strip():
                block.links.append(Link(inner, row.url))
            row.begin = 0
        text, self._text = "".join(self._text), []
        runs, self._runs = self._runs, []
        if len(text) > MOST_CHARS:
            block.lines = Lines(runs)
        block.finish(text)
        if block.text or block.links or block.images:
            self.blocks.append(block)

    def _pass_over(self, text: str | None) -> None:
        if text:
            self._line += text.count("\n")

    def _add(self, text: str | None) -> None:
        """Take a run of text; a block begins where its first visible character stands."""
        if not text:
            return
        if not text.strip():
            if self._block is not None:
                self._text.append(text if self._open["pre"] else " ")
            self._pass_over(text)
            return
        lead = text[: len(text) - len(text.lstrip())]
        if self._block is None:
            self._line += lead.count("\n")
            self._ensure()
            # Code is kept as it stands, but for line breaks before it.
            text = text[len(lead) :] if not self._open["pre"] else text[lead.rfind("\n") + 1 :]
        elif self._bare:
            self._block.line = self._line + lead.count("\n")
        self._bare = False
        self._runs.append((self._line, text))
        self._pass_over(text)
        self._text.append(text if self._open["pre"] else _SPACE.sub(" ", _WIDE_BREAK.sub("", text)))

    def _ensure(self) -> Block:
        if self._block is None:
            block = replace(
                self._model, line=self._line, text="", links=[], images=[], alts=[], notes=[],
                cited=[], kind=self._kind(), level=self._level, region=self._regions.region,
                role=self._regions.role,
            )  # fmt: skip
            if self._open["li"] and self._lists.open:
                block.item = self._lists.open[-1]
            self._block, self._bare = block, True
        return self._block

    def _kind(self) -> str:
        opened = next((kind for tag, kind in _KINDS.items() if self._open[tag]), None)
        return opened or ("heading" if self._level else self._model.kind)

    def _skip(self, element: Any, tag: str) -> bool:
        """Tell whether an element's inside is not walked; take what stands for it."""
        if tag in _UNSEEN:
            if tag == "script" and "math/tex" in element.get("type", ""):
                self._put(between_dollars(element.text or "", "display" in element.get("type", "")))
            return True
        if tag == "math":
            self._put(math_text(etree.tostring(element, encoding="unicode", with_tail=False)))
            return True
        classes = element.get("class", "")
        if "MathJax" in classes or tag == "mjx-container":
            return True
        if tex := element.get("data-tex"):
            self._put(between_dollars(tex, element.get("data-eeimg") == "2"))
            return True
        if "katex" in classes.split():
            found = element.find(".//{*}annotation")
            self._put(between_dollars(found.text or "", False) if found is not None else "")
            return found is not None
        return False

    def _put(self, text: str) -> None:
        if text:
            self._ensure()
            self._runs.append((self._line, text))
            self._text.append(text)

    def _enter(self, element: Any, tag: str) -> None:
        if tag in self._open:
            self._open[tag] += 1
        if entering := _ENTERING.get(tag):
            entering(self, element)
        if tag in _HEADINGS and not self._open["table"]:
            self._level = int(tag[1])
        stated = _stated_facts(element, tag)
        if stated:
            self.close()
            self.blocks.append(Block("fact", self._line, facts=stated))

    def _leave(self, element: Any, tag: str) -> None:
        if tag == "a" and self._links and self._links[-1].element is element:
            self._end_link(self._links.pop())
        elif tag in _CELL_ENDS:
            self._text.append(_CELL_ENDS[tag])
        elif tag in {"ul", "ol"}:
            self._lists.leave()
        elif tag in _HEADINGS:
            self._level = 0
        elif tag in self._open:
            self._open[tag] -= 1

    def _end_link(self, link: "_OpenLink") -> None:
        block = self._block
        if block is None:
            return
        text = "".join(self._text[link.begin :]).replace(IMAGE, "").strip()
        block.links.append(Link(text, link.url))

    def _image(self, element: Any) -> None:
        source = element.get("data-original") or element.get("data-src") or element.get("src") or ""
        self._ensure()
        self._text.append(image_text(element, source, self._ensure()))

    def _begin_link(self, element: Any) -> None:
        if url := element.get("href"):
            self._ensure()
            self._links.append(_OpenLink(element, url, len(self._text)))

    def _begin_list(self, element: Any) -> None:
        self._lists.enter(element)

    def _begin_item(self, element: Any) -> None:
        self._lists.next_item()

    def _break(self, element: Any) -> None:
        self._text.append("\n")

    def _rule(self, element: Any) -> None:
        self.blocks.append(Block("rule", self._line))

    def _citation(self, element: Any) -> None:
        take_citation(element.attrib, self._ensure())


_ENTERING: dict[str, Callable[[_Walker, Any], None]] = {
    "a": _Walker._begin_link,
    "img": _Walker._image,
    "br": _Walker._break,
    "hr": _Walker._rule,
    "sup": _Walker._citation,
    "ul": _Walker._begin_list,
    "ol": _Walker._begin_list,
    "li": _Walker._begin_item,
}


def _stated_facts(element: Any, tag: str) -> dict[str, str]:
    """What an element states beside its text: microdata, and Zhihu's note of a post."""
    if tag == "meta" and (name := element.get("itemprop")):
        return {name: element.get("content") or ""}
    if note := element.get("data-zop"):
        return {"data-zop": note}
    return {}
