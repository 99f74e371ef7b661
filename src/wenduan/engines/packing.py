"""Terms and facts -> the arrays of a segment: postings sorted, strings and texts packed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .facets import FacetBuilder

Array = NDArray[Any]

# A term's count in one paragraph is kept up to here.
MAX_COUNT = 255
# In place of a paragraph's number where there is none.
NO_NUMBER = -1
# A unit that one in so many paragraphs hold, or more, has bits.
COMMON = 8


@dataclass(frozen=True, slots=True)
class Field:
    """Postings of one field, sorted by term, then paragraph.

    `starts` has one element more than there are terms: those of term t lie in `numbers` from
    starts[t] to starts[t + 1].
    """

    starts: Array
    numbers: Array
    counts: Array


def pair_keys(first: Array, second: Array, loose: Array, units: int) -> NDArray[np.uint64]:
    """Keys of pairs: the ranks of both of `units` units and the mark of a gap, in one number."""
    keys = first.astype(np.uint64)
    # Each column is as large as all texts, so it goes as soon as it may.
    del first
    keys *= np.uint64(units)
    keys += second
    keys <<= np.uint64(1)
    keys |= loose
    return keys


def group(
    keys: NDArray[np.uint64], at: Array, counts: Array | None = None, *, counted: bool = False
) -> tuple[NDArray[np.uint64], Field]:
    """Sort occurrences of terms, or finished postings with their counts, into postings.

    Also gives the distinct terms, ascending. All that tells two postings apart goes into one
    number, so that a single sort of numbers does it. There are millions of occurrences, so this
    happens in `keys` itself; and they are `counted` only where that is asked for. Raises
    OverflowError where one number takes more than 64 bits: with 65,536 paragraphs in a segment,
    not before 16 million different units.
    """
    shift, low = _bits(at), 0 if counts is None else 8
    if _bits(keys) + shift + low > 64:
        raise OverflowError("too many different terms for one segment")
    keys <<= np.uint64(shift)
    keys |= at
    del at
    held = np.zeros(0, np.uint8)
    if counts is None:
        keys.sort()
        differs = _differs(keys)
        if counted:
            held = np.minimum(np.diff(np.flatnonzero(differs), append=len(keys)), MAX_COUNT)
        keys = keys[differs]
    else:
        keys <<= np.uint64(low)
        keys |= counts
        keys.sort()
        held = keys & np.uint64(0xFF)
        keys >>= np.uint64(low)
    numbers = np.bitwise_and(keys, np.uint64((1 << shift) - 1)).astype(np.uint32)
    keys >>= np.uint64(shift)
    starts = np.append(np.flatnonzero(_differs(keys)), len(keys))
    return keys[starts[:-1]], Field(starts, numbers, held.astype(np.uint8))


def _bits(numbers: Array) -> int:
    return int(numbers.max(initial=0)).bit_length()


def _differs(keys: Array) -> NDArray[np.bool_]:
    """Of each of some sorted keys, whether it is another one than the key before it."""
    differs = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=differs[1:])
    return differs


def pack_pairs(keys: NDArray[np.uint64], units: int) -> dict[str, Array]:
    """Arrays of sorted pairs: where those of each first unit begin, and the second ones."""
    firsts = np.arange(units + 1, dtype=np.uint64) * np.uint64(2 * units)
    return {
        "pairs.firsts": np.searchsorted(keys, firsts).astype("<u4"),
        "pairs.seconds": (keys % np.uint64(max(2 * units, 1))).astype("<u4"),
    }


def pack_units(units: Array, at: Array, distinct: int, docs: int) -> dict[str, Array]:
    """Arrays of units: how many paragraphs hold each, those it is the last unit of, bits.

    They need no other postings of their own: all other units are the first of a pair, and the
    postings of the pairs with one first unit lie side by side. Those of a common unit are many,
    so it has a bit for each paragraph besides.
    """
    field = group(units.astype(np.uint64), at)[1]
    holding = np.diff(field.starts)
    common = np.flatnonzero(holding * COMMON >= docs)
    bits = [_pack_bits(field.numbers[slice(*field.starts[u : u + 2])], docs) for u in common]
    last = np.full(docs, distinct, np.int64)
    # Of several values for one paragraph, the last one stays.
    last[at] = units
    by_unit = np.argsort(last, kind="stable")
    ends = np.searchsorted(last[by_unit], np.arange(distinct + 1))
    return {
        "units.holding": holding.astype("<u4"),
        "units.ends.starts": ends.astype("<u4"),
        "units.ends": narrow(by_unit[: ends[-1]]),
        "units.common": common.astype("<u4"),
        "units.bits": np.concatenate([np.zeros(0, np.uint8), *bits]),
    }


def _pack_bits(numbers: Array, docs: int) -> Array:
    held = np.zeros(docs, bool)
    held[numbers] = True
    return np.packbits(held, bitorder="little")


def pack_symbols(codes: NDArray[np.uint64]) -> dict[str, Array]:
    """The array of sorted symbols, by their code points."""
    return {"symbols.codes": codes.astype("<u4")}


def pack_texts(texts: Sequence[str]) -> dict[str, Array]:
    """Arrays of texts, in UTF-16 or UTF-8, whichever is shorter: Han characters take two bytes."""
    for name, encoding in (("texts16", "utf-16-le"), ("texts", "utf-8")):
        packed = pack_blobs(name, [text.encode(encoding, "surrogatepass") for text in texts])
        if encoding == "utf-8" or len(packed[name]) < sum(_utf8_size(text) for text in texts):
            break
    return packed


def _utf8_size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def pack_field(name: str, field: Field, docs: int, *, counted: bool = False) -> dict[str, Array]:
    """Arrays of a field's postings; paragraph numbers take two bytes where that is enough.

    Counts are kept of those postings only whose count is above 1: nine in ten have none.
    """
    width = "<u2" if docs <= 0x10000 else "<u4"
    arrays = {
        f"{name}.starts": _wide(field.starts),
        f"{name}.numbers": field.numbers.astype(width),
    }
    if not counted:
        return arrays
    many = np.flatnonzero(field.counts > 1)
    # Where a term's postings begin among those with a count.
    starts = np.searchsorted(many, field.starts)
    within = many - field.starts[np.searchsorted(field.starts, many, "right") - 1]
    return arrays | {
        f"{name}.many.starts": _wide(starts),
        f"{name}.many": within.astype(width),
        f"{name}.many.counts": field.counts[many],
    }


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, Array]:
    """Arrays of sorted strings: the first eight bytes of each as a number, and the rest."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
    heads = np.array([text[:8] for text in encoded], dtype="S8")
    keys = np.ascontiguousarray(heads).view(">u8").astype("<u8")
    tails = pack_blobs(f"{name}.tails", [text[8:] for text in encoded])
    return {f"{name}.keys": keys} | tails


def pack_blobs(name: str, blobs: Sequence[bytes]) -> dict[str, Array]:
    """Arrays of byte strings, one behind the other, and of where each begins."""
    starts = np.zeros(len(blobs) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, blobs), np.int64, len(blobs)), out=starts[1:])
    data = np.frombuffer(b"".join(blobs), np.uint8)
    return {f"{name}.starts": _wide(starts), name: data}


def narrow(numbers: Array) -> Array:
    """The same numbers in two bytes each if they fit, else in four."""
    return numbers.astype("<u2" if not len(numbers) or numbers.max() < 0x10000 else "<u4")


def _wide(starts: Array) -> Array:
    return starts.astype("<u4" if starts[-1] < 2**32 else "<u8")


def pack_facets(facets: FacetBuilder) -> dict[str, Array]:
    """Arrays of the texts by which pages and posts are filtered."""
    arrays: dict[str, Array] = {}
    for name, values, starts, of in facets.build():
        arrays |= pack_blobs(name, values)
        arrays |= {f"{name}.of.starts": starts, f"{name}.of": of}
    return arrays


def encode(value: Any) -> bytes:
    """A JSON value as compact UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
