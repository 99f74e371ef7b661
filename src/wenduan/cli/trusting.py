"""The command that trusts the configuration of a folder."""

import os
import sys
from typing import TYPE_CHECKING

import click

from ..errors import WenduanError
from ..locating import absolute
from ..neutralizing import neutral

if TYPE_CHECKING:
    from ..configuration import Configuration


@click.command("trust")
@click.argument("folder", required=False, type=click.Path())
@click.option("--list", "listed", is_flag=True, help="Print the folders that are trusted.")
@click.option("--remove", is_flag=True, help="Trust the folder no more.")
def trust_command(folder: str | None, listed: bool, remove: bool) -> None:
    """Obey all that the wenduan.toml of a folder says, and print what of it leads out of there.

    Without FOLDER, the one whose wenduan.toml holds here. Without trust, a wenduan.toml may name
    neither a cluster nor anything that lies outside of its folder: it may have come with it.

    Ends with 1 if there is no trusted folder to list or to remove.
    """
    from .. import trust

    if listed:
        if folder is not None or remove:
            raise click.UsageError("--list goes alone")
        folders = trust.trusted_folders()
        for one in folders:
            click.echo(neutral(one))
        sys.exit(0 if folders else 1)
    if remove:
        folder = absolute(folder or _folder_here())
        if not trust.distrust(folder):
            click.echo(neutral(f"{folder} was not trusted"), err=True)
            sys.exit(1)
        click.echo(neutral(f"{folder} is trusted no more"))
        return
    config = _configuration_of(folder or _folder_here())
    trust.trust(config.folder)
    _tell(config)


def _folder_here() -> str:
    """The folder of the configuration that holds here."""
    from ..configuration import find_file

    path = find_file()
    if path is None:
        raise click.UsageError("there is no wenduan.toml here or above; name a FOLDER that has one")
    return str(path.parent)


def _configuration_of(folder: str) -> "Configuration":
    """All that the file in a folder says; trust in what cannot be read would be trust in all."""
    from pathlib import Path

    from ..configuration import NAME, read_configuration

    path = Path(absolute(folder))
    # Messages name the file: who copies it from there means its folder.
    path = path if path.name == NAME and not path.is_dir() else path / NAME
    if not os.path.isfile(path):
        raise WenduanError(f"{path}: no such file; name the folder that a wenduan.toml lies in")
    return read_configuration(path)


def _tell(config: "Configuration") -> None:
    from ..configuration import find_beyond

    beyond = find_beyond(config)
    click.echo(neutral(f"{config.path} is obeyed from now on"))
    if not beyond:
        click.echo("nothing in it has effect beyond its folder")
    for name, values in beyond.items():
        for value in values:
            click.echo(neutral(f"  {name}: {value}"))
