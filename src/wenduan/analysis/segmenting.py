"""Units -> words: the segmenter cuts runs of Han characters, all else is a word as it stands."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from .units import Unit, is_han

# Cuts a run of Han characters into words; joined, they are the run.
Cut = Callable[[str], list[str]]
# The same for many runs, joined by line breaks, each of which is a word of the result.
CutRuns = Callable[[str], list[str]]


@lru_cache(maxsize=1)
def default_cut() -> Cut:
    """The cut of jieba's own dictionary; an index cuts by the dictionary that it keeps."""
    from .dictionary import Dictionary, build_dictionary
    from .segmenter import Segmenter

    return Segmenter(Dictionary(*build_dictionary())).cut


def split_words(units: Iterable[Unit], cut: Cut, spelled: str) -> list[tuple[Unit, ...]]:
    """Group units into words, in the order of the text; a citation is no word.

    `spelled` is the text that the units lie in, as the segmenter's dictionary spells it.
    """
    words: list[tuple[Unit, ...]] = []
    run: list[Unit] = []
    for unit in units:
        if unit.citation:
            continue
        if run and (unit.loose or not is_han(unit.text)):
            words += _cut_units(run, cut, spelled)
            run = []
        if is_han(unit.text):
            run.append(unit)
        else:
            words.append((unit,))
    if run:
        words += _cut_units(run, cut, spelled)
    return words


def _cut_units(run: list[Unit], cut: Cut, spelled: str) -> list[tuple[Unit, ...]]:
    words, at = [], 0
    for word in cut("".join(spelled[unit.start] for unit in run)):
        words.append(tuple(run[at : at + len(word)]))
        at += len(word)
    return words
