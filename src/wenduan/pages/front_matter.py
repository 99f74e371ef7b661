"""The text of a file -> its front matter (YAML, TOML or JSON) and its body.

Values are plain data: nothing is built from tags, and aliases, which could make a small head
enormous, are not followed. A head that breaks the rules of its format is read line by line.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from .dates import ToldText
from .facts import is_known

_YAML = YAMLHandler()
# tomllib takes time and memory by the square of a key's parts; no tool writes heads as large.
_MOST_TOML = 128 * 1024
_MOST_DOTS = 256
_ALIAS = re.compile(r"(?m)(?:^|[\s\[{,:-])[*&][^\s*&,\[\]{}]")
_LARGEST = 10**18
_LONG_NUMBER = 100
_LONG_VALUE = re.compile(rf"(?m)^([^\n=\"']*=[ \t]*[+-]?)\d[\d_]{{{_LONG_NUMBER},}}[ \t]*$")
# More levels than any page has: opened by brackets, by indentation, by marks on one line.
_DEEP = 1_000
_NESTED = re.compile(r"(?m)^ {200}|^(?:[ \t]*[-?][ \t]){200}")
# What PyYAML raises for a value that is not of its kind: a 30th of February, `!!bool maybe`.
_WRONG_VALUE = (ValueError, LookupError, AttributeError)
_FIELD = re.compile(r"([^\s:#\-\[\]{}\"'][^:\n]{0,60}?)\s*[:：](?:\s+(.*))?$")
_ITEM = re.compile(r"\s*-\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Split:
    """A file's body, and the values of its front matter.

    `first_line` is the line of the file (from 1) on which `body` begins; `head` is the text of
    the front matter, whose first line is line `head_line`. `many` holds the values of each page
    where the front matter lists several.
    """

    body: str
    first_line: int = 1
    values: Mapping[Any, Any] | None = None
    head: str = ""
    head_line: int = 2
    many: tuple[Mapping[Any, Any], ...] = ()
    warnings: tuple[str, ...] = ()


def split_front_matter(text: str) -> Split:
    """Part the front matter from the body; what is none stays in the body."""
    if text.startswith("+++"):
        return _split_toml(text)
    if text.startswith("{"):
        return _split_json(text)
    if not _YAML.detect(text):
        return Split(text)
    try:
        head, body = _YAML.split(text)
    except ValueError:
        return Split(text, warnings=("line 1: the front matter has no end, read as text",))
    first_line = text.count("\n", 0, len(text) - len(body)) + 1
    odd: list[str] = []
    try:
        values = (
            json.loads(head, parse_int=_integer)
            if head.lstrip().startswith("{")
            else _load_yaml(head, odd)
        )
    except (yaml.YAMLError, RecursionError, *_WRONG_VALUE) as error:
        return _salvage(text, Split(body, first_line, None, head), error)
    if isinstance(values, list) and values and all(isinstance(row, dict) for row in values):
        return Split(body, first_line, None, head, many=tuple(map(_printable, values)))
    if not isinstance(values, dict):
        return Split(text)
    return Split(body, first_line, _printable(values), head, warnings=tuple(odd))


def _printable(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """The values; numbers that are too large for Python to print are endless."""
    return {
        name: _bounded(value)
        for name, value in values.items()
        if not (isinstance(name, tuple) or _bounded(name) is not name)
    }


def _bounded(value: Any) -> Any:
    if isinstance(value, int) and abs(value) > _LARGEST:
        return inf if value > 0 else -inf
    return value


def _integer(digits: str) -> float:
    """A whole number as JSON writes it; Python refuses to read thousands of digits."""
    if len(digits) < _LONG_NUMBER:
        return int(digits)
    return -inf if digits[0] == "-" else inf


def _load_json(head: str) -> Any:
    return json.loads(head, parse_int=_integer)


class _AliasError(yaml.YAMLError):
    """Front matter that refers to a part of itself."""


class _DepthError(yaml.YAMLError):
    """Front matter so nested that libyaml, which calls itself for each level, would crash."""


class _PlainLoader(yaml.SafeLoader):
    """Builds plain data, follows no alias, and leaves as text what it cannot build."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.odd: list[str] = []

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except _WRONG_VALUE as error:
            if not isinstance(node, yaml.ScalarNode):
                raise
            if node.tag.endswith(":int") and len(node.value) >= _LONG_NUMBER:
                return -inf if node.value[0] == "-" else inf
            line = node.start_mark.line + 1
            self.odd.append(f"line {line}: {node.value[:40]} is left as text: {error}")
            return ToldText(node.value)

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _AliasError("aliases are not followed")
        return super().compose_node(parent, index)


