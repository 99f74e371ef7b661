"""A path -> the bytes of its file, read once, with the state the file had while they were read."""

import errno
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from typing import TypeVar

from .regular import IrregularError, check_regular, regular

# No file of more bytes is read or hashed, whatever it holds.
MOST_BYTES = 512 * 1024 * 1024
# The first bytes of a file, by which archives are known.
_BEGINNING = 4
_TRIES = 3
# What says that no file is there for anyone, rather than not now or not for us.
_GONE = frozenset({
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG,
})  # fmt: skip
_SECOND = 1_000_000_000
_Read = TypeVar("_Read")


class TooLargeError(IrregularError):
    """A file has more bytes than are read of one."""

    def __init__(self, reason: str = "too large") -> None:
        super().__init__(errno.EFBIG, reason)


class ChangingError(OSError):
    """A file was written to each time it was read."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, "changes while it is read; index again")


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was seen; `digest` is the SHA-256 of its content, in hexadecimal digits.

    It is empty where the file was not read. `ctime_ns` is when anything of the file changed last,
    which no program can set; 0 where it may change once more without a later time.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str = ""
    ctime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of a file, and its state; the digest is that of these bytes."""

    data: bytes
    state: FileState


def load(path: str, most: Callable[[bytes], int]) -> Loaded:
    """Read a file whole; `most` tells by its first bytes how many it may have.

    Raises OSError: TooLargeError, another IrregularError, ChangingError, or what the system says.
    """

    def read(file: BufferedReader, size: int) -> tuple[bytes, str]:
        beginning = file.read(_BEGINNING)
        bound = most(beginning)
        if size > bound:
            raise TooLargeError
        data = beginning + file.read(bound + 1 - len(beginning))
        if len(data) > bound:
            raise TooLargeError
        return data, hashlib.sha256(data).hexdigest()

    return Loaded(*_read_steadily(path, read))


def hash_file(path: str) -> FileState:
    """Tell the state of a file with its digest; raises OSError as `load` does."""

    def read(file: BufferedReader, size: int) -> tuple[None, str]:
        if size > MOST_BYTES:
            raise TooLargeError
        return None, hashlib.file_digest(file, "sha256").hexdigest()

    return _read_steadily(path, read)[1]


def stat_file(path: str) -> os.stat_result:
    """What the system knows of a file, behind links; raises OSError, also for no regular file."""
    found = os.stat(path)
    check_regular(found, path)
    return found


def is_passing(error: OSError) -> bool:
    """Tell whether a file may be there and hold what it held, and just cannot be read now."""
    return not isinstance(error, IrregularError) and error.errno not in _GONE


def _read_steadily(
    path: str, read: Callable[[BufferedReader, int], tuple[_Read, str]]
) -> tuple[_Read, FileState]:
    """Let a file be read until it was not written to meanwhile."""
    for _ in range(_TRIES):
        with open(path, "rb", opener=regular) as file:
            before = os.fstat(file.fileno())
            found, digest = read(file, before.st_size)
            # A change after this has a later time, unless the file is young.
            now = time.time_ns()
            after = os.fstat(file.fileno())
        if _times(before) == _times(after):
            return found, _state(path, after, digest, now)
    raise ChangingError


def _times(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _state(path: str, found: os.stat_result, digest: str, now: int) -> FileState:
    ctime = 0 if _is_young(found, now) else found.st_ctime_ns
    return FileState(path, found.st_size, found.st_mtime_ns, digest, ctime)


def _is_young(found: os.stat_result, now: int) -> bool:
    """Tell whether a file changed within one tick of the clock that its times are taken from.

    Whole seconds come from a file system that knows no more, at worst every second one.
    """
    changed = found.st_mtime_ns if os.name == "nt" else found.st_ctime_ns
    return 0 <= now - changed < (_SECOND // 50 if changed % _SECOND else 2 * _SECOND)
