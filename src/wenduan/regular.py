"""Opens regular files and nothing else: no pipe, which waits for ever, and no device, without end.

Who names a file that we read may be a stranger: a folder that was downloaded holds links and pipes
as well as pages, and its configuration names files.
"""

import errno
import os
import stat
from typing import BinaryIO

# A pipe does not wait for who writes to it, a terminal does not become ours.
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class IrregularError(OSError):
    """A file that is not read: a folder, a pipe, a device, or a longer one than it should be."""


def regular(path: str, flags: int) -> int:
    """Open a file if it is a regular one: an `opener` for `open`. Raises IrregularError.

    >>> import os
    >>> open(os.devnull, "rb", opener=regular)
    Traceback (most recent call last):
    wenduan.regular.IrregularError: [Errno 22] not a regular file: '/dev/null'
    """
    # Asked before, since to open some devices is to do something, and after, since names change.
    check_regular(os.stat(path), path)
    number = os.open(path, flags | _FLAGS)
    try:
        check_regular(os.fstat(number), path)
    except BaseException:
        os.close(number)
        raise
    return number


def check_regular(state: os.stat_result, path: str) -> None:
    """Raise IrregularError where the state of what a path leads to is no file's."""
    if stat.S_ISDIR(state.st_mode):
        raise IrregularError(errno.EISDIR, "a folder, not a file", path)
    if not stat.S_ISREG(state.st_mode):
        raise IrregularError(errno.EINVAL, "not a regular file", path)


def read_regular(path: str | os.PathLike[str], most: int) -> bytes:
    """Read a regular file of `most` bytes or less; raises IrregularError for any other."""
    with open(path, "rb", opener=regular) as file:
        size = os.fstat(file.fileno()).st_size
        # Room for `most` bytes would be taken at once, however few there are. Files of the system
        # say that they have none.
        data = file.read(size + 1) if size <= most else b""
        if size < len(data) <= most:
            data += file.read(most + 1 - len(data))
    if max(size, len(data)) > most:
        raise IrregularError(errno.EFBIG, f"longer than {most:,} bytes", os.fspath(path))
    return data


def create_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a new file to write, in the place of what has its name; a link there is not followed."""
    try:
        return open(path, "xb")
    except FileExistsError:
        os.unlink(path)
    return open(path, "xb")
