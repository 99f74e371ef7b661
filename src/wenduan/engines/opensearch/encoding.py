"""Values <-> JSON, by compiled code: documents are large, and a search reads a hundred of them."""

from __future__ import annotations

import json
from typing import Any

import orjson
from opensearchpy.serializer import JSONSerializer


def pack(value: Any) -> str:
    """A value as JSON; half of a character is told by its number, as UTF-8 cannot write it."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))


def unpack(text: str) -> Any:
    """The value that was packed."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def line(value: Any) -> bytes:
    """A value as a line of JSON in UTF-8."""
    return orjson.dumps(value) + b"\n"


class Serializer(JSONSerializer):
    """How requests are written and answers read; errors are those of opensearch-py's own."""

    def loads(self, s: str) -> Any:
        """Read an answer."""
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError:
            return super().loads(s)
