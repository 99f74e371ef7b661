"""Requests to the index that a name leads to now: patient, and told in a line where they fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from opensearchpy import OpenSearch

from ...errors import ClusterError, IndexMissingError
from .connection import PAUSES, SEARCH_TIMEOUT, of_answer, patiently, told
from .keeping import Keeper
from .location import Location
from .statistics import Statistics

_Answer = TypeVar("_Answer")

_IN_TIME = {"request_timeout": SEARCH_TIMEOUT}
# Documents that are read at once, or values that are counted.
AT_ONCE = 5_000
# Paragraphs of a segment that is merged on demand. Lucene leaves segments of more than 5 GB alone,
# whatever is deleted in them; these have half of that.
_MOST_IN_SEGMENT = 1_000_000
# Seconds within which copies of shards have what the first ones have, if they are to be waited for.
_SETTLED_SECONDS = 60


class OpenIndex:
    """An open index. Safe to share among threads.

    All methods raise ClusterError, or IndexMissingError where the index is gone.
    """

    def __init__(
        self, location: Location, client: OpenSearch, keeper: Keeper, name: str, follows: bool
    ) -> None:
        """`name` is the index's own; with `follows`, it gives way to another one that the
        location's name leads to, once that has taken its place.
        """
        self._location, self._client, self._keeper = location, client, keeper
        self.follows = follows
        self._open(name)

    def _open(self, name: str) -> None:
        self.name = name
        self.meta, self.shards = self._keeper.check(name)
        self.statistics = Statistics(self.ask, self._vectors, self._routes(self.shards))

    def _routes(self, shards: int) -> list[str]:
        """For each shard, a routing value that leads to it."""
        found: dict[int, str] = {}

        def ask() -> list[str]:
            for value in map(str, range(64 * shards)):
                if len(found) == shards:
                    break
                (copies,) = self._client.search_shards(index=self.name, routing=value)["shards"]
                if not copies:
                    # The node that had it has died, and no other copy is in its place yet.
                    raise ClusterError(
                        self._location,
                        "parts of the index are not available; see GET _cluster/health",
                        is_passing=True,
                    )
                found.setdefault(copies[0]["shard"], value)
            return [found[shard] for shard in sorted(found)]

        return patiently(self._location, ask)

    def read(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask for what changes nothing: patiently, and of the index that the name leads to now."""
        for pause in PAUSES:
            try:
                return patiently(self._location, ask)
            except IndexMissingError:
                index = self._keeper.find()
                if not self.follows or index is None:
                    raise
            if index != self.name:
                # It has been rebuilt since it was opened.
                self._open(index)
            else:
                # Not all nodes have heard of that yet.
                time.sleep(pause)
        return patiently(self._location, ask)

    def ask(self, body: Mapping[str, Any], **options: str) -> Mapping[str, Any]:
        """Make a search."""

        def ask() -> Mapping[str, Any]:
            answer: Mapping[str, Any] = self._client.search(
                index=self.name, body=body, params=_IN_TIME | options
            )
            self._check_answer(answer)
            return answer

        return self.read(ask)

    def search_all(self, bodies: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Make several searches at once."""
        if len(bodies) == 1:
            return [self.ask(bodies[0], **_ranked(bodies[0]))]

        def ask() -> Sequence[Mapping[str, Any]]:
            headers = [{"index": self.name, **_ranked(body)} for body in bodies]
            lines = [row for rows in zip(headers, bodies, strict=True) for row in rows]
            answers: Sequence[Mapping[str, Any]] = self._client.msearch(
                body=lines, params=dict(_IN_TIME)
            )["responses"]
            for answer in answers:
                self._check_answer(answer)
            return answers

        return self.read(ask)

    def get(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Those of some documents that are there."""

        def ask() -> list[Mapping[str, Any]]:
            found = self._client.mget(
                index=self.name, body={"ids": list(ids)}, params=dict(_IN_TIME)
            )["docs"]
            for document in found:
                if "error" in document:
                    raise of_answer(self._location, 503, document["error"])
            return [document for document in found if document.get("found")]

        return self.read(ask)

    def iter_all(
        self, query: Mapping[str, Any], keys: Sequence[str]
    ) -> Iterator[Mapping[str, Any]]:
        """All documents that a query matches, in the order of some of their fields."""
        body: dict[str, Any] = {
            "size": AT_ONCE,
            "track_total_hits": False,
            "query": {"bool": {"filter": [query]}},
            "sort": [{key: "asc"} for key in keys],
        }
        while True:
            hits = self.ask(body)["hits"]["hits"]
            yield from hits
            if len(hits) < AT_ONCE:
                return
            body["search_after"] = hits[-1]["sort"]

    def _vectors(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            found: Mapping[str, Any] = self._client.mtermvectors(
                index=self.name, body=body, params=dict(_IN_TIME)
            )
            for shard in found["docs"]:
                if "error" in shard:
                    raise of_answer(self._location, 503, shard["error"])
            return found

        return self.read(ask)

    def _check_answer(self, answer: Mapping[str, Any]) -> None:
        """Raise for an answer of which a part is missing."""
        if "error" in answer:
            raise of_answer(self._location, answer["status"], answer["error"])
        shards = answer["_shards"]
        if shards["failed"]:
            raise ClusterError(
                self._location,
                f"{shards['failed']} of {shards['total']} parts of the index do not answer; see"
                " GET _cluster/health, and search again",
                is_passing=True,
            )

    def bulk(self, lines: bytes) -> Mapping[str, Any]:
        """Make a request of many operations, once."""
        with told(self._location):
            answer: Mapping[str, Any] = self._client.bulk(body=lines)
        return answer

    def refresh(self) -> None:
        """Let searches see what was written."""
        self.read(lambda: self._client.indices.refresh(index=self.name))

    def settle(self) -> None:
        """Let searches see what was written, on all copies of all shards that answer."""
        self.refresh()
        until = time.monotonic() + _SETTLED_SECONDS
        while not self.read(self._is_settled) and time.monotonic() < until:
            time.sleep(0.05)

    def _is_settled(self) -> bool:
        """Whether each copy of a shard shows what its first one does, as far as it answers.

        By what they hold: for some hundredths of a second after a refresh, the cluster's own
        figure (checkpoints behind) tells of no lag where there is one.
        """
        copies = self._client.cat.shards(
            index=self.name, format="json", h="shard,prirep,state,docs"
        )
        if any(copy["state"] == "INITIALIZING" for copy in copies):
            return False
        counts = {(copy["shard"], copy["docs"]) for copy in copies if copy["docs"] is not None}
        if len(counts) > len({copy["shard"] for copy in copies}):
            return False
        return all(map(_is_alike, self._copies().values()))

    def _copies(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """For each shard that answers its copies, with their segments."""
        found = self._client.indices.segments(index=self.name)["indices"]
        # Where no shard answers, the index is not named at all.
        copies: Mapping[str, Sequence[Mapping[str, Any]]] = found.get(self.name, {}).get(
            "shards", {}
        )
        return copies

    def merge(self, size: int) -> None:
        """Let the nodes join the segments of an index of so many paragraphs, without waiting.

        A question looks into each segment, and a search reads what is kept of a paragraph sooner
        where it has been merged.
        """
        at_most = 1 + size // (self.shards * _MOST_IN_SEGMENT)
        params = {"max_num_segments": at_most, "wait_for_completion": "false"}
        with told(self._location):
            # What is not yet committed keeps all that was sent beside what is read of it.
            self._client.indices.flush(index=self.name)
            self._client.indices.forcemerge(index=self.name, params=params)

    def bytes(self) -> int:
        """Its size on disk, of the first copies of all shards."""
        # Statistics of the index would be some seconds old.
        copies = chain.from_iterable(self.read(self._copies).values())
        return sum(
            segment["size_in_bytes"]
            for copy in copies
            if copy["routing"]["primary"]
            for segment in copy["segments"].values()
        )


def _is_alike(copies: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all copies of a shard show the segments in which the first one holds anything."""
    shown = [{n for n, s in copy["segments"].items() if s["search"]} for copy in copies]
    needed = {
        name
        for copy in copies
        if copy["routing"]["primary"]
        for name, segment in copy["segments"].items()
        if segment["search"] and segment["num_docs"]
    }
    return all(needed <= names for names in shown)


def _ranked(body: Mapping[str, Any]) -> dict[str, str]:
    """How a search is made: what is ranked, by statistics of all shards."""
    return {"search_type": "dfs_query_then_fetch"} if body["size"] else {}
