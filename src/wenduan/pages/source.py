"""A file's bytes -> its text and its front matter, with what could not be read as a warning."""

import codecs
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from ..errors import PageError

# A saved page is kilobytes; what is larger is an export or a dump, and would tax every search.
MAX_BYTES = 16 * 1024 * 1024

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A page's body as text, the facts of its front matter, and where the body begins.

    `first_line` is the line of the file (from 1) on which `body` begins; `head` is the text of
    the front matter, beginning on line 2 of the file.
    """

    body: str
    first_line: int
    facts: Mapping[str, Any]
    head: str
    warnings: tuple[str, ...]


def read_source(path: str) -> Source:
    """Read the file at `path`. Raises PageError for what is no readable text, or too large."""
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise PageError(path, f"larger than {MAX_BYTES >> 20} MiB; split it into pages")
        data = Path(path).read_bytes()
    except OSError as error:
        raise PageError(path, error.strerror or str(error)) from error
    return parse_source(path, data)


def parse_source(path: str, data: bytes) -> Source:
    """Split the bytes of a file into front matter and body. Raises PageError (see read_source)."""
    text = _decode(path, data).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise PageError(path, "empty")
    return _split(text)


def _decode(path: str, data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise PageError(path, f"broken {encoding} text: {error.reason}") from error
    if b"\0" in data:
        raise PageError(path, "binary, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _decode_legacy(path, data, line)


def _decode_legacy(path: str, data: bytes, line: int) -> str:
    """Decode GB18030 or Big5 text; which of the two is asked of the characters it gives."""
    readings = []
    for encoding in ("gb18030", "big5hkscs"):
        try:
            readings.append(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    best = max(readings, key=_plausibility, default="")
    if _plausibility(best) < 0.5:
        raise PageError(path, f"line {line}: neither UTF-8 nor GB18030 nor Big5 text")
    return best
