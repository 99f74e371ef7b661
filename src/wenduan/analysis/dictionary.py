"""jieba's dictionary and its model of unknown words -> a trie and arrays that open in no time.

jieba reads its dictionary anew in every process: half a second and 90 MB. The trie and the arrays
made here are written down once and mapped into memory from then on, with nothing to parse.
"""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import marisa_trie
import numpy as np

from ..regular import regular

if TYPE_CHECKING:
    from pathlib import Path

# Places a character can have in an unknown word, in the order of all tables: it begins the word,
# stands in the middle, ends it, or is a word of its own.
PLACES = "BMES"
# jieba's logarithm of a probability of zero; a sum of two has to stay what it is in jieba.
NEVER = -3.14e100

# Bytes of a file of words: twice those of the largest dictionary that jieba offers. Characters of
# a line, and the sum of the squares of the words' characters: that of jieba's is a sixth of it.
MOST_WORDS = 1 << 24
_MOST_LINE = 200
_MOST_WORK = 20_000_000
_MOST_FREQUENT = 2**32 - 1

Arrays = dict[str, np.ndarray[Any, Any]]


def build_dictionary(userdict: Path | None = None) -> tuple[marisa_trie.Trie, Arrays]:
    """Read jieba's dictionary and model; takes a second and 200 MB.

    `userdict` is a file in jieba's format, a word a line with an optional frequency and tag; it
    counts as `jieba.load_userdict` would have it. Arrays, little-endian, n words in the trie:

    - `freq`, uint32, n: frequency of a word, by the trie's number of it, never 0;
    - `total`, uint64, 1: the sum of all frequencies;
    - `hmm_start`, float64, 4, and `hmm_trans`, float64, 16 (4 by 4: from, to): ln of their
      probabilities;
    - `hmm_codes`, uint32, m: code points, sorted;
    - `hmm_emit`, float64, 4 m (m by 4): their logarithms;
    - `forced`, uint8: UTF-8 of the words with frequency 0, which the model must not join, each
      between two line breaks.

    Raises OSError when `userdict` cannot be read, ValueError when it is not in jieba's format.
    """
    freqs, total, forced = _read_words() if userdict is None else _read_user_words(userdict)
    words = [word for word, freq in freqs.items() if freq]
    trie = marisa_trie.Trie(words)
    freq = np.empty(len(words), "<u4")
    freq[[trie.key_id(word) for word in words]] = [freqs[word] for word in words]
    arrays = {
        "freq": freq,
        "total": np.array([total], "<u8"),
        "forced": np.frombuffer(_between_breaks(forced), "u1"),
    }
    return trie, arrays | _model()


def _read_words() -> tuple[dict[str, int], int, set[str]]:
    """Frequencies of jieba's words, their sum, and no words never to join."""
    freqs: dict[str, int] = {}
    total = 0
    with open(_jieba_file(), encoding="utf-8") as lines:
        for line in lines:
            word, freq = line.split(" ", 2)[:2]
            # Of a word that stands there twice the last frequency counts, the sum holds both.
            freqs[word] = int(freq)
            total += int(freq)
    return freqs, total, set()


def _jieba_file() -> str:
    import jieba

    return os.path.join(os.path.dirname(str(jieba.__file__)), str(jieba.DEFAULT_DICT_NAME))


def _read_user_words(userdict: Path) -> tuple[dict[str, int], int, set[str]]:
    """The same with a user's words, and beginnings of words with frequency 0 among the words."""
    import jieba
    from jieba import finalseg

    with open(userdict, "rb", opener=regular) as file:
        words = _Words(file.read(MOST_WORDS + 1))
    _check_words(words.getvalue(), jieba.re_userdict.match)
    tokenizer = jieba.Tokenizer()
    # Not by `initialize`: that reads and writes a file in the folder all users share.
    with open(_jieba_file(), "rb") as file:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    # One set for all of jieba: what was in it belongs to others.
    theirs = set(finalseg.Force_Split_Words)
    finalseg.Force_Split_Words.clear()
    try:
        tokenizer.load_userdict(words)
        return tokenizer.FREQ, tokenizer.total, set(finalseg.Force_Split_Words)
    finally:
        finalseg.Force_Split_Words.clear()
        finalseg.Force_Split_Words.update(theirs)


class _Words(io.BytesIO):
    """A file of words that has been read, with the name that jieba wants of a file."""

    name = "userdict"


