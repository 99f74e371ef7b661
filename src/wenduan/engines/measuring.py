"""Texts + the weighted terms of a query -> how much of the query each text reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import compiled
from ..analysis import is_han
from ..analysis.folding import Codes, to_text
from ..analysis.units import MARKS, find_token, iter_tokens, token_text
from ..ranking import K1, Floats, saturation

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What ends a sentence, folded, or stands behind each text; and the same by code point.
_STOPS = "。!?;\n\0"
_IS_STOP = np.zeros(ord("。") + 2, bool)
_IS_STOP[[ord(char) for char in _STOPS]] = True


# For more tokens than these, texts are split once instead of being searched for each.
_FEW_TOKENS = 8
# Of sentences and terms: a larger table is not made.
_MOST_CELLS = 4_000_000


class Weighted(NamedTuple):
    """Terms of the query with their idf."""

    terms: Sequence[str]
    weights: Floats

    def take(self, places: NDArray[np.intp]) -> Weighted:
        """Some of them."""
        return Weighted([self.terms[at] for at in places.tolist()], self.weights[places])


@dataclass(frozen=True)
class Texts:
    """Folded texts: the code points of all, each text with a zero behind it, and each one's
    length in characters.
    """

    codes: Codes
    lengths: NDArray[np.int64]

    @cached_property
    def text(self) -> str:
        """All texts, each with a zero behind it."""
        return to_text(self.codes)

    def find_tokens(self, tokens: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
        """Places in all texts together where tokens stand, ascending, with their numbers."""
        if not tokens:
            return []
        is_marked = bool(((self.codes >= MARKS.start) & (self.codes < MARKS.stop)).any())
        if is_marked or len(tokens) > _FEW_TOKENS:
            # Each text is split once, for all of them.
            numbers = {token: at for at, token in tokens}
            split = ((token_text(match), match) for match in iter_tokens(self.text))
            return [
                (match.start() + (match.lastgroup == "citation"), numbers[token])
                for token, match in split
                if token in numbers
            ]
        rows = ((at, find_token(self.text, token, False)) for at, token in tokens)
        return sorted((begin, at) for at, found in rows for begin, _ in found)

    def verbatim(self, runs: Sequence[str]) -> Floats:
        """The share of some folded runs of text that each text holds."""
        held = np.zeros((len(runs), len(self.lengths)))
        ends = (self.lengths + 1).cumsum()
        for row, run in zip(held, runs, strict=True):
            at = self.text.find(run)
            while at >= 0:
                row[ends.searchsorted(at, "right")] = 1
                at = self.text.find(run, at + 1)
        share: Floats = held.sum(axis=0) / max(len(runs), 1)
        return share


class Reach(NamedTuple):
    """How much of the query's terms each text reaches.

    `units` and `pairs` are their BM25, of the sum of their idf. Pairs, and units that are no Han
    character, are keys: `sentence` and `rarest` are the share of their idf, and of its square,
    that the best sentence holds, `met` counts them in the text. `window` is the share of the idf
    of units that the best two sentences in a row hold.
    """

    units: Floats
    pairs: Floats
    sentence: Floats
    rarest: Floats
    window: Floats
    met: Floats


def reach(texts: Texts, norms: Floats, units: Weighted, pairs: Weighted) -> Reach:
    """Measure texts; `norms` are their length norms by units.

    `pairs` are Han characters side by side, each of them one of the units.
    """
    if compiled.loops is not None:
        return _reach_compiled(compiled.loops, texts, norms, units, pairs)
    return _Measure(texts, units, pairs).reach(norms)


def _reach_compiled(
    loops: ModuleType, texts: Texts, norms: Floats, units: Weighted, pairs: Weighted
) -> Reach:
    tokens = [at for at, unit in enumerate(units.terms) if not is_han(unit)]
    keys = np.concatenate([pairs.weights, units.weights[tokens]]) if tokens else pairs.weights
    found = np.empty((len(Reach._fields), len(texts.lengths)))
    loops.reach(
        texts.codes,
        texts.lengths,
        norms,
        units.terms,
        pairs.terms,
        is_han,
        texts.find_tokens([(at, units.terms[at]) for at in tokens]),
        units.weights,
        keys,
        _STOPS,
        K1 + 1,
        found,
    )
    return Reach(*found)


class _Met(NamedTuple):
    """Where terms stand: places in all texts together, in which sentences, and which terms."""

    places: NDArray[np.int64]
    sentences: NDArray[np.int64]
    terms: NDArray[np.int64]


class _Measure:
    """The same in arrays, where the loops are not compiled."""

    def __init__(self, texts: Texts, units: Weighted, pairs: Weighted) -> None:
        self._texts = texts
        self._units, self._pairs = units.weights, pairs.weights
        tokens = [at for at, unit in enumerate(units.terms) if not is_han(unit)]
        han = [(at, ord(unit)) for at, unit in enumerate(units.terms) if is_han(unit)]
        chars, stops = _find_chars(texts.codes, han)
        # Behind each text stands a stop, so that no sentence lies in two texts.
        lasts = stops.searchsorted(np.cumsum(texts.lengths + 1) - 1)
        self._ends = lasts + 1
        self._firsts = np.concatenate([[0], self._ends[:-1]])
        self._owner = np.repeat(np.arange(len(lasts)), self._ends - self._firsts)
        found = texts.find_tokens([(at, units.terms[at]) for at in tokens])
        places, terms = np.array(found, np.int64).reshape(-1, 2).T
        marks = _Met(places, stops.searchsorted(places), terms)
        self._met_units = _join(chars, marks)
        self._met_pairs = _find_pairs(chars, units.terms, pairs.terms)
        # Pairs, then tokens: what a sentence is asked for.
        self._keys = np.concatenate([self._pairs, self._units[tokens]])
        place = np.zeros(len(units.terms), np.int64)
        place[tokens] = np.arange(len(pairs.terms), len(self._keys))
        self._met_keys = _join(self._met_pairs, marks._replace(terms=place[marks.terms]))

    def reach(self, norms: Floats) -> Reach:
        """Give all of it."""
        return Reach(
            self._bm25(self._met_units, self._units, norms),
            self._bm25(self._met_pairs, self._pairs, norms),
            *self._sentences(),
            self._windows(),
            self._met(len(norms)),
        )

    def _met(self, texts: int) -> Floats:
        """How many pairs and tokens of the query each text has."""
        met = np.bincount(self._owner[self._met_keys.sentences], minlength=texts)
        return met.astype(np.float64)

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

    def _sentences(self) -> tuple[Floats, Floats]:
        """The share of pairs and tokens that the best sentence holds, by idf and by its square."""
        met, keys = self._met_keys, self._keys
        if len(self._owner) * len(keys) > _MOST_CELLS:
            return self._best_of(met, keys), self._best_of(met, keys**2)
        held = self._by_sentence(met, len(keys)).astype(np.float64)
        return self._best(held, keys), self._best(held, keys**2)

    def _windows(self) -> Floats:
        """The share of the idf of units that the best two sentences in a row hold."""
        if len(self._owner) * len(self._units) > _MOST_CELLS:
            met = self._met_units
            # Each unit counts for its sentence and the one before, if that is of the same text.
            follows = (~np.isin(met.sentences, self._firsts)).nonzero()[0]
            earlier = _Met(met.places[follows], met.sentences[follows] - 1, met.terms[follows])
            return self._best_of(_join(met, earlier), self._units)
        held = self._by_sentence(self._met_units, len(self._units))
        both = held.copy()
        both[:-1] |= held[1:]
        lasts = self._ends - 1
        both[lasts] = held[lasts]
        return self._best(both.astype(np.float64), self._units)

    def _best_of(self, met: _Met, weights: Floats) -> Floats:
        """As _best, of so many sentences and terms that no table holds them."""
        rows = np.sort(met.sentences * len(weights) + met.terms)
        rows = rows[np.append(True, rows[1:] != rows[:-1])] if len(rows) else rows
        of_rows = weights[rows % len(weights)]
        sums = np.bincount(rows // len(weights), of_rows, len(self._owner))
        best: Floats = np.maximum.reduceat(sums, self._firsts) / weights.sum()
        return best

    def _best(self, held: Floats, weights: Floats) -> Floats:
        if not len(weights):
            return np.zeros(len(self._texts.lengths))
        best: Floats = np.maximum.reduceat(held @ weights, self._firsts) / weights.sum()
        return best


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


def _find_pairs(chars: _Met, units: Sequence[str], pairs: Sequence[str]) -> _Met:
    """Where pairs stand: the place of the second character of each."""
    both = (np.diff(chars.places) == 1).nonzero()[0] + 1
    numbers = {unit: at for at, unit in enumerate(units)}
    places_of = [numbers[pair[0]] * len(units) + numbers[pair[1]] for pair in pairs]
    keys = np.array(places_of, np.int64)
    by_key = keys.argsort()
    asked = chars.terms[both - 1] * len(units) + chars.terms[both]
    places = np.minimum(keys[by_key].searchsorted(asked), len(keys) - 1)
    known = keys[by_key][places] == asked if len(keys) else np.zeros(len(asked), bool)
    both = both[known]
    return _Met(chars.places[both], chars.sentences[both], by_key[places[known]])


def _join(one: _Met, other: _Met) -> _Met:
    if not len(other.places):
        return one
    return _Met(*map(np.concatenate, zip(one, other, strict=True)))
