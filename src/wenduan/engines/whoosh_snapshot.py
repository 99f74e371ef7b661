"""One commit of a Whoosh index, read: postings as arrays, scores, stored paragraphs."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..query import Query
from ..query.proof import Evidence
from ..ranking import bm25, order
from .base import Entry, IndexedFile, Match, Matches
from .matching import Numbers, exact_quotations, match

_FIELDS = {"words": "word_length", "units": "unit_length", "pairs": "pair_length"}
# Postings and texts that stay in memory for the next query.
_CACHED_POSTINGS = 4_096
_CACHED_TEXTS = 4_096


class Snapshot:
    """All segments of one commit as one numbered row of paragraphs; deleted ones left out.

    Not safe for several threads at once: the engine lets one in at a time.
    """

    def __init__(self, reader: Any, generation: int) -> None:
        """Read what every search needs; `generation` is the number of the commit."""
        self.generation = generation
        self._reader = reader
        self.postings = lru_cache(_CACHED_POSTINGS)(self._read_postings)
        self.evidence = lru_cache(_CACHED_TEXTS)(self._read_evidence)
        self._is_paragraph = np.array(
            [not reader.is_deleted(number) for number in range(reader.doc_count_all())], dtype=bool
        )
        self._lengths = {column: self._column(column) for column in _FIELDS.values()}
        self._is_paragraph[self.numbers("file", "1")] = False
        self._paragraphs = int(self._is_paragraph.sum())

    def _column(self, name: str) -> NDArray[np.float64]:
        parts = [np.zeros(0)]
        for leaf, _ in self._reader.leaf_readers():
            if leaf.has_column(name):
                column = leaf.column_reader(name)
                parts.append(np.array([column[n] for n in range(leaf.doc_count_all())], float))
            else:
                parts.append(np.zeros(leaf.doc_count_all()))
        return np.concatenate(parts)

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the live paragraphs that hold a term, ascending."""
        return self.postings(field, term)[0]

    def _read_postings(self, field: str, term: str) -> tuple[Numbers, NDArray[np.float64]]:
        """Numbers of the live documents that hold a term, and how often each does."""
        numbers: list[int] = []
        counts: list[float] = []
        encoded = term.encode("utf-8")
        for leaf, offset in self._reader.leaf_readers():
            if (field, encoded) not in leaf:
                continue
            # Whoosh leaves deleted documents out here, though not of its own frequencies.
            matcher = leaf.postings(field, encoded)
            while matcher.is_active():
                numbers.append(matcher.id() + offset)
                counts.append(matcher.weight())
                matcher.next()
        return np.array(numbers, dtype=np.int64), np.array(counts)

    def _read_evidence(self, number: int) -> Evidence:
        return Evidence(self._stored(number)["text"])

    def _stored(self, number: int) -> Any:
        return json.loads(self._reader.stored_fields(number)["stored"])

    def iter_files(self) -> Iterator[tuple[int, IndexedFile]]:
        """Give the number and the record of each file's document."""
        for number in self.numbers("file", "1").tolist():
            yield number, IndexedFile(**self._stored(number))

    def search(self, query: Query, limit: int) -> Matches:
        """Match, score and rank; read the best `limit` paragraphs."""
        found = match(query.tree, self)
        scores = self._score(query)[found]
        tiers = np.array([exact_quotations(query.tree, n, self) for n in found.tolist()], np.int64)
        best = order(tiers, scores, limit)
        rows = [self._match(int(found[at]), float(scores[at])) for at in best]
        return Matches(len(found), rows)

    def _score(self, query: Query) -> NDArray[np.float64]:
        scores = np.zeros(len(self._is_paragraph))
        for field, column in _FIELDS.items():
            lengths = self._lengths[column]
            mean = lengths[self._is_paragraph].mean() if self._paragraphs else 0.0
            for term in getattr(query, field):
                numbers, counts = self.postings(field, term)
                scores[numbers] += bm25(counts, lengths[numbers], mean, self._paragraphs)
        return scores

    def _match(self, number: int, score: float) -> Match:
        stored = self._stored(number)
        file_numbers = np.intersect1d(
            self.numbers("page", stored["page"]), self.numbers("file", "1"), assume_unique=True
        )
        file = IndexedFile(**self._stored(int(file_numbers[0])))
        return Match(score, Entry(stored["text"], stored["facts"]), file)
