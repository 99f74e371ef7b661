"""A .zip -> the bytes of its pages, in memory and within bounds; nothing is written to disk."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from ..errors import PageError
from ..scanner import ARCHIVE_SUFFIXES, SUFFIXES
from .decoding import most_bytes, too_large

PAGE_SUFFIXES = SUFFIXES - ARCHIVE_SUFFIXES
# A shelf of pages is tens of megabytes; a bomb is a small file that grows without end.
MAX_TOTAL = 512 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 50_000
_SMALL = 1024 * 1024
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError,
    ValueError, MemoryError,
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


class Archive:
    """An open archive; a context manager. `path` names it in errors."""

    def __init__(self, path: str, data: bytes | None = None) -> None:
        """Open the archive at `path`, or the one that `data` are. Raises PageError."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(Path(path) if data is None else BytesIO(data))
        except _DAMAGE as error:
            raise PageError(path, f"a damaged archive ({_reason(error)}); save it again") from error
        self._left = MAX_TOTAL

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def members(self) -> Iterator[Member | PageError]:
        """Give the files of the archive in its order; an error in the place of a second one."""
        rows = self._zip.infolist()
        if len(rows) > MAX_MEMBERS:
            yield PageError(self.path, f"more than {MAX_MEMBERS:,} files; unpack it")
            return
        seen: set[str] = set()
        for info in rows:
            name = _name_of(info)
            if info.is_dir() or any(part.startswith((".", "__")) for part in name.split("/")):
                continue
            if name in seen:
                yield PageError(f"{self.path}/{name}", "a second file of this name, left out")
                continue
            seen.add(name)
            yield Member(name, info)

    def read(self, member: Member) -> bytes:
        """Give the bytes of a member; raises PageError where they are damaged or out of bounds."""
        where, info = f"{self.path}/{member.name}", member.info
        most = min(most_bytes(where), self._left)
        if info.file_size > most_bytes(where):
            raise too_large(where)
        try:
            with self._zip.open(info) as file:
                data = file.read(most + 1)
        except _DAMAGE as error:
            raise PageError(where, f"cannot be unpacked ({_reason(error)})") from error
        if len(data) > most:
            raise PageError(where, f"the archive grows beyond {MAX_TOTAL >> 20} MiB; unpack it")
        if len(data) > _SMALL and len(data) > MAX_RATIO * max(info.compress_size, 1):
            raise PageError(where, f"grows more than {MAX_RATIO} times when unpacked, left out")
        self._left -= len(data)
        return data


def _name_of(info: zipfile.ZipInfo) -> str:
    """A member's name; one that is not marked as UTF-8 may be so all the same, or GB18030."""
    parts = info.filename.replace("\\", "/").split("/")
    # A name is only a label here; where it would lead on a disk does not matter.
    name = "/".join(part for part in parts if part not in {"", ".."})
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
