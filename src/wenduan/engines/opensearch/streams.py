"""Texts -> streams of tokens, one for each field, that a cluster parts at spaces alone.

Queries are exact by these streams:

- `words` are the segmenter's words; they only rank.
- `units` are all units in a row: a quotation is a phrase of them. Where the text has citations,
  a second row follows without them, for they may be left out.
- `pairs` are the neighbours in those rows, so a word of n units is a phrase of n - 1 pairs; two
  Han characters that a gap parts are a pair of another kind.
- `symbols` are the characters of no unit, each run of them apart from the next.
- `gaps` are the characters between two units, with both units around them, folded: they tell
  whether a quotation stands in a text to the letter.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat
from typing import TYPE_CHECKING

import numpy as np

from ...analysis import Unit, expand, fold, is_han, pair_term, split_units
from ...analysis.batch import FIRST_TOKEN, BatchPlaces, BatchTerms, Vocabulary, analyze_places
from ...analysis.segmenting import CutRuns
from ...analysis.terms import LOOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The cluster's analyzer cuts tokens of more than 255 UTF-16 code units into pieces.
_LONGEST = 120
_KEPT = 60
# Between two pieces of one text that no phrase may span; no term looks like it.
BREAK = "|"
# Between two units that nothing parts.
_CLOSE = "="
# No unit has either of these.
_PARTED = str.maketrans({" ": "_", "\n": "~"})
_SYMBOLS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Streams:
    """The tokens of a text by field; `tokens` are its distinct Latin words and numbers.

    `units` and `pairs` have a row with citations and, if there are any, one without.
    """

    words: tuple[str, ...]
    units: tuple[str, ...]
    pairs: tuple[str, ...]
    symbols: str
    gaps: str
    tokens: tuple[str, ...]
    unit_count: int


@lru_cache(1 << 15)
def encode(term: str) -> str:
    """A term as a token of the cluster: without spaces, and no longer than it takes."""
    if len(term) > _LONGEST:
        term = f"{term[:_KEPT]}…{hashlib.sha1(_bytes(term)).hexdigest()}"
    return term.translate(_PARTED)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def encode_pair(first: str, second: str, loose: bool = False) -> str:
    """The token of two neighbouring units."""
    return encode(pair_term(first, second, loose))


def make_streams(texts: Sequence[str], cut_runs: CutRuns) -> list[Streams]:
    """Make the streams of some texts; `cut_runs` is the segmenter's cut of many runs at once."""
    vocabulary = Vocabulary()
    terms, places = analyze_places(texts, vocabulary, cut_runs)
    names = list(map(encode, vocabulary.words))
    words: list[list[str]] = [[] for _ in texts]
    for at, word in zip(terms.word_at.tolist(), terms.word.tolist(), strict=True):
        words[at].append(names[word])
    batch = _Batch(terms, places(), list(vocabulary.tokens))
    return [
        _streams(text, row) if at in batch.cited else batch.streams(at, text, row)
        for at, (text, row) in enumerate(zip(texts, words, strict=True))
    ]


class _Batch:
    """Streams of texts without citations, of the terms of all of them."""

    def __init__(self, terms: BatchTerms, places: BatchPlaces, tokens: Sequence[str]) -> None:
        self.cited = places.cited
        self._folded, self._bases = places.folded, places.bases.tolist()
        unit = terms.unit
        self._units = _texts(np.where(unit < FIRST_TOKEN, unit, 0)[:, None])
        self._tokens = np.flatnonzero(unit >= FIRST_TOKEN).tolist()
        for at in self._tokens:
            self._units[at] = encode(tokens[unit[at] - FIRST_TOKEN])
        counts = terms.unit_counts.astype(np.int64)
        self._ends = np.cumsum(counts).tolist()
        self._counts = counts.tolist()
        sizes = np.maximum(counts - 1, 0)
        self._pairs = _pair_tokens(terms, int(sizes.sum()), tokens)
        self._pair_ends = np.cumsum(sizes).tolist()
        self._begins, self._lasts = places.begins.tolist(), places.ends.tolist()
        han = terms.unit < FIRST_TOKEN
        apart = places.begins[1:] > places.ends[:-1]
        self._told = np.flatnonzero(apart | ~(han[1:] & han[:-1])).tolist()

    def streams(self, at: int, text: str, words: Sequence[str]) -> Streams:
        """The streams of a text, given its number."""
        end, count = self._ends[at], self._counts[at]
        units = self._units[end - count : end]
        last = self._pair_ends[at]
        return Streams(
            tuple(words),
            (" ".join(units),),
            (" ".join(self._pairs[last - max(count - 1, 0) : last]),),
            symbol_stream(expand(text)),
            _join_gaps(self._gaps(at, end - count, end)),
            tuple(
                dict.fromkeys(self._units[at] for at in _between(self._tokens, end - count, end))
            ),
            count,
        )

    def _gaps(self, at: int, first: int, end: int) -> list[str]:
        base = self._bases[at]
        after = self._bases[at + 1] - 1 if at + 1 < len(self._bases) else len(self._folded)
        if first == end:
            return [spell_out(self._folded[base:after])] if base < after else []
        units, begins, lasts = self._units, self._begins, self._lasts
        runs = []
        if begins[first] > base:
            runs.append(f"{spell_out(self._folded[base : begins[first]])} {units[first]}")
        for one in _between(self._told, first, end - 1):
            between = spell_out(self._folded[lasts[one] : begins[one + 1]]) or _CLOSE
            runs.append(f"{units[one]} {between} {units[one + 1]}")
        if lasts[end - 1] < after:
            runs.append(f"{units[end - 1]} {spell_out(self._folded[lasts[end - 1] : after])}")
        return runs


