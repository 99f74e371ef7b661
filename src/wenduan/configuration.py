"""wenduan.toml -> what to index and where, words and synonyms, and searches by name.

[index]
folders = ["notes", "~/clippings"]   # from the file's own folder
location = "index"
userdict = "words.txt"
synonyms = "synonyms.txt"

[searches]
todo = "待办 -已办"

[opensearch]                          # for a location such as opensearch://host:9200/name
user = "reader"
password = "..."                      # or in the environment, WENDUAN_OPENSEARCH_PASSWORD
ca_certs = "company.pem"              # who signed the cluster's certificate
verify = true
shards = 3                            # of an index that is made or rebuilt
replicas = 1
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import WenduanError
from .locating import scheme_of

NAME = "wenduan.toml"
_KEYS = {
    "index": {"folders", "location", "userdict", "synonyms"},
    "opensearch": {"user", "password", "ca_certs", "verify", "shards", "replicas"},
}

# Numbers of the table opensearch, and the least that each may be.
_NUMBERS = {"shards": 1, "replicas": 0}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file of configuration says; all paths are absolute. Without a file, nothing."""

    path: str | None = None
    folders: tuple[str, ...] = ()
    location: str | None = None
    userdict: str | None = None
    synonyms: str | None = None
    searches: Mapping[str, str] = field(default_factory=dict)
    opensearch: Mapping[str, Any] = field(default_factory=dict, repr=False)


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
    unknown = list(data.keys() - {*_KEYS, "searches"})
    for name, keys in _KEYS.items():
        unknown += _table(path, data, name).keys() - keys
    if unknown:
        known = (f"{name} (with {', '.join(sorted(keys))})" for name, keys in _KEYS.items())
        raise WenduanError(
            f"{path}: nothing is known of {', '.join(sorted(unknown))}; there are"
            f" {', '.join(known)} and searches"
        )
    index, searches = _table(path, data, "index"), _table(path, data, "searches")
    opensearch = _table(path, data, "opensearch")
    folders = index.get("folders", [])
    if not isinstance(folders, list) or not all(isinstance(row, str) for row in folders):
        raise WenduanError(f'{path}: folders must be a list of texts, such as ["notes"]')
    _check_opensearch(path, opensearch)
    for name, value in (*index.items(), *searches.items(), *opensearch.items()):
        if name not in {"folders", "verify", *_NUMBERS} and not isinstance(value, str):
            raise WenduanError(f'{path}: {name} must be a text in quotation marks, such as "notes"')
    return Configuration(
        str(path),
        tuple(_absolute(path, folder) for folder in folders),
        searches=searches,
        opensearch=_with_path(path, opensearch, "ca_certs"),
        **{
            name: _absolute(path, index[name]) if name in index else None
            for name in ("location", "userdict", "synonyms")
        },
    )


def _check_opensearch(path: Path, opensearch: Mapping[str, Any]) -> None:
    if not isinstance(opensearch.get("verify", True), bool):
        raise WenduanError(f"{path}: verify must be true or false")
    for name, least in _NUMBERS.items():
        number = opensearch.get(name, least)
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise WenduanError(f"{path}: {name} must be a number from {least} on")


def _table(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise WenduanError(f"{path}: {name} must be a table; write [{name}] on a line of its own")
    return table


def _with_path(path: Path, table: dict[str, Any], name: str) -> dict[str, Any]:
    """A table one of whose texts is a path."""
    return table | {name: _absolute(path, table[name])} if name in table else table


def _absolute(path: Path, text: str) -> str:
    """A path of the file, from the file's own folder."""
    if not text:
        raise WenduanError(f"{path}: a path is empty; leave the line out, or name a place")
    if scheme_of(text) is not None:
        return text
    return os.path.abspath(os.path.join(path.parent, os.path.expanduser(text)))
