"""One commit of an index folder, open with its dictionary: a call reads nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from ..analysis import Cut
from ..errors import IndexDamagedError, IndexFolderError
from ..query import Query
from . import retrieval
from .base import Entry, IndexedFile, Match, Matches, Ranked, Wanted, files_of, since
from .lexicon import Lexicon
from .snapshot import Snapshot

# What a search works out takes less than so many times the bytes of the index, and so many more.
_MOST_TIMES, _MOST_BESIDES = 64, 1 << 30


# Of more words, those are told that most paragraphs hold.
_MOST_WORDS = 120_000


class _Guarded(Ranked):
    """Matches that are read later, under the guard of the view."""

    def __init__(self, best: Ranked, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self._best, self._guard = best, guard

    def __len__(self) -> int:
        return len(self._best)

    def __iter__(self) -> Iterator[Match]:
        with self._guard():
            yield from self._best

    def since(self, begin: int) -> Iterator[Match]:
        """Give those from a place on."""
        with self._guard():
            yield from since(self._best, begin)

    def files(self) -> Iterator[IndexedFile]:
        """Give the file of each, in their order."""
        with self._guard():
            yield from files_of(self._best)


class FolderView:
    """A commit, open; see base.View. Safe to share among threads.

    Its files stay open, whatever later commits delete.
    """

    def __init__(self, location: str, snapshot: Snapshot, lexicon: Lexicon) -> None:
        self._location, self.snapshot, self.lexicon = location, snapshot, lexicon

    def is_unchanged(self) -> bool:
        """Tell whether all files are as they were when they were opened."""
        return self.snapshot.is_unchanged() and self.lexicon.is_unchanged()

    @property
    def cut(self) -> Cut:
        """The segmenter that cut the index, for queries to be cut alike."""
        return self.lexicon.cut

    def _guard(self) -> AbstractContextManager[None]:
        return guard(self._location, self.snapshot)

    def files(self) -> list[IndexedFile]:
        """Give all files of the index."""
        with self._guard():
            return [file for file, _, _ in self.snapshot.files.values()]

    def search(self, query: Query, wanted: Wanted) -> Matches:
        """Find all paragraphs that match, and give the best of them, best first."""
        with self._guard():
            found = retrieval.search(self.snapshot, query, wanted)
        return replace(found, best=_Guarded(found.best, self._guard))

    def words(self) -> Counter[str]:
        """Words, and how many paragraphs hold each, deleted ones included; see base.View."""
        found: Counter[str] = Counter()
        segments = [live.segment for live in self.snapshot.segments]
        with self._guard():
            for segment in segments:
                for word, size in segment.most_held_words(_MOST_WORDS // len(segments)):
                    found[word] += size
        return found

    def size(self) -> int:
        """How many paragraphs the index has."""
        size: int = self.snapshot.size
        return size

    def entries(self, page: str) -> list[Entry]:
        """Give all paragraphs of the page with this id, in their order; KeyError for no page's."""
        with self._guard():
            files = self.snapshot.files
        _, home, at = files[page]
        with self._guard():
            segment = self.snapshot.segments[home].segment
            begins, ends = segment.page_ranges()
            return [segment.entry(number) for number in range(begins[at], ends[at])]

    def count(self, what: str) -> Counter[str]:
        """Count posts or pages by something, see base.View."""
        found: Counter[str] = Counter()
        with self._guard():
            for live in self.snapshot.segments:
                found.update(live.count(what))
        return found

    def complete(self, begun: str) -> list[str]:
        """Give the units that begin with a text, those of most paragraphs first."""
        with self._guard():
            return self.snapshot.complete(begun)

    def verify(self) -> int:
        """Hold all files against their checksums; gives how many bytes they have.

        Raises IndexDamagedError with the first that differs.
        """
        files = [live.segment.file for live in self.snapshot.segments]
        for file in files:
            file.check_all()
        return sum(file.bytes for file in files) + self.lexicon.verify()


@contextmanager
def guard(location: str, snapshot: Snapshot | None = None) -> Iterator[None]:
    """Numbers of an index that lead nowhere, or texts that are none, are damage.

    What is asked for has been checked before. Shortages are what they are: of memory, of
    descriptors.
    """
    try:
        yield
    except IndexFolderError:
        raise
    except MemoryError as error:
        if _is_honest(error, snapshot):
            raise
        raise IndexDamagedError(location, str(error)) from error
    except (ValueError, LookupError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise IndexDamagedError(location, reason) from error


def _is_honest(error: MemoryError, snapshot: Snapshot | None) -> bool:
    """Tell whether an index may ask for the memory that was refused: not for many times its size.

    NumPy tells how much that was.
    """
    shape, kind = getattr(error, "shape", ()), getattr(error, "dtype", None)
    size = 0 if snapshot is None else sum(live.segment.file.bytes for live in snapshot.segments)
    return kind is None or math.prod(shape) * kind.itemsize < _MOST_TIMES * size + _MOST_BESIDES
