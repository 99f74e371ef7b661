"""Write docs/cli.md from the command's own help; with --check, only tell whether it is current."""

import sys
from pathlib import Path

import click

from wenduan.cli import cli

_DOCS = Path(__file__).parent.parent / "docs" / "cli.md"


def render() -> str:
    """Give the text of docs/cli.md."""
    top = click.Context(cli, info_name="wenduan")
    parts = ["# The command\n\nMade from `--help` by `make docs`.\n", _section(top)]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        parts.append(_section(click.Context(command, info_name=name, parent=top)))
    return "\n".join(parts)


def _section(context: click.Context) -> str:
    context.max_content_width = 90
    context.terminal_width = 90
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        _DOCS.write_text(render(), encoding="utf-8")
    elif _DOCS.read_text(encoding="utf-8") != render():
        sys.exit("docs/cli.md is not what --help says; run: make docs")
