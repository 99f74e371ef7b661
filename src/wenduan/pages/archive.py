"""A .zip -> the bytes of its pages, in memory and within bounds; nothing is written to disk."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path, PurePosixPath

from ..errors import PageError
from ..walking import ARCHIVE_SUFFIXES, SUFFIXES
from .decoding import most_bytes, too_large
from .inflating import inflate

PAGE_SUFFIXES = SUFFIXES - ARCHIVE_SUFFIXES
# A shelf of pages is tens of megabytes; a bomb is a small file that grows without end. All that
# is unpacked counts, whatever becomes of it: at most MAX_RATIO times the archive, and so much that
# a page in a small archive has room.
MAX_TOTAL = 512 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 50_000
_LEAST_TOTAL = 16 * 1024 * 1024
_SMALL = 1024 * 1024
# MAX_MEMBERS of usual names take as much; zipfile reads the whole list at once.
_MAX_DIRECTORY = 8 * 1024 * 1024
_ENCRYPTED = 0x1
# Bytes before a member's name, where it begins.
_LOCAL_HEADER = 30
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError,
    ArithmeticError, LookupError, ValueError, MemoryError,
)  # fmt: skip


def is_archive(data: bytes) -> bool:
    """Tell by its first bytes whether a file is a .zip."""
    return data[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its name, with / between folders, and how it is listed."""

    name: str
    info: zipfile.ZipInfo

    @property
    def suffix(self) -> str:
        """What its name ends in, in small letters."""
        return PurePosixPath(self.name).suffix.lower()


class _Source(io.BufferedReader):
    """The archive's bytes, of which nothing reads more at once than a list of files may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"its list of files is over {_MAX_DIRECTORY >> 20} MiB")
        return super().read(size)


class Archive:
    """An open archive; a context manager. `path` names it in errors.

    `is_spent` tells that it has grown as far as it may: nothing more is read from it.
    """

    def __init__(self, path: str, data: bytes | None = None) -> None:
        """Open the archive at `path`, or the one that `data` are. Raises PageError."""
        self.path = path
        self.is_spent = False
        try:
            raw = io.FileIO(path) if data is None else BytesIO(data)
            size = Path(path).stat().st_size if data is None else len(data)
        except OSError as error:
            raise PageError(path, error.strerror or str(error)) from error
        self._source = _Source(raw)
        try:
            self._zip = zipfile.ZipFile(self._source)
        except _DAMAGE as error:
            self._source.close()
            raise PageError(path, f"a damaged archive ({_reason(error)}); save it again") from error
        self._most = self._left = min(MAX_TOTAL, _LEAST_TOTAL + MAX_RATIO * size)
        self._overlapping = _overlapping(self._zip)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._source.close()

    def members(self) -> Iterator[Member | PageError]:
        """Give the files of the archive in its order; an error in the place of a second one."""
        rows = self._zip.infolist()
        if len(rows) > MAX_MEMBERS:
            yield PageError(self.path, f"more than {MAX_MEMBERS:,} files; unpack it")
            return
        seen: set[str] = set()
        for info in rows:
            name = _name_of(info)
            # One without a name cannot be asked whether it is a folder.
            if (
                not name
                or info.is_dir()
                or any(part.startswith((".", "__")) for part in name.split("/"))
            ):
                continue
            if name in seen:
                yield PageError(f"{self.path}/{name}", "a second file of this name, left out")
                continue
            seen.add(name)
            yield Member(name, info)

    def read(self, member: Member) -> bytes:
        """Give the bytes of a member; raises PageError where they are damaged or out of bounds."""
        where, info = f"{self.path}/{member.name}", member.info
        if info.file_size > most_bytes(where):
            raise too_large(where)
        if info.header_offset in self._overlapping:
            raise PageError(where, "shares its bytes with another file of the archive, left out")
        if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
            raise PageError(where, f"grows more than {MAX_RATIO} times when unpacked, left out")
        if info.flag_bits & _ENCRYPTED:
            raise PageError(where, "is encrypted; unpack the archive with its password")
        try:
            return self._unpack(where, info)
        except _DAMAGE as error:
            raise PageError(where, f"cannot be unpacked ({_reason(error)})") from error

    def _unpack(self, where: str, info: zipfile.ZipInfo) -> bytes:
        data = bytearray()
        with self._zip.open(_as_stored(info)) as packed:
            for piece in inflate(packed, info.compress_type):
                self._left -= len(piece)
                data += piece
                if len(data) > info.file_size:
                    break
                if self._left < 0:
                    raise self.spent()
        if len(data) != info.file_size:
            raise zipfile.BadZipFile("its size is not the one in the list of files")
        if zlib.crc32(data) != info.CRC:
            raise zipfile.BadZipFile("its checksum is wrong")
        return bytes(data)

    def spent(self) -> PageError:
        """The error for an archive that has grown as far as it may."""
        self.is_spent = True
        most = f"{self._most >> 20} MiB"
        return PageError(self.path, f"grows beyond {most}, the rest of it is left out; unpack it")


def _as_stored(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The same member as one that is not packed, so that zipfile gives its bytes as they are."""
    stored = copy(info)
    stored.compress_type = zipfile.ZIP_STORED
    stored.file_size = info.compress_size
    stored.CRC = None  # type: ignore[assignment]
    return stored


def _overlapping(archive: zipfile.ZipFile) -> frozenset[int]:
    """Where members begin whose bytes run into the next one, as they do in bombs only."""
    rows = sorted(archive.infolist(), key=lambda row: row.header_offset)
    begins = [row.header_offset for row in rows] + [archive.start_dir]
    return frozenset(
        row.header_offset
        for row, (begin, end) in zip(rows, pairwise(begins), strict=True)
        if begin + _LOCAL_HEADER + row.compress_size > end
    )


def _name_of(info: zipfile.ZipInfo) -> str:
    """A member's name; one that is not marked as UTF-8 may be so all the same, or GB18030."""
    parts = info.filename.replace("\\", "/").split("/")
    # A name is only a label here; where it would lead on a disk does not matter.
    name = "/".join(part for part in parts if part not in {"", ".", ".."})
    if info.flag_bits & 0x800 or name.isascii():
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
