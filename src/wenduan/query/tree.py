"""The query tree: what must stand in a paragraph, free of any engine."""

from collections.abc import Callable, Iterator, Sequence
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

    @property
    def is_loose_run(self) -> bool:
        """Whether it is three or more Han characters that gaps may part."""
        return self.loose and len(self.units) > 2 and self.run is not None


@dataclass(frozen=True, slots=True)
class Literal:
    """A piece of text without any unit (punctuation, emoji), taken as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Units next to each other, the last of which only begins so: `GPT-4*`, `wen*`.

    Which units begin so depends on the index; `Query.expanded` puts phrases in its place.
    """

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A number of the post lies between two others, both included; None leaves a side open.

    `column` is `votes`, `comments`, `published` or `saved` (days, as 20230102) or `kind` (see
    KINDS). A post that does not tell its number never matches.
    """

    column: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A fact of the post or its page holds a text: `name` is one of FIELDS."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Has:
    """The paragraph has something: `what` is `reference` or `link`."""

    what: str


@dataclass(frozen=True, slots=True)
class Not:
    """The node must not match."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Every:
    """All of the nodes must match; without nodes, everything does."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of the nodes must match.

    `asked` tells that they are the words of a question, of which some only hold it together.
    """

    nodes: tuple["Node", ...]
    asked: bool = False


Filter = Between | Field | Has
Node = Phrase | Literal | Prefix | Filter | Not | Every | Some

# All prefixes of a query stand for up to this many units: thirty for 200 each, more for fewer.
MOST_EXPANDED = 6_000

# Facts by number, facts with text, and what posts are by number.
COLUMNS = ("votes", "comments", "published", "saved", "kind")
FIELDS = ("author", "title", "tag", "site", "path")
# What a paragraph may have.
THINGS = ("reference", "link")
KINDS = {"answer": 1, "question": 2, "article": 3, "pin": 4}
KIND_OF = {number: kind for kind, number in KINDS.items()}


def check_filter(one: Filter) -> None:
    """Raise ValueError or TypeError, naming what would be right, for a filter that is none."""
    if isinstance(one, Between):
        numbers = [bound for bound in (one.least, one.most) if bound is not None]
        if one.column not in COLUMNS:
            raise ValueError(f"no column {one.column}; give one of {', '.join(COLUMNS)}")
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
            raise TypeError(f"{numbers} for {one.column}; give whole numbers or None")
    elif isinstance(one, Field):
        if one.name not in FIELDS:
            raise ValueError(f"no field {one.name}; give one of {', '.join(FIELDS)}")
        if not isinstance(one.text, str):
            raise TypeError(f"{type(one.text).__name__} for {one.name}; give a string")
    elif isinstance(one, Has):
        if one.what not in THINGS:
            raise ValueError(f"nothing is known of {one.what}; give one of {', '.join(THINGS)}")
    else:
        raise TypeError(f"{type(one).__name__} is no filter; give Between, Field or Has")


# Compared by identity: it is the key of what is worked out once for all of its hits.
@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A parsed query: what must match, and the distinct terms that rank the matches.

    `pairs` are two Han characters side by side; `runs` are what was typed without a space, of more
    than one word, folded: a text that holds it as it stands was probably meant.
    """

    text: str
    tree: Node
    words: tuple[str, ...]
    units: tuple[str, ...]
    pairs: tuple[str, ...]
    runs: tuple[str, ...] = ()

    @property
    def asks_for_text(self) -> bool:
        """Whether there is anything to rank by; else it is made of filters alone."""
        return next(iter_leaves(self.tree), None) is not None

    def narrowed(self, filters: Sequence[Filter]) -> "Query":
        """The same query, of which only the matches that pass all filters are left."""
        return replace(self, tree=Every((self.tree, *filters))) if filters else self

    def expanded(self, complete: Callable[[str], Sequence[str]]) -> "Query":
        """The same query with phrases in place of prefixes.

        `complete` gives the units of an index that begin with a text; of all prefixes together,
        MOST_EXPANDED are taken.
        """
        begun = max(sum(1 for _ in _iter_prefixes(self.tree)), 1)
        most = max(MOST_EXPANDED // begun, 1)
        tree = _expand(self.tree, lambda text: complete(text)[:most])
        if tree is self.tree:
            return self
        ends = {leaf.units[-1] for leaf in iter_leaves(tree) if isinstance(leaf, Phrase)}
        new = sorted(ends.difference(self.units))
        return replace(self, tree=tree, units=(*self.units, *new), words=(*self.words, *new))


def _iter_prefixes(node: Node) -> Iterator[Prefix]:
    if isinstance(node, Prefix):
        yield node
    elif isinstance(node, Not):
        yield from _iter_prefixes(node.node)
    elif isinstance(node, Every | Some):
        for child in node.nodes:
            yield from _iter_prefixes(child)


def _expand(node: Node, complete: Callable[[str], Sequence[str]]) -> Node:
    if isinstance(node, Prefix):
        *before, begun = node.units
        phrases = (Phrase((*before, unit), loose=True) for unit in complete(begun))
        return Some(tuple(phrases))
    if isinstance(node, Not):
        inner = _expand(node.node, complete)
        return node if inner is node.node else Not(inner)
    if isinstance(node, Every | Some):
        nodes = tuple(_expand(child, complete) for child in node.nodes)
        same = all(new is old for new, old in zip(nodes, node.nodes, strict=True))
        return node if same else replace(node, nodes=nodes)
    return node


def iter_leaves(node: Node) -> Iterator[Phrase | Literal]:
    """Give the phrases and literals that a match may hold, from left to right."""
    if isinstance(node, Every | Some):
        for child in node.nodes:
            yield from iter_leaves(child)
    elif isinstance(node, Phrase | Literal):
        yield node


def all_of(nodes: tuple[Node, ...]) -> Node:
    """One node of several that must all match."""
    return nodes[0] if len(nodes) == 1 else Every(nodes)
