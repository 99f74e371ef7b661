"""Blocks -> numbered Paragraphs of a post, each with the references it cites."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from .addresses import entity_source, target_of
from .blocks import Block, tidy
from .cutting import MOST_CHARS, cut
from .lines import count_seen
from .model import Paragraph
from .reference import Reference

_CITATION = re.compile(r"\[?\^?(\d{1,4})\]?")
_CITED = re.compile(r"\[(\d{1,3})\]")
_MARK = re.compile(r"\[\^?([^\[\]\n]{1,100})\]")
# So many citations are looked for in vain in a text that is cut.
_MOST_MISSED = 20
# Of no width, and none of a word: the site puts them before its buttons, savers between lines.
_INVISIBLE = "\u200b\u2060\ufeff\u00ad"
# Bounds on what is taken for a list of references, and for an entry of it.
_LONGEST_LIST = 20_000
_MOST_LINKS = 50
_FEW_LINKS = 200
_REFERENCES = re.compile(r"(?:参考|引用)(?:资料|文献|链接|来源)?\s*[:：]?|References?|脚注|注释")
_LABEL = re.compile(r"\\?\[(\d{1,3})\\?\][.:：]?\s*|(\d{1,3})[.、]\s+(?=\^)")
# A line below an image is its caption, unless it says something of its own.
_CAPTION_LENGTH = 40
_SENTENCE_END = re.compile(r"[。！？：；，,.!?:;…—~～”)）]$|^[（(]?\d{1,2}[.、）)]")


def number_paragraphs(
    blocks: Iterable[Block], references: Sequence[Reference] = ()
) -> tuple[Paragraph, ...]:
    """Make paragraphs of the blocks that have text; each cites those of `references` it names.

    A block that is longer than a paragraph may be becomes several of its kind.
    """
    found: list[Paragraph] = []
    by_label = {reference.label: reference for reference in references}
    image_above = False
    for block in blocks:
        text = block.text
        for char in _INVISIBLE:
            if char in text:
                text = text.replace(char, "")
        if not text.strip() or block.kind == "rule":
            image_above = bool(block.images) and block.kind != "rule"
            continue
        kind = "caption" if _is_caption(block, text, image_above) else block.kind
        if len(text) > MOST_CHARS:
            found += _cut_block(block, text, kind, by_label, len(found) + 1)
        else:
            labels = dict.fromkeys(cited_labels(block)) if by_label else {}
            cited = tuple(by_label[label] for label in labels if label in by_label)
            found.append(Paragraph(len(found) + 1, block.line, kind, text, cited))
        image_above = bool(block.images) and not block.below_image
    return tuple(found)


def _cut_block(
    block: Block, text: str, kind: str, by_label: Mapping[str, Reference], number: int
) -> Iterator[Paragraph]:
    """The paragraphs of a long block, numbered from `number` on."""
    pieces = cut(text)
    cited: list[dict[Reference, None]] = [{} for _ in pieces]
    begins = [begin for begin, _ in pieces]
    for at, label in _place_labels(block, text) if by_label else ():
        if label in by_label:
            cited[bisect_right(begins, at) - 1][by_label[label]] = None
    line, seen = block.line, 0
    for (begin, end), of_piece in zip(pieces, cited, strict=True):
        piece = tidy(text[begin:end], kind)
        if piece:
            lead = text.index(piece[0], begin) - begin
            if block.lines is not None:
                line = block.lines.behind(seen, block.line)
            else:
                line = block.line + text.count("\n", 0, begin + lead)
            yield Paragraph(number, line, kind, piece, tuple(of_piece))
            number += 1
        seen += count_seen(text[begin:end])


def _place_labels(block: Block, text: str) -> Iterator[tuple[int, str]]:
    """The labels that a block cites, each with every place where it does, 0 where none is seen."""
    if block.kind != "code":
        yield from ((match.start(), match[1]) for match in _CITED.finditer(text))
    marks: dict[str, list[int]] = {}
    for match in _MARK.finditer(text):
        marks.setdefault(match[1], []).append(match.start())
    for label in dict.fromkeys(block.notes):
        yield from ((at, label) for at in marks.get(label, (0,)))
    at = missed = 0
    for link in block.links:
        cited = _CITATION.fullmatch(link.text.strip())
        if cited and link.url.startswith("#"):
            place = text.find(link.text, at) if missed < _MOST_MISSED else -1
            missed += place < 0
            at = max(place, at)
            yield at, cited[1]


def _is_caption(block: Block, text: str, image_above: bool) -> bool:
    if block.kind != "text" or not (image_above or block.below_image):
        return False
    return len(text) <= _CAPTION_LENGTH and not (
        "\n" in text or block.notes or block.links or _SENTENCE_END.search(text)
    )


def cited_labels(block: Block) -> list[str]:
    """Labels of the references that a block cites, in the order of the text."""
    labels = list(block.notes)
    for link in block.links:
        match = _CITATION.fullmatch(link.text.strip())
        if match and link.url.startswith("#"):
            labels.append(match[1])
    if block.kind != "code":
        labels += _CITED.findall(block.text)
    return labels


def read_reference(label: str, block: Block) -> Reference:
    """Read one entry of a reference list: its first outward link, and the text beside it."""
    outward = [link for link in block.links if not link.url.startswith("#")]
    url = target_of(outward[0].url) if outward else None
    title = _LABEL.sub("", block.flat, count=1) if block.item is None else block.flat
    for link in block.links[:_MOST_LINKS]:
        if link.url.startswith("#") or link.text == link.url:
            title = title.replace(link.text, "", 1)
    bare = re.search(r"https?://[^\s<>]+", block.text)
    title = re.sub(r"https?://\S+", "", title)
    if url is None and bare:
        url = target_of(bare[0])
    title = re.sub(r"^\s*\^\s*(?:(?:[a-z]\s*)+(?=[^\x00-\x7f]|[A-Z]))?", "", title)
    title = " ".join(title.split()).strip(" ^:：")
    return Reference(label, title or None, url)


def take_notes(blocks: Sequence[Block]) -> tuple[tuple[Reference, ...], list[Block]]:
    """Part footnote definitions from the text; all blocks of a note make one reference."""
    notes: dict[str, list[Block]] = {}
    for block in blocks:
        if block.note is not None:
            notes.setdefault(block.note, []).append(block)
    references = [read_reference(label, _join(rows)) for label, rows in notes.items()]
    known = {reference.label for reference in references}
    for block in blocks:
        for reference in block.cited:
            if reference.label not in known:
                known.add(reference.label)
                url = target_of(reference.url) if reference.url else None
                references.append(replace(reference, url=url))
    return tuple(references), [block for block in blocks if block.note is None]


def take_reference_list(
    blocks: Sequence[Block],
) -> tuple[tuple[Reference, ...], list[Block], list[Block]]:
    """Part the list below a heading such as 参考 from the text, where the text cites its entries.

    Gives the references, the blocks that are left, and the heading.
    """
    heads = [at for at, row in enumerate(blocks) if _heads_references(row)]
    # The list stands at the end; a heading of this name further up is another's.
    for at in reversed(heads[-2:]):
        found, rest = _read_list(blocks[at + 1 :])
        if found and (_is_marked(blocks[at + 1]) or _cites(blocks[:at], found)):
            return found, [*blocks[:at], *rest], [blocks[at]]
    return (), list(blocks), []


def _heads_references(block: Block) -> bool:
    return len(block.text) < 20 and bool(_REFERENCES.fullmatch(block.flat))


def _read_list(blocks: Sequence[Block]) -> tuple[tuple[Reference, ...], list[Block]]:
    found: list[Reference] = []
    for at, block in enumerate(blocks):
        entries = [(str(block.item), block)] if block.item is not None else _labelled(block)
        if not entries:
            return tuple(found), list(blocks[at:])
        found += [read_reference(label, entry) for label, entry in entries]
    return tuple(found), []


def _labelled(block: Block) -> list[tuple[str, Block]]:
    """The entries of a block each of whose lines begins with a label such as [1]."""
    entries: list[tuple[str, Block]] = []
    if len(block.text) > _LONGEST_LIST:
        return entries
    at = 0
    for line in block.text.split("\n"):
        match = _LABEL.match(line)
        if match is None:
            return []
        # Links stand in the order of the lines, so of many only the next ones need be tried.
        near = block.links[at : at + _MOST_LINKS] if len(block.links) > _FEW_LINKS else block.links
        links = [link for link in near if link.text in line or link.url in line]
        at += len(links)
        label = match[1] or match[2]
        entries.append((label, replace(block, text=line[match.end() :], links=links)))
    return entries


def _is_marked(block: Block) -> bool:
    """Tell whether an entry begins with the mark that leads back to the text."""
    return block.text.lstrip()[:1] == "^"


def _cites(blocks: Sequence[Block], references: Sequence[Reference]) -> bool:
    cited = {label for block in blocks for label in cited_labels(block)}
    return any(reference.label in cited for reference in references)


def _join(blocks: Sequence[Block]) -> Block:
    text = "\n".join(block.text for block in blocks)
    return replace(blocks[0], text=text, links=[link for block in blocks for link in block.links])


def source_ids(blocks: Sequence[Block]) -> list[str]:
    """Ids of answers that the entity links in a text say it stands in."""
    found = (entity_source(link.url) for block in blocks for link in block.links)
    return [source for source in found if source]
