"""Texts + the weighted terms of a query -> how much of the query each text reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis import is_han
from ..analysis.folding import Codes, to_text
from ..analysis.units import MARKS, find_token
from ..ranking import Floats, saturation

if TYPE_CHECKING:
    from numpy.typing import NDArray

# By folded code point, what ends a sentence, or stands behind each text.
_IS_STOP = np.zeros(ord("。") + 2, bool)
_IS_STOP[[ord(char) for char in "。!?;\n\0"]] = True


@dataclass(frozen=True, slots=True)
class Weighted:
    """A term of the query with its idf."""

    term: str
    weight: float


class Texts(NamedTuple):
    """Folded texts: the code points of all, each text with a zero behind it, and each one's
    length in characters.
    """

    codes: Codes
    lengths: NDArray[np.int64]


class _Met(NamedTuple):
    """Where terms stand: places in all texts together, in which sentences, and which terms."""

    places: NDArray[np.int64]
    sentences: NDArray[np.int64]
    terms: NDArray[np.int64]


class Measure:
    """What texts hold of a query's units and pairs."""

    def __init__(self, texts: Texts, units: Sequence[Weighted], pairs: Sequence[Weighted]) -> None:
        """`pairs` are Han characters side by side, each of them one of the units."""
        self._texts = texts
        self._units, self._pairs = _weights(units), _weights(pairs)
        tokens = [at for at, unit in enumerate(units) if not is_han(unit.term)]
        han = [(at, ord(unit.term)) for at, unit in enumerate(units) if is_han(unit.term)]
        chars, stops = _find_chars(texts.codes, han)
        # Behind each text stands a stop, so that no sentence lies in two texts.
        lasts = stops.searchsorted(np.cumsum(texts.lengths + 1) - 1)
        self._ends = lasts + 1
        self._firsts = np.concatenate([[0], self._ends[:-1]])
        self._owner = np.repeat(np.arange(len(lasts)), self._ends - self._firsts)
        marks = self._find_tokens([(at, units[at].term) for at in tokens], stops)
        self._met_units = _join(chars, marks)
        self._met_pairs = _find_pairs(chars, units, pairs)
        # Pairs, then tokens: what a sentence is asked for.
        self._keys = np.concatenate([self._pairs, self._units[tokens]])
        place = np.zeros(len(units), np.int64)
        place[tokens] = np.arange(len(pairs), len(self._keys))
        self._met_keys = _join(self._met_pairs, marks._replace(terms=place[marks.terms]))

    @cached_property
    def _text(self) -> str:
        """All texts, each with a zero behind it."""
        return to_text(self._texts.codes)

    def _find_tokens(self, tokens: Sequence[tuple[int, str]], stops: NDArray[np.int64]) -> _Met:
        rows: list[tuple[int, int]] = []
        if tokens:
            codes = self._texts.codes
            is_marked = bool(((codes >= MARKS.start) & (codes < MARKS.stop)).any())
            for at, token in tokens:
                found = find_token(self._text, token, is_marked)
                rows += [(begin, at) for begin, _ in found]
        places, terms = np.array(rows, np.int64).reshape(-1, 2).T
        return _Met(places, stops.searchsorted(places), terms)

    def units(self, norms: Floats) -> Floats:
        """BM25 of units, of the sum of their idf."""
        return self._bm25(self._met_units, self._units, norms)

    def pairs(self, norms: Floats) -> Floats:
        """BM25 of pairs, of the sum of their idf."""
        return self._bm25(self._met_pairs, self._pairs, norms)

    def _bm25(self, met: _Met, weights: Floats, norms: Floats) -> Floats:
        size = len(weights)
        if not size:
            return np.zeros(len(norms))
        rows = self._owner[met.sentences] * size + met.terms
        counts = np.bincount(rows, minlength=len(norms) * size).reshape(len(norms), size)
        scores: Floats = saturation(counts, norms[:, None]) @ weights / weights.sum()
        return scores

    def _by_sentence(self, met: _Met, terms: int) -> NDArray[np.bool_]:
        """Of each sentence, which of the terms it holds."""
        held = np.zeros((len(self._owner), terms), bool)
        held[met.sentences, met.terms] = True
        return held

    def sentences(self) -> tuple[Floats, Floats]:
        """The share of pairs and tokens that the best sentence holds, by idf and by its square."""
        held = self._by_sentence(self._met_keys, len(self._keys)).astype(np.float64)
        return self._best(held, self._keys), self._best(held, self._keys**2)

    def windows(self) -> Floats:
        """The share of the idf of units that the best two sentences in a row hold."""
        held = self._by_sentence(self._met_units, len(self._units))
        both = held.copy()
        both[:-1] |= held[1:]
        lasts = self._ends - 1
        both[lasts] = held[lasts]
        return self._best(both.astype(np.float64), self._units)

    def _best(self, held: Floats, weights: Floats) -> Floats:
        if not len(weights):
            return np.zeros(len(self._texts.lengths))
        best: Floats = np.maximum.reduceat(held @ weights, self._firsts) / weights.sum()
        return best

    def verbatim(self, runs: Sequence[str]) -> Floats:
        """The share of some folded runs of text that each text holds."""
        held = np.zeros((len(runs), len(self._texts.lengths)))
        ends = np.cumsum(self._texts.lengths + 1)
        for row, run in zip(held, runs, strict=True):
            at = self._text.find(run)
            while at >= 0:
                row[ends.searchsorted(at, "right")] = 1
                at = self._text.find(run, at + 1)
        share: Floats = held.sum(axis=0) / max(len(runs), 1)
        return share

    def shares(self, units: NDArray[Any]) -> Floats:
        """How much of each text, of so many units, are pairs and tokens of the query."""
        met = np.bincount(self._owner[self._met_keys.sentences], minlength=len(units))
        shares: Floats = np.minimum(met / np.maximum(units.astype(np.int64) - 1, 1), 1.0)
        return shares


