"""Query string -> tree; names no engine."""

from .parser import parse_query
from .tree import Between, Every, Literal, Node, Phrase, Query, Some, iter_leaves

__all__ = [
    "Between",
    "Every",
    "Literal",
    "Node",
    "Phrase",
    "Query",
    "Some",
    "iter_leaves",
    "parse_query",
]
