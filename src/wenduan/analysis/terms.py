"""Units -> the terms that are indexed: words, units, pairs of neighbours, symbols."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .expanding import expand
from .folding import fold, spell
from .segmenting import Cut, default_cut, split_words
from .units import Unit, is_han, split_symbols, split_units

# Versions of what makes terms, apart from the dictionary, which each index keeps: an index made by
# others cannot be searched. `paragraphs` is that of what is one: their greatest length bounds what
# a search costs.
ANALYZER = {"units": 2, "segmenter": 2, "folding": 3, "paragraphs": 2}

# Parts the two units of a pair that stand across a gap; no unit holds it.
LOOSE = "\n"


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of one paragraph with their counts, and the lengths that ranking divides by."""

    words: Counter[str]
    units: Counter[str]
    pairs: Counter[str]
    symbols: frozenset[str]

    @property
    def word_length(self) -> int:
        """How many words the paragraph has."""
        return self.words.total()

    @property
    def unit_length(self) -> int:
        """How many units the paragraph has."""
        return self.units.total()


def analyze(text: str, cut: Cut | None = None) -> Terms:
    """Make the terms of a paragraph; `cut` is the segmenter's, jieba's own where none is given."""
    text = expand(text)
    units = split_units(text)
    words = split_words(units, cut or default_cut(), spell(text, fold(text)))
    return Terms(
        Counter(map(word_term, words)),
        Counter(unit.text for unit in units),
        unit_pairs(units),
        split_symbols(text),
    )


def word_term(word: Sequence[Unit]) -> str:
    """The term of a word, given its units."""
    return "".join(unit.text for unit in word)


def pair_term(first: str, second: str, loose: bool = False) -> str:
    """The term of two neighbouring units; `loose` where a gap parts two Han characters."""
    if not (is_han(first) and is_han(second)):
        return f"{first} {second}"
    return first + LOOSE + second if loose else first + second


def unit_pairs(units: Sequence[Unit]) -> Counter[str]:
    """The terms of all pairs of neighbouring units, counted."""
    pairs = Counter(_pairs(units))
    plain = [unit for unit in units if not unit.citation]
    if len(plain) < len(units):
        # A citation may be left out by who remembers the sentence.
        pairs |= Counter(_pairs(plain))
    return pairs


def _pairs(units: Sequence[Unit]) -> list[str]:
    return [
        pair_term(first.text, second.text, second.loose)
        for first, second in itertools.pairwise(units)
    ]
