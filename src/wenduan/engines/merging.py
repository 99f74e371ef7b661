"""Several segments -> the arrays of one, without what is deleted; and which ones to merge."""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import PAGE_COLUMNS, POST_COLUMNS
from .facets import FacetBuilder
from .live import LiveSegment
from .packing import (
    NO_NUMBER,
    encode,
    group,
    narrow,
    pack_blobs,
    pack_facets,
    pack_field,
    pack_pairs,
    pack_strings,
    pack_symbols,
    pack_texts,
    pack_units,
    pair_keys,
)
from .part import MAX_SIZE
from .segment import Segment
from .snapshot import Moved
from .toc import SegmentEntry

# Merging up to this many paragraphs takes a few hundredths of a second, less than a command does
# to start; and each segment, however small, makes each search slower.
_TINY = 1_024
# Merging up to this many takes a few tenths of a second.
_SMALL = 4_096
# Segments less than half full that may stand side by side; each makes a search a little slower.
_MAX_UNFILLED = 12
# A segment of which more than this part is deleted is written anew.
_MAX_DELETED = 0.25

Array = NDArray[Any]
_Row = tuple[Array, Array, Array]


def plan(
    entries: Sequence[SegmentEntry],
    weights: Mapping[str, int] | None = None,
    *,
    everything: bool,
    written: int = 0,
) -> list[set[str]]:
    """Names of the segments to make one of, group by group; `everything` leaves as few as can be.

    Else a segment joins where those smaller than it hold half as many paragraphs together, much
    as carrying works in binary numbers; tiny ones always join. Small ones, measured by the
    paragraphs that the commit has `written`, join at once; larger ones wait until there are too
    many segments, so that a small update is quick nearly always. Those with much deleted are
    written anew in any case. A segment of long paragraphs counts as one of so many as its
    `weights` by name says: merging takes memory by the bytes.
    """
    heavy = weights or {}
    sizes = {row.name: max(row.live, heavy.get(row.name, 0)) for row in entries}
    if everything:
        groups = _fill(entries, sizes)
    else:
        wasteful = [row for row in entries if row.size - row.live > _MAX_DELETED * row.size]
        others = [row for row in entries if row not in wasteful]
        carried = _carry(others, sizes, min(max(_SMALL, 2 * written), MAX_SIZE))
        unfilled = sum(sizes[row.name] < MAX_SIZE // 2 for row in others) - len(carried)
        if unfilled > _MAX_UNFILLED:
            carried = _carry(others, sizes, MAX_SIZE)
        groups = [carried, *_fill(wasteful, sizes)]
    return [
        {row.name for row in group}
        for group in groups
        if len(group) > 1 or any(row.deleted for row in group)
    ]


def _carry(
    entries: Sequence[SegmentEntry], sizes: Mapping[str, int], limit: int
) -> list[SegmentEntry]:
    by_size = sorted(entries, key=lambda row: sizes[row.name])
    size = end = 0
    for at, row in enumerate(by_size):
        own = sizes[row.name]
        if size + own > limit:
            break
        if at and (own <= 2 * size or size + own <= _TINY):
            end = at + 1
        size += own
    return by_size[:end]


def _fill(entries: Sequence[SegmentEntry], sizes: Mapping[str, int]) -> list[list[SegmentEntry]]:
    groups: list[list[SegmentEntry]] = []
    for row in entries:
        taken = sum(sizes[other.name] for other in groups[-1]) if groups else 0
        if groups and taken + sizes[row.name] <= MAX_SIZE:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def merge(segments: Sequence[LiveSegment], moved: Moved, pages: Container[str]) -> dict[str, Array]:
    """Arrays of one segment with all live paragraphs, in their order.

    `moved` are the latest states of pages that were moved or touched, `pages` the ids of all
    pages that earlier commits left in the index.
    """
    keep = [live.all_live() for live in segments]
    maps = _renumber(segments, keep)
    size = sum(map(len, keep))
    plain = [live.segment for live in segments]
    arrays, unit_maps = _merge_units(plain, maps, size)
    arrays |= _merge_words(plain, maps, size)
    headings = [_mapped("paragraph_heading", *row) for row in zip(plain, maps, strict=True)]
    rows = zip(headings, keep, strict=True)
    arrays["paragraph_heading"] = np.concatenate([row[numbers] for row, numbers in rows])
    codes = [s.file["symbols.codes"].all().astype(np.uint64) for s in plain]
    symbols, packed = _merge_keys("symbols", codes, plain, maps, size)
    arrays |= pack_symbols(symbols) | packed
    units = len(arrays["units.keys"])
    pairs, packed = _merge_keys("pairs", _map_pairs(plain, unit_maps, units), plain, maps, size)
    arrays |= pack_pairs(pairs, units) | packed
    for name in ("unit_counts", "word_counts", "paragraph_number", "paragraph_line"):
        arrays[name] = narrow(_kept(name, plain, keep))
    arrays["paragraph_flags"] = _kept("paragraph_flags", plain, keep)
    return arrays | _merge_stored(segments, keep, maps, moved, pages)


def _renumber(segments: Sequence[LiveSegment], keep: Sequence[Array]) -> list[Array]:
    """For each segment the new number of each paragraph, -1 for those that are deleted."""
    maps, at = [], 0
    for live, numbers in zip(segments, keep, strict=True):
        new = np.full(live.size, -1, np.int32)
        new[numbers] = np.arange(at, at + len(numbers))
        maps.append(new)
        at += len(numbers)
    return maps


def _kept(name: str, segments: Sequence[Segment], keep: Sequence[Array]) -> Array:
    rows = zip(segments, keep, strict=True)
    return np.concatenate([segment.file[name].all()[numbers] for segment, numbers in rows])


def _mapped(name: str, segment: Segment, new: Array) -> Array:
    """The new numbers of the paragraphs that an array names, NO_NUMBER for those that are gone."""
    old = segment.file[name].all()
    # NO_NUMBER, as an index, is the last element.
    numbers: Array = np.append(new, NO_NUMBER)[old]
    return numbers.astype("<i4")


def _postings(field: str, segment: Segment, new: Array, counted: bool) -> _Row:
    """Term, new number and count of each posting that stays."""
    starts = segment.file[f"{field}.starts"].all().astype(np.int64)
    terms = np.repeat(np.arange(len(starts) - 1, dtype=np.uint32), np.diff(starts))
    numbers = new[segment.file[f"{field}.numbers"].all()]
    counts = segment.all_counts() if counted else np.ones(len(terms), np.uint8)
    stays = numbers >= 0
    return terms[stays], numbers[stays].astype(np.uint32), counts[stays]


def _join(rows: Sequence[_Row], term_maps: Sequence[Array]) -> _Row:
    terms = [term_map[row[0]] for term_map, row in zip(term_maps, rows, strict=True)]
    return (
        np.concatenate(terms),
        np.concatenate([row[1] for row in rows]),
        np.concatenate([row[2] for row in rows]),
    )


def _merge_words(segments: Sequence[Segment], maps: Sequence[Array], size: int) -> dict[str, Array]:
    rows = [_postings("words", s, new, True) for s, new in zip(segments, maps, strict=True)]
    names, term_maps = _merge_names("words", segments, [row[0] for row in rows])
    terms, numbers, counts = _join(rows, term_maps)
    _, field = group(terms.astype(np.uint64), numbers, counts)
    return pack_strings("words", names) | pack_field("words", field, size, counted=True)


def _merge_units(
    segments: Sequence[Segment], maps: Sequence[Array], size: int
) -> tuple[dict[str, Array], list[Array]]:
    """Merge the units; also gives the new number of each segment's units, -1 if gone."""
    units, numbers = [], []
    for segment, new in zip(segments, maps, strict=True):
        of_segment, at = segment.unit_rows()
        stays = new[at] >= 0
        units.append(of_segment[stays])
        numbers.append(new[at[stays]].astype(np.uint32))
    names, term_maps = _merge_names("units", segments, units)
    mapped = [term_map[row] for term_map, row in zip(term_maps, units, strict=True)]
    packed = pack_units(np.concatenate(mapped), np.concatenate(numbers), len(names), size)
    return pack_strings("units", names) | packed, term_maps


def _merge_names(
    field: str, segments: Sequence[Segment], used: Sequence[Array]
) -> tuple[list[str], list[Array]]:
    """The strings in use, sorted, and the new number of each segment's terms, -1 if gone."""
    kept = []
    for segment, terms in zip(segments, used, strict=True):
        names = segment.terms(field)
        kept.append([(at, names[at]) for at in np.unique(terms).tolist()])
    merged = sorted({name for row in kept for _, name in row})
    ranks = {name: rank for rank, name in enumerate(merged)}
    term_maps = []
    for segment, row in zip(segments, kept, strict=True):
        term_map = np.full(len(segment.file[f"{field}.keys"]), -1, np.int64)
        for at, name in row:
            term_map[at] = ranks[name]
        term_maps.append(term_map)
    return merged, term_maps


def _map_pairs(segments: Sequence[Segment], unit_maps: Sequence[Array], units: int) -> list[Array]:
    """Keys of the segments' pairs with the new numbers of their units."""
    mapped = []
    for segment, new in zip(segments, unit_maps, strict=True):
        first, second, loose = segment.pair_units().T
        mapped.append(pair_keys(new[first], new[second].astype(np.uint64), loose == 1, units))
    return mapped


def _merge_keys(
    field: str,
    keys: Sequence[Array],
    segments: Sequence[Segment],
    maps: Sequence[Array],
    size: int,
) -> tuple[NDArray[np.uint64], dict[str, Array]]:
    """Merge a field whose terms are numbers; gives the distinct ones that are left too."""
    rows = [_postings(field, s, new, False) for s, new in zip(segments, maps, strict=True)]
    terms, numbers, counts = _join(rows, keys)
    distinct, grouped = group(terms, numbers, counts)
    return distinct, pack_field(field, grouped, size)


def _merge_stored(
    segments: Sequence[LiveSegment],
    keep: Sequence[Array],
    maps: Sequence[Array],
    moved: Moved,
    pages: Container[str],
) -> dict[str, Array]:
    merged = _Pages(moved)
    blobs: dict[str, list[bytes]] = {"posts": [], "references": []}
    texts: list[str] = []
    rows: dict[str, list[Array]] = {
        name: [] for name in ("post_page", "paragraph_post", "reference_at", *POST_COLUMNS)
    }
    done = 0
    for live, numbers, new in zip(segments, keep, maps, strict=True):
        file, segment = live.segment.file, live.segment
        new_page = merged.add(live, numbers, done, _mapped("page_title", segment, new))
        posts, of_post = np.unique(file["paragraph_post"].all()[numbers], return_inverse=True)
        rows["paragraph_post"].append(of_post + len(blobs["posts"]))
        rows["post_page"].append(new_page[file["post_page"].all()[posts]])
        for name in POST_COLUMNS:
            rows[name].append(file[name].all()[posts])
        cited = file["reference_at"].all()
        stays = np.flatnonzero(np.isin(cited, numbers))
        rows["reference_at"].append(done + np.searchsorted(numbers, cited[stays]))
        for name, kept in (("posts", posts), ("references", stays)):
            all_blobs = segment.blobs(name)
            blobs[name] += [all_blobs[at] for at in kept.tolist()]
        all_texts = segment.texts()
        texts += [all_texts[at] for at in numbers.tolist()]
        done += len(numbers)
    for record in blobs["posts"]:
        merged.facets.add_post(json.loads(record))
    merged.add_moves(segments, pages, done)
    arrays = {
        name: np.concatenate(parts).astype("<i8" if name in POST_COLUMNS else "<u4")
        for name, parts in rows.items()
    }
    arrays["paragraph_post"] = narrow(arrays["paragraph_post"])
    for name, parts in blobs.items():
        arrays |= pack_blobs(name, parts)
    return arrays | pack_texts(texts) | merged.build()


class _Pages:
    """The page records of a merged segment."""

    def __init__(self, moved: Moved) -> None:
        self._moved = moved
        self._ids: set[str] = set()
        self._records: list[bytes] = []
        self._first: list[int] = []
        self._titles: list[int] = []
        self._generation: list[int] = []
        self._saved: list[int] = []
        self.facets = FacetBuilder()

    def add(self, live: LiveSegment, numbers: Array, done: int, titles: Array) -> Array:
        """Add a segment's live pages; gives the new number of each page, -1 if it is gone.

        `titles` are the new numbers of the pages' titles.
        """
        segment = live.segment
        begins, _ = segment.page_ranges()
        new = np.full(len(begins), -1, np.int64)
        generations = segment.file["page_generation"].all()
        # Deleted paragraphs before a page do not count any more.
        firsts = done + np.searchsorted(numbers, begins)
        for at in live.live_pages().tolist():
            new[at] = len(self._records)
            self._add(segment, at, int(generations[at]), int(firsts[at]))
            self._titles[-1] = int(titles[at])
        return new

    def _add(self, segment: Segment, at: int, generation: int, first: int) -> None:
        file, record = segment.page(at), segment.blob("pages", at)
        if file.page in self._moved:
            generation, file = self._moved[file.page]
            record = encode(asdict(file))
        self._ids.add(file.page)
        self._records.append(record)
        self.facets.add_page(file)
        self._saved.append(PAGE_COLUMNS["saved"](file.facts))
        self._first.append(first)
        self._titles.append(NO_NUMBER)
        self._generation.append(generation)

    def add_moves(self, segments: Sequence[LiveSegment], pages: Container[str], size: int) -> None:
        """Add the states, noted in these segments, of pages that stand in others."""
        for live in segments:
            begins, ends = live.segment.page_ranges()
            for at in np.flatnonzero(begins == ends).tolist():
                page = live.segment.page(at).page
                if page not in self._ids and page in pages:
                    generation = live.segment.file["page_generation"][at]
                    self._add(live.segment, at, generation, size)

    def build(self) -> dict[str, Array]:
        """Give the arrays."""
        return {
            "page_first": np.array(self._first, "<u4"),
            "page_title": np.array(self._titles, "<i4"),
            "page_generation": np.array(self._generation, "<u4"),
            "saved": np.array(self._saved, "<i8"),
            **pack_blobs("pages", self._records),
            **pack_facets(self.facets),
        }