def _weights(terms: Sequence[Weighted]) -> Floats:
    return np.array([term.weight for term in terms], np.float64)


def _find_chars(codes: Codes, chars: Sequence[tuple[int, int]]) -> tuple[_Met, NDArray[np.int64]]:
    """Where Han characters stand, ascending, and where sentences end.

    Given the number of each character and its code point.
    """
    # By code point 0, 1 for what ends a sentence, or 2 and more for a character.
    table = np.zeros(max([len(_IS_STOP), *(code + 2 for _, code in chars)]), np.uint16)
    table[: len(_IS_STOP)] = _IS_STOP
    table[[code for _, code in chars]] = [at + 2 for at, _ in chars]
    kinds = table.take(codes, mode="clip")
    places = (kinds != 0).nonzero()[0]
    kinds = kinds[places]
    is_stop = kinds == 1
    held = (~is_stop).nonzero()[0]
    sentences = np.cumsum(is_stop)[held]
    return _Met(places[held], sentences, kinds[held].astype(np.int64) - 2), places[is_stop]


def _find_pairs(chars: _Met, units: Sequence[Weighted], pairs: Sequence[Weighted]) -> _Met:
    """Where pairs stand: the place of the second character of each."""
    both = (np.diff(chars.places) == 1).nonzero()[0] + 1
    numbers = {unit.term: at for at, unit in enumerate(units)}
    table = np.zeros((len(units), len(units)), np.int64)
    for at, pair in enumerate(pairs, 1):
        table[numbers[pair.term[0]], numbers[pair.term[1]]] = at
    found = table[chars.terms[both - 1], chars.terms[both]]
    known = found > 0
    both = both[known]
    return _Met(chars.places[both], chars.sentences[both], found[known] - 1)


def _join(one: _Met, other: _Met) -> _Met:
    if not len(other.places):
        return one
    return _Met(*map(np.concatenate, zip(one, other, strict=True)))
