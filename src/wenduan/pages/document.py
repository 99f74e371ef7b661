"""The records between the readers: Document, Saved, Part and Reading; and what a reader is.

A saver's reader makes Saved of a Document: it takes off what the saver put around the page and
reads what it says. A site's reader makes a Reading of Saved: posts, and what is page chrome.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from .blocks import Block
from .facts import Facts
from .model import Post, Question


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a file before anybody has read it.

    `path` names the file, and the member where the file is an archive. `values` are the front
    matter as it stands, or what the head of an HTML page states; `facts` what it says in our
    terms.
    """

    path: str
    blocks: Sequence[Block]
    facts: Facts = field(default_factory=Facts)
    values: Mapping[Any, Any] = field(default_factory=dict)
    html: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name as a title; some savers write & for every space."""
        stem = PurePath(self.path).stem
        return stem.replace("&", " ") if stem.count("&") > 1 and " " not in stem else stem


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one answer, where the saver tells answers apart, and what it says of it."""

    facts: Facts
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Saved:
    """A page without what its saver put around it.

    `blocks` are the page, `parts` further answers below them (all of them, where `blocks` are
    `head_only`: what stands above the answers), `notes` what the user wrote about
    the page, `dropped` what is not indexed: the saver's lines, highlights that repeat the page.
    """

    saver: str | None
    facts: Facts
    blocks: Sequence[Block]
    parts: Sequence[Part] = ()
    notes: Sequence[Block] = ()
    dropped: Sequence[Block] = ()
    head_only: bool = False

    def whole(self) -> "Saved":
        """The page with its parts as blocks below the others."""
        rows = [row for part in self.parts for row in part.blocks]
        return replace(self, blocks=[*self.blocks, *rows], parts=(), head_only=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a site's reader makes of a page."""

    kind: str
    title: str
    posts: Sequence[Post]
    site: str | None = None
    question: Question | None = None
    dropped: Sequence[Block] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saver:
    """A reader for the pages of one saver; of those that recognise a page, the lowest rank reads.

    `name` is what the page's `saver` says, None for what no tool has marked. Ranks: 10 for what
    only this saver writes, 50 for what others might write too, 90 for what reads any page.
    """

    name: str | None
    rank: int
    recognise: Callable[[Document], bool]
    read: Callable[[Document], Saved]


@dataclass(frozen=True, slots=True)
class Site:
    """A reader for the pages of one site; ranks as those of Saver.

    `reads_parts` tells that it knows what `Saved.parts` are; any other is given one page, with
    the parts as blocks of it, so that no pair of saver and site loses text.
    """

    name: str | None
    rank: int
    recognise: Callable[[Saved], bool]
    read: Callable[[Saved], Reading]
    reads_parts: bool = False