def _check_words(data: bytes, match: Callable[[str], re.Match[str] | None]) -> None:
    """Raise ValueError for more, or longer, words than a dictionary can take in.

    jieba keeps each beginning of a word as a text of its own: the square of its characters.
    """
    if len(data) > MOST_WORDS:
        raise ValueError(f"longer than {MOST_WORDS:,} bytes")
    work = 0
    for number, line in enumerate(data.decode("utf-8").split("\n"), 1):
        if len(line) > _MOST_LINE:
            raise ValueError(f"line {number} has over {_MOST_LINE} characters")
        if found := match(line.strip()):
            work += len(found[1]) ** 2
            if int(found[2] or 0) > _MOST_FREQUENT:
                raise ValueError(f"line {number} has a frequency over {_MOST_FREQUENT:,}")
    if work > _MOST_WORK:
        raise ValueError("its words are too many, or too long")


def _between_breaks(words: set[str]) -> bytes:
    # The first break is there for no words at all: an empty array cannot be mapped.
    return "".join(["\n", *(word + "\n" for word in sorted(words))]).encode()


def _model() -> Arrays:
    """The tables of jieba's model of unknown words."""
    from jieba import finalseg

    emit = finalseg.emit_P
    chars = sorted({char for place in PLACES for char in emit[place]})
    return {
        "hmm_start": np.array([finalseg.start_P[place] for place in PLACES], "<f8"),
        "hmm_trans": np.array(
            [[finalseg.trans_P[one].get(next_, NEVER) for next_ in PLACES] for one in PLACES],
            "<f8",
        ).ravel(),
        "hmm_codes": np.array([ord(char) for char in chars], "<u4"),
        "hmm_emit": np.array(
            [[emit[place].get(char, NEVER) for place in PLACES] for char in chars], "<f8"
        ).ravel(),
    }


# Longer words are looked for where one begins so: who looks for all would copy all of the text.
_MOST_CHARS = 64


class Dictionary:
    """Words with the logarithms of their probabilities, and a model of the words not among them.

    Made from what `build_dictionary` gives, or from views on files of it: nothing is read before
    it is asked for.
    """

    def __init__(self, trie: marisa_trie.Trie, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self.trie = trie
        self._log_total = math.log(arrays["total"].item(0))
        self.unknown = math.log(1) - self._log_total
        self.start: list[float] = arrays["hmm_start"].tolist()
        self.trans: list[list[float]] = arrays["hmm_trans"].reshape(4, 4).tolist()
        self.forced = frozenset(arrays["forced"].tobytes().decode().split("\n")) - {""}
        self._arrays = arrays

    @cached_property
    def _freq(self) -> np.ndarray[Any, Any]:
        return self._arrays["freq"]

    @cached_property
    def _codes(self) -> np.ndarray[Any, Any]:
        return self._arrays["hmm_codes"]

    @cached_property
    def _emit(self) -> np.ndarray[Any, Any]:
        return self._arrays["hmm_emit"].reshape(-1, 4)

    def log_freq(self, word: str) -> float | None:
        """The logarithm of the probability of a word, None where it is none."""
        number = self.trie.get(word)
        return None if number is None else self._log(number)

    def _log(self, number: int) -> float:
        # Not numpy's logarithm: it differs in the last bit for some, which turns ties around.
        return math.log(self._freq.item(number)) - self._log_total

    def words_from(self, start: str) -> list[tuple[str, float]]:
        """All words that begin with `start`, with the logarithms of their probabilities."""
        freq, log, log_total = self._freq.data, math.log, self._log_total
        return [(word, log(freq[at]) - log_total) for word, at in self.trie.items(start)]

    def words_at(self, text: str, at: int) -> list[tuple[int, float]]:
        """Lengths of the words that stand at a place, shortest first, with their logarithms."""
        freq, log, log_total, number = self._freq.data, math.log, self._log_total, self.trie.get
        piece = text[at : at + _MOST_CHARS]
        words = self.trie.prefixes(piece)
        if len(text) - at > _MOST_CHARS and self.trie.keys(piece):
            words = self.trie.prefixes(text[at:])
        return [(len(word), log(freq[number(word)]) - log_total) for word in words]

    def emissions(self, char: str) -> tuple[float, float, float, float]:
        """The logarithms of the probabilities of a character in each of the four places."""
        code = ord(char)
        at = int(self._codes.searchsorted(code))
        if at == len(self._codes) or self._codes.item(at) != code:
            return NEVER, NEVER, NEVER, NEVER
        begins, middle, ends, single = self._emit[at].tolist()
        return begins, middle, ends, single
