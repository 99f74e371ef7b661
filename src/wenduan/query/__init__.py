"""Query string -> tree; names no engine."""

from .parser import parse_query, question_of
from .tree import (
    FIELDS,
    KIND_OF,
    KINDS,
    Between,
    Every,
    Field,
    Filter,
    Has,
    Literal,
    Node,
    Not,
    Phrase,
    Prefix,
    Query,
    Some,
    check_filter,
    iter_leaves,
)

__all__ = [
    "FIELDS",
    "KINDS",
    "KIND_OF",
    "Between",
    "Every",
    "Field",
    "Filter",
    "Has",
    "Literal",
    "Node",
    "Not",
    "Phrase",
    "Prefix",
    "Query",
    "Some",
    "check_filter",
    "iter_leaves",
    "parse_query",
    "question_of",
]