def _load_yaml(head: str, odd: list[str]) -> Any:
    """The values of a head; `odd` is told of those that look like a date and are none."""
    if head.count("[") + head.count("{") > _DEEP or _NESTED.search(head):
        raise _DepthError("nested too deeply")
    if not _ALIAS.search(head):
        try:
            return _YAML.load(head)
        except _WRONG_VALUE:
            # One value is wrong, not the whole head.
            pass
    loader = _PlainLoader(head)
    try:
        values = loader.get_single_data()
    finally:
        loader.dispose()
    odd += loader.odd
    return values


def _salvage(text: str, split: Split, error: Exception) -> Split:
    """Read the lines of a head that is not valid, each for itself."""
    values, share = _read_lines(split.head)
    if share < 0.5 or not any(is_known(name) for name in values):
        return Split(text, warnings=(f"line {_error_line(error)}: no front matter, read as text",))
    reason = (
        f"line {_error_line(error)}: the front matter is not valid YAML, read line by line; "
        "quote the value"
    )
    return Split(split.body, split.first_line, values, split.head, warnings=(reason,))


def _read_lines(head: str) -> tuple[dict[str, Any], float]:
    """Values of the lines of a head, and the share of its lines that could be read."""
    values: dict[str, Any] = {}
    name, read, lines = None, 0, [line for line in head.split("\n") if line.strip()]
    for line in lines:
        if match := _FIELD.match(line):
            name, read = match[1].strip(), read + 1
            value = (match[2] or "").strip()
            values.setdefault(name, [] if value in {"", "|", ">", "|-", ">-"} else _bare(value))
        elif name and (item := _ITEM.match(line)) and isinstance(values[name], list):
            values[name].append(_bare(item[1].strip()))
            read += 1
        elif name and line[:1] in " \t":
            if values[name] == []:
                values[name] = line.strip()
            read += 1
    found = {key: value for key, value in values.items() if value != []}
    return found, read / len(lines) if lines else 0.0


def _bare(value: str) -> Any:
    """A value without its quotes; a list in brackets as a list."""
    if value.startswith("[") and value.endswith("]") and not value.startswith("[["):
        return [_bare(item.strip()) for item in value[1:-1].split(",") if item.strip()]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _split_toml(text: str) -> Split:
    match = re.match(r"\+{3}[ \t]*\n(.*?)^\+{3}[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if not match:
        return Split(text)
    body = text[match.end() :]
    first_line = text.count("\n", 0, match.end()) + 1
    if len(match[1]) > _MOST_TOML or any(
        row.count(".") > _MOST_DOTS for row in match[1].split("\n")
    ):
        reason = "line 1: the front matter is too large or too deep for TOML, read without it"
        return Split(body, first_line, None, match[1], warnings=(reason,))
    try:
        values = tomllib.loads(_LONG_VALUE.sub(r"\1inf", match[1]))
    except (ValueError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) + 1 if found else 1
        reason = f"line {line}: the front matter is not valid TOML, read without it"
        return Split(body, first_line, None, match[1], warnings=(reason,))
    return Split(body, first_line, _printable(values), match[1])


def _split_json(text: str) -> Split:
    """Hugo takes a JSON object at the top of a file for front matter."""
    try:
        values, end = json.JSONDecoder(parse_int=_integer).raw_decode(text)
    except (ValueError, RecursionError):
        return Split(text)
    if not isinstance(values, dict) or text[end : end + 1] not in {"", "\n"}:
        return Split(text)
    body = text[end:].removeprefix("\n")
    first_line = text.count("\n", 0, len(text) - len(body)) + 1
    return Split(body, first_line, _printable(values), text[:end], head_line=1)


def _error_line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    # The mark counts from 0 within the front matter, which begins at the end of line 1.
    return 1 if mark is None else mark.line + 1
