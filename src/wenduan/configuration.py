"""wenduan.toml -> what to index and where, words and synonyms, and searches by name.

[index]
folders = ["notes", "~/clippings"]   # from the file's own folder
location = "index"
userdict = "words.txt"
synonyms = "synonyms.txt"

[searches]
todo = "待办 -已办"
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import WenduanError

NAME = "wenduan.toml"
_KEYS = {"folders", "location", "userdict", "synonyms"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file of configuration says; all paths are absolute. Without a file, nothing."""

    path: str | None = None
    folders: tuple[str, ...] = ()
    location: str | None = None
    userdict: str | None = None
    synonyms: str | None = None
    searches: Mapping[str, str] = field(default_factory=dict)


def find_configuration(folder: str | os.PathLike[str] = ".") -> Configuration:
    """Read the configuration of a folder: in it, or in the nearest folder above that has one.

    Raises WenduanError, with the file and what to do, for one that cannot be understood.
    """
    here = Path(os.path.abspath(folder))
    for place in (here, *here.parents):
        path = place / NAME
        if path.is_file():
            return read_configuration(path)
    return Configuration()


def read_configuration(path: Path) -> Configuration:
    """Read a file of configuration. Raises WenduanError."""
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; let it be read, or remove it") from error
    except ValueError as error:
        raise WenduanError(f"{path}: {error}; mend it as TOML wants it") from error
    unknown = [
        *(data.keys() - {"index", "searches"}),
        *(_table(path, data, "index").keys() - _KEYS),
    ]
    if unknown:
        raise WenduanError(
            f"{path}: nothing is known of {', '.join(sorted(unknown))}; there are index (with"
            f" {', '.join(sorted(_KEYS))}) and searches"
        )
    index, searches = _table(path, data, "index"), _table(path, data, "searches")
    folders = index.get("folders", [])
    if not isinstance(folders, list) or not all(isinstance(row, str) for row in folders):
        raise WenduanError(f'{path}: folders must be a list of texts, such as ["notes"]')
    for name, value in (*index.items(), *searches.items()):
        if name != "folders" and not isinstance(value, str):
            raise WenduanError(f'{path}: {name} must be a text in quotation marks, such as "notes"')
    return Configuration(
        str(path),
        tuple(_absolute(path, folder) for folder in folders),
        searches=searches,
        **{
            name: _absolute(path, index[name]) if name in index else None
            for name in ("location", "userdict", "synonyms")
        },
    )


def _table(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise WenduanError(f"{path}: {name} must be a table; write [{name}] on a line of its own")
    return table


def _absolute(path: Path, text: str) -> str:
    """A path of the file, from the file's own folder."""
    if not text:
        raise WenduanError(f"{path}: a path is empty; leave the line out, or name a place")
    return os.path.abspath(os.path.join(path.parent, os.path.expanduser(text)))
