"""A command line as a shell reads it: words -> arguments, and an argument -> text of the line."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """How a shell reads a line.

    `escape` makes the next character stand for itself: any one outside of quotation marks, within
    `'` and `"` those of `escaped` alone (None: any). `active` are the characters that stand for
    something else there: by the quotation mark they stand in, "" for none. With `doubled`, two
    marks within such marks are one.
    """

    escape: str
    escaped: Mapping[str, str | None]
    active: Mapping[str, str]
    doubled: bool = False


POSIX = Rules("\\", {"'": "", '"': '$`"\\\n'}, {"": "$`", '"': "$`", "'": ""})
FISH = Rules("\\", {"'": "'\\", '"': '$"\\\n'}, {"": "$(", '"': "$(", "'": ""})
# PowerShell reads typographic quotation marks like plain ones.
POWERSHELL = Rules(
    "`",
    {"'": "", '"': None},
    {"": "$(){};|&@‘’‚‛“”„", '"': "$“”„", "'": "‘’‚‛"},
    doubled=True,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: as it was typed, the argument it gives, the mark that is still open.

    Where it is not `plain`, only the shell could tell the argument.
    """

    typed: str
    text: str
    quote: str = ""
    plain: bool = True


def read_line(line: str, rules: Rules) -> list[Word]:
    """Part a line into words, the last of which is being typed, and may be empty."""
    words: list[Word] = []
    text: list[str] = []
    quote, begin, at, plain = "", 0, 0, True
    while at < len(line):
        char, after = line[at], line[at + 1 : at + 2]
        escaped = rules.escaped[quote] if quote else None
        if char == rules.escape and (escaped is None or (after and after in escaped)):
            text.append(after)
            at += 1
        elif not quote and char in " \t\n":
            if at > begin:
                words.append(Word(line[begin:at], "".join(text), "", plain))
            begin, text, plain = at + 1, [], True
        elif quote == char and rules.doubled and after == char:
            text.append(char)
            at += 1
        elif quote == char:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            plain = plain and char not in rules.active[quote]
            text.append(char)
        at += 1
    return [*words, Word(line[begin:], "".join(text), quote, plain)]


# All of ASCII that bash gives a meaning anywhere, or may give one.
_BASH_ACTIVE = re.compile(r"[^\w./:\-\u0080-\U0010ffff]", re.ASCII)
_BASH_WITHIN: Mapping[str, Callable[[str], str]] = {
    "": lambda char: f"\\{char}",
    # An exclamation mark calls the history up even there.
    '"': lambda char: '"\\!"' if char == "!" else f"\\{char}" if char in '$`"\\' else char,
    "'": lambda char: "'\\''" if char == "'" else char,
}


def quote_bash(text: str, quote: str) -> str:
    r"""Write a text so that bash reads it as it is, where the mark `quote` is open.

    >>> quote_bash("$(x) !", ""), quote_bash("$x!", '"'), quote_bash("it's", "'")
    ('\\$\\(x\\)\\ \\!', '\\$x"\\!"', "it'\\''s")
    """
    write = _BASH_WITHIN[quote]
    return _BASH_ACTIVE.sub(lambda match: write(match[0]), text)


def quote_powershell(text: str) -> str:
    """Write an argument so that PowerShell reads it as it is.

    >>> quote_powershell("it's"), quote_powershell("author:段")
    ("'it''s'", 'author:段')
    """
    if re.fullmatch(r"\w[\w.:-]*", text):
        return text
    # These four are one and the same mark to it.
    return "'" + re.sub("['‘’‚‛]", r"\g<0>\g<0>", text) + "'"
