"""Text -> the words that every engine is given; one way of cutting, so that engines compare.

jieba's accurate mode with its own dictionary; a word holds a letter or digit, and is lower-case.
"""

import logging
import sys

import jieba

jieba.setLogLevel(logging.WARNING)


def load() -> None:
    """Load the dictionary, which no engine shall pay for in its first question."""
    jieba.initialize()


def tokens_of(text: str) -> list[str]:
    """Cut with jieba, as a question is cut."""
    return _kept(jieba.lcut(text))


def cut_one_way(text: str) -> list[str]:
    """Cut into words with rjieba, which cuts as jieba does and is fast, or with jieba."""
    return _cut(text)


def fast_tokens_of(text: str) -> list[str]:
    """Cut as `tokens_of` does, at the speed that building an index needs."""
    return _kept(_cut(text))


def _kept(words: list[str]) -> list[str]:
    # Interned, as a collection held as words would otherwise hold each of them a thousand times.
    return [sys.intern(word.lower()) for word in words if any(map(str.isalnum, word))]


try:
    import rjieba

    _cut = rjieba.cut
except ImportError:
    _cut = jieba.lcut
