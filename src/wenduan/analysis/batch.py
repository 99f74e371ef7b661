"""Many texts -> the terms of all of them as arrays, without a Python call for each term.

What `analyze` says of one text, this says of thousands; a test holds them against each other.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .characters import GAP, HAN, LAYOUT, WORD, kinds_of
from .expanding import expand_all
from .folding import Codes, fold, fold_codes, spell_codes, to_codes, to_text
from .segmenting import CutRuns
from .units import iter_tokens, token_text

Numbers = NDArray[np.int64]

# Units are numbered: a character by its code point, a token from here on.
FIRST_TOKEN = 0x110000


def numbering() -> defaultdict[str, int]:
    """A dictionary that gives each new text the next number."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers


@dataclass(slots=True)
class Vocabulary:
    """Numbers of the words and tokens met so far, in the order of their first appearance."""

    words: defaultdict[str, int] = field(default_factory=numbering)
    tokens: defaultdict[str, int] = field(default_factory=numbering)


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """The terms of some texts. Each row of arrays is one occurrence; `_at` is the text's number.

    `pair_first`, `pair_second`: numbers of two neighbouring units, `pair_loose`: true where a gap
    parts two Han characters. `unit_counts`, `word_counts`: how many each text has.
    """

    unit: NDArray[np.uint32]
    unit_at: NDArray[Any]
    pair_first: NDArray[np.uint32]
    pair_second: NDArray[np.uint32]
    pair_loose: NDArray[np.bool_]
    pair_at: NDArray[Any]
    word: NDArray[np.uint32]
    word_at: NDArray[Any]
    symbol: NDArray[np.uint32]
    symbol_at: NDArray[Any]
    unit_counts: NDArray[np.uint32]
    word_counts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class BatchRows:
    """The terms of some texts in their rows, for those who write them out.

    `folded` are the folded texts with signs written out, a zero between them; `bases` is where
    each text begins in it, in characters. Of each unit: its number, its text's, where it begins
    and ends in `folded`. Neighbours are as in BatchTerms, and `words` are with their texts'
    numbers. `cited` are the numbers of the texts that have citations.
    """

    folded: str
    bases: Numbers
    unit: Numbers
    unit_at: Numbers
    begins: Numbers
    ends: Numbers
    pair_first: Numbers
    pair_second: Numbers
    pair_loose: NDArray[np.bool_]
    words: Sequence[str]
    word_at: Numbers
    cited: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Units:
    """Units as arrays: number, text's number, whether Han, whether parted from the one before.

    `spelled` are the numbers of Han characters as the segmenter's dictionary spells them.
    """

    number: Numbers
    at: Numbers
    han: NDArray[np.bool_]
    loose: NDArray[np.bool_]
    spelled: Numbers
    begins: Numbers
    ends: Numbers


class _Batch:
    """Some texts, and their units and words."""

    def __init__(
        self, texts: Sequence[str], tokens: defaultdict[str, int], cut_runs: CutRuns
    ) -> None:
        texts = expand_all(texts)
        # The separator is a gap, and belongs to no token.
        self.codes = to_codes("\0".join(texts))
        self.sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        self.owner = np.repeat(np.arange(len(texts)), self.sizes)[: len(self.codes)]
        self.folded = fold_codes(self.codes)
        spelled = spell_codes(self.codes, self.folded)
        self.units, self.plain, self.cited = _split(self.folded, spelled, self.owner, tokens)
        self.words, self.word_at = _words(self.plain, list(tokens), cut_runs)
        self.pairs = _pairs(self.units, self.plain, self.cited)


def analyze_batch(texts: Sequence[str], vocabulary: Vocabulary, cut_runs: CutRuns) -> BatchTerms:
    """Make the terms of texts; `cut_runs` cuts runs of Han characters joined by line breaks."""
    batch = _Batch(texts, vocabulary.tokens, cut_runs)
    numbers = map(vocabulary.words.__getitem__, batch.words)
    first, second, loose, pair_at = batch.pairs
    kinds = kinds_of(batch.codes)
    is_symbol = (kinds == GAP) | (kinds == LAYOUT)
    is_symbol[np.cumsum(batch.sizes)[:-1] - 1] = False
    return BatchTerms(
        unit=_compact(batch.units.number),
        unit_at=_compact_at(batch.units.at),
        pair_first=_compact(first),
        pair_second=_compact(second),
        pair_loose=loose,
        pair_at=_compact_at(pair_at),
        word=np.fromiter(numbers, np.uint32, len(batch.words)),
        word_at=_compact_at(batch.word_at),
        symbol=_compact(batch.codes[is_symbol]),
        symbol_at=_compact_at(batch.owner[is_symbol]),
        unit_counts=_compact(np.bincount(batch.units.at, minlength=len(texts))),
        word_counts=_compact(np.bincount(batch.word_at, minlength=len(texts))),
    )


def analyze_rows(
    texts: Sequence[str], tokens: defaultdict[str, int], cut_runs: CutRuns
) -> BatchRows:
    """As analyze_batch, but with words as they are, and where units stand."""
    batch = _Batch(texts, tokens, cut_runs)
    units = batch.units
    return BatchRows(
        to_text(batch.folded),
        np.cumsum(batch.sizes) - batch.sizes,
        units.number,
        units.at,
        units.begins,
        units.ends,
        *batch.pairs[:3],
        batch.words,
        batch.word_at,
        frozenset(units.at[batch.cited].tolist()),
    )


