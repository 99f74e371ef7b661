"""Text of pages and names of files -> text that does nothing to a terminal; JSON that is plain.

Unicode TR 36 tells what bidirectional overrides do to those who read source code or file names.
"""

import re

# Joins emoji, and white space that is as visible as any.
_KEPT = "\u200d\u3000\xa0"
# What JSON may hold as it is, but a terminal acts on, a reader of lines breaks at, or UTF-8 lacks.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def neutral(text: str) -> str:
    r"""Give a text on one line, without control characters, escapes and directions.

    >>> neutral("\x1b[31m红\n字\u202e")
    '[31m红 字'
    """
    text = text.replace("\n", " ").replace("\t", " ")
    if text.isprintable():
        return text
    return "".join(char for char in text if char.isprintable() or char in _KEPT)


def neutral_json(text: str) -> str:
    r"""Give JSON that says the same, with characters escaped that a terminal would act on.

    They stand only within its strings: outside of these, JSON is ASCII.

    >>> neutral_json('"\u202e"')
    '"\\u202e"'
    """
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
