"""The indices behind a name: found, made, checked, put in each other's place, deleted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from ...analysis import ANALYZER
from ...analysis.dictionary import MOST_WORDS
from ...errors import ClusterError, IndexMissingError, IndexVersionError
from ...regular import read_regular
from ..lexicon import words_digest
from .connection import told
from .lexicons import make_lexicon
from .location import Location
from .schema import FORMAT, UNRANKED, mapping, read_meta, settings

# Id of the document with the words that an index is cut by besides jieba's.
WORDS_ID = "dictionary"
# An index that nobody has written to for so long, and that no name leads to, was given up.
_GIVEN_UP_MS = 3_600_000


class Keeper:
    """Keeps the indices behind the name of a location, which is an alias of one of them.

    They are called `NAME-` and more, so that a rebuild can fill another one and take its place at
    once. All methods raise ClusterError.
    """

    def __init__(self, location: Location, client: OpenSearch, userdict: str | None) -> None:
        """`userdict` is a file of words that indices are cut by besides jieba's."""
        self._location, self._client, self._userdict = location, client, userdict

    def find(self) -> str | None:
        """The index behind the name, None if there is none. Raises ClusterError for another's."""
        name = self._location.name
        options = {"ignore_unavailable": "true"}
        with told(self._location):
            found: dict[str, Any] = self._client.indices.get(index=name, params=options)
        if name not in found:
            if len(found) > 1:
                raise ClusterError(self._location, f"{name} leads to {len(found)} indices")
            return next(iter(found), None)
        if aliases := list(found[name]["aliases"]):
            raise ClusterError(
                self._location, f"{name} stands behind a name; use that one, {aliases[0]}"
            )
        raise ClusterError(
            self._location, f"{name} is an index that wenduan did not make; choose another name"
        )

    def create(self, index: str, *, alias: bool, shards: int, replicas: int) -> None:
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
            "settings": settings(shards, replicas),
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
                return
            if self._userdict is not None:
                text = read_regular(self._userdict, MOST_WORDS).decode("utf-8-sig")
                document = {"type": "dictionary", "dictionary": text, **UNRANKED}
                self._client.index(index=index, id=WORDS_ID, body=document, refresh=True)

    def check(self, index: str) -> tuple[Mapping[str, Any], int]:
        """What an index was made by, see schema.read_meta, and how many shards it has.

        Raises IndexVersionError too: for one that was made otherwise than this version would.
        """
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
            raise IndexVersionError(str(self._location), f"with {_named(made)}", _named(needed))
        if self._userdict and meta["userdict"] != words_digest(self._userdict):
            words = f"a cut by the words of {self._userdict}"
            option = f"--userdict {self._userdict} "
            raise IndexVersionError(str(self._location), "with other words", words, option)
        return meta, int(found["settings"]["index"]["number_of_shards"])

    def take_over(self, index: str) -> None:
        """Let the name lead to an index that has been filled, and delete the one before."""
        name, old = self._location.name, self.find()
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": name}}]
        if old is not None and old != index:
            actions.append({"remove_index": {"index": old}})
        try:
            with told(self._location):
                self._client.indices.update_aliases(body={"actions": actions})
        except IndexMissingError:
            # Asked a second time, for the node that did it died before it could say so.
            if self.find() != index:
                raise

    def forget(self, index: str) -> None:
        """Delete an index that a rebuild has begun to fill; if that fails, a later one will."""
        with contextlib.suppress(ClusterError, IndexMissingError), told(self._location):
            self._client.indices.delete(index=index)

    def sweep(self) -> None:
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


def _named(versions: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
