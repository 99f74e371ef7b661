"""The default engine: an index folder that Whoosh can read, searched over arrays."""

import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..analysis import ANALYZER, Cut
from ..errors import IndexDamagedError, IndexFolderError, IndexMissingError, IndexVersionError
from ..query import Query
from . import retrieval
from .base import Entry, IndexedFile, Match, Matches, Ranked, Wanted, Writer
from .lexicon import Files, Lexicon
from .snapshot import Snapshot
from .toc import Toc, has_segments, latest_generation, read_toc

if TYPE_CHECKING:
    from .commit import Base, Commit

# Within so many nanoseconds, two changes of a folder may bear the same time.
_TICK = 3_000_000_000
# What a search works out takes less than so many times the bytes of the index, and so many more.
_MOST_TIMES, _MOST_BESIDES = 64, 1 << 30
# A commit may sweep files away between the reading of two of them.
_RETRIES = 10


class _Guarded(Ranked):
    """Matches that are read later, under the guard of the engine."""

    def __init__(self, best: Ranked, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self._best, self._guard = best, guard

    def __len__(self) -> int:
        return len(self._best)

    def __iter__(self) -> Iterator[Match]:
        with self._guard():
            yield from self._best


class WhooshEngine:
    """An index folder, open. Safe to share among threads."""

    checked = "match their checksums"

    def __init__(
        self,
        location: str,
        *,
        create: bool = False,
        rebuild: bool = False,
        userdict: str | None = None,
    ) -> None:
        """Open the index in the folder `location`; `create` makes one where there is none.

        With `rebuild`, the first change begins with nothing, and takes the place of all that is
        there once it is finished; until then, searches find what they found before. `userdict`
        is a file of words that the index must be cut by, besides jieba's. Raises
        IndexMissingError, IndexVersionError (also for other words) or IndexDamagedError.
        """
        self.location = location
        self._folder = location
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None
        # Time of the folder's last change, once a commit is known to be the last since then.
        self._unchanged: int | None = -1
        self._lexicon: tuple[Files, Lexicon] | None = None
        # What a rebuild begins with, while it is no commit.
        self._nothing: Snapshot | None = None
        self._userdict = userdict
        exists = latest_generation(self._folder) >= 0
        self._is_rebuilt = rebuild and (exists or has_segments(self._folder))
        if self._is_rebuilt:
            return
        if not exists and has_segments(self._folder):
            raise IndexDamagedError(location, "its table of contents, _MAIN_n.toc, is missing")
        if not exists and not create:
            raise IndexMissingError(location)
        if not exists:
            self._create(userdict)
        self._current()
        if userdict is not None and not self._open_lexicon().has_words_of(userdict):
            words = f"a cut by the words of {userdict}"
            raise IndexVersionError(location, "with other words", words, f"--userdict {userdict} ")

    def _create(self, userdict: str | None) -> None:
        from .commit import create

        create(self._folder, Toc(0, ANALYZER), userdict)

    def _current(self) -> Snapshot:
        """The snapshot of the last commit; opened anew when there has been one since."""
        if self._nothing is not None and not self._was_rebuilt():
            return self._nothing
        snapshot, changed = self._snapshot, _change_time(self._folder)
        if snapshot is not None and not snapshot.is_unchanged():
            snapshot = self._snapshot = None
        if snapshot is not None and changed == self._unchanged:
            return snapshot
        if snapshot is not None and snapshot.toc.generation == latest_generation(self._folder):
            # A folder that has changed just now may change again without a later time.
            if changed is not None and time.time_ns() - changed > _TICK:
                self._unchanged = changed
            return snapshot
        with self._opening:
            for _ in range(_RETRIES):
                try:
                    with self._guard():
                        opened = Snapshot(self._folder, self._read_toc(), self._snapshot)
                    self._snapshot = opened
                    return opened
                except (FileNotFoundError, IndexDamagedError) as error:
                    reason = error
        if isinstance(reason, IndexFolderError):
            raise reason
        name = os.path.basename(reason.filename)
        raise IndexDamagedError(self.location, f"{name} is missing")

    def _read_toc(self) -> Toc:
        toc = read_toc(self._folder)
        if dict(toc.analyzer) != ANALYZER:
            found = ", ".join(f"{name} {version}" for name, version in toc.analyzer.items())
            needed = ", ".join(f"{name} {version}" for name, version in ANALYZER.items())
            raise IndexVersionError(self.location, f"with {found}", needed)
        return toc

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Numbers of an index that lead nowhere, or texts that are none, are damage.

        What is asked for has been checked before. Shortages are what they are: of memory, of
        descriptors.
        """
        try:
            yield
        except IndexFolderError:
            raise
        except MemoryError as error:
            if _is_honest(error, self._snapshot):
                raise
            raise IndexDamagedError(self.location, str(error)) from error
        except (ValueError, LookupError, OverflowError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise IndexDamagedError(self.location, reason) from error

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""
        return self._open_lexicon().cut

    def _open_lexicon(self) -> Lexicon:
        files, known = self._current().toc.dictionary, self._lexicon
        if known is not None and known[0] == files and known[1].is_unchanged():
            return known[1]
        with self._guard():
            lexicon = Lexicon(self._folder, files)
        self._lexicon = files, lexicon
        return lexicon

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        snapshot = self._current()
        with self._guard():
            return [file for file, _, _ in snapshot.files.values()]

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""
        snapshot = self._current()
        with self._guard():
            found = retrieval.search(snapshot, query, wanted)
        return replace(found, best=_Guarded(found.best, self._guard))

    def words(self) -> Counter[str]:
        """All words, and how many paragraphs hold each, deleted ones included."""
        snapshot = self._current()
        found: Counter[str] = Counter()
        with self._guard():
            for live in snapshot.segments:
                segment = live.segment
                words = segment.terms("words")
                sizes = segment.sizes("words", np.arange(len(words)))
                found.update(dict(zip(words, sizes.tolist(), strict=True)))
        return found

    def verify(self) -> int:
        """Hold all files of the index against their checksums; gives how many bytes they have.

        Raises IndexDamagedError with the first that differs.
        """
        snapshot = self._current()
        files = [live.segment.file for live in snapshot.segments]
        for file in files:
            file.check_all()
        return sum(file.bytes for file in files) + self._open_lexicon().verify()

    def size(self) -> int:
        """How many paragraphs the index has."""
        size: int = self._current().size
        return size

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of the page with this id, in their order."""
        snapshot = self._current()
        with self._guard():
            _, home, at = snapshot.files[page]
            segment = snapshot.segments[home].segment
            begins, ends = segment.page_ranges()
            return [segment.entry(number) for number in range(begins[at], ends[at])]

    def count(self, what: str) -> Counter[str]:
        """Count posts or pages by something, see base.Engine."""
        snapshot = self._current()
        found: Counter[str] = Counter()
        with self._guard():
            for live in snapshot.segments:
                found.update(live.count(what))
        return found

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        snapshot = self._current()
        with self._guard():
            return snapshot.complete(begun)

    def snapshot(self) -> Snapshot:
        """The last commit, open."""
        return self._current()

    def begin(self) -> "Commit":
        """Begin a change, for which `finish` or `cancel` must be called."""
        from .commit import Commit

        return Commit(self._folder, self._open_base)

    def _open_base(self) -> "Base":
        from .commit import Base

        if self._is_rebuilt and not self._was_rebuilt():
            self._nothing = self._open_nothing()
        return Base(self._current(), self._open_lexicon().bulk(), self._is_rebuilt)

    def _was_rebuilt(self) -> bool:
        """Tell whether the change that a rebuild begins with has been committed."""
        nothing = self._nothing
        if nothing is not None and nothing.toc.generation < latest_generation(self._folder):
            self._nothing, self._is_rebuilt = None, False
        return not self._is_rebuilt

    def _open_nothing(self) -> Snapshot:
        """An empty index that no table of contents tells of, with its dictionary."""
        from .lexicon import write_lexicon
        from .toc import SCHEMA

        files = write_lexicon(self._folder, self._userdict)
        generation = latest_generation(self._folder)
        if generation < 0:
            # The number went with the table of contents. Searches that are still open must see
            # one that they have not seen: seconds are more than there ever were commits.
            generation = int(time.time())
        toc = Toc(generation, ANALYZER, files, (), SCHEMA)
        return Snapshot(self._folder, toc)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Begin a change; it is committed when the context ends without an exception."""
        commit = self.begin()
        try:
            yield commit
        except BaseException:
            commit.cancel()
            raise
        commit.finish()

    def close(self) -> None:
        """Let go of files and memory."""
        self._snapshot = self._lexicon = self._nothing = None


def _change_time(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None


def _is_honest(error: MemoryError, snapshot: Snapshot | None) -> bool:
    """Tell whether an index may ask for the memory that was refused: not for many times its size.

    NumPy tells how much that was.
    """
    shape, kind = getattr(error, "shape", ()), getattr(error, "dtype", None)
    size = 0 if snapshot is None else sum(live.segment.file.bytes for live in snapshot.segments)
    return kind is None or math.prod(shape) * kind.itemsize < _MOST_TIMES * size + _MOST_BESIDES
