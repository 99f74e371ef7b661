"""Text -> words, cut to the letter as jieba cuts them, without jieba's half second of loading.

The most probable path through the words of the dictionary; what is left of it in single characters
goes to a model of unknown words. Sums are made in jieba's order, for ties hang on their last bit.
"""

import importlib
import math
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import add

from .dictionary import Dictionary

# What jieba looks words up in, and what in such a block its model of unknown words knows.
_BLOCK = r"([\u4e00-\u9fd5a-zA-Z0-9+#&._%-]+)"
_HAN = r"([\u4e00-\u9fd5]+)"
_NUMBER = r"([a-zA-Z0-9]+(?:\.\d+)?%?)"
_OTHER = re.compile(r"\r\n|.", re.DOTALL)

# Bounds of what is remembered: 20 MB of words, 20 MB of unknown words.
_MOST_WORDS = 200_000
_MOST_UNKNOWN = 60_000
_LONGEST_UNKNOWN = 12

_NO_WORD = -math.inf


@lru_cache(4)
def _pattern(text: str) -> re.Pattern[str]:
    # Compiled at first use: a query of Han characters needs none of them.
    return re.compile(text)


def _is_plain(text: str) -> bool:
    """Tell whether all characters, of which there is one at least, are common Han characters."""
    return bool(text) and min(text) >= "\u4e00" and max(text) <= "\u9fd5"


# A fourth character and what follows, the length of the whole word, its logarithm.
_Tail = tuple[str, int, float]
# By the third character: the logarithm of the word of three, and the longer words by length.
_Longer = dict[str, tuple[float, tuple[_Tail, ...]]]
# The logarithms of the first character and of the pair as words, and the words that begin so.
_Pair = tuple[float, float, _Longer | None]


class _Pairs(dict[str, _Pair]):
    """What the dictionary has for two characters in a row, looked up as they are met."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__()
        self._dictionary = dictionary
        self._singles: dict[str, _Pair] = {}
        self._room = _MOST_WORDS

    def single(self, char: str) -> _Pair:
        """What stands for a pair of which only the first character, `char`, matters."""
        pair = self._singles.get(char)
        if pair is None:
            log_freq = self._dictionary.log_freq(char)
            single = _NO_WORD if log_freq is None else log_freq
            pair = self._singles[char] = single, _NO_WORD, None
        return pair

    def __missing__(self, two: str) -> _Pair:
        words = self._dictionary.words_from(two)
        pair = _pair(self.single(two[0])[0], two, words) if words else self.single(two[0])
        # Threads may count this wrong by a few; a lock would cost more than the few are worth.
        self._room -= 1 + len(words)
        if self._room < 0:
            self.clear()
            self._room = _MOST_WORDS
        self[two] = pair
        return pair


def _pair(single: float, two: str, words: list[tuple[str, float]]) -> _Pair:
    double = _NO_WORD
    longer: _Longer = {}
    # By length: where two paths tie, jieba takes the longer word.
    for word, log_freq in sorted(words, key=lambda entry: len(entry[0])):
        if word == two:
            double = log_freq
            continue
        triple, tails = longer.get(word[2], (_NO_WORD, ()))
        if len(word) == 3:
            longer[word[2]] = log_freq, tails
        else:
            longer[word[2]] = triple, (*tails, (word[3:], len(word), log_freq))
    return single, double, longer or None


class _Unknown(dict[str, list[str]]):
    """Single characters in a row -> the words the model makes of them."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__()
        self._dictionary = dictionary
        self._emissions = _Emissions(dictionary)

    def __missing__(self, chars: str) -> list[str]:
        # Where the path went past a word, its characters are likelier than it is.
        is_word = chars in self._dictionary.trie
        words = list(chars) if is_word else list(self._words(chars))
        if len(chars) <= _LONGEST_UNKNOWN:
            if len(self) >= _MOST_UNKNOWN:
                self.clear()
            self[chars] = words
        return words

    def _words(self, chars: str) -> Iterator[str]:
        parts = ["", chars] if _is_plain(chars) else _pattern(_HAN).split(chars)
        for at, part in enumerate(parts):
            if at % 2:
                for word in self._words_of_han(part):
                    # A forced word goes apart, any other stays whole.
                    yield from word if word in self._dictionary.forced else (word,)
            else:
                yield from filter(None, _pattern(_NUMBER).split(part))

    def _words_of_han(self, run: str) -> Iterator[str]:
        begin = 0
        for at, place in enumerate(self._places(run)):
            if place == _B:
                begin = at
            elif place == _E:
                yield run[begin : at + 1]
            elif place == _S:
                yield run[at]

    def _places(self, run: str) -> list[int]:
        """The most probable places of the characters in words; of equals, the later letter's."""
        (_, b_m, b_e, _), (_, m_m, m_e, _), (e_b, _, _, e_s), (s_b, _, _, s_s) = (
            self._dictionary.trans
        )
        rows = map(self._emissions.__getitem__, run)
        b, m, e, s = map(add, self._dictionary.start, next(rows))
        befores: list[tuple[int, int, int, int]] = []
        for to_b, to_m, to_e, to_s in rows:
            # Compared after the last addition, as jieba does: rounding makes ties.
            s_to_b, e_to_b = s + s_b + to_b, e + e_b + to_b
            m_to_m, b_to_m = m + m_m + to_m, b + b_m + to_m
            m_to_e, b_to_e = m + m_e + to_e, b + b_e + to_e
            s_to_s, e_to_s = s + s_s + to_s, e + e_s + to_s
            befores.append(
                (
                    _S if s_to_b >= e_to_b else _E,
                    _M if m_to_m >= b_to_m else _B,
                    _M if m_to_e >= b_to_e else _B,
                    _S if s_to_s >= e_to_s else _E,
                )
            )
            b = s_to_b if s_to_b >= e_to_b else e_to_b
            m = m_to_m if m_to_m >= b_to_m else b_to_m
            e = m_to_e if m_to_e >= b_to_e else b_to_e
            s = s_to_s if s_to_s >= e_to_s else e_to_s
        places = [_S if s >= e else _E]
        for before in reversed(befores):
            places.append(before[places[-1]])
        places.reverse()
        return places


