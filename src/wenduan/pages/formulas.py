"""Formulas, however a page holds them -> TeX between dollars, once."""

import html
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

# Formulas of Zhihu are images whose address holds the TeX.
EQUATION = "zhihu.com/equation?"
# A run of TeX, or of what it is shown as: no Han characters, and no space within.
_RUN = re.compile(r"[!-~\u00b1-\u00f7\u0391-\u03c9\u2200-\u22ff]{3,120}")
_MARKUP = re.compile(r"[\\^_{}]")
# A letter that stands for a quantity, twice, where words of Chinese stand beside it.
_LETTER = re.compile(r"(?<![A-Za-z0-9])([a-z])\1(?= ?[\u4e00-\u9fff，。、])")
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


def undouble(texts: Sequence[str]) -> list[str]:
    """Texts of one post without what a formula is shown as before its TeX.

    Savers that keep what MathJax shows and what it was made of write both, as in `O(n2)O(n^2)`.
    Of a single letter, `nn 个` is told from a word only by others of its kind.

    >>> undouble(["复杂度是 O(n2)O(n^2)，有 nn 个"])
    ['复杂度是 $O(n^2)$，有 n 个']
    """
    found = [_RUN.sub(_keep_tex, text) if _MARKUP.search(text) else text for text in texts]
    letters = {match[1] for text in texts for match in _LETTER.finditer(text)}
    if found != list(texts) or len(letters) > 1:
        found = [_LETTER.sub(r"\1", text) for text in found]
    return found


def _keep_tex(match: re.Match[str]) -> str:
    """A run that is a formula twice, without what it is shown as."""
    run = match[0]
    plain = _MARKUP.sub("", run)
    half = len(plain) // 2
    shown, tex = run[:half], run[half:]
    doubled = bool(half) and shown == plain[:half] == plain[half:]
    # `name_name` is a name in a program.
    if not doubled or tex == shown or tex[0] in "_^{}":
        return run
    return f"${tex}$"


def _annotation(source: str) -> str | None:
    """What the first annotation in TeX holds. (One expression for all of it would be quadratic.)"""
    for found in re.finditer(r"<annotation([^<>]*)>", source):
        end = source.find("</annotation", found.end())
        if "tex" in found[1] and end >= 0:
            return source[found.end() : end]
        if end < 0:
            return None
    return None
