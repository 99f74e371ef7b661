"""Which folders the user trusts: a list in the user's own settings, changed by `wenduan trust`.

A file of JSON, {"folders": [...]}, real paths. It is believed only where nobody else can have
written it.
"""

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .errors import WenduanError
from .regular import read_regular

_MOST_BYTES = 1_000_000


def trust_file() -> str:
    """Where the list is kept; $XDG_CONFIG_HOME counts. Raises WenduanError."""
    # Knows where programs keep their settings on each system.
    from click import get_app_dir

    folder = get_app_dir("wenduan")
    if not os.path.isabs(folder):
        # From the current folder, it would be a stranger's.
        raise WenduanError(f"{folder}: no place for settings; set XDG_CONFIG_HOME to a full path")
    return os.path.join(folder, "trusted.json")


def trusted_folders() -> tuple[str, ...]:
    """The real paths of all trusted folders.

    Raises WenduanError where the list cannot be read, or might be another user's.
    """
    path = trust_file()
    try:
        state = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; let this user read it") from error
    if not stat.S_ISREG(state.st_mode):
        raise WenduanError(f"{path}: not a regular file; remove it")
    if hasattr(os, "getuid"):
        if state.st_uid != os.getuid():
            raise WenduanError(f"{path}: belongs to another user; remove it")
        if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise WenduanError(f"{path}: others may write to it; run: chmod 600 on it")
    return _read(path)


def _read(path: str) -> tuple[str, ...]:
    try:
        folders = json.loads(read_regular(path, _MOST_BYTES))["folders"]
        if not isinstance(folders, list) or not all(map(_is_full_path, folders)):
            raise ValueError("not a list of full paths")
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; mend or remove it") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise WenduanError(f"{path}: no list of trusted folders; mend or remove it") from error
    return tuple(folders)


def _is_full_path(folder: object) -> bool:
    return isinstance(folder, str) and os.path.isabs(folder)


def is_trusted(folder: str) -> bool:
    """Tell whether the user trusts a folder; not also those below it. Raises WenduanError."""
    return os.path.realpath(folder) in trusted_folders()


def trust(folder: str) -> None:
    """Trust a folder from now on. Raises WenduanError."""
    real = os.path.realpath(folder)
    known = trusted_folders()
    if real not in known:
        _write([*known, real])


def distrust(folder: str) -> bool:
    """Trust a folder, which may be gone, no more; tells whether it was trusted.

    Raises WenduanError.
    """
    known = trusted_folders()
    gone = {os.path.realpath(folder), os.path.abspath(folder)}
    kept = [one for one in known if one not in gone]
    if len(kept) < len(known):
        _write(kept)
    return len(kept) < len(known)


def _write(folders: Sequence[str]) -> None:
    """Put a new list in the place of the old one at once; nobody else may read it."""
    path = trust_file()
    text = json.dumps({"folders": sorted(folders)}, indent=1) + "\n"
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, new = tempfile.mkstemp(dir=os.path.dirname(path), prefix="trusted.")
        try:
            with open(number, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; let this user write there") from error