_B, _M, _E, _S = range(4)


class _Emissions(dict[str, tuple[float, float, float, float]]):
    """Rows of the model's table; a few thousand characters, so all are kept."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__()
        self._dictionary = dictionary

    def __missing__(self, char: str) -> tuple[float, float, float, float]:
        row = self[char] = self._dictionary.emissions(char)
        return row


class Segmenter:
    """Cuts as `jieba.Tokenizer().cut` does. Threads may share one."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._pairs = _Pairs(dictionary)
        self._unknown = _Unknown(dictionary)

    def cut(self, run: str) -> list[str]:
        """Cut any text into words; joined, they are the text."""
        return self._cut(run, self._best_lengths)

    def _cut(self, run: str, best_lengths: Callable[[str], list[int]]) -> list[str]:
        words: list[str] = []
        if _is_plain(run):
            self._cut_block(run, words, best_lengths)
            return words
        for at, part in enumerate(_pattern(_BLOCK).split(run)):
            if at % 2:
                self._cut_block(part, words, best_lengths)
            elif "\r" in part:
                words += _OTHER.findall(part)
            else:
                words += part
        return words

    def cut_runs(self, joined: str) -> list[str]:
        r"""Cut runs that are joined by "\n", which is a word of its own; joined, they are `joined`.

        Meant for much text at once: what was met before is not looked up again.
        """
        return _cut_lines(lambda run: self._cut(run, self._best_lengths_of_many), joined)

    def _cut_block(
        self, block: str, words: list[str], best_lengths: Callable[[str], list[int]]
    ) -> None:
        end = len(block)
        if end == 1:
            words.append(block)
            return
        lengths = best_lengths(block)
        unknown = self._unknown
        start = known = 0
        while start < end:
            length = lengths[start]
            if length == 1:
                start += 1
                continue
            if known < start:
                words += unknown[block[known:start]] if start - known > 1 else block[known]
            known = start + length
            words.append(block[start:known])
            start = known
        if known < end:
            words += unknown[block[known:]] if end - known > 1 else block[known]

    def _best_lengths(self, block: str) -> list[int]:
        """For each character, the length of the word that the best path to the end starts with."""
        words_at, nothing = self._dictionary.words_at, [(1, self._dictionary.unknown)]
        # By how many characters are left: the logarithm of the best path, its first word's length.
        scores, lengths = [0.0], []
        for left in range(1, len(block) + 1):
            best, length = _NO_WORD, 0
            # Where two paths tie, jieba takes the longer word; a character that is no word
            # stands alone only where no word begins.
            for size, log_freq in words_at(block, len(block) - left) or nothing:
                score = log_freq + scores[left - size]
                if score >= best:
                    best, length = score, size
            scores.append(best)
            lengths.append(length)
        lengths.reverse()
        return lengths

    def _best_lengths_of_many(self, block: str) -> list[int]:
        """The same; all words that begin with two characters are looked up the first time."""
        size = len(block)
        backwards = block[::-1]
        unknown = self._dictionary.unknown
        last = self._pairs.single(backwards[0])[0]
        last = unknown if last == _NO_WORD else last
        # By how many characters are left: the logarithm of the best path, its first word's length.
        scores, lengths = [0.0, last], [1]
        before_last = 0.0
        left = 1
        pairs = map(self._pairs.__getitem__, map(add, backwards[1:], backwards))
        for single, double, longer in pairs:
            left += 1
            best, length = single + last, 1
            score = double + before_last
            if score >= best:
                best, length = score, 2
            if longer is not None and left > 2:
                third = size - left + 2
                if block[third] in longer:
                    triple, tails = longer[block[third]]
                    score = triple + scores[left - 3]
                    if score >= best:
                        best, length = score, 3
                    for tail, tail_length, log_freq in tails:
                        if block.startswith(tail, third + 1):
                            score = log_freq + scores[left - tail_length]
                            if score >= best:
                                best, length = score, tail_length
            if best == _NO_WORD:
                # A character that is no word stands alone only where no word begins.
                best, length = unknown + last, 1
            before_last, last = last, best
            scores.append(best)
            lengths.append(length)
        lengths.reverse()
        return lengths


def compiled_cutter() -> Callable[[str], list[str]] | None:
    """`Segmenter.cut_runs` in compiled code, without user words; None where it is not installed.

    It loads its own copy of jieba's dictionary, so it pays only for much text.
    """
    try:
        cut = importlib.import_module("rjieba").cut
    except ImportError:
        return None
    return lambda joined: _cut_lines(cut, joined)


def _cut_lines(cut: Callable[[str], list[str]], joined: str) -> list[str]:
    if "\r\n" not in joined:
        return cut(joined)
    # Both characters would be one word, though only one of them belongs to the run.
    words: list[str] = []
    for run in joined.split("\n"):
        words += cut(run)
        words.append("\n")
    return words[:-1]
