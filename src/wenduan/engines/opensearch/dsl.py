"""Query tree -> the query language of OpenSearch: what must match, and what the matches rank by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from ...analysis import Unit, expand, fold, is_han, split_units
from ...query import Between, Every, Field, Filter, Has, Literal, Node, Not, Phrase, Prefix, Some
from ..facets import FacetQuery
from .streams import encode, encode_pair, gap_runs, spell_out

Clause = dict[str, Any]

PARAGRAPHS: Clause = {"term": {"type": "paragraph"}}
NOTHING: Clause = {"match_none": {}}
# A cluster takes so many clauses in a query (indices.query.bool.max_clause_count), less some for
# what must match. Words and pairs of less weight are left to the second ranking.
MOST_WORDS = 300
MOST_PAIRS = 100
# Of a very long quotation, so many pieces and gaps tell whether it stands there to the letter.
_MOST_PIECES = 100


def paragraphs(node: Node) -> Clause:
    """What a document must be: a paragraph that matches a tree."""
    clause = matching(node)
    # Nothing else has the fields that are asked for, and to ask for less is quicker.
    return clause if _asks_for_something(node) else {"bool": {"filter": [PARAGRAPHS, clause]}}


def _asks_for_something(node: Node) -> bool:
    """Whether what matches has one of the fields of paragraphs; else it only lacks some."""
    if isinstance(node, Every):
        return any(map(_asks_for_something, node.nodes))
    if isinstance(node, Some):
        return all(map(_asks_for_something, node.nodes))
    return not isinstance(node, Not)


def matching(node: Node) -> Clause:
    """What a paragraph must be to match a tree."""
    if isinstance(node, Every):
        return _every(node)
    if isinstance(node, Some):
        return _any(_some(node.nodes))
    if isinstance(node, Not):
        return {"bool": {"must_not": [matching(node.node)]}}
    if isinstance(node, Literal):
        return _phrase("symbols", spell_out(node.text).split(" "))
    if isinstance(node, Phrase):
        return _of_phrase(node)
    if isinstance(node, Prefix):
        raise TypeError("a prefix must be expanded before it is searched")
    return _filter(node)


def _every(node: Every) -> Clause:
    needed = [matching(child) for child in node.nodes if not isinstance(child, Not)]
    excluded = [matching(child.node) for child in node.nodes if isinstance(child, Not)]
    return {"bool": {"filter": needed, "must_not": excluded}}


def _some(nodes: Iterable[Node]) -> list[Clause]:
    """A clause for each node, those of one term put together: a query has but so many clauses."""
    terms: dict[str, list[str]] = {"units": [], "pairs": []}
    clauses = []
    for node in nodes:
        clause = matching(node)
        match clause:
            case {"term": {"units": str(term)}}:
                terms["units"].append(term)
            case {"term": {"pairs": str(term)}}:
                terms["pairs"].append(term)
            case _:
                clauses.append(clause)
    of_terms = [{"terms": {field: rows}} for field, rows in terms.items() if rows]
    return [*of_terms, *clauses]


def _any(clauses: Sequence[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": clauses, "minimum_should_match": 1}} if clauses else NOTHING


def _of_phrase(phrase: Phrase) -> Clause:
    if phrase.loose or len(phrase.units) == 1:
        return _phrase("units", [encode(unit) for unit in phrase.units])
    return _phrase("pairs", [encode_pair(*pair) for pair in pairwise(phrase.units)])


def _phrase(field: str, tokens: Sequence[str]) -> Clause:
    """Tokens next to each other."""
    if len(tokens) == 1:
        return {"term": {field: tokens[0]}}
    return {"match_phrase": {field: " ".join(tokens)}}


def _filter(one: Filter) -> Clause:
    if isinstance(one, Has):
        return {"term": {"has": one.what}}
    if isinstance(one, Field):
        return _of_field(one)
    if isinstance(one, Between):
        bounds = {"gte": one.least, "lte": one.most}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"range": {one.column: given}} if given else {"exists": {"field": one.column}}
    raise TypeError(f"{type(one).__name__} is no filter")


def _of_field(field: Field) -> Clause:
    asked = FacetQuery(field.text, field.name == "path")
    if asked.units:
        return _phrase(f"{field.name}_units", [encode(unit) for unit in asked.units])
    escaped = re.sub(r"[\\*?]", r"\\\g<0>", asked.needle)
    return {"wildcard": {f"{field.name}_folded": {"value": f"*{escaped}*"}}}


def exactly(phrase: Phrase) -> Clause:
    """What a paragraph that matches a quotation must be to hold it to the letter as well."""
    quoted = fold(expand(phrase.quoted or ""))
    units = split_units(quoted)
    needed = [_phrase("gaps", run.split(" ")) for run in gap_runs(quoted, units)[:_MOST_PIECES]]
    runs = [_phrase("pairs", run) for run in _close_runs(units)]
    return {"bool": {"filter": [*needed, *runs[:_MOST_PIECES]]}}


def _close_runs(units: Sequence[Unit]) -> Iterator[list[str]]:
    """The pairs of Han characters side by side, those of one run together."""
    run: list[str] = []
    for one, other in pairwise(units):
        if one.end == other.start and is_han(one.text) and is_han(other.text):
            run.append(encode_pair(one.text, other.text))
        elif run:
            yield run
            run = []
    if run:
        yield run


def ranking(words: Sequence[str], pairs: Sequence[str]) -> list[Clause]:
    """What adds to the first score of a match: BM25 of words and pairs, weightiest first."""
    return [
        *({"term": {"words": word}} for word in words[:MOST_WORDS]),
        *({"term": {"pairs": pair}} for pair in pairs[:MOST_PAIRS]),
    ]
