"""Query string -> tree; names no engine."""

from .outline import iter_outline
from .parser import parse_query, question_of
from .synonyms import Synonyms, read_synonyms, with_synonyms
from .tree import (
    FIELDS,
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
    "Synonyms",
    "check_filter",
    "iter_leaves",
    "iter_outline",
    "parse_query",
    "question_of",
    "read_synonyms",
    "with_synonyms",
]
