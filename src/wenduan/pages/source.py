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


def _plausibility(text: str) -> float:
    """Share of a decoded text's other than ASCII characters that are in common use (0 to 1).

    GB 2312 and Big5 each sort their Han characters into a level of common ones and one of rare
    ones; the wrong reading of the bytes lands mostly among the rare.
    """
    wide = [char for char in text if char > "\x7f"]
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


def _split(text: str) -> Source:
    """Part the front matter from the body; what is none stays in the body."""
    handler = YAMLHandler()
    text = text.removeprefix("\ufeff")
    if not handler.detect(text):
        return Source(text, 1, {}, "", ())
    try:
        head, body = handler.split(text)
    except ValueError:
        return Source(text, 1, {}, "", ("line 1: the front matter has no end, read as text",))
    first_line = text.count("\n", 0, len(text) - len(body)) + 1
    try:
        facts = handler.load(head)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = f"line {_error_line(error)}: the front matter is not valid YAML, read without it"
        return Source(body, first_line, {}, head, (reason,))
    if not isinstance(facts, dict):
        return Source(text, 1, {}, "", ())
    return Source(body, first_line, facts, head, ())


def _error_line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    # The mark counts from 0 within the front matter, which begins at the end of line 1.
    return 1 if mark is None else mark.line + 1


def fact_text(facts: Mapping[str, Any], *names: str) -> str | None:
    """Give the first of the named facts that says something, as one line of text."""
    for name in names:
        value = facts.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = " ".join(str(value).split())
            if text and text.lower() not in {"unknown", "none", "null"}:
                return text
    return None


def fact_date(facts: Mapping[str, Any], *names: str) -> str | None:
    """Give the first of the named facts that is a date, in ISO 8601 and as precise as it stands."""
    for name in names:
        value = facts.get(name)
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, str) and (found := iso_date(value)):
            return found
    return None


def iso_date(text: str) -> str | None:
    """Read a date written in ISO 8601, with a space or T before the time, else None."""
    text = text.strip()
    try:
        if len(text) <= 10:
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    seconds = text.count(":") - (1 if moment.tzinfo is not None else 0) > 1
    return moment.isoformat(timespec="auto" if seconds else "minutes")


def fact_list(facts: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Give the first of the named facts that lists something; a string is parted at commas."""
    for name in names:
        value = facts.get(name)
        items = value.replace("，", ",").split(",") if isinstance(value, str) else value
        if isinstance(items, list | tuple):
            found = (str(item).strip().lstrip("#") for item in items if item is not None)
            if kept := tuple(item for item in found if item):
                return kept
    return ()
