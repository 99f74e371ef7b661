"""Blocks -> numbered Paragraphs of a post, each with the references it cites."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

from .blocks import Block
from .model import Paragraph
from .reference import Reference

_CITATION = re.compile(r"\[?\^?(\d{1,4})\]?")
_KINDS = {"html": "text"}


def number_paragraphs(
    blocks: Iterable[Block], references: Sequence[Reference], first_line: int
) -> tuple[Paragraph, ...]:
    """Make paragraphs of the blocks that have text; `first_line` is the line of block line 1."""
    found: list[Paragraph] = []
    by_label = {reference.label: reference for reference in references}
    for block in blocks:
        if not block.text or block.kind == "rule":
            continue
        labels = dict.fromkeys(cited_labels(block))
        cited = tuple(by_label[label] for label in labels if label in by_label)
        kind = _KINDS.get(block.kind, block.kind)
        line = block.line + first_line - 1
        found.append(Paragraph(len(found) + 1, line, kind, block.text, cited))
    return tuple(found)


def cited_labels(block: Block) -> list[str]:
    """Labels of the references that a block cites, in the order of the text."""
    labels = list(block.notes)
    for link in block.links:
        match = _CITATION.fullmatch(link.text.strip())
        if match and link.url.startswith("#"):
            labels.append(match[1])
    return labels


def read_reference(label: str, block: Block) -> Reference:
    """Read one entry of a reference list: its first outward link, and the text beside it."""
    outward = [link for link in block.links if not link.url.startswith("#")]
    url = target_of(outward[0].url) if outward else None
    title = block.flat
    for link in block.links:
        if link.url.startswith("#") or link.text == link.url:
            title = title.replace(link.text, "", 1)
    title = re.sub(r"https?://\S+", "", title) if url is None else title
    bare = re.search(r"https?://[^\s<>]+", block.text)
    if url is None and bare:
        url = target_of(bare[0])
    title = " ".join(title.split()).strip(" ^:：")
    return Reference(label, title or None, url)


def take_notes(blocks: Sequence[Block]) -> tuple[tuple[Reference, ...], list[Block]]:
    """Part footnote definitions from the text; all blocks of a note make one reference."""
    notes: dict[str, list[Block]] = {}
    for block in blocks:
        if block.note is not None:
            notes.setdefault(block.note, []).append(block)
    references = tuple(read_reference(label, _join(rows)) for label, rows in notes.items())
    return references, [block for block in blocks if block.note is None]


def _join(blocks: Sequence[Block]) -> Block:
    text = "\n".join(block.text for block in blocks)
    return replace(blocks[0], text=text, links=[link for block in blocks for link in block.links])


def target_of(url: str) -> str:
    """Where a link leads in the end: a redirecting address gives its target, with a scheme."""
    parts = urlsplit(_with_scheme(url))
    if parts.netloc == "link.zhihu.com":
        targets = parse_qs(parts.query).get("target")
        if targets:
            return unquote(targets[0])
    return _with_scheme(url)


def _with_scheme(url: str) -> str:
    return f"https:{url}" if url.startswith("//") else url
