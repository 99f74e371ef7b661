"""An index on an OpenSearch cluster, behind the interface of an engine."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from ...analysis import Cut
from ...errors import ClusterError, IndexMissingError
from ...query import KIND_OF, Query
from ..base import MOST_COMPLETED, Entry, IndexedFile, Matches, Wanted
from ..columns import month_of
from ..lexicon import Files, Lexicon
from . import retrieval
from .asking import AT_ONCE, OpenIndex
from .bulk import BulkSender
from .connection import Access, connect
from .documents import StoredParagraph, read_file
from .dsl import PARAGRAPHS
from .keeping import WORDS_ID, Keeper
from .lexicons import open_lexicon
from .location import parse_location
from .schema import REPLICAS, SHARDS
from .sorting import search_sorted
from .writing import ClusterWriter, Held

PAGES = {"term": {"type": "page"}}
# Words that are gone through when nothing is found: those of most pages.
_MOST_WORDS = 60_000
# A change of so many paragraphs, if they are one in so many of all, is followed by merging: what
# a question costs in a small index does not come from its segments, and nodes merge by themselves
# what is added little by little.
_MERGED_FROM = 10_000
_MERGED_SHARE = 4


class OpenSearchEngine:
    """An index of a cluster, open. Safe to share among threads."""

    checked = "hold all paragraphs of all pages"

    def __init__(
        self,
        location: str,
        *,
        create: bool = False,
        rebuild: bool = False,
        userdict: str | None = None,
        access: Access | None = None,
        shards: int = SHARDS,
        replicas: int = REPLICAS,
    ) -> None:
        """Open the index at a URL, see location; `create`, `rebuild` and `userdict` are as with a
        folder, see WhooshEngine. `shards` and `replicas` are those of a new index.

        Raises ClusterError, IndexMissingError, or IndexVersionError.
        """
        place = parse_location(location)
        self._location, self.location = place, str(place)
        self._client = connect(place, access or Access())
        self._keeper = Keeper(place, self._client, userdict)
        self._lexicon: Lexicon | None = None
        name = self._keeper.find()
        self._is_rebuilt = rebuild and name is not None
        if name is None and not (create or rebuild):
            raise IndexMissingError(self.location)
        if name is None:
            name = f"{place.name}-1"
            self._keeper.create(name, alias=True, shards=shards, replicas=replicas)
        elif rebuild:
            self._keeper.sweep()
            name = f"{place.name}-{uuid.uuid4().hex[:12]}"
            self._keeper.create(name, alias=False, shards=shards, replicas=replicas)
        follows = not self._is_rebuilt
        self._index = OpenIndex(place, self._client, self._keeper, name, follows)

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""
        return self._open_lexicon().cut

    def _open_lexicon(self) -> Lexicon:
        if self._lexicon is None:
            files: Files = tuple((name, crc) for name, crc in self._index.meta["dictionary"])
            self._lexicon = open_lexicon(self.location, files, self._read_words)
        return self._lexicon

    def _read_words(self) -> str | None:
        if self._index.meta["userdict"] is None:
            return None
        documents = self._index.get([WORDS_ID])
        return str(documents[0]["_source"]["dictionary"]) if documents else None

    def files(self) -> list[IndexedFile]:
        """Give all files of the index; one whose page is not complete looks as if it had changed.

        Of two pages of one path, the one that has been there longer comes first.
        """
        pages = (hit["_source"] for hit in self._index.iter_all(PAGES, ["written", "page"]))
        return [
            file if page["complete"] else replace(file, size=-1, mtime_ns=-1, digest="")
            for page in pages
            for file in [read_file(page["file"])]
        ]

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""
        find = retrieval.search if wanted.sort is None else search_sorted
        return find(self._index, query, wanted)

    @contextmanager
    def view(self) -> Iterator[OpenSearchEngine]:
        """The index as it is at each request: a page may come or go between two of them."""
        yield self

    def words(self) -> Counter[str]:
        """The words of most pages, at most 60,000, and how many pages hold each."""
        return self._buckets("vocabulary", _MOST_WORDS, PAGES)

    def _buckets(
        self, field: str, size: int, query: Mapping[str, Any], **terms: Any
    ) -> Counter[str]:
        asked = {"field": field, "size": size, "shard_size": 2 * size, **terms}
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": [query]}},
            "aggs": {"found": {"terms": asked}},
        }
        buckets = self._index.ask(body)["aggregations"]["found"]["buckets"]
        return Counter({bucket["key"]: bucket["doc_count"] for bucket in buckets})

    def size(self) -> int:
        """How many paragraphs the index has."""
        body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [PARAGRAPHS]}}}
        size: int = self._index.ask(body)["hits"]["total"]["value"]
        return size

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of the page with this id, in their order; KeyError for no page's."""
        entries = self._read_entries(page)
        if not entries:
            raise KeyError(page)
        return [replace(entry, kind="text") for entry in entries]

    def _read_entries(self, page: str) -> list[Entry]:
        query = {"bool": {"filter": [PARAGRAPHS, {"term": {"page": page}}]}}
        rows = [StoredParagraph(hit["_source"]) for hit in self._index.iter_all(query, ["place"])]
        entries: list[Entry] = []
        post, facts = "", rows[0].entry.post if rows else {}
        for row in rows:
            # One object for all paragraphs of a post.
            if row.post != post:
                post, facts = row.post, row.entry.post
            entries.append(replace(row.entry, post=facts))
        return entries

    def count(self, what: str) -> Counter[str]:
        """Count posts or pages by something, see base.Engine."""
        opening = {"bool": {"filter": [PARAGRAPHS, {"term": {"opens": True}}]}}
        if what == "author":
            return Counter(dict(self._composite("author_told", opening)))
        if what in ("title", "tag", "site"):
            return Counter(dict(self._composite(f"{what}_told", PAGES)))
        found: Counter[str] = Counter()
        if what == "kind":
            for number, held in self._composite("kind", opening):
                found[KIND_OF[number]] += held
        elif what == "month":
            for day, held in self._composite("published", opening):
                found[month_of(day)] += held
        else:
            raise ValueError(f"nothing is counted by {what}")
        return found

    def _composite(self, field: str, query: Mapping[str, Any]) -> Iterator[tuple[Any, int]]:
        """All values of a field, and how many documents have each."""
        source: dict[str, Any] = {
            "size": AT_ONCE,
            "sources": [{"value": {"terms": {"field": field}}}],
        }
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": [query]}},
            "aggs": {"found": {"composite": source}},
        }
        while True:
            found = self._index.ask(body)["aggregations"]["found"]
            for bucket in found["buckets"]:
                yield bucket["key"]["value"], bucket["doc_count"]
            if "after_key" not in found:
                return
            source["after"] = found["after_key"]

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        pattern = re.sub(r"[^\w]", lambda match: f"\\{match[0]}", begun) + ".*"
        query = {"bool": {"filter": [PARAGRAPHS, {"prefix": {"tokens": begun}}]}}
        order = [{"_count": "desc"}, {"_key": "asc"}]
        found = self._buckets("tokens", MOST_COMPLETED, query, include=pattern, order=order)
        return list(found) or self._complete_han(begun)

    def _complete_han(self, begun: str) -> list[str]:
        """A character is a unit of its own, which nothing longer begins with."""
        if len(begun) != 1:
            return []
        body = {"size": 0, "track_total_hits": True, "query": {"term": {"units": begun}}}
        return [begun] if self._index.ask(body)["hits"]["total"]["value"] else []

    def verify(self) -> int:
        """See that all pages are complete and have all their paragraphs; gives the index's bytes.

        Raises ClusterError where they have not.
        """
        self._index.refresh()
        pages = list(self._index.iter_all(PAGES, ["page"]))
        expected = sum(page["_source"]["paragraphs"] for page in pages)
        broken = sum(not page["_source"]["complete"] for page in pages)
        held = self.size()
        if broken or held != expected:
            raise ClusterError(
                self._location,
                f"{broken:,} pages are not complete, and of {expected:,} paragraphs it has"
                f" {held:,}; run wenduan index PATH again",
            )
        return self._index.bytes()

    @contextmanager
    def write(self) -> Iterator[ClusterWriter]:
        """Begin a change. Several feeders may make theirs at once.

        Pages are found once the change has ended, or half a minute after they were acknowledged;
        an exception leaves those that were, and removes none.
        """
        index = self._index.name
        # What another feeder has just written must be known.
        self._index.refresh()
        held = {
            page["page"]: Held(read_file(page["file"]).path, page["paragraphs"])
            for hit in self._index.iter_all(PAGES, ["page"])
            for page in [hit["_source"]]
        }
        sender = BulkSender(self._location, self._index.bulk)
        cut_runs = self._open_lexicon().bulk()
        writer = ClusterWriter(index, sender, cut_runs, held, self._read_entries)
        try:
            yield writer
            writer.finish()
        except BaseException:
            if self._is_rebuilt:
                self._keeper.forget(index)
            raise
        finally:
            sender.close()
            self._index.statistics.forget()
        self._index.settle()
        self._merge(writer.written)
        if self._is_rebuilt:
            self._keeper.take_over(index)
            self._is_rebuilt, self._index.follows = False, True
        elif self._keeper.find() != index:
            raise ClusterError(
                self._location,
                "the index was rebuilt by somebody else meanwhile; run the same command again",
            )

    def _merge(self, written: int) -> None:
        """After a change that made much of the index, let its segments be joined."""
        if written < _MERGED_FROM:
            return
        # What was written is there all the same: this may be more than the user is allowed to.
        with suppress(ClusterError, IndexMissingError):
            size = self.size()
            if written * _MERGED_SHARE >= size:
                self._index.merge(size)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
        self._lexicon = None
