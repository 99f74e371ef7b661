"""What an index of a cluster is made of: its settings, its fields, and what tells it is ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...ranking import K1, B
from ..facets import PAGE_FACETS, POST_FACETS

# Of the layout of documents below; another one cannot be read.
FORMAT = 1
SHARDS = 3
REPLICAS = 1

FACETS = (*PAGE_FACETS, *POST_FACETS)
# Facts of a paragraph by number, absent where a page does not tell.
NUMBERS = ("votes", "comments", "published", "saved", "kind")
# What a search reads of a paragraph; all else is only looked up.
STORED = ("page", "post", "place", "words", "entry", "facts", "file")
# Documents that are no paragraphs have the ranked fields too, empty: where one document lacks a
# field, Lucene looks its length up by searching for it, a third of the time that indexing takes.
UNRANKED = {"words": "", "pairs": ""}


def settings(shards: int, replicas: int) -> dict[str, Any]:
    """Settings of a new index."""
    return {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        # A change refreshes the index when it ends; until then, new pages may wait.
        "refresh_interval": "30s",
        # Copies of a shard take over what the first has built, in half of the time that building
        # it once more would take; what is acknowledged lies in the logs of all of them.
        "replication": {"type": "SEGMENT"},
        "similarity": {"default": {"type": "BM25", "k1": K1, "b": B}},
    }


def mapping(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an index; `meta` is what `read_meta` gives back."""
    ranked = {"type": "text", "analyzer": "whitespace"}
    unranked = ranked | {"norms": False}
    # Longer texts are no names; Lucene takes no term of more than 32,766 bytes.
    keyword = {"type": "keyword", "ignore_above": 8_000}
    shown_only = {"type": "keyword", "index": False, "doc_values": False}
    return {
        "dynamic": "strict",
        "_meta": {"wenduan": dict(meta)},
        "_source": {"includes": [*STORED, "complete", "paragraphs", "dictionary"]},
        "properties": {
            "type": keyword,
            "page": keyword,
            "post": keyword,
            "place": {"type": "integer"},
            "opens": {"type": "boolean"},
            "entry": shown_only,
            "facts": shown_only,
            "file": shown_only,
            # Words are counted, never asked for in a row.
            "words": ranked | {"index_options": "freqs"},
            "units": unranked,
            "pairs": ranked,
            "symbols": unranked,
            "gaps": unranked,
            # Counted, and gone through by their beginnings.
            "vocabulary": keyword | {"index": False},
            "tokens": keyword,
            "word_count": {"type": "integer", "index": False},
            "unit_count": {"type": "integer", "index": False},
            "has": keyword,
            **{name: {"type": "long"} for name in NUMBERS},
            **{f"{name}_units": unranked for name in FACETS if name != "path"},
            **{f"{name}_folded": keyword for name in FACETS},
            # Of each post its author, of each page the rest: to be counted.
            **{f"{name}_told": keyword for name in FACETS if name != "path"},
            # Of a page: whether all its paragraphs are there, how many they are, since when.
            "complete": {"type": "boolean"},
            "paragraphs": {"type": "integer"},
            "written": {"type": "date", "format": "epoch_millis"},
            # Words that the index is cut by besides jieba's.
            "dictionary": shown_only,
        },
    }


def read_meta(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What was given to `mapping`, of a mapping that a cluster tells; None if it is not ours."""
    meta = (found.get("_meta") or {}).get("wenduan")
    return meta if isinstance(meta, dict) and "format" in meta else None
