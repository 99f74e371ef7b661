"""The bytes of a file -> its Documents: front matter read, blocks parsed, one for each page."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from ..errors import PageError
from ..walking import ARCHIVE_SUFFIXES
from .archive import PAGE_SUFFIXES, Archive, Member
from .decoding import HTML_SUFFIXES, decode
from .document import Document
from .facts import read_facts
from .front_matter import Split, split_front_matter
from .guarding import guarded
from .html import parse_html
from .markdown import parse_blocks
from .ranges import MOST_PAGES, BeyondError, check_blocks
from .several import split_pages

_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html[\s>])", re.IGNORECASE | re.DOTALL)
# Stands among the values of a page of Omnivore's export, which bears no mark of its own.
OMNIVORE_EXPORT = "omnivore export"
# Characters of a head beyond which it is of many pages, and not looked through for each.
_LONG_HEAD = 32 * 1024
_METADATA = re.compile(r"(?:^|/)metadata[\w-]*\.json$")


def unpack(path: str, data: bytes) -> list[Document]:
    """Give the documents of a file's bytes. Raises PageError for what is no readable text."""
    text, warnings = decode(path, data)
    if PurePath(path).suffix.lower() in HTML_SUFFIXES or _HTML.match(text[:2000]):
        documents = [_html_document(path, text)]
    else:
        parts = split_pages(split_front_matter(text))
        if len(parts) > MOST_PAGES:
            raise BeyondError(f"more than {MOST_PAGES:,} pages; split it")
        documents, blocks = [], 0
        for part in parts:
            documents.append(_markdown_document(path, part, part.values or {}))
            blocks += len(documents[-1].blocks)
            check_blocks(blocks)
    first, *others = documents
    return [replace(first, warnings=(*warnings, *first.warnings)), *others]


def _html_document(path: str, text: str) -> Document:
    page = parse_html(text)
    values = dict(page.facts)
    facts = read_facts(values)
    if facts.title is not None:
        facts = replace(facts, title_line=values.get("title_line", 1))
        # The head's title has the site's name besides; the page's own heading has not.
        named = (row for row in page.blocks if row.level == 1 and row.flat in (facts.title or ""))
        if (heading := next(named, None)) and heading.flat:
            facts = replace(facts, title=heading.flat, title_line=heading.line)
    return Document(path, page.blocks, facts, values, html=True)


def _markdown_document(path: str, split: Split, values: Mapping[Any, Any]) -> Document:
    facts = read_facts(values)
    if facts.title is not None:
        facts = replace(facts, title_line=_title_line(split, facts.title))
    blocks = parse_blocks(split.body, split.first_line)
    return Document(path, blocks, facts, values, warnings=split.warnings)


def _title_line(split: Split, title: str) -> int:
    """Line of the file on which the front matter gives the title."""
    if len(split.head) > _LONG_HEAD:
        return split.head_line + _values_by_line(split.head).get(title, 1 - split.head_line)
    lines = split.head.lstrip("\n").split("\n")
    found = (
        at for at, line in enumerate(lines, split.head_line) if title in " ".join(line.split())
    )
    return next(found, 1)


@lru_cache(maxsize=1)
def _values_by_line(head: str) -> Mapping[str, int]:
    """Of the values of a head, each on a line behind its name, the first line (from 0)."""
    found: dict[str, int] = {}
    for at, line in enumerate(head.lstrip("\n").split("\n")):
        value = " ".join(line.partition(":")[2].split())
        found.setdefault(value.strip("\"'"), at)
    return found


def unpack_archive(archive: Archive) -> Iterator[Document | PageError]:
    """Give the documents of an archive, an error in the place of each that cannot be read."""
    members: list[Member] = []
    for found in archive.members():
        if isinstance(found, PageError):
            yield found
        else:
            members.append(found)
    known: dict[str, Mapping[str, Any]] = {}
    for member in members:
        if not archive.is_spent and (_METADATA.search(member.name) or _is_info(member)):
            known |= _read_metadata(archive, member)
    if archive.is_spent:
        yield archive.spent()
    for member in members:
        if archive.is_spent:
            # That it is has been said once.
            return
        if member.suffix in PAGE_SUFFIXES:
            yield from _unpack_member(archive, member, known)
        elif member.suffix in ARCHIVE_SUFFIXES:
            where = f"{archive.path}/{member.name}"
            yield PageError(where, "an archive within an archive, left out; unpack it")


def _unpack_member(
    archive: Archive, member: Member, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Document | PageError]:
    where = f"{archive.path}/{member.name}"
    values = _values_for(member, known)
    documents = guarded(where, lambda: _documents_of(where, archive.read(member), values))
    if not isinstance(documents, PageError):
        yield from documents
    elif documents.reason != "empty":
        # An export has a file of highlights for each page, most of them without any.
        yield documents


def _documents_of(path: str, data: bytes, values: Mapping[str, Any]) -> list[Document]:
    """The documents of a member, of which the archive's metadata say `values`."""
    documents = []
    stated = read_facts(values)
    for document in unpack(path, data):
        facts = stated.over(document.facts)
        if facts.title is not None and facts.title_line is None:
            # The title stands in the archive beside the page; it is the page's all the same.
            facts = replace(facts, title_line=1)
        documents.append(replace(document, facts=facts, values={**document.values, **values}))
    return documents


def _values_for(member: Member, known: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the archive's metadata say of a page: under its name, else under its folder's."""
    folder = str(PurePath(member.name).parent)
    return known.get(_slug(member)) or known.get(f"{folder}/") or {}


def _slug(member: Member) -> str:
    parts = PurePath(member.name)
    return parts.stem if parts.parent.name in {"content", "highlights"} else ""


def _is_info(member: Member) -> bool:
    return PurePath(member.name).name == "info.json"


def _read_metadata(archive: Archive, member: Member) -> dict[str, Mapping[str, Any]]:
    """Values by slug of Omnivore's metadata files, or by folder of an exporter's info.json."""
    try:
        found = json.loads(archive.read(member))
    except (PageError, ValueError, RecursionError, MemoryError):
        return {}
    if _METADATA.search(member.name) and isinstance(found, list):
        rows = [row for row in found if isinstance(row, dict) and isinstance(row.get("slug"), str)]
        return {row["slug"]: {**row, OMNIVORE_EXPORT: True} for row in rows}
    if _is_info(member) and isinstance(found, dict):
        return {f"{PurePath(member.name).parent}/": _flat(found)}
    return {}


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """An object whose inner objects are named by their `name` or `title`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat[name] = value.get("name") or value.get("title")
            if isinstance(value.get("url"), str):
                flat[f"{name}_url"] = value["url"]
        else:
            flat[name] = value
    return flat
