"""The segmenter of an index: its dictionary lies in the index folder, user words included."""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import marisa_trie

from ..analysis.dictionary import MOST_WORDS, Dictionary
from ..analysis.segmenter import Segmenter, compiled_cutter
from ..analysis.segmenting import CutRuns
from ..errors import IndexDamagedError, WenduanError
from ..regular import create_regular, read_regular
from .arrays import ArrayFile, is_shortage

if TYPE_CHECKING:
    from numpy.typing import NDArray

# By name, the CRC-32 of the content.
Files = tuple[tuple[str, int], ...]

# Bytes of a trie: that of the longest file of words has a fraction of them.
_MOST_TRIE = 1 << 27
# Loading the compiled segmenter takes as long as cutting this many characters without it.
_MANY_CHARS = 300_000
# The compiled segmenter brings the dictionary of this version.
_COMPILED = "0.42.1"


@lru_cache(maxsize=1)
def _jieba_dictionary(
    userdict: str | None, digest: str | None
) -> tuple[marisa_trie.Trie, dict[str, NDArray[Any]]]:
    """The dictionary; `digest` tells the words of a file from what they were before."""
    from pathlib import Path

    from ..analysis.dictionary import build_dictionary

    try:
        return build_dictionary(None if userdict is None else Path(userdict))
    except OSError as error:
        raise WenduanError(f"{userdict}: {error.strerror}; check the name of the file") from error
    except (ValueError, OverflowError) as error:
        raise WenduanError(
            f"{userdict}: {error}; give a word a line in UTF-8, then a frequency and a tag if"
            " you like, with spaces between"
        ) from error


def write_lexicon(folder: str, userdict: str | None = None) -> Files:
    """Write the dictionary's two files; gives their names and checksums.

    `userdict` is a file of more words in jieba's format. Raises WenduanError where it cannot be
    read.
    """
    # A search reads dictionaries, and writes none.
    import filecmp

    import jieba

    from .array_writing import write_arrays

    words = None if userdict is None else words_digest(userdict)
    trie, arrays = _jieba_dictionary(userdict, words)
    data = trie.tobytes()
    content = (data, arrays["freq"].tobytes(), arrays["forced"].tobytes())
    digest = zlib.crc32(b"".join(content))
    facts = {"jieba": jieba.__version__, "userdict": words}
    names = f"dictionary_{digest:08x}.trie", f"dictionary_{digest:08x}.arrays"
    paths = [os.path.join(folder, name) for name in names]
    # Files of these names may be in use by the last commit, or be half of what they should be:
    # they are replaced as a whole.
    _forget_new(paths)
    try:
        with create_regular(f"{paths[0]}.new") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        write_arrays(f"{paths[1]}.new", arrays, facts, name=names[1])
        for path in paths:
            # Windows replaces no file that a search has mapped.
            if not (os.path.isfile(path) and filecmp.cmp(f"{path}.new", path, shallow=False)):
                os.replace(f"{path}.new", path)
    finally:
        _forget_new(paths)
    return tuple((name, zlib.crc32(_read(folder, name))) for name in names)


def _forget_new(paths: list[str]) -> None:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}.new")


def words_digest(userdict: str) -> str:
    """What tells one file of words from another; raises WenduanError where it cannot be read."""
    try:
        return f"{zlib.crc32(read_regular(userdict, MOST_WORDS)):08x}"
    except OSError as error:
        raise WenduanError(f"{userdict}: {error.strerror}; check the name of the file") from error


class _Arrays(dict[str, Any]):
    """The arrays of a file, each checked and mapped when it is asked for."""

    def __init__(self, file: ArrayFile) -> None:
        super().__init__()
        self._file = file

    def __missing__(self, name: str) -> NDArray[Any]:
        array = self[name] = self._file[name].all()
        return array


class Lexicon:
    """The dictionary of an index, open; gives the cuts of queries and of paragraphs."""

    def __init__(self, folder: str, files: Files) -> None:
        """Map the files; raises IndexDamagedError."""
        self.files = files
        (trie_name, crc), (arrays_name, _) = files
        self._file = ArrayFile(os.path.join(folder, arrays_name))
        trie = _open_trie(folder, trie_name, crc)
        self._trie = os.path.join(folder, trie_name)
        self._trie_state = _state(self._trie)
        self._segmenter = Segmenter(Dictionary(trie, _Arrays(self._file)))
        self.cut = self._segmenter.cut

    def is_unchanged(self) -> bool:
        """Tell whether both files are as they were when they were opened."""
        return self._file.is_unchanged() and _state(self._trie) == self._trie_state

    def verify(self) -> int:
        """Hold the arrays against their checksums; gives the bytes of both files.

        The trie was held against its own when it was opened.
        """
        self._file.check_all()
        return self._file.bytes + self._trie_state[0]

    def has_words_of(self, userdict: str) -> bool:
        """Tell whether it was made with the words of a file as they are now."""
        return bool(self._file.meta.get("userdict") == words_digest(userdict))

    def bulk(self) -> CutRuns:
        """The cut for many runs: by the compiled segmenter, if installed, once it pays."""
        return _BulkCut(self._segmenter.cut_runs, self._compiled)

    def _compiled(self) -> Callable[[str], list[str]] | None:
        wanted = os.environ.get("WENDUAN_SEGMENTER", "")
        facts = self._file.meta
        same_words = facts.get("jieba") == _COMPILED and facts.get("userdict") is None
        return compiled_cutter() if same_words and wanted != "jieba" else None


class _BulkCut:
    """Counts what it has cut, and goes over to the compiled segmenter when that pays."""

    def __init__(self, cut: CutRuns, compiled: Callable[[], CutRuns | None]) -> None:
        self._cut = cut
        self._compiled: Callable[[], CutRuns | None] | None = compiled
        self._chars = 0

    def __call__(self, joined: str) -> list[str]:
        self._chars += len(joined)
        if self._compiled is not None and self._chars > _MANY_CHARS:
            self._cut = self._compiled() or self._cut
            self._compiled = None
        return self._cut(joined)


def _state(path: str) -> tuple[int, int]:
    """Size and time of a file, zeros where it is gone."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _open_trie(folder: str, name: str, crc: int) -> marisa_trie.Trie:
    """Map the trie, once its content is known to be what was written."""
    try:
        content = _read(folder, name)
    except OSError as error:
        if is_shortage(error):
            raise
        raise IndexDamagedError(folder, f"{name}: {error.strerror or error}") from error
    if zlib.crc32(content) != crc:
        raise IndexDamagedError(folder, f"{name} does not match its checksum")
    try:
        return marisa_trie.Trie().mmap(os.path.join(folder, name))
    except (OSError, RuntimeError):
        # The content is right: what is short is descriptors, and memory has it already.
        pass
    try:
        return marisa_trie.Trie().frombytes(content)
    except (ValueError, RuntimeError) as error:
        raise IndexDamagedError(folder, f"{name}: {error}") from error


def _read(folder: str, name: str) -> bytes:
    return read_regular(os.path.join(folder, name), _MOST_TRIE)
