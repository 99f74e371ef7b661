"""The query tree: what must stand in a paragraph, free of any engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..analysis import is_han


@dataclass(frozen=True)
class Phrase:
    """Units next to each other; `loose` lets punctuation stand between, as in a quotation.

    `quoted` is the folded text of the quotation as it was written, None for a plain word.
    """

    units: tuple[str, ...]
    loose: bool = False
    quoted: str | None = None

    @cached_property
    def run(self) -> str | None:
        """The phrase as it stands in a text without gaps, where all units are Han characters."""
        return "".join(self.units) if all(map(is_han, self.units)) else None


@dataclass(frozen=True, slots=True)
class Literal:
    """A piece of text without any unit (punctuation, emoji), taken as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Between:
    """A number of the post lies between two others, both included; None leaves a side open.

    `column` is `votes`, `comments`, `published` (a day, as 20230102) or `kind` (1 answer,
    2 question, 3 article, 0 other). A post that does not tell its number never matches.
    """

    column: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """All of the nodes must match."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the nodes must match: the words of a question."""

    nodes: tuple["Node", ...]


Node = Phrase | Literal | Between | Every | Some


# Compared by identity: it is the key of what is worked out once for all of its hits.
@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A parsed query: what must match, and the distinct terms that rank the matches.

    `pairs` are two Han characters side by side.
    """

    text: str
    tree: Node
    words: tuple[str, ...]
    units: tuple[str, ...]
    pairs: tuple[str, ...]

    def narrowed(self, filters: Sequence[Between]) -> "Query":
        """The same query, of which only the matches that pass all filters are left."""
        return replace(self, tree=Every((self.tree, *filters))) if filters else self


def iter_leaves(node: Node) -> Iterator[Phrase | Literal]:
    """Give the phrases and literals of a tree, from left to right."""
    if isinstance(node, Every | Some):
        for child in node.nodes:
            yield from iter_leaves(child)
    elif not isinstance(node, Between):
        yield node
