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

The file may have come with a folder that somebody else made. So what has effect beyond its own
folder counts only where the user trusts that folder: a cluster, and paths that lead out.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import WenduanError
from .locating import is_within, scheme_of
from .regular import read_regular
from .trust import is_trusted

NAME = "wenduan.toml"
# More than people write. What is parsed is bounded by both: time and memory of a key with many
# dots grow with their square.
_MOST_BYTES = 65_536
_MOST_DOTS = 100
# So many names does a message repeat.
_MOST_NAMED = 10
# Longer than the systems take.
_MOST_CHARS = 4_096
_KEYS = {
    "index": {"folders", "location", "userdict", "synonyms"},
    "opensearch": {"user", "password", "ca_certs", "verify", "shards", "replicas"},
}

# Numbers of the table opensearch, and the least that each may be.
_NUMBERS = {"shards": 1, "replicas": 0}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file of configuration says; all paths are absolute. Without a file, nothing.

    `ignored` are the names of what it says besides, and does not count without trust; `reason`
    tells why in a few words.
    """

    path: str | None = None
    folders: tuple[str, ...] = ()
    location: str | None = None
    userdict: str | None = None
    synonyms: str | None = None
    searches: Mapping[str, str] = field(default_factory=dict)
    opensearch: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ignored: tuple[str, ...] = ()
    reason: str = ""

    @property
    def folder(self) -> str:
        """The folder that the file lies in."""
        return os.path.dirname(self.path or "")


def find_configuration(folder: str | os.PathLike[str] = ".") -> Configuration:
    """Read what counts of the configuration of a folder: in it, or in the nearest one above.

    Without trust (see trust.py) nothing counts of a file that belongs to another user, and of
    one's own nothing with effect beyond its folder.
    Raises WenduanError, with the file and what to do, for one that cannot be understood.
    """
    path = find_file(folder)
    if path is None:
        return Configuration()
    if _is_foreign(path):
        refused = _reason_against(str(path.parent), "another user's file")
        if refused:
            return Configuration(str(path), ignored=("everything",), reason=refused)
    found = read_configuration(path)
    beyond = find_beyond(found)
    if beyond and (refused := _reason_against(found.folder, "effect beyond its own folder")):
        return without(found, beyond, refused)
    return found


def find_file(folder: str | os.PathLike[str] = ".") -> Path | None:
    """The file of configuration in a folder, or in the nearest one above that has one."""
    try:
        here = Path(os.path.abspath(folder))
    except FileNotFoundError:
        # The current folder has been deleted.
        return None
    paths = (place / NAME for place in (here, *here.parents))
    return next((path for path in paths if os.path.isfile(path)), None)


def _is_foreign(path: Path) -> bool:
    """Tell whether a file, or the link to it, is neither this user's nor the system's."""
    if not hasattr(os, "getuid"):
        return False
    return not {path.lstat().st_uid, path.stat().st_uid} <= {0, os.getuid()}


def _reason_against(folder: str, reason: str) -> str:
    """Why a folder is not trusted: the reason, or that the list cannot be used; empty if it is."""
    try:
        return "" if is_trusted(folder) else reason
    except WenduanError as error:
        return str(error)


def find_beyond(config: Configuration) -> dict[str, tuple[str, ...]]:
    """By its name, whatever of a configuration has effect beyond its folder, as it may be shown."""
    own = config.folder
    folders = tuple(folder for folder in config.folders if _is_beyond(folder, own))
    found = {"folders": folders} if folders else {}
    for name in ("location", "userdict", "synonyms"):
        value = getattr(config, name)
        if value is not None and (_is_beyond(value, own) or _is_irregular(value, name)):
            found[name] = (value,)
    if config.opensearch:
        rows = config.opensearch.items()
        found["[opensearch]"] = tuple(
            f"{name} = {'…' if name == 'password' else value}" for name, value in rows
        )
    return found


def _is_beyond(place: str, folder: str) -> bool:
    return scheme_of(place) is not None or not is_within(place, folder)


def _is_irregular(path: str, name: str) -> bool:
    """Tell whether a file of words is a pipe, a device or a folder: others stand behind it."""
    try:
        return name != "location" and not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        # Who reads it says why it cannot be read.
        return False


def without(
    config: Configuration, beyond: Mapping[str, tuple[str, ...]], reason: str
) -> Configuration:
    """A configuration without what has effect beyond its folder, as find_beyond gives it."""
    left_out = beyond.get("folders", ())
    return replace(
        config,
        folders=tuple(folder for folder in config.folders if folder not in left_out),
        location=None if "location" in beyond else config.location,
        userdict=None if "userdict" in beyond else config.userdict,
        synonyms=None if "synonyms" in beyond else config.synonyms,
        opensearch={},
        ignored=tuple(beyond),
        reason=reason,
    )


def read_configuration(path: Path) -> Configuration:
    """Read all that a file of configuration says, trusted or not. Raises WenduanError."""
    data = _read_toml(path)
    unknown = list(data.keys() - {*_KEYS, "searches"})
    for name, keys in _KEYS.items():
        unknown += _table(path, data, name).keys() - keys
    if unknown:
        known = (f"{name} (with {', '.join(sorted(keys))})" for name, keys in _KEYS.items())
        raise WenduanError(
            f"{path}: nothing is known of {', '.join(sorted(unknown)[:_MOST_NAMED])}; there are"
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
    index = {name: _absolute(path, index[name]) for name in index.keys() - {"folders"}}
    return Configuration(
        str(path),
        tuple(_absolute(path, folder) for folder in folders),
        index.get("location"),
        index.get("userdict"),
        index.get("synonyms"),
        searches=searches,
        opensearch=_with_path(path, opensearch, "ca_certs"),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = read_regular(path, _MOST_BYTES).decode("utf-8-sig")
        for number, line in enumerate(text.split("\n"), 1):
            if line.count(".") > _MOST_DOTS:
                raise ValueError(f"line {number} has more than {_MOST_DOTS} dots")
        return tomllib.loads(text)
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; let it be read, or remove it") from error
    except ValueError as error:
        raise WenduanError(f"{path}: {error}; mend it as TOML wants it") from error
    except RecursionError as error:
        raise WenduanError(f"{path}: nested too deep; mend it as TOML wants it") from error


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
    if "\0" in text or len(text) > _MOST_CHARS:
        raise WenduanError(f"{path}: a path holds a NUL, or is too long; name a place")
    if scheme_of(text) is not None:
        return text
    return os.path.abspath(os.path.join(path.parent, os.path.expanduser(text)))
