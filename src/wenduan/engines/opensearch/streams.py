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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ...analysis import Unit, expand, fold, is_han, pair_term, split_units
from ...analysis.batch import FIRST_TOKEN, BatchRows, Numbers, analyze_rows, numbering
from ...analysis.folding import to_codes
from ...analysis.segmenting import CutRuns
from ...analysis.terms import LOOSE
from .rows import Row, parts

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
    tokens = numbering()
    batch = analyze_rows(texts, tokens, cut_runs)
    counts = np.bincount(batch.unit_at, minlength=len(texts))
    ends = np.cumsum(counts)
    spelt = np.flatnonzero(batch.unit >= FIRST_TOKEN)
    names = list(map(encode, tokens))
    of_texts = [names[unit] for unit in (batch.unit[spelt] - FIRST_TOKEN).tolist()]
    units = _unit_row(batch.unit, spelt, of_texts)
    rows = zip(
        texts,
        _words(batch, len(texts)),
        units.slices(ends - counts, ends),
        _pair_rows(batch, np.maximum(counts - 1, 0), list(tokens)),
        map(_join_gaps, _gaps(batch, units, ends, counts)),
        parts(of_texts, np.searchsorted(spelt, ends).tolist()),
        counts.tolist(),
        strict=True,
    )
    return [
        _streams(text, words)
        if at in batch.cited
        else Streams(
            words,
            (of_units,),
            (of_pairs,),
            symbol_stream(expand(text)),
            gaps,
            tuple(dict.fromkeys(own)),
            count,
        )
        for at, (text, words, of_units, of_pairs, gaps, own, count) in enumerate(rows)
    ]


def _words(batch: BatchRows, count: int) -> Iterator[tuple[str, ...]]:
    """The words of each text."""
    order = np.argsort(batch.word_at, kind="stable")
    words = np.array(batch.words, object)[order].tolist()
    ends = np.cumsum(np.bincount(batch.word_at, minlength=count)).tolist()
    for row in parts(words, ends):
        yield tuple(row) if max(map(len, row), default=0) <= _LONGEST else tuple(map(encode, row))


def _unit_row(unit: Numbers, spelt: Numbers, texts: Sequence[str]) -> Row:
    lengths = np.ones(len(unit), np.int64)
    lengths[spelt] = list(map(len, texts))
    row = Row(lengths, spelt, texts)
    is_han = unit < FIRST_TOKEN
    row.write(is_han, 0, unit[is_han])
    row.finish()
    return row


def _pair_rows(batch: BatchRows, counts: Numbers, tokens: Sequence[str]) -> list[str]:
    """The pairs of each text; those of rows with citations left out come behind, and are left."""
    size = int(counts.sum())
    first, second = batch.pair_first[:size], batch.pair_second[:size]
    is_han = (first < FIRST_TOKEN) & (second < FIRST_TOKEN)
    parted = is_han & batch.pair_loose[:size]
    others = np.flatnonzero(~is_han)
    neighbours = zip(first[others].tolist(), second[others].tolist(), strict=True)
    texts = [encode_pair(_text(one, tokens), _text(other, tokens)) for one, other in neighbours]
    lengths = 2 + parted
    lengths[others] = list(map(len, texts))
    row = Row(lengths, others, texts)
    row.write(is_han, 0, first[is_han])
    row.write(is_han, 1, second[is_han])
    row.write(parted, 1, ord(_PARTED[ord(LOOSE)]))
    row.write(parted, 2, second[parted])
    row.finish()
    ends = np.cumsum(counts)
    return row.slices(ends - counts, ends)


def _text(number: int, tokens: Sequence[str]) -> str:
    return chr(number) if number < FIRST_TOKEN else tokens[number - FIRST_TOKEN]


def _gaps(batch: BatchRows, units: Row, ends: Numbers, counts: Numbers) -> Iterator[list[str]]:
    """For each text what stands between its units, as gap_runs says it."""
    is_token = batch.unit >= FIRST_TOKEN
    apart = batch.begins[1:] > batch.ends[:-1]
    same = batch.unit_at[1:] == batch.unit_at[:-1]
    places = np.flatnonzero(same & (apart | is_token[1:] | is_token[:-1]))
    between = zip(
        units.slices(places, places + 1),
        batch.ends[places].tolist(),
        batch.begins[places + 1].tolist(),
        units.slices(places + 1, places + 2),
        strict=True,
    )
    folded = batch.folded
    runs = [
        f"{one} {spell_out(folded[begin:end]) or _CLOSE} {other}"
        for one, begin, end, other in between
    ]
    of_texts = parts(runs, np.searchsorted(places, ends).tolist())
    bases = [*batch.bases.tolist(), len(folded) + 1]
    firsts, lasts = (ends - counts).tolist(), (ends - 1).tolist()
    for at, (own, first, last) in enumerate(zip(of_texts, firsts, lasts, strict=True)):
        base, after = bases[at], bases[at + 1] - 1
        if first > last:
            yield [spell_out(folded[base:after])] if base < after else []
            continue
        own = list(own)
        if base < (begin := int(batch.begins[first])):
            (unit,) = units.slices(np.array([first]), np.array([first + 1]))
            own.insert(0, f"{spell_out(folded[base:begin])} {unit}")
        if (end := int(batch.ends[last])) < after:
            (unit,) = units.slices(np.array([last]), np.array([last + 1]))
            own.append(f"{unit} {spell_out(folded[end:after])}")
        yield own


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


def count_words(streams: Sequence[str], words: Sequence[str]) -> tuple[Numbers, Numbers]:
    """How often each stream has each of some words, a row a stream; and the streams' lengths."""
    lengths = np.array([stream.count(" ") + 1 if stream else 0 for stream in streams], np.int64)
    # A space before each word and one behind it.
    codes = to_codes(f" {'  '.join(streams)} ")
    ends = np.cumsum([len(stream) + 2 for stream in streams])
    counts = np.zeros((len(streams), len(words)), np.int64)
    begins = np.flatnonzero(codes[:-1] == ord(" ")) + 1
    firsts = codes[begins]
    for column, word in enumerate(words):
        first, *others = to_codes(f"{word} ").tolist()
        places = begins[firsts == first]
        # No place is so near the end that the space there would not part it from the word.
        for at, code in enumerate(others, 1):
            places = places[codes[places + at] == code]
        held = np.searchsorted(ends, places, "right")
        counts[:, column] = np.bincount(held, minlength=len(streams))
    return counts, lengths
