"""The default engine: a Whoosh index in a folder, scored over arrays of its postings."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from whoosh import index as whoosh_index

from ..analysis import analyze
from ..errors import IndexDamagedError, IndexLockedError, IndexMissingError, IndexVersionError
from ..query import Query
from .base import Entry, IndexedFile, Matches
from .whoosh_schema import make_schema
from .whoosh_snapshot import Snapshot

# Raised with each change of what an index folder holds, so that none is read as what it is not.
FORMAT = 1
_ABOUT = "wenduan.json"
_HOLDER = "writer.json"
_RETRIES = 5


def _fingerprint() -> dict[str, Any]:
    import jieba

    return {"format": FORMAT, "analyzer": f"units 1, jieba {jieba.__version__}"}


class WhooshEngine:
    """An index folder, open. Safe to share among threads."""

    def __init__(self, location: str, *, create: bool = False, rebuild: bool = False) -> None:
        """Open the index in the folder `location`; `create` makes one where there is none.

        Raises IndexMissingError, IndexVersionError or IndexDamagedError.
        """
        self.location = location
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        folder = Path(location)
        # Whoosh's own check reads the table of contents, which may be damaged.
        exists = any(folder.glob("_MAIN_*.toc"))
        if not exists and not create:
            raise IndexMissingError(location)
        if exists and not rebuild:
            self._check_version(folder)
        self._index = self._open(folder, exists, rebuild)

    def _open(self, folder: Path, exists: bool, rebuild: bool) -> Any:
        if exists and not rebuild:
            return self._guard(lambda: whoosh_index.open_dir(self.location))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _ABOUT).write_text(json.dumps(_fingerprint()) + "\n", encoding="utf-8")
        return whoosh_index.create_in(self.location, make_schema())

    def _check_version(self, folder: Path) -> None:
        try:
            found = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        needed = _fingerprint()
        if found != needed:
            raise IndexVersionError(self.location, json.dumps(found), json.dumps(needed))

    def _guard(self, action: Callable[[], Any]) -> Any:
        """Do something that reads the index's files; whatever goes wrong there is damage."""
        try:
            return action()
        except Exception as error:
            raise IndexDamagedError(self.location, f"{type(error).__name__}: {error}") from error

    def _current(self) -> Snapshot:
        """The snapshot of the last commit; made anew when there has been one since."""
        with self._lock:
            for attempt in range(_RETRIES):
                try:
                    latest = self._index.latest_generation()
                    if self._snapshot is None or self._snapshot.generation != latest:
                        self._snapshot = Snapshot(self._index.reader(), latest)
                    return self._snapshot
                except Exception as error:
                    # A commit may sweep away files between the reading of two of them.
                    if attempt == _RETRIES - 1:
                        reason = f"{type(error).__name__}: {error}"
                        raise IndexDamagedError(self.location, reason) from error
            raise AssertionError("not reached")

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        with self._lock:
            snapshot = self._current()
            return list(self._guard(lambda: [file for _, file in snapshot.iter_files()]))

    def search(self, query: Query, limit: int) -> Matches:
        """Find all paragraphs that match, and give the best `limit` of them, best first."""
        with self._lock:
            snapshot = self._current()
            found: Matches = self._guard(lambda: snapshot.search(query, limit))
            return found

    @contextmanager
    def write(self) -> Iterator["WhooshWriter"]:
        """Begin a change; it is committed when the context ends without an exception."""
        try:
            writer = self._index.writer(limitmb=256)
        except whoosh_index.LockError as error:
            raise IndexLockedError(self.location, self._holder()) from error
        holder = Path(self.location) / _HOLDER
        try:
            holder.write_text(json.dumps(_this_process()), encoding="utf-8")
            yield WhooshWriter(writer, self._current())
        except BaseException:
            writer.cancel()
            raise
        else:
            writer.commit()
        finally:
            holder.unlink(missing_ok=True)

    def _holder(self) -> str:
        try:
            found = json.loads((Path(self.location) / _HOLDER).read_text(encoding="utf-8"))
            return f"process {found['pid']} on {found['host']} since {found['since']}"
        except (OSError, ValueError, KeyError):
            return "another process"

    def close(self) -> None:
        """Let go of files and memory."""
        with self._lock:
            if self._snapshot is not None:
                self._snapshot.close()
            self._snapshot = None
            self._index.close()


def _this_process() -> dict[str, Any]:
    since = datetime.now().isoformat(" ", "seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


class WhooshWriter:
    """One change of a Whoosh index."""

    def __init__(self, writer: Any, snapshot: Snapshot) -> None:
        self._writer = writer
        self._numbers = {file.page: number for number, file in snapshot.iter_files()}

    def put(self, file: IndexedFile, entries: Sequence[Entry]) -> None:
        """Add a page under an id that the index does not hold."""
        # All that can fail on odd text comes first: a half-added document spoils a commit.
        documents = [_document(file.page, entry) for entry in entries]
        for document in documents:
            self._writer.add_document(**document)
        self._add_file(file)

    def move(self, file: IndexedFile) -> None:
        """Give the page with the id of `file` another path or state."""
        self._writer.delete_document(self._numbers[file.page])
        self._add_file(file)

    def remove(self, page: str) -> None:
        """Remove the page with this id."""
        self._writer.delete_by_term("page", page)

    def _add_file(self, file: IndexedFile) -> None:
        self._writer.add_document(page=file.page, file="1", stored=json.dumps(asdict(file)))


def _document(page: str, entry: Entry) -> Mapping[str, Any]:
    terms = analyze(entry.text)
    return {
        "page": page,
        "words": terms.words,
        "units": terms.units,
        "pairs": terms.pairs,
        "symbols": dict.fromkeys(terms.symbols, 1),
        "word_length": terms.words.total(),
        "unit_length": terms.units.total(),
        "pair_length": terms.pairs.total(),
        "stored": json.dumps(
            {"page": page, "text": entry.text, "facts": dict(entry.facts)}, ensure_ascii=False
        ),
    }
