"""An index on an OpenSearch cluster, behind the interface of an engine."""

from __future__ import annotations

import contextlib
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from opensearchpy.exceptions import RequestError

from ...analysis import ANALYZER, Cut
from ...errors import ClusterError, IndexMissingError, IndexVersionError
from ...query import KIND_OF, Query
from ..base import MOST_COMPLETED, Entry, IndexedFile, Matches, Wanted
from ..columns import month_of
from ..lexicon import Files, Lexicon, words_digest
from . import retrieval
from .bulk import BulkSender
from .connection import PAUSES, SEARCH_TIMEOUT, Access, connect, of_answer, patiently, told
from .documents import StoredParagraph, read_file
from .dsl import PARAGRAPHS
from .lexicons import make_lexicon, open_lexicon
from .location import parse_location
from .retrieval import Asking
from .schema import FORMAT, REPLICAS, SHARDS, UNRANKED, mapping, read_meta, settings
from .statistics import Statistics
from .writing import ClusterWriter, Held

_Answer = TypeVar("_Answer")

_IN_TIME = {"request_timeout": SEARCH_TIMEOUT}
PAGES = {"term": {"type": "page"}}
# Words that are gone through when nothing is found: those of most pages.
_MOST_WORDS = 60_000
_AT_ONCE = 5_000
# Seconds within which copies of shards have what the first ones have, if they are to be waited for.
_SETTLED_SECONDS = 60
_WORDS_ID = "dictionary"
# An index that nobody has written to for so long, and that no name leads to, was given up.
_GIVEN_UP_MS = 3_600_000