def _compact(numbers: NDArray[Any]) -> NDArray[np.uint32]:
    # These wait in memory until the segment is full.
    return numbers.astype(np.uint32)


def _compact_at(numbers: NDArray[Any]) -> NDArray[Any]:
    return numbers.astype(np.uint16 if not len(numbers) or numbers.max() < 0x10000 else np.uint32)


def _split(
    folded: Codes, spelled: Codes, owner: Numbers, tokens: defaultdict[str, int]
) -> tuple[_Units, _Units, NDArray[np.bool_]]:
    """All units; those that are no citation; and of all units, whether each is a citation."""
    kinds = kinds_of(folded)
    numbers, begins, ends, cites = _tokens(folded, kinds, tokens)
    chars = np.flatnonzero(kinds == HAN)
    where = np.searchsorted(chars, begins)
    begin = np.insert(chars, where, begins)
    end = np.insert(chars + 1, where, ends)
    number = np.insert(folded[chars].astype(np.int64), where, numbers + FIRST_TOKEN)
    cited = np.insert(np.zeros(len(chars), bool), where, cites)
    at = owner[begin]
    kept = ~cited
    gaps = _count_gaps(kinds, begins, ends)
    han = number < FIRST_TOKEN
    loose = np.zeros(len(number), bool)
    loose[kept] = _loose(begin[kept], end[kept], at[kept], han[kept], gaps)
    as_spelled = np.where(han, spelled[begin], number)
    units = _Units(number, at, han, loose, as_spelled, begin, end)
    columns = (number, at, han, loose, as_spelled, begin, end)
    plain = _Units(*(column[kept] for column in columns))
    return units, plain, cited


def _tokens(
    folded: Codes, kinds: NDArray[np.uint8], tokens: defaultdict[str, int]
) -> tuple[Numbers, Numbers, Numbers, NDArray[np.bool_]]:
    """Numbers, ranges and kind (citation or not) of all tokens."""
    if not (kinds == WORD).any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), _NONE
    found = list(iter_tokens(to_text(folded)))
    numbers = [tokens[token_text(match)] for match in found]
    begins = np.array([match.start() for match in found], np.int64)
    ends = np.array([match.end() for match in found], np.int64)
    cites = np.array([match.lastgroup == "citation" for match in found], bool)
    return np.array(numbers, np.int64), begins, ends, cites


_NONE = np.zeros(0, bool)


def _count_gaps(kinds: NDArray[np.uint8], begins: Numbers, ends: Numbers) -> Numbers:
    """How many characters that part words stand before each position."""
    edges = np.zeros(len(kinds) + 1, np.int64)
    np.add.at(edges, begins, 1)
    np.add.at(edges, ends, -1)
    parting = (kinds != HAN) & (kinds != LAYOUT) & (np.cumsum(edges[:-1]) == 0)
    return np.concatenate([[0], np.cumsum(parting)])


def _loose(
    begin: Numbers, end: Numbers, at: Numbers, han: NDArray[np.bool_], gaps: Numbers
) -> NDArray[np.bool_]:
    loose = np.zeros(len(begin), bool)
    parted = gaps[begin[1:]] > gaps[end[:-1]]
    loose[1:] = han[1:] & han[:-1] & parted & (at[1:] == at[:-1])
    return loose


def _pairs(
    units: _Units, plain: _Units, cited: NDArray[np.bool_]
) -> tuple[Numbers, Numbers, NDArray[np.bool_], Numbers]:
    rows = [_neighbours(units)]
    if cited.any():
        # A citation may be left out by who remembers the sentence.
        rows.append(_neighbours(plain))
    first, second, loose, at = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return first, second, loose, at


def _neighbours(units: _Units) -> tuple[Numbers, Numbers, NDArray[np.bool_], Numbers]:
    same = units.at[1:] == units.at[:-1]
    loose = units.loose[1:] & units.han[:-1] & units.han[1:]
    return (
        units.number[:-1][same],
        units.number[1:][same],
        loose[same],
        units.at[1:][same],
    )


def _words(plain: _Units, names: Sequence[str], cut_runs: CutRuns) -> tuple[list[str], Numbers]:
    """Words of the runs of Han characters, and each token as a word of its own; and their texts'.

    `names` are the tokens by their numbers.
    """
    tokens = plain.number[~plain.han] - FIRST_TOKEN
    of_tokens = [names[number] for number in tokens.tolist()]
    breaks = np.ones(len(plain.number), bool)
    breaks[1:] = plain.loose[1:] | ~plain.han[:-1] | (plain.at[1:] != plain.at[:-1])
    chars, starts, at = plain.spelled[plain.han], breaks[plain.han], plain.at[plain.han]
    if not len(chars):
        return of_tokens, plain.at[~plain.han]
    where = np.flatnonzero(starts)[1:]
    words = cut_runs(to_text(np.insert(chars, where, ord("\n")).astype(np.uint32)))
    words = [word for word in words if word != "\n"]
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    begins = np.cumsum(lengths) - lengths
    own = np.flatnonzero(chars != plain.number[plain.han])
    for word in set((np.searchsorted(begins, own, "right") - 1).tolist()):
        words[word] = fold(words[word])
    return words + of_tokens, np.concatenate([at[begins], plain.at[~plain.han]])
