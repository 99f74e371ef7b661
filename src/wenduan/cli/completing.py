"""Completion in shells: the scripts that switch it on, and values for fields of a query."""

import os
import re
from typing import TYPE_CHECKING

import click

from ..errors import WenduanError
from ..neutralizing import neutral

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# What is counted by the index, and so can be completed.
_COUNTED = ("author", "title", "tag", "site")
_FIELD = re.compile(
    r"(?P<sign>-?)(?P<name>[A-Za-z]+|[\u4e00-\u9fff]+)(?P<colon>[:：])(?P<value>.*)"
)
_MOST = 50


def complete_query(
    context: click.Context, _: click.Parameter, incomplete: str
) -> list["CompletionItem"]:
    """Give the values that an index has for `author:`, `tag:` and the like, the most used first."""
    from click.shell_completion import CompletionItem

    from ..query.fields import field_of

    # bash takes a colon for the end of a word, and replaces only what stands behind it.
    begun = _begun_in_bash() or incomplete
    match = _FIELD.fullmatch(begun)
    field = field_of(match["name"]) if match else None
    if match is None or field not in _COUNTED:
        return []
    kept = "" if begun != incomplete else begun[: match.start("value")]
    asked = match["value"].strip('"')
    values = (value for value in _values(context, field) if asked in value)
    shown = (f'"{value}"' if re.search(r"\s", value) else value for value in values)
    return [CompletionItem(kept + value) for value, _ in zip(shown, range(_MOST), strict=False)]


def _begun_in_bash() -> str | None:
    """The word at the cursor as it was typed, where bash has parted it at a colon."""
    words = os.environ.get("COMP_WORDS", "")
    if not os.environ.get("_WENDUAN_COMPLETE", "").startswith("bash"):
        return None
    found = re.search(r"(\S+)\s+([:：])\s*(\S*)$", words.rstrip("\n"))
    return "".join(found.groups()) if found else None


def _values(context: click.Context, what: str) -> list[str]:
    from ..searching import open_index

    location = context.params.get("location") or "index"
    try:
        with open_index(location) as index:
            return [neutral(" ".join(text.split())) for text in index.count(what)]
    except WenduanError:
        # Without an index there is nothing to offer, and no place for a message.
        return []


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the script that completes commands, options, and values such as author:段小草.

    For bash: eval "$(wenduan completion bash)" in ~/.bashrc; likewise for zsh in ~/.zshrc;
    for fish: wenduan completion fish > ~/.config/fish/completions/wenduan.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "wenduan", "_WENDUAN_COMPLETE").source())