class OpenSearchEngine:
    """An index of a cluster, open. Safe to share among threads.

    The name of a location is an alias; the index behind it is `NAME-` and more, so that a rebuild
    can fill another one and take its place at once.
    """

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
        self._location = parse_location(location)
        self.location = str(self._location)
        self._client = connect(self._location, access or Access())
        self._shards, self._replicas, self._userdict = shards, replicas, userdict
        self._lexicon: Lexicon | None = None
        index = self._find()
        self._is_rebuilt = rebuild and index is not None
        if index is None:
            if not (create or rebuild):
                raise IndexMissingError(self.location)
            index = self._create(f"{self._location.name}-1", alias=True)
        if self._is_rebuilt:
            self._sweep()
            index = self._create(f"{self._location.name}-{uuid.uuid4().hex[:12]}", alias=False)
        self._open(index)

    def _find(self) -> str | None:
        """The index behind the name, None if there is none. Raises ClusterError for another's."""
        name = self._location.name
        with told(self._location):
            if self._client.indices.exists_alias(name=name):
                found = list(self._client.indices.get_alias(name=name))
                if len(found) == 1:
                    return str(found[0])
                raise ClusterError(self._location, f"{name} leads to {len(found)} indices")
            if self._client.indices.exists(index=name):
                raise ClusterError(
                    self._location,
                    f"{name} is an index that wenduan did not make; choose another name",
                )
        return None

    def _create(self, index: str, alias: bool) -> str:
        """Make an index; one of the same name that another feeder has made just now will do."""
        files = make_lexicon(self._userdict)
        words = None if self._userdict is None else words_digest(self._userdict)
        meta = {
            "format": FORMAT,
            "analyzer": dict(ANALYZER),
            "dictionary": [list(row) for row in files],
            "userdict": words,
        }
        body: dict[str, Any] = {
            "settings": settings(self._shards, self._replicas),
            "mappings": mapping(meta),
        }
        if alias:
            body["aliases"] = {self._location.name: {}}
        with told(self._location):
            try:
                self._client.indices.create(index=index, body=body)
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
                return index
            if self._userdict is not None:
                text = Path(self._userdict).read_text(encoding="utf-8-sig")
                document = {"type": "dictionary", "dictionary": text, **UNRANKED}
                self._client.index(index=index, id=_WORDS_ID, body=document, refresh=True)
        return index

    def _open(self, index: str) -> None:
        """Take an index for all that follows."""
        self._index = index
        with told(self._location):
            found = self._client.indices.get(index=index)[index]
        meta = read_meta(found["mappings"])
        if meta is None:
            raise ClusterError(
                self._location,
                f"{self._location.name} leads to an index that wenduan did not make; choose"
                " another name",
            )
        made = {"format": meta["format"], **meta["analyzer"]}
        needed = {"format": FORMAT, **ANALYZER}
        if made != needed:
            raise IndexVersionError(self.location, f"with {_named(made)}", _named(needed))
        if self._userdict and meta["userdict"] != words_digest(self._userdict):
            words = f"a cut by the words of {self._userdict}"
            option = f"--userdict {self._userdict} "
            raise IndexVersionError(self.location, "with other words", words, option)
        self._meta = meta
        shards = int(found["settings"]["index"]["number_of_shards"])
        self._asking = Asking(
            self._search_all,
            self._get,
            Statistics(self._ask, self._vectors, self._routes(shards)),
        )

    def _routes(self, shards: int) -> list[str]:
        """For each shard, a routing value that leads to it."""
        found: dict[int, str] = {}
        with told(self._location):
            for value in map(str, range(64 * shards)):
                if len(found) == shards:
                    break
                answer = self._client.search_shards(index=self._index, routing=value)
                found.setdefault(answer["shards"][0][0]["shard"], value)
        return [found[shard] for shard in sorted(found)]

    def _read(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask for what changes nothing: patiently, and of the index that the name leads to now."""
        for pause in PAUSES:
            try:
                return patiently(self._location, ask)
            except IndexMissingError:
                index = self._find()
                if self._is_rebuilt or index is None:
                    raise
            if index != self._index:
                # It has been rebuilt since it was opened.
                self._open(index)
            else:
                # Not all nodes have heard of that yet.
                time.sleep(pause)
        return patiently(self._location, ask)

    def _ask(self, body: Mapping[str, Any], **options: str) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            answer: Mapping[str, Any] = self._client.search(
                index=self._index, body=body, params=_IN_TIME | options
            )
            self._check_answer(answer)
            return answer

        return self._read(ask)

    def _search_all(self, bodies: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Make several searches at once."""
        if len(bodies) == 1:
            return [self._ask(bodies[0], **_ranked(bodies[0]))]

        def ask() -> Sequence[Mapping[str, Any]]:
            headers = [{"index": self._index, **_ranked(body)} for body in bodies]
            lines = [row for rows in zip(headers, bodies, strict=True) for row in rows]
            answers: Sequence[Mapping[str, Any]] = self._client.msearch(
                body=lines, params=dict(_IN_TIME)
            )["responses"]
            for answer in answers:
                self._check_answer(answer)
            return answers

        return self._read(ask)

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

    def _vectors(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            found: Mapping[str, Any] = self._client.mtermvectors(
                index=self._index, body=body, params=dict(_IN_TIME)
            )
            for shard in found["docs"]:
                if "error" in shard:
                    raise of_answer(self._location, 503, shard["error"])
            return found

        return self._read(ask)

    def _get(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        def ask() -> list[Mapping[str, Any]]:
            found = self._client.mget(
                index=self._index, body={"ids": list(ids)}, params=dict(_IN_TIME)
            )["docs"]
            for document in found:
                if "error" in document:
                    raise of_answer(self._location, 503, document["error"])
            return [document for document in found if document.get("found")]

        return self._read(ask)

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""
        return self._open_lexicon().cut

    def _open_lexicon(self) -> Lexicon:
        if self._lexicon is None:
            files: Files = tuple((name, crc) for name, crc in self._meta["dictionary"])
            self._lexicon = open_lexicon(self.location, files, self._read_words)
        return self._lexicon

    def _read_words(self) -> str | None:
        if self._meta["userdict"] is None:
            return None
        documents = self._get([_WORDS_ID])
        return str(documents[0]["_source"]["dictionary"]) if documents else None

    def files(self) -> list[IndexedFile]:
        """Give all files of the index; one whose page is not complete looks as if it had changed.

        Of two pages of one path, the one that has been there longer comes first.
        """
        pages = (hit["_source"] for hit in self._all(PAGES, ["written", "page"]))
        return [
            file if page["complete"] else replace(file, size=-1, mtime_ns=-1, digest="")
            for page in pages
            for file in [read_file(page["file"])]
        ]

    def _all(self, query: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """All documents that a query matches, in the order of some of their fields."""
        body: dict[str, Any] = {
            "size": _AT_ONCE,
            "track_total_hits": False,
            "query": {"bool": {"filter": [query]}},
            "sort": [{key: "asc"} for key in keys],
        }
        while True:
            hits = self._ask(body)["hits"]["hits"]
            yield from hits
            if len(hits) < _AT_ONCE:
                return
            body["search_after"] = hits[-1]["sort"]

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""
        return retrieval.search(self._asking, query, wanted)

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
        buckets = self._ask(body)["aggregations"]["found"]["buckets"]
        return Counter({bucket["key"]: bucket["doc_count"] for bucket in buckets})

    def size(self) -> int:
        """How many paragraphs the index has."""
        body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [PARAGRAPHS]}}}
        size: int = self._ask(body)["hits"]["total"]["value"]
        return size

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of the page with this id, in their order."""
        return [replace(entry, kind="text") for entry in self._read_entries(page)]

    def _read_entries(self, page: str) -> list[Entry]:
        query = {"bool": {"filter": [PARAGRAPHS, {"term": {"page": page}}]}}
        rows = [StoredParagraph(hit["_source"]) for hit in self._all(query, ["place"])]
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
            "size": _AT_ONCE,
            "sources": [{"value": {"terms": {"field": field}}}],
        }
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"filter": [query]}},
            "aggs": {"found": {"composite": source}},
        }
        while True:
            found = self._ask(body)["aggregations"]["found"]
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
        return [begun] if self._ask(body)["hits"]["total"]["value"] else []

    def verify(self) -> int:
        """See that all pages are complete and have all their paragraphs; gives the index's bytes.

        Raises ClusterError where they have not.
        """
        self._refresh()
        pages = list(self._all(PAGES, ["page"]))
        expected = sum(page["_source"]["paragraphs"] for page in pages)
        broken = sum(not page["_source"]["complete"] for page in pages)
        held = self.size()
        if broken or held != expected:
            raise ClusterError(
                self._location,
                f"{broken:,} pages are not complete, and of {expected:,} paragraphs it has"
                f" {held:,}; run wenduan index PATH again",
            )
        stats = self._read(lambda: self._client.indices.stats(index=self._index, metric="store"))
        size: int = stats["indices"][self._index]["primaries"]["store"]["size_in_bytes"]
        return size

    @contextmanager
    def write(self) -> Iterator[ClusterWriter]:
        """Begin a change. Several feeders may make theirs at once.

        Pages are found once the change has ended, or half a minute after they were acknowledged;
        an exception leaves those that were, and removes none.
        """
        index = self._index
        # What another feeder has just written must be known.
        self._refresh()
        held = {
            page["page"]: Held(read_file(page["file"]).path, page["paragraphs"])
            for hit in self._all(PAGES, ["page"])
            for page in [hit["_source"]]
        }
        sender = BulkSender(self._location, self._bulk)
        cut_runs = self._open_lexicon().bulk()
        writer = ClusterWriter(index, sender, cut_runs, held, self._read_entries)
        try:
            yield writer
            writer.finish()
        except BaseException:
            self._forget_rebuild()
            raise
        finally:
            sender.close()
            self._asking.statistics.forget()
        self._settle()
        if self._is_rebuilt:
            self._take_over()
        elif self._find() != index:
            raise ClusterError(
                self._location,
                "the index was rebuilt by somebody else meanwhile; run the same command again",
            )

    def _bulk(self, lines: bytes) -> Mapping[str, Any]:
        with told(self._location):
            answer: Mapping[str, Any] = self._client.bulk(body=lines)
        return answer

    def _refresh(self) -> None:
        self._read(lambda: self._client.indices.refresh(index=self._index))

    def _settle(self) -> None:
        """Let searches see what was written, on all copies of all shards that answer."""
        self._refresh()
        until = time.monotonic() + _SETTLED_SECONDS
        while time.monotonic() < until:
            rows = self._read(
                lambda: self._client.cat.segment_replication(index=self._index, format="json")
            )
            if all(row["checkpoints_behind"] == "0" for row in rows):
                return
            time.sleep(0.1)

    def _take_over(self) -> None:
        """Let the name lead to the index that has been filled, and delete the one before."""
        name, old = self._location.name, self._find()
        actions: list[dict[str, Any]] = [{"add": {"index": self._index, "alias": name}}]
        if old is not None and old != self._index:
            actions.append({"remove_index": {"index": old}})
        try:
            with told(self._location):
                self._client.indices.update_aliases(body={"actions": actions})
        except IndexMissingError:
            # Asked a second time, for the node that did it died before it could say so.
            if self._find() != self._index:
                raise
        self._is_rebuilt = False

    def _forget_rebuild(self) -> None:
        """Delete the index that a rebuild has begun to fill; if that fails, a later one will."""
        if self._is_rebuilt:
            with contextlib.suppress(ClusterError, IndexMissingError), told(self._location):
                self._client.indices.delete(index=self._index)

    def _sweep(self) -> None:
        """Delete what rebuilds that were killed have left."""
        name, now = self._location.name, time.time() * 1000
        newest = {"size": 0, "aggs": {"newest": {"max": {"field": "written"}}}}
        with told(self._location):
            found = self._client.indices.get(index=f"{name}-*")
            for index, facts in found.items():
                if facts["aliases"] or read_meta(facts["mappings"]) is None:
                    continue
                answer = self._client.search(index=index, body=newest)
                written = answer["aggregations"]["newest"]["value"]
                created = float(facts["settings"]["index"]["creation_date"])
                if now - max(written or 0, created) > _GIVEN_UP_MS:
                    self._client.indices.delete(index=index)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
        self._lexicon = None


def _ranked(body: Mapping[str, Any]) -> dict[str, str]:
    """How a search is made: what is ranked, by statistics of all shards."""
    return {"search_type": "dfs_query_then_fetch"} if body["size"] else {}


def _named(versions: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
