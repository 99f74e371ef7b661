"""The default engine: an index folder that Whoosh can read, searched over arrays."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..analysis import ANALYZER, Cut
from ..errors import IndexDamagedError, IndexFolderError, IndexMissingError, IndexVersionError
from ..query import Query
from .base import Entry, IndexedFile, Matches, Wanted, Writer
from .folder_view import FolderView, guard
from .lexicon import Files, Lexicon
from .snapshot import Snapshot
from .toc import State, Toc, has_segments, latest_generation, look_at, read_toc

if TYPE_CHECKING:
    from .commit import Base, Commit

# Within so many nanoseconds, two changes of a folder may bear the same time.
_TICK = 3_000_000_000
# A commit may sweep files away between the reading of two of them.
_RETRIES = 10
# Seconds between two of these, where there is no index for a moment: one is put in its place.
_PAUSE = 0.005
_NO_TOC = "its table of contents, _MAIN_n.toc, is missing"


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
        # The last commit that was seen, and what tells it from any other.
        self._last: tuple[FolderView, State] | None = None
        # The state of the folder since which no other commit can have been made unseen.
        self._settled: State | None = None
        # What a rebuild begins with, while it is no commit.
        self._nothing: FolderView | None = None
        self._userdict = userdict
        exists = latest_generation(self._folder) >= 0
        self._is_rebuilt = rebuild and (exists or has_segments(self._folder))
        if self._is_rebuilt:
            return
        if not exists and has_segments(self._folder):
            raise IndexDamagedError(location, _NO_TOC)
        if not exists and not create:
            raise IndexMissingError(location)
        if not exists:
            self._create(userdict)
        lexicon = self._current().lexicon
        if userdict is not None and not lexicon.has_words_of(userdict):
            words = f"a cut by the words of {userdict}"
            raise IndexVersionError(location, "with other words", words, f"--userdict {userdict} ")

    def _create(self, userdict: str | None) -> None:
        from .commit import create

        create(self._folder, Toc(0, ANALYZER), userdict)

    def _current(self) -> FolderView:
        """The last commit; opened anew when there has been one since, or another index's."""
        if self._nothing is not None and not self._was_rebuilt():
            return self._nothing
        if self._last is not None and self._is_last(*self._last):
            return self._last[0]
        with self._opening:
            # Another thread may have been quicker.
            if self._last is not None and self._is_last(*self._last):
                return self._last[0]
            self._last = self._open_last()
            return self._last[0]

    def _is_last(self, view: FolderView, state: State) -> bool:
        """Tell whether a commit is still the last one of the index that lies in the folder."""
        now = look_at(self._folder, view.snapshot.toc.generation)
        if now is None or not view.is_unchanged():
            return False
        if now == self._settled:
            return True
        if not now.is_same_commit(state):
            return False
        if latest_generation(self._folder) != view.snapshot.toc.generation:
            return False
        # A folder that has changed just now may change again without a later time.
        if time.time_ns() - now.changed > _TICK:
            self._settled = now
        return True

    def _open_last(self) -> tuple[FolderView, State]:
        """Open the last commit, taking over what is open of the one before."""
        known = None if self._last is None else self._last[0]
        reason: Exception = IndexMissingError(self.location)
        for attempt in range(_RETRIES):
            generation = latest_generation(self._folder)
            # Looked at before it is read: what changes meanwhile is seen by the next search.
            state = look_at(self._folder, generation)
            try:
                if state is not None:
                    return self._open(self._read_toc(generation), known), state
                if has_segments(self._folder):
                    raise IndexDamagedError(self.location, _NO_TOC)
                reason = IndexMissingError(self.location)
                time.sleep(attempt * _PAUSE)
            except (FileNotFoundError, IndexDamagedError) as error:
                reason = error
        if isinstance(reason, IndexFolderError):
            raise reason
        name = os.path.basename(getattr(reason, "filename", ""))
        raise IndexDamagedError(self.location, f"{name} is missing")

    def _open(self, toc: Toc, known: FolderView | None = None) -> FolderView:
        with guard(self.location):
            before = None if known is None else known.snapshot
            snapshot = Snapshot(self._folder, toc, before)
            return FolderView(self.location, snapshot, self._lexicon(toc.dictionary, known))

    def _lexicon(self, files: Files, known: FolderView | None) -> Lexicon:
        if known is not None and known.lexicon.files == files and known.lexicon.is_unchanged():
            return known.lexicon
        return Lexicon(self._folder, files)

    def _read_toc(self, generation: int) -> Toc:
        toc = read_toc(self._folder, generation)
        if dict(toc.analyzer) != ANALYZER:
            found = ", ".join(f"{name} {version}" for name, version in toc.analyzer.items())
            needed = ", ".join(f"{name} {version}" for name, version in ANALYZER.items())
            raise IndexVersionError(self.location, f"with {found}", needed)
        return toc

    @contextmanager
    def view(self) -> Iterator[FolderView]:
        """The last commit; what later ones change is not seen through it."""
        yield self._current()

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""
        return self._current().cut

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        return self._current().files()

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""
        return self._current().search(query, wanted)

    def words(self) -> Counter[str]:
        """All words, and how many paragraphs hold each, deleted ones included."""
        return self._current().words()

    def verify(self) -> int:
        """Hold all files of the index against their checksums; gives how many bytes they have.

        Raises IndexDamagedError with the first that differs.
        """
        return self._current().verify()

    def size(self) -> int:
        """How many paragraphs the index has."""
        return self._current().size()

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of the page with this id, in their order; KeyError for no page's."""
        return self._current().entries(page)

    def count(self, what: str) -> Counter[str]:
        """Count posts or pages by something, see base.View."""
        return self._current().count(what)

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        return self._current().complete(begun)

    def snapshot(self) -> Snapshot:
        """The last commit, open."""
        return self._current().snapshot

    def begin(self) -> "Commit":
        """Begin a change, for which `finish` or `cancel` must be called."""
        from .commit import Commit

        return Commit(self._folder, self._open_base)

    def _open_base(self) -> "Base":
        from .commit import Base

        if self._is_rebuilt and not self._was_rebuilt():
            self._nothing = self._open_nothing()
        view = self._current()
        return Base(view.snapshot, view.lexicon.bulk(), self._is_rebuilt)

    def _was_rebuilt(self) -> bool:
        """Tell whether the change that a rebuild begins with has been committed."""
        last = latest_generation(self._folder)
        if self._nothing is not None and self._nothing.snapshot.toc.generation < last:
            self._nothing, self._is_rebuilt = None, False
        return not self._is_rebuilt

    def _open_nothing(self) -> FolderView:
        """An empty index that no table of contents tells of, with its dictionary."""
        from .lexicon import write_lexicon
        from .toc import SCHEMA

        files = write_lexicon(self._folder, self._userdict)
        generation = latest_generation(self._folder)
        if generation < 0:
            # The number went with the table of contents. Searches that are still open must see
            # one that they have not seen: seconds are more than there ever were commits.
            generation = int(time.time())
        return self._open(Toc(generation, ANALYZER, files, (), SCHEMA))

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Begin a change; it is committed when the context ends without an exception."""
        commit = self.begin()
        try:
            yield commit
        except BaseException as error:
            commit.cancel(error)
            raise
        commit.finish()

    def close(self) -> None:
        """Let go of files and memory."""
        self._last = self._nothing = None
