"""Units -> words: jieba cuts the runs of Han characters, all else is a word as it stands."""

import logging
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from .units import Unit, is_han

_lock = threading.Lock()


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """The segmenter; loaded at first use, for it takes half a second."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def cut_run(run: str) -> list[str]:
    """Cut a run of Han characters into words; joined, they are the run."""
    if len(run) == 1:
        return [run]
    with _lock:
        tokenizer = _tokenizer()
    return list(tokenizer.cut(run))


def split_words(units: Iterable[Unit]) -> list[tuple[Unit, ...]]:
    """Group units into words, in the order of the text; a citation is no word."""
    words: list[tuple[Unit, ...]] = []
    run: list[Unit] = []
    for unit in units:
        if unit.citation:
            continue
        if run and (unit.loose or not is_han(unit.text)):
            words += _cut_units(run)
            run = []
        if is_han(unit.text):
            run.append(unit)
        else:
            words.append((unit,))
    if run:
        words += _cut_units(run)
    return words


def _cut_units(run: list[Unit]) -> list[tuple[Unit, ...]]:
    words, at = [], 0
    for word in cut_run("".join(unit.text for unit in run)):
        words.append(tuple(run[at : at + len(word)]))
        at += len(word)
    return words
