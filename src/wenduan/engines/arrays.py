"""One file of named arrays: little-endian, mapped or read, each block checked when first read."""

from __future__ import annotations

import errno
import gc
import json
import mmap
import os
import struct
import weakref
import zlib
from bisect import bisect_left
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import IndexDamagedError, IndexUnreadableError
from ..regular import regular

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"wenduan\n"
VERSION = 1
# Bytes that one checksum covers: small enough that a search checks little beyond what it reads.
BLOCK = 16_384
# Arrays up to this many bytes are checked as a whole, which takes less than a millisecond.
_SMALL = 1_000_000
ALIGN = 64
# Bytes of a header, which names a few dozen arrays: far more than any has.
_MOST_HEADER = 1 << 20
HEAD = struct.Struct("<8sIIII")
# Windows cannot read at a place without moving there.
_CAN_STREAM = hasattr(os, "pread")
# An open file and its arrays refer to each other, so that only the collector closes it. In a
# process that holds much else it comes seldom, and descriptors are few.
_COLLECT_EVERY = 200
_OPENED = count(1)
# What says nothing about a file: descriptors, memory or a disk that fails, a signal.
_SHORTAGES = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EINTR, errno.EIO}
)
DTYPES = frozenset({"<u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f8"})


def data_start(header_size: int) -> int:
    """Where the data begin behind a header of so many bytes."""
    return -(-(HEAD.size + header_size) // ALIGN) * ALIGN


class ArrayFile:
    """A file of arrays, open for reading; safe to share among threads."""

    def __init__(self, path: str) -> None:
        """Map the file and check its header; raises IndexDamagedError, also for a missing file."""
        self.path = path
        if next(_OPENED) % _COLLECT_EVERY == 0:
            gc.collect()
        try:
            with open(path, "rb", opener=regular) as file:
                self.mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                if _CAN_STREAM:
                    self.number = os.dup(file.fileno())
                    weakref.finalize(self, os.close, self.number)
                    self._opened = _state(self.number)
        except PermissionError as error:
            raise IndexUnreadableError(os.path.dirname(path), os.path.basename(path)) from error
        except (OSError, ValueError) as error:
            if is_shortage(error):
                raise
            raise self.damage(str(getattr(error, "strerror", None) or error)) from error
        try:
            header = self._read_header()
            self.meta: dict[str, Any] = header["meta"]
            self._read_table(header)
            name = self.meta.pop("name", os.path.basename(path))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise self.damage(f"its header is none: {type(error).__name__}") from error
        # What lies here under the name of another file would be read as what it is not.
        if name != os.path.basename(path):
            raise self.damage(f"it is the file {name}, in the place of another")

    def damage(self, reason: str) -> IndexDamagedError:
        """The error to raise for damage found in this file."""
        return IndexDamagedError(
            os.path.dirname(self.path), f"{os.path.basename(self.path)}: {reason}"
        )

    def is_unchanged(self) -> bool:
        """Tell whether size and time of the file are those it had when it was opened.

        Files of an index are never changed once they are written. If one is cut short all the
        same, reading its mapped end would end the process (SIGBUS), so this is asked before each
        use. Where files cannot be read at a place (Windows), a mapped one cannot be cut short.
        """
        return not _CAN_STREAM or _state(self.number) == self._opened

    def is_at(self, path: str) -> bool:
        """Tell whether this is the file that lies at a path now."""
        return not _CAN_STREAM or _state(path) == self._opened

    def _read_header(self) -> dict[str, Any]:
        if len(self.mapped) < HEAD.size:
            raise self.damage("shorter than its header")
        magic, version, size, crc, _ = HEAD.unpack_from(self.mapped)
        if magic != MAGIC or version != VERSION:
            raise self.damage("no file of arrays of this version")
        if size > _MOST_HEADER:
            raise self.damage("its header is longer than any")
        self.start = data_start(size)
        raw = self.mapped[HEAD.size : HEAD.size + size]
        if zlib.crc32(raw) != crc:
            raise self.damage("its header does not match its checksum")
        header: dict[str, Any] = json.loads(raw)
        return header

    def _read_table(self, header: dict[str, Any]) -> None:
        size = header["size"]
        self._blocks = -(-size // BLOCK)
        if len(self.mapped) != self.start + size + 4 * self._blocks:
            raise self.damage("cut short, or longer than it says")
        view = memoryview(self.mapped)
        sums = view[self.start + size :]
        if f"{zlib.crc32(sums):08x}" != header["checksums"]:
            raise self.damage("its checksums are changed")
        self._size = size
        self.data = view[self.start : self.start + size]
        self._sums = np.frombuffer(sums, dtype="<u4")
        self.checked = bytearray(self._blocks)
        # The same bytes, to ask for many blocks at once.
        self.checked_blocks = np.frombuffer(self.checked, np.uint8)
        self._arrays = {name: self._array(*row) for name, row in header["arrays"].items()}

    def _array(self, dtype: str, at: int, count: int) -> CheckedArray:
        if dtype not in DTYPES:
            raise self.damage("its header names no such kind of array")
        size = int(dtype[2])
        if at < 0 or count < 0 or at % ALIGN or at + count * size > self._size:
            raise self.damage("its header points outside of it")
        return CheckedArray(self, np.frombuffer(self.data, dtype, count, at), at, size)

    def __getitem__(self, name: str) -> CheckedArray:
        """Give an array by its name."""
        try:
            return self._arrays[name]
        except KeyError:
            raise self.damage(f"it lacks the array {name}") from None

    def streamed(self, name: str) -> CheckedArray:
        """Give an array whose elements are read when they are asked for, where the system can.

        Meant for large arrays of which each query needs other parts: mapped, they would fill
        memory.
        """
        array = self[name]
        return array.streamed() if _CAN_STREAM else array

    def read(self, begin: int, end: int) -> bytes:
        """Read the bytes of the arrays from `begin` to `end`."""
        if not 0 <= begin <= end <= self._size:
            raise self.damage("its arrays point outside of it")
        data = os.pread(self.number, end - begin, self.start + begin)
        if len(data) != end - begin:
            raise self.damage("cut short since it was opened")
        return data

    def read_all(self, begins: NDArray[np.int64], sizes: NDArray[np.int64]) -> list[bytes]:
        """Read some ranges, given by their first bytes and their sizes."""
        if not ((begins >= 0) & (sizes >= 0)).all() or (begins + sizes).max(initial=0) > self._size:
            raise self.damage("its arrays point outside of it")
        pread, number = os.pread, self.number
        ranges = zip(sizes.tolist(), (begins + self.start).tolist(), strict=True)
        read = [pread(number, size, at) for size, at in ranges]
        if sum(map(len, read)) != sizes.sum():
            raise self.damage("cut short since it was opened")
        return read

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an array of this name."""
        return name in self._arrays

    def is_checked(self, begin: int, end: int) -> bool:
        """Tell whether all blocks that hold the bytes from `begin` to `end` have been checked."""
        return self.checked.find(0, begin // BLOCK, -(-end // BLOCK)) < 0

    def check(self, begin: int, end: int) -> None:
        """Check the blocks that hold the bytes from `begin` to `end`, once each."""
        first, last = begin // BLOCK, -(-end // BLOCK)
        at = self.checked.find(0, first, last)
        while at >= 0:
            stop = min((at + 1) * BLOCK, self._size)
            block = self.read(at * BLOCK, stop) if _CAN_STREAM else self.data[at * BLOCK : stop]
            if zlib.crc32(block) != self._sums[at]:
                raise self.damage(f"block {at} does not match its checksum")
            self.checked[at] = 1
            at = self.checked.find(0, at, last)

    def check_all(self) -> None:
        """Check every block."""
        self.check(0, self._size)

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return len(self.mapped)


def is_shortage(error: Exception) -> bool:
    """Tell whether the system refuses to open or read a file for want of something, for now."""
    return isinstance(error, OSError) and error.errno in _SHORTAGES


def _state(file: int | str) -> tuple[int, int, int, int]:
    found = os.stat(file)
    return found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino


class CheckedArray:
    """An array in a file; what is read of it has been held against its checksum.

    A small array is checked as a whole when it is first read: after that, reading costs nothing
    beside it.
    """

    __slots__ = ("_array", "_at", "_file", "_is_checked", "_numbers", "_size")

    def __init__(self, file: ArrayFile, array: NDArray[Any], at: int, size: int) -> None:
        self._file, self._array, self._at, self._size = file, array, at, size
        self._is_checked = False
        # One element costs a tenth of what it costs by way of the array.
        self._numbers = array.data

    def __len__(self) -> int:
        """Number of elements."""
        return len(self._array)

    def _check(self, begin: int, end: int) -> None:
        """Check the elements from `begin` to `end`, or all."""
        if self._array.nbytes <= _SMALL:
            begin, end, self._is_checked = 0, len(self._array), True
        self._file.check(self._at + begin * self._size, self._at + end * self._size)

    def __getitem__(self, at: int) -> int:
        """Give one element as a Python number."""
        if not self._is_checked:
            self._check(at, at + 1)
        return self._numbers[at]

    def pair(self, at: int) -> tuple[int, int]:
        """Give an element and the one after it."""
        if not self._is_checked:
            self._check(at, at + 2)
        return self._numbers[at], self._numbers[at + 1]

    def find(self, wanted: int, begin: int, end: int) -> int:
        """Where, among ascending elements, the first is that is not below `wanted`."""
        if not self._is_checked:
            self._check(begin, end)
        return bisect_left(self._numbers, wanted, begin, end)

    def place(self, wanted: int, begin: int, end: int) -> int | None:
        """Where, among ascending elements, the first is that is `wanted`; None if none is."""
        at = self.find(wanted, begin, end)
        return at if at < end and self._numbers[at] == wanted else None

    def slice(self, begin: int, end: int) -> NDArray[Any]:
        """Give the elements from `begin` to `end`, a view of the file."""
        if not self._is_checked:
            self._check(begin, end)
        return self._array[begin:end]

    def copy(self, begin: int, end: int) -> bytes:
        """Give the elements of an array of bytes from `begin` to `end`, apart from the file."""
        if not self._is_checked:
            self._check(begin, end)
        at = self._file.start + self._at
        return self._file.mapped[at + begin : at + end]

    def take(self, places: NDArray[Any]) -> NDArray[Any]:
        """Give the elements at some places."""
        if not self._is_checked:
            self._check_around(places, places + 1)
        taken: NDArray[Any] = self._array[places]
        return taken

    def pairs(self, places: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give the elements at some places, and those after them."""
        if not self._is_checked:
            self._check_around(places, places + 2)
        return self._array[places], self._array[places + 1]

    def join(self, begins: NDArray[Any], ends: NDArray[Any]) -> NDArray[Any]:
        """Give the elements of some ranges, one range behind the other."""
        if not self._is_checked:
            self._check_around(begins, ends)
        array = self._array
        ranges = zip(begins.tolist(), ends.tolist(), strict=True)
        return np.concatenate([array[begin:end] for begin, end in ranges] or [array[:0]])

    def pieces(self, begins: NDArray[Any], ends: NDArray[Any]) -> list[bytes]:
        """Give ranges of an array of bytes."""
        if not self._is_checked:
            self._check_around(begins, ends)
        data, at = self._file.mapped, self._file.start + self._at
        starts, stops = (row.astype(np.int64) + at for row in (begins, ends))
        ranges = zip(starts.tolist(), stops.tolist(), strict=True)
        return [data[begin:end] for begin, end in ranges]

    def _check_around(self, begins: NDArray[Any], ends: NDArray[Any]) -> None:
        """Check many ranges, each block once."""
        if self._array.nbytes <= _SMALL:
            self._check(0, 0)
            return
        if self._file.is_checked(self._at, self._at + self._array.nbytes):
            # By and by, all of it has been read: from now on, reading costs nothing beside it.
            self._is_checked = True
            return
        first = (begins.astype(np.int64) * self._size + self._at) // BLOCK
        last = (ends.astype(np.int64) * self._size + self._at - 1) // BLOCK
        checked = self._file.checked_blocks
        unsure = (checked[first] & checked[last] == 0) | (last > first + 1)
        for at in np.flatnonzero(unsure).tolist():
            self._check(int(begins[at]), int(ends[at]))

    def all(self) -> NDArray[Any]:
        """Give all elements, a view of the file."""
        self._check(0, len(self._array))
        return self._array

    def bare(self) -> tuple[ArrayFile, NDArray[Any], int, int, bool]:
        """What it is made of, for who checks what he reads by himself.

        Its file, the array, its first byte among those of the file, how many bytes a checksum
        covers, and whether parts are read instead of mapped.
        """
        return self._file, self._array, self._at, BLOCK, isinstance(self, _StreamedArray)

    def streamed(self) -> CheckedArray:
        """The same array, of which parts are read instead of mapped."""
        return _StreamedArray(self._file, self._array, self._at, self._size)


class _StreamedArray(CheckedArray):
    """An array of which parts are read when they are asked for."""

    __slots__ = ()

    def _read(self, begin: int, end: int) -> bytes:
        return self._file.read(self._at + begin * self._size, self._at + end * self._size)

    def slice(self, begin: int, end: int) -> NDArray[Any]:
        """Give the elements from `begin` to `end`."""
        if not self._is_checked:
            self._check(begin, end)
        return np.frombuffer(self._read(begin, end), self._array.dtype)

    def copy(self, begin: int, end: int) -> bytes:
        """Give the elements of an array of bytes from `begin` to `end`, apart from the file."""
        return self.slice(begin, end).tobytes()

    def join(self, begins: NDArray[Any], ends: NDArray[Any]) -> NDArray[Any]:
        """Give the elements of some ranges, one range behind the other."""
        return np.frombuffer(b"".join(self.pieces(begins, ends)), self._array.dtype)

    def pieces(self, begins: NDArray[Any], ends: NDArray[Any]) -> list[bytes]:
        """Give the bytes of some ranges."""
        if not self._is_checked:
            self._check_around(begins, ends)
        firsts, lasts = (row.astype(np.int64) * self._size for row in (begins, ends))
        return self._file.read_all(firsts + self._at, lasts - firsts)


def ranges(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of ranges, one range behind the other."""
    before = np.cumsum(lengths) - lengths
    numbers: NDArray[np.int64] = np.repeat(begins - before, lengths) + np.arange(int(lengths.sum()))
    return numbers
