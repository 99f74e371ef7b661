"""Terms -> their weights over all shards of an index, and the mean lengths that ranking needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ranking import PIVOT_UNITS, PIVOT_WORDS, RARE, idf
from ..measuring import Weighted
from .dsl import PARAGRAPHS
from .streams import encode

# For so many seconds statistics stand in for those of an index that changes: a weight is the
# logarithm of a share, which some more pages hardly move.
_FRESH = 30.0
_CACHED_TERMS = 50_000
# Of so many shards terms are counted; of more, these stand for all, as pages are spread by chance.
_MOST_COUNTED = 16

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many paragraphs an index has, and their mean lengths, raised to the pivots."""

    size: int
    mean_words: float
    mean_units: float


@dataclass(frozen=True)
class QueryTerms:
    """The terms of a query with their weights; words and rare pairs by weight, highest first."""

    lengths: Lengths
    words: Weighted
    rare: Weighted
    units: Weighted
    pairs: Weighted

    @property
    def words_total(self) -> float:
        """Sum of the idf of words."""
        return float(self.words.weights.sum())

    @property
    def rare_total(self) -> float:
        """Sum of the idf of rare pairs."""
        return float(self.rare.weights.sum())


class Statistics:
    """What is known of an index's terms, for a while. Safe to share among threads."""

    def __init__(self, ask: Ask, look_up: Ask, routes: Sequence[str]) -> None:
        """`ask` asks a search, `look_up` several term vectors; `routes` lead to each shard."""
        self._ask, self._look_up, self._routes = ask, look_up, routes
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """The index has changed: ask anew."""
        self._lengths: Lengths | None = None
        # Replaced, never emptied: others may be reading it.
        self._known: dict[tuple[str, str], int] = {}
        self._until = 0.0

    def weigh(self, words: Sequence[str], units: Sequence[str], pairs: Sequence[str]) -> QueryTerms:
        """The terms of a query, weighed."""
        with self._lock:
            if time.monotonic() > self._until or len(self._known) > _CACHED_TERMS:
                self.forget()
            known, lengths = self._known, self._lengths
        asked = {"words": words, "units": units, "pairs": pairs}
        missing = {
            field: [term for term in dict.fromkeys(terms) if (field, term) not in known]
            for field, terms in asked.items()
        }
        if any(missing.values()):
            known |= self._find(missing)
        lengths = lengths or self._measure()
        rows = {
            field: np.array([known[field, term] for term in terms], np.int64)
            for field, terms in asked.items()
        }
        weighed = {
            field: Weighted(terms, idf(lengths.size, rows[field])) for field, terms in asked.items()
        }
        rare = weighed["pairs"].take((rows["pairs"] * RARE <= lengths.size).nonzero()[0])
        return QueryTerms(
            lengths,
            _by_weight(weighed["words"]),
            _by_weight(rare),
            weighed["units"],
            weighed["pairs"],
        )

    def _measure(self) -> Lengths:
        found = self._ask(
            {
                "size": 0,
                "track_total_hits": True,
                "query": {"bool": {"filter": [PARAGRAPHS]}},
                "aggs": {name: {"sum": {"field": name}} for name in ("word_count", "unit_count")},
            }
        )
        size, sums = found["hits"]["total"]["value"], found["aggregations"]
        mean = {name: sums[name]["value"] / max(size, 1) for name in sums}
        lengths = Lengths(
            size, max(mean["word_count"], PIVOT_WORDS), max(mean["unit_count"], PIVOT_UNITS)
        )
        with self._lock:
            self._lengths, self._until = lengths, time.monotonic() + _FRESH
        return lengths

    def _find(self, missing: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], int]:
        """Ask the shards how many of their paragraphs hold some terms."""
        encoded = {field: {encode(term): term for term in missing[field]} for field in missing}
        text = {field: " ".join(terms) for field, terms in encoded.items() if terms}
        asked = self._routes[:_MOST_COUNTED]
        request = {
            "doc": text,
            "fields": list(text),
            "term_statistics": True,
            "field_statistics": False,
            "positions": False,
            "offsets": False,
            "payloads": False,
        }
        answer = self._look_up({"docs": [{"routing": route, **request} for route in asked]})
        held: dict[tuple[str, str], int] = {}
        for shard in answer["docs"]:
            for field, found in shard.get("term_vectors", {}).items():
                for token, counts in found["terms"].items():
                    key = field, encoded[field][token]
                    held[key] = held.get(key, 0) + counts.get("doc_freq", 0)
        scale = len(self._routes) / max(len(asked), 1)
        return {
            (field, term): round(held.get((field, term), 0) * scale)
            for field, terms in missing.items()
            for term in terms
        }


def _by_weight(weighted: Weighted) -> Weighted:
    return weighted.take((-weighted.weights).argsort(kind="stable"))
