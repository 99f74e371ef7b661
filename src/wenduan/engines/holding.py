"""The lock of an index folder, and whether the folder is still the one that was locked.

A folder may be moved away and another one put in its place while a change is being made: what the
change knows is then of one index, and its paths lead into the other.
"""

import contextlib
import json
import os
import socket
import stat
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from whoosh.util.filelock import FileLock

from ..errors import IndexLockedError, IndexReplacedError, WenduanError
from ..regular import create_regular, read_regular

_HOLDER = "writer.json"
_MOST_HOLDER = 4_096
# The name under which Whoosh locks an index.
LOCK = "MAIN_WRITELOCK"
# What a folder is opened with, where the system opens folders.
_FOLDER = getattr(os, "O_DIRECTORY", None)


class HeldFolder:
    """An index folder whose lock is taken; nobody else changes it until it is released."""

    def __init__(self, folder: str) -> None:
        """Take the lock; raises IndexLockedError."""
        self._folder = folder
        self._lock = lock_at(os.path.join(folder, LOCK))
        if not self._lock.acquire():
            raise IndexLockedError(folder, _read_holder(folder))
        # Open, so that no other folder gets its number.
        self.number = None if _FOLDER is None else os.open(folder, os.O_RDONLY | _FOLDER)

    def tell_holder(self) -> None:
        """Write down who has the lock, for those who wait for it."""
        with create_regular(os.path.join(self._folder, _HOLDER)) as file:
            file.write(json.dumps(_this_process()).encode())

    def is_in_place(self) -> bool:
        """Tell whether the folder and its lock still lie where they lay when it was taken."""
        if self.number is None:
            # Where folders cannot be opened, none with an open file in it can be moved.
            return True
        try:
            here = os.stat(self._folder), os.stat(os.path.join(self._folder, LOCK))
        except OSError:
            return False
        own = os.fstat(self.number), os.fstat(self._lock.fd)
        return all(os.path.samestat(*pair) for pair in zip(here, own, strict=True))

    def check(self, names: Iterable[str] = ()) -> None:
        """See that it is in place, with files of some names; raises IndexReplacedError."""
        found = set(os.listdir(self._folder if self.number is None else self.number))
        if not self.is_in_place() or not found.issuperset(names):
            raise IndexReplacedError(self._folder)

    def release(self) -> None:
        """Give the lock back."""
        with contextlib.suppress(FileNotFoundError):
            if self.number is None:
                os.unlink(os.path.join(self._folder, _HOLDER))
            else:
                os.unlink(_HOLDER, dir_fd=self.number)
        if self.number is not None:
            os.close(self.number)
        self._lock.release()


def lock_at(path: str) -> FileLock:
    """Whoosh's lock by a file, which is made if it is missing; not taken yet.

    It would follow a link out of the folder, and wait for ever at a pipe: raises WenduanError for
    what is no file.
    """
    with contextlib.suppress(FileExistsError):
        open(path, "xb").close()
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise WenduanError(f"{path}: not a regular file; remove it")
    return FileLock(path)


def _this_process() -> dict[str, Any]:
    since = datetime.now().isoformat(" ", "seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _read_holder(folder: str) -> str:
    try:
        found = json.loads(read_regular(os.path.join(folder, _HOLDER), _MOST_HOLDER))
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return "another process"
