"""The command: arguments in, printing out, nothing else.

Each command loads what it needs when it runs: the rest would take longer to load than a search
takes, and Ctrl-C while it loads is Ctrl-C like any other.
"""

import os
import sys
from typing import NoReturn

import click

from ..errors import WenduanError
from ..neutralizing import neutral
from .completing import completion_command
from .indexing import index_command
from .looking import (
    check_command,
    list_command,
    read_command,
    show_command,
    similar_command,
    stats_command,
)
from .searching import explain_command, search_command

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="wenduan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Search saved Chinese pages: each paragraph of each answer, with its source link."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    index_command,
    search_command,
    explain_command,
    show_command,
    similar_command,
    list_command,
    stats_command,
    check_command,
    read_command,
    completion_command,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command; an error of ours is one line, Ctrl-C ends with 130."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "wenduan"
        _fail(f"{error.format_message().rstrip('.')}. See: {command} --help")
    except WenduanError as error:
        _fail(str(error))
    except BrokenPipeError:
        # Who reads our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'the system says'}: {error.strerror}")
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the index is as it was before", err=True)
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    """Say on one line what went wrong, and end with 2."""
    click.echo(f"wenduan: {neutral(' '.join(message.split()))}", err=True)
    sys.exit(2)
