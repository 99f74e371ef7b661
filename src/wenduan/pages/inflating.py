"""Packed bytes of an archive's member -> its bytes, in pieces, so that a bomb is seen growing.

zipfile's own reader gives at once what some kilobytes of bzip2 or LZMA unpack to: megabytes.
"""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import IO, Protocol
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED

# Bytes of a piece; memory for unpacking is some of these, and LZMA's window.
PIECE = 256 * 1024
# 7-Zip's windows are up to so large; the format allows 4 GiB.
_MOST_WINDOW = 64 * 1024 * 1024


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Deflated:
    """zlib's object with the manners of the others: it keeps what it has not unpacked yet."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def inflate(file: IO[bytes], method: int) -> Iterator[bytes]:
    """Give what a member unpacks to, in pieces of at most PIECE bytes.

    `file` gives the packed bytes, `method` is their compression as zipfile counts it. Raises
    NotImplementedError for one that is not known, EOFError where the bytes end early, and what
    zlib, bz2 and lzma raise for damage.
    """
    if method == ZIP_STORED:
        while piece := file.read(PIECE):
            yield piece
        return
    inflater = _inflater(file, method)
    while not inflater.eof:
        packed = file.read(PIECE // 8) if inflater.needs_input else b""
        piece = inflater.decompress(packed, PIECE)
        if not piece and not packed and not inflater.eof:
            raise EOFError("it ends early")
        yield piece


def _inflater(file: IO[bytes], method: int) -> _Inflater:
    if method == ZIP_DEFLATED:
        return _Deflated()
    if method == ZIP_BZIP2:
        return bz2.BZ2Decompressor()
    if method == ZIP_LZMA:
        return _lzma(file)
    raise NotImplementedError(f"compression method {method} is not supported")


def _lzma(file: IO[bytes]) -> lzma.LZMADecompressor:
    """What a member's own header asks for: two bytes of version, two of length, five of facts."""
    header = file.read(9)
    if len(header) < 9 or header[2:4] != b"\5\0" or header[4] >= 9 * 5 * 5:
        raise lzma.LZMAError("no header of LZMA")
    rest, literal_context = divmod(header[4], 9)
    position, literal = divmod(rest, 5)
    window = int.from_bytes(header[5:9], "little")
    if window > _MOST_WINDOW:
        raise NotImplementedError(f"an LZMA window over {_MOST_WINDOW >> 20} MiB is not supported")
    facts = {"dict_size": window, "lc": literal_context, "lp": literal, "pb": position}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **facts}])
