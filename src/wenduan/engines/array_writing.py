"""Arrays and facts -> one file of them, as `arrays` reads it."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import ALIGN, BLOCK, DTYPES, HEAD, MAGIC, VERSION, data_start

if TYPE_CHECKING:
    from numpy.typing import NDArray


def write_arrays(
    path: str | os.PathLike[str],
    arrays: Mapping[str, NDArray[Any]],
    meta: Mapping[str, Any],
    name: str | None = None,
) -> None:
    """Write arrays and a JSON object of facts to a new file, and bring them to the disk.

    The file's name is among the facts, so that another file in its place is told; `name` is the
    one it will have if that is not the one it is written under.
    index/README.md gives the format byte for byte.
    """
    meta = {**meta, "name": name or os.path.basename(path)}
    table: dict[str, tuple[str, int, int]] = {}
    at = 0
    for name, array in arrays.items():
        table[name] = (_dtype_of(array), at, len(array))
        at += -(-array.nbytes // ALIGN) * ALIGN
    with open(path, "xb") as file:
        checksums = _Checksums()
        header_size = _header_size(table, meta, at)
        file.seek(header_size)
        for array in arrays.values():
            data = np.ascontiguousarray(array).data.cast("B") if len(array) else b""
            padding = bytes(-len(data) % ALIGN)
            for piece in (data, padding):
                file.write(piece)
                checksums.add(piece)
        sums = np.array(checksums.finish(), dtype="<u4").tobytes()
        file.write(sums)
        header = _header(table, meta, at, zlib.crc32(sums))
        file.seek(0)
        head = HEAD.pack(MAGIC, VERSION, len(header), zlib.crc32(header), 0) + header
        file.write(head.ljust(header_size, b"\0"))
        file.flush()
        os.fsync(file.fileno())


def _dtype_of(array: NDArray[Any]) -> str:
    name = np.dtype(array.dtype).newbyteorder("<").str.replace("|", "<")
    if name not in DTYPES or array.ndim != 1 or array.dtype.byteorder == ">":
        raise TypeError(f"no array of the format: {array.dtype}, {array.ndim} dimensions")
    return name


def _header(table: Mapping[str, Any], meta: Mapping[str, Any], size: int, crc: int) -> bytes:
    facts = {"arrays": table, "meta": meta, "size": size, "checksums": f"{crc:08x}"}
    return json.dumps(facts, ensure_ascii=False).encode("utf-8")


def _header_size(table: Mapping[str, Any], meta: Mapping[str, Any], size: int) -> int:
    return data_start(len(_header(table, meta, size, 0)))


class _Checksums:
    """CRC-32 of each block of what is written, however it is cut into pieces."""

    def __init__(self) -> None:
        self._done: list[int] = []
        self._crc = 0
        self._filled = 0

    def add(self, piece: bytes | memoryview) -> None:
        at = 0
        while at < len(piece):
            part = piece[at : at + BLOCK - self._filled]
            self._crc = zlib.crc32(part, self._crc)
            self._filled += len(part)
            at += len(part)
            if self._filled == BLOCK:
                self._close()

    def _close(self) -> None:
        self._done.append(self._crc)
        self._crc = self._filled = 0

    def finish(self) -> list[int]:
        if self._filled:
            self._close()
        return self._done
