"""Options and arguments that several commands share."""

import os
import re
import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any

import click

from ..errors import WenduanError
from ..locating import absolute, is_within, scheme_of
from ..neutralizing import neutral

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..configuration import Configuration
    from ..searching import Index

# Where the index lies if nobody says otherwise.
_DEFAULT = "index"
# Under this name the configuration is kept while a command runs.
_CONFIGURATION = "wenduan.configuration"


def configuration() -> "Configuration":
    """What counts of the wenduan.toml of the current folder or of one above it.

    Tells once what of it does not; not while a shell completes, where there is no place for it.
    """
    # Without one, a search need not load what reads it.
    from ..configuration import find_configuration

    context = click.get_current_context()
    known: dict[str, Any] = context.find_root().meta
    if _CONFIGURATION not in known:
        known[_CONFIGURATION] = found = find_configuration()
        if found.ignored and not context.resilient_parsing:
            click.echo(f"wenduan: {_notice(found)}", err=True)
    config: Configuration = known[_CONFIGURATION]
    return config


def _notice(config: "Configuration") -> str:
    import shlex

    ignored = f"{config.path}: ignored {', '.join(config.ignored)} ({config.reason})"
    # A name that is not shown as it is could not be copied.
    is_plain = config.folder == neutral(config.folder)
    folder = shlex.quote(config.folder) if is_plain else "(in its folder)"
    return neutral(f"{ignored}; to obey it: wenduan trust {folder}")


def _has_configuration() -> bool:
    try:
        folder = os.getcwd()
    except FileNotFoundError:
        return False
    while not os.path.isfile(os.path.join(folder, "wenduan.toml")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def open_configured(location: str) -> "Index":
    """Open an index, with the words and synonyms that wenduan.toml names."""
    from ..searching import open_index

    if not _has_configuration():
        return open_index(location)
    config = configuration()
    return open_index(
        location,
        userdict=config.userdict,
        synonyms=config.synonyms,
        opensearch=config.opensearch,
    )


def _locate(_: click.Context, __: click.Parameter, location: str | None) -> str:
    if location is None and _has_configuration():
        location = configuration().location
    location = location or _default_location()
    if scheme_of(location) is None:
        # Says so where a relative one has no folder to begin from.
        absolute(location)
    return location


def _default_location() -> str:
    """The folder `index` of the current one, unless a link of its name leads elsewhere.

    The current folder may be a stranger's, who would choose so where we write.
    """
    if os.path.islink(_DEFAULT) and not is_within(_DEFAULT, os.getcwd()):
        raise WenduanError(
            f"{_DEFAULT} is a link to {os.path.realpath(_DEFAULT)}, outside of this folder; if you"
            f" mean that index, give --index {_DEFAULT}"
        )
    return _DEFAULT


INDEX = click.option(
    "--index",
    "location",
    callback=_locate,
    envvar="WENDUAN_INDEX",
    show_default="that of wenduan.toml, else ./index",
    show_envvar=True,
    metavar="DIR|URL",
    help="Folder of the index, or opensearch://HOST:9200/NAME.",
)
LIMIT = click.option(
    "-n",
    "limit",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="How many results to show.",
)
SORT = click.option(
    "--sort",
    default="relevance",
    show_default=True,
    type=click.Choice(["relevance", "votes", "date"]),
    help="Which come first: the best, those with most votes, or the newest.",
)
ALL = click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Show all paragraphs of a post, and all copies of one text.",
)
COLOR = click.option(
    "--color",
    "color",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "always", "never"]),
    help="Colour and links: on a terminal, unless $NO_COLOR is set, or as you say.",
)
# What is left out of a search looks like an option of one letter; those that there are end here.
_EXCLUDED = re.compile(r"^(?=-[^-])(?!-(?:n\d*|h)$)")


class Words(click.Command):
    """A command with a query: its words need no quotation marks, and `-OpenAI` is no option."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with what is excluded kept from being read as an option."""
        takes = {name for option in self.params if _takes_value(option) for name in option.opts}
        kept = [
            arg if before in takes else _EXCLUDED.sub("\0", arg)
            for before, arg in pairwise(["", *args])
        ]
        return super().parse_args(context, kept)

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Complete options, and what is excluded, such as `-author:`."""
        excluded = _complete_query(context, self.params[0], incomplete)
        return excluded or super().shell_complete(context, incomplete)


def _takes_value(option: click.Parameter) -> bool:
    return isinstance(option, click.Option) and not (option.is_flag or option.count)


def _join_words(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> str:
    return " ".join(map(_saved, words)).replace("\0", "")


def _saved(word: str) -> str:
    """A word of a query; for `@name`, the search that wenduan.toml has under this name."""
    name = word[1:]
    if word[:1] not in ("@", "＠") or not name or not _has_configuration():
        return word
    searches = configuration().searches
    if name not in searches:
        known = ", ".join(f"@{known}" for known in searches) or "none"
        raise click.BadParameter(f"wenduan.toml has no search @{name}; it has {known}")
    return f"({searches[name]})"


def _complete_query(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    from .completing import complete_query

    return complete_query(context, parameter, incomplete)


QUERY = click.argument(
    "query",
    nargs=-1,
    required=True,
    callback=_join_words,
    metavar="QUERY...",
    shell_complete=_complete_query,
)


def _read_place(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    path, _colon, line = value.rpartition(":")
    if not path or not line.isdecimal():
        return value, 1
    # Behind the last line of any file, its last paragraph is meant.
    number = int(line[-10:]) if len(line.lstrip("0")) <= 10 else 10**10
    if number < 1:
        raise click.BadParameter(f"{neutral(value)}: lines count from 1")
    return path, number


# A file and a line in it, from 1, as results show them; a path alone means its first line.
PLACE = click.argument("place", callback=_read_place, metavar="PATH:LINE")


def is_terminal(stream: IO[str] | None) -> bool:
    """Tell whether a stream, None if it is closed, shows on a terminal."""
    return stream is not None and stream.isatty()


def is_styled(color: str) -> bool:
    """Tell whether to print colour and links."""
    if color != "auto":
        return color == "always"
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")


def print_changes(rows: Iterable[tuple[str, str]], unreadable: Iterable[Exception]) -> None:
    """Print files by their paths, each with the sign of what has become of it."""
    for sign, path in sorted(rows, key=lambda row: row[1]):
        click.echo(neutral(f"{sign} {path}"))
    for error in unreadable:
        click.echo(neutral(f"unreadable {error}"), err=True)