def _between(ascending: Sequence[int], begin: int, end: int) -> Sequence[int]:
    """Those of some numbers from one on and below another."""
    return ascending[bisect_left(ascending, begin) : bisect_left(ascending, end)]


def _texts(codes: NDArray[np.uint32]) -> list[str]:
    """A text of each row of code points."""
    rows: list[str] = np.ascontiguousarray(codes, "<u4").view(f"<U{codes.shape[1]}")[:, 0].tolist()
    return rows


def _pair_tokens(terms: BatchTerms, size: int, tokens: Sequence[str]) -> list[str]:
    """The tokens of the first pairs; behind them come those of texts with citations left out."""
    first, second = terms.pair_first[:size], terms.pair_second[:size]
    loose = terms.pair_loose[:size]
    is_han = (first < FIRST_TOKEN) & (second < FIRST_TOKEN)
    pairs = _texts(np.where(is_han, [first, second], 0).T)
    # Most are two Han characters side by side.
    parted = np.flatnonzero(is_han & loose)
    between = np.full(len(parted), ord(_PARTED[ord(LOOSE)]), np.uint32)
    rows = np.column_stack([first[parted], between, second[parted]])
    for at, pair in zip(parted.tolist(), _texts(rows), strict=True):
        pairs[at] = pair
    for at in np.flatnonzero(~is_han).tolist():
        pairs[at] = encode_pair(_text(first[at], tokens), _text(second[at], tokens))
    return pairs


def _text(number: int, tokens: Sequence[str]) -> str:
    return chr(number) if number < FIRST_TOKEN else tokens[number - FIRST_TOKEN]


def _streams(text: str, words: Sequence[str]) -> Streams:
    """The streams of one text: the plain way, and that of texts with citations."""
    text = expand(text)
    units = split_units(text)
    rows = [units]
    if any(unit.citation for unit in units):
        rows.append([unit for unit in units if not unit.citation])
    return Streams(
        tuple(words),
        tuple(unit_stream(row) for row in rows),
        tuple(_pair_stream(row) for row in rows),
        symbol_stream(text),
        _join_gaps(gap_runs(fold(text), units)),
        tuple(dict.fromkeys(encode(unit.text) for unit in units if not is_han(unit.text))),
        len(units),
    )


def _join_gaps(runs: Sequence[str]) -> str:
    return f" {BREAK} ".join(runs)


def unit_stream(units: Iterable[Unit]) -> str:
    """Units in a row."""
    return " ".join(encode(unit.text) for unit in units)


def text_rows(text: str) -> list[str]:
    """The rows of units of a short text such as a title, which is not written out."""
    units = split_units(text)
    plain = [unit for unit in units if not unit.citation]
    rows = [units, plain] if len(plain) < len(units) else [units]
    return [row for row in map(unit_stream, rows) if row]


def _pair_stream(units: Sequence[Unit]) -> str:
    return " ".join(
        encode_pair(first.text, second.text, second.loose) for first, second in pairwise(units)
    )


def symbol_stream(text: str) -> str:
    """The characters of no unit, each run of them apart."""
    return f" {BREAK} ".join(map(spell_out, _SYMBOLS.findall(text)))


@lru_cache(4_096)
def spell_out(symbols: str) -> str:
    """Characters as tokens: their code points."""
    return " ".join(f"u{ord(char):x}" for char in symbols)


def gap_runs(folded: str, units: Sequence[Unit]) -> list[str]:
    """What stands between neighbouring units of a folded text, with them around it.

    Two Han characters side by side have nothing between them that is worth telling.
    """
    if not units:
        return [spell_out(folded)] if folded else []
    runs = []
    if units[0].start:
        runs.append(f"{spell_out(folded[: units[0].start])} {encode(units[0].text)}")
    for one, other in pairwise(units):
        if one.end < other.start or not (is_han(one.text) and is_han(other.text)):
            between = spell_out(folded[one.end : other.start]) or _CLOSE
            runs.append(f"{encode(one.text)} {between} {encode(other.text)}")
    if units[-1].end < len(folded):
        runs.append(f"{encode(units[-1].text)} {spell_out(folded[units[-1].end :])}")
    return runs


def count_words(
    streams: Sequence[str], words: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often each stream has each of some words, a row a stream; and the streams' lengths."""
    lengths = np.array([stream.count(" ") + 1 if stream else 0 for stream in streams], np.int64)
    number = {word: at for at, word in enumerate(words)}
    tokens = " ".join(filter(None, streams)).split(" ")
    found = np.fromiter(map(number.get, tokens, repeat(-1)), np.int64, len(tokens))
    owner = np.repeat(np.arange(len(streams)), lengths)
    held = np.flatnonzero(found >= 0)
    keys = owner[held] * len(words) + found[held]
    size = len(streams) * len(words)
    return np.bincount(keys, minlength=size).reshape(len(streams), len(words)), lengths
