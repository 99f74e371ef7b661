"""The bytes of a file -> its text, whichever of the encodings of Chinese it is in."""

import codecs
import unicodedata
from pathlib import PurePath

from ..errors import PageError

# A saved page is kilobytes; what is larger is an export or a dump, and would tax every search.
_MAX_BYTES = 16 * 1024 * 1024
# HTML may hold its images, which are left out at once.
_MAX_HTML_BYTES = 64 * 1024 * 1024
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
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


def decode(path: str, data: bytes) -> str:
    """Give the text of a file, with line breaks as \\n; raises PageError for what is no text."""
    text = _decode(path, data).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        raise PageError(path, "empty")
    return text


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


def _plausibility(text: str) -> float:
    """Share of a decoded text's other than ASCII characters that are in common use (0 to 1).

    GB 2312 and Big5 each sort their Han characters into a level of common ones and one of rare
    ones; the wrong reading of the bytes lands mostly among the rare.
    """
    wide = [char for char in text[: 10 * _SAMPLE] if char > "\x7f"][:_SAMPLE]
    if not wide:
        return 0.0
    gb = sum(_in_level_one(char, "gb2312", 0xB0, 0xD7) for char in wide)
    big5 = sum(_in_level_one(char, "big5", 0xA4, 0xC6) for char in wide)
    return max(gb, big5) / len(wide)


def _in_level_one(char: str, encoding: str, first: int, last: int) -> bool:
    if unicodedata.category(char)[0] == "P":
        return True
    code = char.encode(encoding, "ignore")
    return bool(code) and first <= code[0] <= last
