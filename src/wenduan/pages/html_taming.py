"""HTML -> the same without what costs its parser the square of its size; read alike, line by line.

libxml2 holds each attribute of a tag against all before it, and lxml's walk takes each comment of
those that stand side by side off the front of a list. Markup is parted here as HTML 5 and libxml2
from 2.14 on do it.
"""

import re
from collections.abc import Iterator
from itertools import islice

# Nobody reads as many of one element.
_MOST_ATTRIBUTES = 256
_MOST_COMMENTS = 4096
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+"""
_TAG = rf"<(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?:[\s/]++|{_ATTRIBUTE})*+"
# Comments, and what is taken for one: other declarations, and ends of no element.
_COMMENT = (
    r"<(?:!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?+)"
    r"|[!?](?!doctype)[^>]*+>?+|/(?![a-z])[^>]*+>?+)"
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAGS = re.compile(_TAG, re.IGNORECASE)
_MARKUP = re.compile(f"(?P<comment>{_COMMENT})|{_TAG}", re.IGNORECASE)
# Elements whose inside is text, up to their end.
_RAW = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea")
}


def tamed(text: str) -> str:
    """The text with the first attributes of each tag, and without comments where they are many.

    Of what is left out, the line breaks stay.
    """
    crowded = sum(map(text.count, ("<!", "<?", "</ "))) > _MOST_COMMENTS
    if not crowded and not any(map(_is_long, _TAGS.finditer(text))):
        return text
    pieces: list[str] = []
    at = 0
    for begin, end in _left_out(text, crowded):
        # A mark before it must not become the beginning of a tag.
        gap = " " if text[begin - 1 : begin] == "<" else ""
        pieces += [text[at:begin], "\n" * text.count("\n", begin, end) or gap]
        at = end
    return "".join([*pieces, text[at:]])


def _is_long(tag: re.Match[str]) -> bool:
    """Tell whether a tag may have too many attributes: each takes two characters."""
    return tag.end() - tag.start() > 2 * _MOST_ATTRIBUTES


def _left_out(text: str, crowded: bool) -> Iterator[tuple[int, int]]:
    """What is left out, from where to where."""
    at = 0
    while found := _MARKUP.search(text, at):
        at = found.end()
        if found["comment"]:
            if crowded:
                yield found.span()
            continue
        if _is_long(found):
            words = _ATTRIBUTES.finditer(text, found.end("name"), at)
            if more := next(islice(words, _MOST_ATTRIBUTES, None), None):
                yield more.start(), at
        name = "" if found["end"] else found["name"].lower()
        if name == "plaintext":
            return
        if name in _RAW:
            closing = _RAW[name].search(text, at)
            at = closing.start() if closing else len(text)
