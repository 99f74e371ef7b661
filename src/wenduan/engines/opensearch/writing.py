"""One change of an index on a cluster: pages go in as they come, what they replace goes last."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import count, islice
from typing import Any, NamedTuple

from ...analysis.segmenting import CutRuns
from ..base import Entry, IndexedFile
from .bulk import BulkSender, Group
from .documents import Document, PageDocuments, paragraph_id
from .streams import Streams, make_streams

# Pages are announced, filled and completed together, once they have so many characters.
_BATCH_CHARS = 400_000
# Of so many batches the paragraphs may be under way when those of another one are sent.
_UNDER_WAY = 1


class Held(NamedTuple):
    """A page that the index has: its path, and how many paragraphs."""

    path: str
    paragraphs: int


class ClusterWriter:
    """Writes pages to an index; safe to be killed at any time, and to be run by several at once.

    Each page is announced first, by a document that says how many paragraphs it will have, and is
    complete once all of them are acknowledged. A page that goes is only removed when all that is
    new is there.
    """

    def __init__(
        self,
        index: str,
        sender: BulkSender,
        cut_runs: CutRuns,
        held: Mapping[str, Held],
        read: Callable[[str], Sequence[Entry]],
    ) -> None:
        """`held` are the pages that the index has, by their ids; `read` gives the paragraphs of
        a page.
        """
        self._index, self._sender, self._cut_runs = index, sender, cut_runs
        self._held, self._read = held, read
        self._named: set[str] = set()
        # Pages whose paragraphs are on their way, and what will say that they are complete.
        self._filled: deque[tuple[Group, list[Document]]] = deque()
        self._waiting: list[PageDocuments] = []
        self._chars = 0
        self._leaving: set[str] = set()
        self._put: set[str] = set()
        # Paragraphs of all pages that were put.
        self.written = 0

    def name(self, path: str, digest: str) -> str:
        """Give an id to a page: the same each time, so that feeding twice is feeding once."""
        for number in count():
            told = json.dumps([path, digest, number])
            name = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
            # A file may hold several pages; a page that was moved has kept its id.
            if name not in self._named and self._held.get(name, Held(path, 0)).path == path:
                break
        self._named.add(name)
        return name

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page. The same page may be put again, by this feeder or another."""
        self._leaving.discard(file.page)
        self._put.add(file.page)
        self._waiting.append(PageDocuments(file, entries))
        self._chars += sum(len(entry.text) for entry in entries)
        self.written += len(entries)
        if self._chars >= _BATCH_CHARS:
            self.flush()

    def move(self, file: IndexedFile) -> None:
        """Give the page with the id of `file` another path or state."""
        self._held[file.page]  # an unknown page is an error of the caller
        self.put(file, self._read(file.page))

    def remove(self, page: str) -> None:
        """Remove the page with this id, at the end, unless this change has put it anew."""
        self._held[page]  # an unknown page is an error of the caller
        if page not in self._put:
            self._leaving.add(page)

    def part(self) -> None:
        """Another process need not be a part of this change: it may feed the index on its own."""

    def adopt(self, segments: Sequence[tuple[str, int]]) -> None:
        """There is nothing to take over."""

    def flush(self) -> None:
        """Send what waits; what was sent before may still be under way."""
        pages, self._waiting, self._chars = self._waiting, [], 0
        for page in pages:
            self._index_one(page.file.page, page.page())
        announced = self._sender.end_group()
        # On its way while the texts are analysed.
        texts = [entry.text for page in pages for entry in page.entries]
        streams = iter(make_streams(texts, self._cut_runs)) if texts else iter(())
        self._complete(_UNDER_WAY)
        self._sender.wait(announced)
        complete = []
        for page in pages:
            own = list(islice(streams, len(page.entries)))
            self._fill(page, own)
            complete.append(page.page(own))
        self._filled.append((self._sender.end_group(), complete))

    def _fill(self, page: PageDocuments, streams: Sequence[Streams]) -> None:
        """Send the paragraphs of a page."""
        name, count = page.file.page, len(page.entries)
        for place, document in enumerate(page.paragraphs(streams)):
            self._index_one(paragraph_id(name, place), document)
        # It may have had more, read by another version of us.
        had = self._held[name].paragraphs if name in self._held else 0
        for place in range(count, had):
            self._delete_one(paragraph_id(name, place))

    def _complete(self, left: int) -> None:
        """Say that pages are complete, once their paragraphs are acknowledged; of the last groups,
        so many may still be under way.
        """
        while len(self._filled) > left:
            group, documents = self._filled.popleft()
            self._sender.wait(group)
            for document in documents:
                self._index_one(document["page"], document)

    def finish(self) -> None:
        """Send what waits, then remove what goes; raises ClusterError."""
        self.flush()
        self._complete(0)
        self._sender.wait()
        for page in sorted(self._leaving):
            for place in range(self._held[page].paragraphs):
                self._delete_one(paragraph_id(page, place))
        # What is left of a page is known as long as its own document is there.
        self._sender.wait()
        for page in sorted(self._leaving):
            self._delete_one(page)
        self._sender.wait()

    def _index_one(self, id_: str, document: Mapping[str, Any]) -> None:
        self._sender.add({"index": {"_index": self._index, "_id": id_}}, document)

    def _delete_one(self, id_: str) -> None:
        self._sender.add({"delete": {"_index": self._index, "_id": id_}})
