"""The records between a file and its paragraphs: Block, one leaf of a page, and Link."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .lines import Lines
from .reference import Reference

# Stands for an image while the text of a block is gathered.
IMAGE = "\ufffc"
# CommonMark sees no emphasis in `**很重要。**因为`: the closing mark stands between punctuation
# and a letter. People who write Chinese mean one.
_LEFT_EMPHASIS = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
# A highlight, as Obsidian marks it; `a==b` in a text about programs is none.
_HIGHLIGHT = re.compile(r"(?<![A-Za-z0-9_)\]])==([^\s=](?:[^=\n]*[^\s=])?)==(?![A-Za-z0-9_(])")
# An image that Obsidian keeps in the vault.
_EMBEDDED = re.compile(r"!\[\[([^\[\]\n]{1,300})\]\]")
_SPACE = " \t\u3000\u00a0\u200b\ufeff"
_FORMULA = re.compile(r"\$\$([^$]+)\$\$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a block: `text` is what is seen (perhaps empty)."""

    text: str
    url: str


@dataclass(slots=True, eq=False)
class Block:
    """One leaf of a page; `line` is the line of the file (from 1) on which its text begins.

    `kind` is text, heading, list, quote, code, table, formula, caption, rule or fact. A fact has
    no text: `facts` are what the page's markup states at this place. `note` is the label of the
    footnote the block defines; `item` counts an ordered list's items from its start. `notes` are
    the labels it cites, `cited` the references whose whole entry stands at the citation. `alts`
    are the texts of its images that are not seen. `region` is "main" or "aside" where the markup
    says so, `role` the id of the element that the block stands in. `lines` are those of a text
    that is longer than a paragraph may be.
    """

    kind: str
    line: int
    text: str = ""
    level: int = 0
    item: int | None = None
    note: str | None = None
    links: list[Link] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cited: list[Reference] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    role: str = ""
    # The text begins behind an image, so that it may be what is written below it.
    below_image: bool = False
    # What stands behind the last image of the block.
    behind_image: str = ""
    lines: Lines | None = None
    # What `flat` has given, and for which text: every reader asks, few texts change.
    _flat: str = field(default="", init=False)
    _flat_of: str | None = field(default=None, init=False)

    @property
    def flat(self) -> str:
        """The visible text on one line, without invisible characters at its ends."""
        if self._flat_of is not self.text:
            self._flat = " ".join(self.text.replace("\u200b", " ").split())
            self._flat_of = self.text
        return self._flat

    def finish(self, text: str) -> None:
        """Take the text that was gathered, without marks that are no part of it."""
        if self.images:
            self.below_image = text.lstrip().startswith(IMAGE)
            self.behind_image = text.rpartition(IMAGE)[2].strip()
            text = text.replace(IMAGE, "")
        if self.kind != "code":
            if "![[" in text:
                text = _EMBEDDED.sub(self._take_embedded, text)
            text = _HIGHLIGHT.sub(r"\1", text) if "==" in text else text
            text = _LEFT_EMPHASIS.sub(_unwrap, text) if "**" in text else text
        self.text = tidy(text, self.kind)
        if self.text[:1] == "$":
            if formula := _FORMULA.fullmatch(self.text):
                self.kind, self.text = "formula", formula[1].strip()
            elif self.kind == "text":
                self._lone_formula()

    def _take_embedded(self, match: re.Match[str]) -> str:
        self.images.append(match[1])
        self.alts.append(match[1])
        return ""

    def _lone_formula(self) -> None:
        """A paragraph that is nothing but one formula is one."""
        inner = self.text[1:-1]
        if self.text[0] == self.text[-1] == "$" and "$" not in inner and inner.strip():
            self.kind, self.text = "formula", inner.strip()

    @property
    def says_something(self) -> bool:
        """Whether the block holds anything that a reader may want."""
        return bool(self.text or self.links or self.images or self.facts)


def _unwrap(match: re.Match[str]) -> str:
    return match[0] if match[1].isascii() else match[1]


def tidy(text: str, kind: str) -> str:
    """Trim a block's text: no blank lines, no white space at the ends of lines."""
    if kind == "code":
        return text.strip("\n")
    if "\n" not in text and kind != "table":
        return text.strip(_SPACE)
    lines = (line.strip(_SPACE) for line in text.split("\n"))
    if kind == "table":
        lines = (line.removesuffix("|").rstrip() for line in lines)
    return "\n".join(line for line in lines if line)


def without(blocks: Sequence[Block], taken: Iterable[Block]) -> list[Block]:
    """The blocks that are not among `taken`."""
    gone = {id(block) for block in taken}
    return [block for block in blocks if id(block) not in gone]
