"""OpenSearch as it is wired by hand, for comparison: three fields, the client's own bulk and query.

Words are cut by jieba; characters and pairs of them are fields of their own. A question asks for
any of its terms in any field, by statistics of all shards, and gets its ten best.
"""

import time
from collections.abc import Sequence
from typing import Any

import jieba
from opensearchpy import OpenSearch, helpers

from wenduan.engines.opensearch.location import parse_location

Document = dict[str, str]


def make_document(text: str) -> Document:
    """The three fields of a text, their tokens parted by spaces."""
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return {
        "words": " ".join(filter(str.strip, jieba.cut(text))),
        "characters": " ".join(filter(str.strip, text)),
        "pairs": " ".join(pair for pair in pairs if len(pair.split()) == 1),
    }


class PlainIndex:
    """An index of a cluster, with three shards and a copy of each."""

    def __init__(self, location: str) -> None:
        """Make the index of a URL."""
        place = parse_location(location)
        hosts = [{"host": host, "port": port} for host, port in place.hosts]
        self._client, self._name = OpenSearch(hosts, timeout=90), place.name
        ranked = {"type": "text", "analyzer": "whitespace"}
        body = {
            "settings": {"number_of_shards": 3, "number_of_replicas": 1},
            "mappings": {"properties": dict.fromkeys(("words", "characters", "pairs"), ranked)},
        }
        self._client.indices.create(index=self._name, body=body)

    def feed(self, documents: Sequence[Document]) -> float:
        """Index documents that are made; gives the seconds until they are found."""
        begin = time.perf_counter()
        actions = (
            {"_index": self._name, "_id": number, "_source": document}
            for number, document in enumerate(documents)
        )
        for is_taken, _ in helpers.parallel_bulk(self._client, actions, thread_count=3):
            assert is_taken
        self._client.indices.refresh(index=self._name)
        return time.perf_counter() - begin

    def ask(self, question: str) -> Any:
        """The ten best."""
        asked = [{"match": {name: text}} for name, text in make_document(question).items()]
        body = {"size": 10, "query": {"bool": {"should": asked}}}
        options = {"search_type": "dfs_query_then_fetch"}
        return self._client.search(index=self._name, body=body, params=options)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
