"""Query tree + postings -> the paragraphs that match, as sorted arrays of numbers."""

import itertools
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..analysis import is_han, pair_term
from ..query import Every, Literal, Node, Phrase, iter_leaves
from ..query.proof import Evidence

Numbers = NDArray[np.int64]


class Postings(Protocol):
    """What matching asks of an index: the live paragraphs that hold a term, and their texts."""

    def numbers(self, field: str, term: str) -> Numbers:
        """Numbers of the paragraphs that hold a term, ascending."""

    def evidence(self, number: int) -> Evidence:
        """The text of a paragraph, ready to be asked."""


def match(node: Node, postings: Postings) -> Numbers:
    """Numbers of all paragraphs that match a query tree, ascending."""
    if isinstance(node, Every):
        found = [match(child, postings) for child in node.nodes]
        return _intersect(found)
    if isinstance(node, Literal):
        rows = [postings.numbers("symbols", char) for char in sorted(set(node.text))]
        return _prove(node, _intersect(rows), postings)
    if isinstance(node, Phrase):
        return _match_phrase(node, postings)
    return _match_some(node.nodes, postings)


def exact_quotations(node: Node, number: int, postings: Postings) -> int:
    """How many quotations of the query a paragraph holds to the letter."""
    quoted = [leaf for leaf in iter_leaves(node) if isinstance(leaf, Phrase) and leaf.quoted]
    if not quoted:
        return 0
    evidence = postings.evidence(number)
    return sum(evidence.is_exact(leaf) for leaf in quoted)


def _match_some(nodes: Sequence[Node], postings: Postings) -> Numbers:
    return _union([match(child, postings) for child in nodes])


def _match_phrase(phrase: Phrase, postings: Postings) -> Numbers:
    units = phrase.units
    if len(units) == 1:
        return postings.numbers("units", units[0])
    rows = [
        _pair_numbers(first, second, phrase.loose, postings)
        for first, second in sorted(set(itertools.pairwise(units)))
    ]
    candidates = _intersect(rows)
    # One pair says all there is to say; of several, each may stand somewhere else.
    return candidates if len(units) == 2 else _prove(phrase, candidates, postings)


def _pair_numbers(first: str, second: str, loose: bool, postings: Postings) -> Numbers:
    joined = postings.numbers("pairs", pair_term(first, second))
    if not loose or not (is_han(first) and is_han(second)):
        return joined
    return _union([joined, postings.numbers("pairs", pair_term(first, second, loose=True))])


def _prove(node: Node, candidates: Numbers, postings: Postings) -> Numbers:
    proven = [number for number in candidates.tolist() if postings.evidence(number).holds(node)]
    return np.array(proven, dtype=np.int64)


def _intersect(rows: Sequence[Numbers]) -> Numbers:
    return _reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), sorted(rows, key=len))


def _union(rows: Sequence[Numbers]) -> Numbers:
    return _reduce(np.union1d, rows)


def _reduce(join: Callable[[Numbers, Numbers], Numbers], rows: Sequence[Numbers]) -> Numbers:
    found = rows[0]
    for row in rows[1:]:
        found = join(found, row)
    return found
