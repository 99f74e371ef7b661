"""The bytes of a file -> its text, whichever of the encodings of Chinese it is in."""

import codecs
import unicodedata
from pathlib import PurePath
from typing import NamedTuple

from ..errors import PageError

# A saved page is kilobytes; what is larger is an export or a dump, and would tax every search.
_MAX_BYTES = 16 * 1024 * 1024
# HTML may hold its images, which are left out at once.
_MAX_HTML_BYTES = 64 * 1024 * 1024
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

# That of UTF-32 begins as that of UTF-16 does, so it is looked for first.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BROKEN = "\ufffd"
# A text of fewer characters may have none that is broken.
_SHORT = 20
# So many characters tell how plausible a reading is; a large file need not be asked whole.
_SAMPLE = 20_000


def most_bytes(path: str) -> int:
    """How many bytes a file of this name may have to be read as a page."""
    is_html = PurePath(path).suffix.lower() in HTML_SUFFIXES
    return _MAX_HTML_BYTES if is_html else _MAX_BYTES


def too_large(path: str) -> PageError:
    """The error for a file of more bytes than that."""
    most = most_bytes(path)
    advice = "split it into pages" if most == _MAX_BYTES else "save it without images"
    return PageError(path, f"larger than {most >> 20} MiB; {advice}")


class Decoded(NamedTuple):
    """A file's text, with line breaks as \\n, and what had to be left out of it."""

    text: str
    warnings: tuple[str, ...]


def decode(path: str, data: bytes) -> Decoded:
    """Give the text of a file; raises PageError for what is no text.

    A few bytes that are none are left out, or shown as U+FFFD, with a warning: a page is not lost
    for them.
    """
    warnings: tuple[str, ...] = ()
    text, broken = _unmarked(data), False
    if not text:
        data, warnings = _without_zeros(path, data)
        text, broken = _decode(path, data)
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        raise PageError(path, "empty")
    if broken:
        line = text.count("\n", 0, text.index(_BROKEN)) + 1
        warnings = (*warnings, f"line {line}: bytes that are no text, shown as {_BROKEN}")
    return Decoded(text, warnings)


def _unmarked(data: bytes) -> str:
    """The text of UTF-16 or UTF-32 without a mark, which has zeros in its bytes; "" for others."""
    if b"\0" not in data[:_SAMPLE] or any(map(data.startswith, _MARKS)):
        return ""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # What bytes of another kind give is neither: they hit rare characters, and those of none.
        if "".join(text[:_SAMPLE].split()).isprintable() and _plausibility(text) >= 0.5:
            return text
    return ""


def _without_zeros(path: str, data: bytes) -> tuple[bytes, tuple[str, ...]]:
    if any(map(data.startswith, _MARKS)) or b"\0" not in data:
        return data, ()
    if data.count(0) > _may_break(len(data)):
        raise PageError(path, "binary, not text")
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    return data.replace(b"\0", b""), (f"line {line}: zero bytes, left out",)


def _may_break(size: int) -> int:
    """How many characters of a text of this size may be broken: one in a hundred, or one."""
    return max(size // 100, int(size >= _SHORT))


def _decode(path: str, data: bytes) -> tuple[str, bool]:
    """The text, and whether any of it is broken."""
    mark = next((mark for mark in _MARKS if data.startswith(mark)), None)
    encodings = [_MARKS[mark]] if mark else ["utf-8"]
    try:
        return data.decode(encodings[0]), False
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if mark is None:
        encodings += ["gb18030", "big5hkscs"]
    readings = [data.decode(encoding, "replace") for encoding in encodings]
    # Which of them it is, is asked of the characters it gives.
    best = max(readings, key=_plausibility)
    broken = best.count(_BROKEN)
    if broken > _may_break(len(best)) or _plausibility(best) < 0.5:
        what = f"broken {encodings[0]} text" if mark else "neither UTF-8 nor GB18030 nor Big5 text"
        raise PageError(path, f"line {line}: {what}; save it as UTF-8")
    return best, broken > 0


def _plausibility(text: str) -> float:
    """Share of a decoded text's other than ASCII characters that are in common use (0 to 1).

    GB 2312 and Big5 each sort their Han characters into a level of common ones and one of rare
    ones; the wrong reading of the bytes lands mostly among the rare.
    """
    wide = [char for char in text[: 10 * _SAMPLE] if char > "\x7f" and char != _BROKEN][:_SAMPLE]
    if not wide:
        return 0.5
    gb = sum(_in_level_one(char, "gb2312", 0xB0, 0xD7) for char in wide)
    big5 = sum(_in_level_one(char, "big5", 0xA4, 0xC6) for char in wide)
    return max(gb, big5) / len(wide)


def _in_level_one(char: str, encoding: str, first: int, last: int) -> bool:
    if unicodedata.category(char)[0] == "P":
        return True
    code = char.encode(encoding, "ignore")
    return bool(code) and first <= code[0] <= last
