"""A file of synonyms + query -> the query that finds any of them.

A line of the file holds words that mean the same, with commas (、 and ; too) between; # begins a
comment.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..analysis import expand, fold, is_han, split_units
from ..errors import WenduanError
from ..regular import read_regular
from .tree import Every, Node, Phrase, Query, Some

_PARTED = re.compile("[,，、;；\t]")
# A file is read by each search, which asks for all words of a line where it asks for one.
_MOST_BYTES = 1 << 22
_MOST_ALIKE = 100
# By the units of a word, the others of its line.
Synonyms = Mapping[tuple[str, ...], Sequence[Phrase]]


def read_synonyms(path: str) -> Synonyms:
    """Read a file of synonyms. Raises WenduanError, with the line, for what it cannot hold."""
    try:
        lines = read_regular(path, _MOST_BYTES).decode("utf-8-sig").splitlines()
    except OSError as error:
        raise WenduanError(f"{path}: {error.strerror}; check the name of the file") from error
    except ValueError as error:
        raise WenduanError(f"{path}: no UTF-8 text; save it as UTF-8") from error
    found: dict[tuple[str, ...], list[Phrase]] = {}
    for number, line in enumerate(lines, 1):
        words = [_phrase(text) for text in _PARTED.split(line.split("#")[0]) if text.strip()]
        if not all(word.units for word in words):
            raise WenduanError(f"{path}: line {number} has signs in place of a word; remove them")
        if len(words) > _MOST_ALIKE:
            raise WenduanError(f"{path}: line {number} has over {_MOST_ALIKE} words; part it")
        for word in words:
            others = found.setdefault(word.units, [])
            others += [other for other in words if other.units != word.units]
            if len(others) > _MOST_ALIKE:
                raise WenduanError(
                    f"{path}: with line {number}, {word.run} means the same as over {_MOST_ALIKE}"
                    " words; leave some out"
                )
    return found


def _phrase(text: str) -> Phrase:
    units = tuple(unit.text for unit in split_units(expand(fold(text))))
    return Phrase(units, loose=not all(map(is_han, units)))


def with_synonyms(query: Query, synonyms: Synonyms) -> Query:
    """The same query, for each word of which a synonym does too; a quotation stays as it is.

    What has the word itself still ranks first: synonyms find, but do not add to a score.
    """
    return replace(query, tree=_widen(query.tree, synonyms)) if synonyms else query


def _widen(node: Node, synonyms: Synonyms) -> Node:
    if isinstance(node, Phrase) and node.quoted is None and node.units in synonyms:
        return Some((node, *synonyms[node.units]))
    if isinstance(node, Every | Some):
        return replace(node, nodes=tuple(_widen(child, synonyms) for child in node.nodes))
    # What is excluded stays what was said.
    return node
