"""Standard output and error that write what they can: in any encoding, and to whoever reads on."""

import codecs
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable
from typing import IO

import click

from ..neutralizing import neutral

# ASCII by another name: click takes ASCII for a mistake, and would write UTF-8 in its place.
_ASCII = "wenduan_ascii"
_NOT_ASCII = re.compile("[^\x00-\x7f]")


class Stream(io.TextIOWrapper):
    """A stream that escapes what its encoding lacks, and is still there when nobody reads on."""

    # Whether nobody reads any more what is written.
    is_gone = False
    # Whether an error of writing ends the command; there is no place to tell of one on stderr.
    _is_told = False
    # The stream in whose place it is: once that is gone, it closes what is beneath.
    _before: IO[str] | None = None

    @classmethod
    def over(cls, stream: io.TextIOWrapper, *, is_told: bool) -> "Stream":
        """Put one in the place of a standard stream."""
        stream.flush()
        new = cls(
            stream.buffer,
            _escaping(stream.encoding),
            # On a terminal, lines keep their widths.
            errors="replace" if is_told and stream.isatty() else "backslashreplace",
            line_buffering=stream.line_buffering or not is_told,
        )
        new._is_told, new._before = is_told, stream
        return new

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            return super().write(text)
        except OSError as error:
            self._lose(error)
            return len(text)

    def flush(self) -> None:
        """Have it written."""
        try:
            super().flush()
        except OSError as error:
            self._lose(error)

    def put(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.flush()
        try:
            self.buffer.write(data)
            self.buffer.flush()
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        """Leave open what the interpreter goes on to use."""
        self.flush()

    def _lose(self, error: OSError) -> None:
        # What is left would be written, and fail, once more when the process ends.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        self.is_gone = True
        if self._is_told and not isinstance(error, BrokenPipeError):
            raise OSError(error.errno, error.strerror, "standard output") from error


def _escaping(encoding: str) -> str:
    """The name of an encoding under which click leaves it as it is."""
    ascii_codec = codecs.lookup("ascii")
    if codecs.lookup(encoding) != ascii_codec:
        return encoding
    codecs.register(lambda name: _named(ascii_codec) if name == _ASCII else None)
    return _ASCII


def _named(codec: codecs.CodecInfo) -> codecs.CodecInfo:
    return codecs.CodecInfo(
        codec.encode,
        codec.decode,
        codec.streamreader,
        codec.streamwriter,
        codec.incrementalencoder,
        codec.incrementaldecoder,
        _ASCII,
    )


def prepare_streams() -> None:
    """Put such streams in the place of the standard ones."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not isinstance(sys.stdout, Stream):
        sys.stdout = Stream.over(sys.stdout, is_told=True)
    if isinstance(sys.stderr, io.TextIOWrapper) and not isinstance(sys.stderr, Stream):
        sys.stderr = Stream.over(sys.stderr, is_told=False)


def has_reader() -> bool:
    """Tell whether anybody may still read what is printed."""
    return not (isinstance(sys.stdout, Stream) and sys.stdout.is_gone)


def print_json(text: str, *, nl: bool = True) -> None:
    """Print JSON; with all but ASCII escaped where the encoding would not give it back."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        is_kept = text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        is_kept = False
    click.echo(text if is_kept else _NOT_ASCII.sub(_escape, text), nl=nl)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def print_names(paths: Iterable[str]) -> None:
    """Print names of files, one a line: as they are for programs, harmless on a terminal."""
    out: IO[str] | None = sys.stdout
    if out is None or out.isatty() or os.name == "nt":
        click.echo("".join(f"{neutral(path)}\n" for path in paths), nl=False)
        return
    data = b"".join(_name_bytes(path) + b"\n" for path in paths)
    if isinstance(out, Stream):
        out.put(data)
    else:
        click.echo(data, nl=False)


def _name_bytes(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        # It was indexed where names have another encoding.
        return path.encode("utf-8", "surrogateescape")
