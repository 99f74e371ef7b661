"""The dictionary that an index was cut by -> the same one in a folder of this user's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...errors import IndexDamagedError, IndexVersionError, WenduanError
from ..lexicon import Files, Lexicon, write_lexicon


def cache_folder() -> str:
    """A folder that only this user may write to, made where it is missing."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "wenduan"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WenduanError(
            f"{folder}: {error.strerror}; name a folder that can be written to in XDG_CACHE_HOME"
        ) from error
    return str(folder)


def make_lexicon(userdict: str | None) -> Files:
    """Make the dictionary of a new index, with the words of a file; gives its files."""
    return _make(cache_folder(), userdict)


def open_lexicon(location: str, files: Files, read_words: Callable[[], str | None]) -> Lexicon:
    """Open the dictionary of an index; `read_words` gives the words that it has besides jieba's.

    Raises IndexVersionError where jieba's own words are others here.
    """
    folder = cache_folder()
    try:
        return Lexicon(folder, files)
    except IndexDamagedError:
        # It is not there yet, or not what it was.
        made = _make_anew(folder, read_words())
    if made != files:
        raise IndexVersionError(location, "by another dictionary of jieba", "this one's")
    return Lexicon(folder, files)


def _make_anew(folder: str, words: str | None) -> Files:
    if words is None:
        return _make(folder, None)
    with tempfile.TemporaryDirectory() as own:
        path = os.path.join(own, "words.txt")
        Path(path).write_text(words, encoding="utf-8")
        return _make(folder, path)


def _make(folder: str, userdict: str | None) -> Files:
    """Make a dictionary aside, and put it in its place: others may do the same at this moment."""
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        files = write_lexicon(aside, userdict)
        for name, _ in files:
            os.replace(os.path.join(aside, name), os.path.join(folder, name))
    return files
