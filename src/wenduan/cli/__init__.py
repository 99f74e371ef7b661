"""The command: arguments in, printing out, nothing else.

Each command loads what it needs when it runs: the rest would take longer to load than a search
takes, and Ctrl-C while it loads is Ctrl-C like any other.
"""

import errno
import os
import re
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from ..errors import WenduanError
from ..neutralizing import neutral
from .streams import prepare_streams

__all__ = ["cli", "main"]

# Commands by the module that each stands in, in the order of the help.
_MODULES = {
    "index": "indexing",
    "search": "searching",
    "explain": "searching",
    "show": "looking",
    "similar": "looking",
    "list": "looking",
    "stats": "looking",
    "check": "looking",
    "read": "looking",
    "trust": "trusting",
    "completion": "completing",
}


# What to do about what the system says.
_ADVICE = {
    errno.EACCES: "let this user read and write there, or name another place",
    errno.EPERM: "let this user read and write there, or name another place",
    errno.EROFS: "the disk is read-only; name another place",
    errno.ENOSPC: "make room on the disk; what was indexed before is still there",
    errno.ENOENT: "check the name",
    errno.EEXIST: "a file stands where a folder is wanted; name another place",
    errno.ENOTDIR: "a file stands where a folder is wanted; name another place",
    errno.EMFILE: "let this process open more files (ulimit -n), and try again",
    errno.ENFILE: "the system has too many files open; close some programs, and try again",
    errno.ENOMEM: "close some programs, or raise the limit (ulimit -v), and try again",
    errno.EAGAIN: "the system is short of something; try again",
    errno.EIO: "the disk or its connection fails; see to it, and try again",
}


_SHORT = re.compile("failed to map|cannot allocate|too many open", re.IGNORECASE)


class _Commands(click.Group):
    """The commands, each loaded when it is asked for."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command, or answer a shell that completes it."""
        if "_WENDUAN_COMPLETE" in os.environ:
            from .shells import register

            register()
        return super().main(*args, **kwargs)

    def list_commands(self, _: click.Context) -> list[str]:
        """Give all names."""
        return list(_MODULES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """Give a command by its name, None if there is none such."""
        if name not in _MODULES:
            return None
        command: click.Command = getattr(
            import_module(f".{_MODULES[name]}", __name__), f"{name}_command"
        )
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(package_name="wenduan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Search saved Chinese pages: each paragraph of each answer, with its source link."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """Run the command; an error of ours is one line, Ctrl-C ends with 130."""
    prepare_streams()
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "wenduan"
        _fail(f"{error.format_message().rstrip('.')}. See: {command} --help")
    except WenduanError as error:
        _fail(str(error))
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0)
        reason = error.strerror or str(error)
        _fail(f"{error.filename or 'the system says'}: {reason}{f'; {advice}' if advice else ''}")
    except ImportError as error:
        # A library that has no room is told of so, and by no number.
        if not _SHORT.search(str(error)):
            raise
        _fail(f"{error}; close some programs, or raise the limits (ulimit -n, -v), and try again")
    except MemoryError:
        _fail(
            "not enough memory; close some programs, or raise the limit (ulimit -v), and try again"
        )
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the index is as it was before", err=True)
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    """Say on one line what went wrong, and end with 2."""
    click.echo(f"wenduan: {neutral(' '.join(message.split()))}", err=True)
    sys.exit(2)
