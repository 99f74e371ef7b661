"""One HTML tag for itself -> what it says: an image, a formula, a citation, a line break."""

import html
import re
from collections.abc import Mapping
from typing import Any

from .blocks import IMAGE, Block
from .formulas import EQUATION, formula_of
from .reference import Reference

# Tried where a name begins only: a megabyte of letters has as many ends as beginnings.
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def take_citation(attributes: Mapping[str, str], block: Block) -> None:
    """Note the reference that a `<sup>` of Zhihu holds whole; other ones hold none."""
    label = attributes.get("data-numero")
    if not label:
        return
    block.notes.append(label)
    title, url = attributes.get("data-text"), attributes.get("data-url")
    block.cited.append(Reference(label, title or None, url or None))


def inline_text(tag: str, block: Block) -> str:
    """Take one tag that stands among the text of a Markdown block; give what is seen of it."""
    name = re.match(r"</?([a-zA-Z][\w-]*)", tag)
    if not name:
        return ""
    kind = name[1].lower()
    if kind == "br":
        return "\n"
    if kind not in {"img", "sup"} or tag.startswith("</"):
        return ""
    found = _ATTRIBUTE.findall(tag)
    attributes = {key.lower(): html.unescape(a or b or c) for key, a, b, c in found}
    if kind == "sup":
        take_citation(attributes, block)
        return ""
    return image_text(attributes, attributes.get("src", ""), block)


def image_text(attributes: Any, source: str, block: Block) -> str:
    """What an image stands for in the text: TeX of a formula, else its mark; it is noted then."""
    alternative = attributes.get("alt") or ""
    if attributes.get("eeimg") or EQUATION in source:
        block_formula = attributes.get("eeimg") == "2"
        return formula_of(source, alternative, block_formula)
    if source:
        block.images.append(source)
        block.alts.append(alternative)
        return IMAGE
    return ""
