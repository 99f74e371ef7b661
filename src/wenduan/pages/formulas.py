"""Formulas, however a page holds them -> TeX between dollars, once."""

import html
import re
from urllib.parse import parse_qs, urlsplit

# Formulas of Zhihu are images whose address holds the TeX.
EQUATION = "zhihu.com/equation?"
_TAG = re.compile(r"<[/a-zA-Z!?][^<>]*>")


def formula_of(url: str, alternative: str, display: bool = False) -> str:
    """TeX of an image that stands for a formula (Zhihu's equation service), between dollars."""
    tex = ""
    if EQUATION in url:
        try:
            tex = parse_qs(urlsplit(url).query).get("tex", [""])[0]
        except ValueError:
            tex = ""
    return between_dollars(tex or alternative, display)


def between_dollars(tex: str, display: bool) -> str:
    """TeX as Markdown writes it, in the text or (`display`) for itself; "" for none."""
    # Zhihu marks a formula that stands alone by line breaks behind it.
    tex = " ".join(tex.split()).removesuffix("\\\\").strip()
    mark = "$$" if display else "$"
    return f"{mark}{tex}{mark}" if tex else ""


def math_text(source: str) -> str:
    """TeX of a MathML element where it names it, else its text, between dollars."""
    tex = _annotation(source)
    if tex is None and (found := re.search(r'\balttext="([^"]*)"', source)):
        tex = found[1]
    if tex is None:
        tex = " ".join(_TAG.sub(" ", source).split())
    return between_dollars(html.unescape(tex), 'display="block"' in source)


def _annotation(source: str) -> str | None:
    """What the first annotation in TeX holds. (One expression for all of it would be quadratic.)"""
    for found in re.finditer(r"<annotation([^<>]*)>", source):
        end = source.find("</annotation", found.end())
        if "tex" in found[1] and end >= 0:
            return source[found.end() : end]
        if end < 0:
            return None
    return None
