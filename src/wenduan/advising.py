"""A query that finds nothing + index -> what is missing, what is near, how it may be meant."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .analysis import fold, is_han, split_units, unit_pairs
from .engines import View, Wanted
from .engines.facets import FacetQuery
from .query import Every, Field, Literal, Node, Phrase, Prefix, Query, Some

# How many words are offered for one that is missing.
_MOST_OFFERED = 5
# Of so many parts of a query it is told whether they are missing, of so many what is near them.
_MOST_PARTS, _MOST_HELPED = 50, 5
# Words and names that a pinyin may stand for.
_MOST_SOUNDS = 20
_LETTERS = re.compile(r"[a-z]{2,30}")


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a query that no paragraph holds, and words of the index that are near it."""

    text: str
    near: tuple[str, ...]


def find_missing(view: View, query: Query) -> list[Missing]:
    """The parts of a query that alone find nothing, in the order of the query."""
    words: Mapping[str, int] | None = None
    found: list[Missing] = []
    parts = list(dict.fromkeys(_iter_parts(query.tree, query.runs)))
    for part in parts[:_MOST_PARTS]:
        # Whether anything matches is all that is asked: nothing to rank by.
        alone = replace(query, tree=part, words=(), units=(), pairs=(), runs=())
        alone = alone.expanded(view.complete)
        if view.search(alone, Wanted(1)).total == 0:
            text, near = _text_of(part), list[str]()
            if len(found) < _MOST_HELPED:
                words = view.words() if words is None else words
                near = [*_named(view, text), *near_words(text, words)]
            found.append(Missing(text, tuple(near[:_MOST_OFFERED])))
    return found


def _named(view: View, text: str) -> list[str]:
    """Filters by what a text may be instead: part of an author's name, of a title or a tag."""
    asked = FacetQuery(text)
    return [
        f"{field}:{text}"
        for field in ("author", "title", "tag")
        if any(asked.holds(fold(value)) for value in view.count(field))
    ]


def _iter_parts(node: Node, runs: Sequence[str]) -> Iterator[Node]:
    """The texts without any of which nothing matches; words typed as one run are one text."""
    if isinstance(node, Phrase | Prefix | Literal):
        yield node
    elif isinstance(node, Every):
        if all(isinstance(child, Phrase) for child in node.nodes) and _text_of(node) in runs:
            yield node
        else:
            for child in node.nodes:
                yield from _iter_parts(child, runs)


def _text_of(node: Node) -> str:
    match node:
        case Literal():
            return node.text
        case Prefix():
            return " ".join(node.units) + "*"
        case Phrase():
            return node.run or " ".join(node.units)
        case Every():
            return "".join(map(_text_of, node.nodes))
    raise TypeError(f"{type(node).__name__} has no text of its own")


def near_words(text: str, words: Mapping[str, int]) -> list[str]:
    """Words that are written or sound nearly so, the likeliest first.

    Those that sound alike come before those that differ in a character (or two, of more than
    four), then those of more paragraphs. Characters may be changed, added, left out, or swapped
    with the next (optimal string alignment).
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    from .analysis.pinyin import sounds_like

    alike = [word for word in words if len(word) == len(text) and sounds_like(text, word)]
    ranked = {word: (0, -words[word], word) for word in alike}
    most = 1 if len(text) <= 4 else 2
    found = process.extract(text, list(words), scorer=OSA.distance, score_cutoff=most, limit=None)
    for word, distance, _ in found:
        # One character of two may be any word.
        if 2 * distance < max(len(text), len(word)):
            ranked.setdefault(word, (distance, -words[word], word))
    ranked.pop(text, None)
    return sorted(ranked, key=ranked.__getitem__)[:_MOST_OFFERED]


def loosened(query: Query) -> Query | None:
    """The same query with any of its texts being enough; None where it has but one.

    Filters and exclusions stay.
    """
    nodes = list(_iter_needed(query.tree))
    texts = tuple(node for node in nodes if isinstance(node, Phrase | Some))
    others = tuple(node for node in nodes if not isinstance(node, Phrase | Some))
    if len(texts) < 2:
        return None
    some = Some(texts, asked=True)
    return replace(query, tree=Every((some, *others)) if others else some)


def _iter_needed(node: Node) -> Iterator[Node]:
    if isinstance(node, Every):
        for child in node.nodes:
            yield from _iter_needed(child)
    else:
        yield node


def sounding(view: View, query: Query) -> list[Query]:
    """What a query of letters may mean as pinyin: names of authors first, then words.

    Empty where it has other text than letters.
    """
    letters = query.text.strip().lower()
    if not _LETTERS.fullmatch(letters):
        return []
    from .analysis.pinyin import is_spelled, readings

    counted, authors = view.words(), view.count("author")
    # Most texts begin with another sound.
    firsts = {text[0] for text in (*authors, *counted) if text}
    begun = {
        char
        for char in firsts
        if is_han(char) and any(one[0] == letters[0] for one in readings(char))
    }

    def is_meant(text: str) -> bool:
        return text[0] in begun and _is_han(text) and is_spelled(text, letters)

    names = [name for name in authors if name and is_meant(name)]
    words = [word for word in counted if word and is_meant(word)]
    words.sort(key=lambda word: (-counted[word], word))
    queries = []
    if names:
        fields = tuple(Field("author", name) for name in names[:_MOST_SOUNDS])
        queries.append(replace(query, tree=Some(fields)))
    if words:
        queries.append(_any_of(query, words[:_MOST_SOUNDS]))
    return queries


def _is_han(text: str) -> bool:
    return len(text) > 1 and all(map(is_han, text))


def _any_of(query: Query, words: Sequence[str]) -> Query:
    parts = [split_units(word) for word in words]
    pairs = (pair for units in parts for pair in unit_pairs(units))
    return replace(
        query,
        tree=Some(tuple(Phrase(tuple(word)) for word in words)),
        words=tuple(words),
        units=tuple(dict.fromkeys(unit.text for units in parts for unit in units)),
        pairs=tuple(dict.fromkeys(pair for pair in pairs if len(pair) == 2)),
    )
