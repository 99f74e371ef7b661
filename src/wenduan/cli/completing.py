"""Completion of queries: the values of an index -> arguments that ask for them."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# What is counted by the index, and so can be completed.
_COUNTED = ("author", "title", "tag", "site")
_FIELD = re.compile(
    r"(?P<field>-?(?P<name>[A-Za-z]+|[\u4e00-\u9fff]+)[:：])(?P<mark>[\"“「]?)(?P<value>.*)",
    re.DOTALL,
)
_MOST = 50
_LONGEST = 500
# Quotation marks of a query, in the order in which they are tried; a value may hold some of them.
_MARKS = {"": "", '"': '"', "“": "”", "「": "」"}
# Without what may have a meaning in a query, whatever stands before it there.
_PLAIN = re.compile(r"""[^\s"|()*“”「」＂｜（）＊]+""")
# Printable by their category, but nothing to see (Default_Ignorable_Code_Point of Unicode).
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def complete_query(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list["CompletionItem"]:
    """Give the values that an index has for `author:`, `tag:` and the like, the most used first.

    As arguments that ask for them, whatever they hold; quoting them for a shell is left to who
    knows it. What cannot be asked for, or cannot be seen, is left out.
    """
    from click.shell_completion import CompletionItem

    from ..query.fields import field_of

    match = _FIELD.fullmatch(incomplete)
    field = field_of(match["name"]) if match else None
    if match is None or field not in _COUNTED:
        return []
    begun = " ".join(match["value"].split())
    values = [value for value in _values(context, field) if begun in value and is_visible(value)]
    values = [value for value in values if value.startswith(begun)] or values
    found = ((argument_of(match["field"], value, match["mark"]), value) for value in values)
    asking = islice(((text, value) for text, value in found if text), _MOST)
    return [CompletionItem(text, field=match["field"], asked=value) for text, value in asking]


def is_visible(text: str) -> bool:
    r"""Tell whether a text holds only what is seen: no controls, directions, joiners alone.

    >>> is_visible("段 é👨\u200d👩"), is_visible("a\u202eb"), is_visible("a\u200db")
    (True, False, False)
    """
    shown = _joined(text.replace("\u3000", " ").replace("\xa0", " "))
    return shown.isprintable() and not _UNSEEN.search(shown) and len(text) <= _LONGEST


def _joined(text: str) -> str:
    """A text without the joiners and selectors that stand behind a symbol such as an emoji."""
    kept = ""
    for char in text:
        if char not in "\u200d\ufe0f" or unicodedata.category(kept[-1:] or "a") not in ("So", "Sk"):
            kept += char
    return kept


def argument_of(field: str, value: str, mark: str) -> str | None:
    """The argument that filters by a value, quoted as a query needs it; None if none can.

    `field` is the name as it was typed, with its colon; `mark` the quotation mark behind it.
    """
    text = " ".join(value.split())
    first = mark or ("" if _PLAIN.fullmatch(text) else '"')
    for begin in (first, '"', "“", "「"):
        argument = f"{field}{begin}{text}{_MARKS[begin]}"
        if _asks_for(argument, value):
            return argument
    return None


def _asks_for(argument: str, value: str) -> bool:
    """Tell whether an argument is a filter, and holds for a value."""
    from ..analysis import fold
    from ..engines.facets import FacetQuery
    from ..errors import QueryError
    from ..query import Field, Not, parse_query

    try:
        # A filter is not cut into words.
        tree = parse_query(argument, cut=lambda text: [text]).tree
    except QueryError:
        return False
    if isinstance(tree, Not):
        tree = tree.node
    # Without a text it would ask for any value.
    return isinstance(tree, Field) and bool(tree.text) and FacetQuery(tree.text).holds(fold(value))


def _values(context: click.Context, what: str) -> Iterable[str]:
    from ..searching import open_index

    location = context.params.get("location")
    if location is None:
        # What says where the index is may not be used, which no shell can show.
        return {}
    with open_index(location) as index:
        return index.count(what)


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
def completion_command(shell: str) -> None:
    """Print the script that completes commands, options, and values such as author:段小草.

    \b
    bash: eval "$(wenduan completion bash)" in ~/.bashrc
    zsh:  eval "$(wenduan completion zsh)" in ~/.zshrc, after compinit
    fish: wenduan completion fish > ~/.config/fish/completions/wenduan.fish
    PowerShell: wenduan completion powershell | Out-String | Invoke-Expression in $PROFILE
    """
    from .shells import SHELLS

    root = click.get_current_context().find_root().command
    click.echo(SHELLS[shell](root, {}, "wenduan", "_WENDUAN_COMPLETE").source(), nl=False)
