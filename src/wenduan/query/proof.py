"""Paragraph text + query leaf -> where it stands; the index only gives candidates."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ..analysis import Unit, expand_back, fold, has_signs, split_units
from ..analysis.runs import find_text, make_runs
from ..analysis.units import find_units, iter_tokens
from .tree import Literal, Phrase

# Begin and end in a text, in characters.
Range = tuple[int, int]

_MARKED = re.compile("[\u0300-\u036f]")
# For more leaves than these, a text is split into its units once, for all of them.
_FEW_LEAVES = 8


class Leaves:
    """Leaves of a query, all to be found in one text after the other.

    In a text without line breaks and citations, those that are a word are but `runs`.
    """

    def __init__(self, leaves: Iterable[Phrase | Literal]) -> None:
        self.all = list(leaves)
        plain = [(leaf, _plain_run(leaf)) for leaf in self.all]
        self.runs = make_runs(run for _, run in plain if run is not None)
        self.others = [leaf for leaf, run in plain if run is None]

    @cached_property
    def by_unit(self) -> dict[str, list[Phrase]]:
        """All phrases by their first unit."""
        found: dict[str, list[Phrase]] = {}
        for leaf in self.all:
            if isinstance(leaf, Phrase):
                found.setdefault(leaf.units[0], []).append(leaf)
        return found


class Evidence:
    """A paragraph's text, made ready to be asked for many phrases.

    `outline` is the text folded, as long as the text; `folded` the same with signs written out.
    """

    def __init__(self, text: str, folded: str | None = None) -> None:
        """`folded` is the folded text, where it is known."""
        self.text = text
        self.outline = fold(text) if folded is None else folded
        self._asked, self.folded = text, self.outline
        self._places: list[int] | None = None
        if has_signs(text):
            self._asked, self._places = expand_back(text)
            self.folded = fold(self._asked)
        # Only what stands here can come between two Han characters that are neighbours.
        self._is_plain = "\n" not in text and "[" not in self.folded

    def holds(self, leaf: Phrase | Literal) -> bool:
        """Tell whether the paragraph holds a phrase or a literal."""
        if isinstance(leaf, Phrase) and leaf.run is not None and leaf.run in self.folded:
            return True
        return next(self.find(leaf), None) is not None

    def is_exact(self, phrase: Phrase) -> bool:
        """Tell whether a quotation stands in the text with its very punctuation and spaces."""
        return phrase.quoted is not None and phrase.quoted in self.folded

    def iter_tokens(self) -> Iterator[tuple[int, int]]:
        """Give the ranges of the units that may be longer than one character."""
        for match in iter_tokens(self.outline):
            inner = int(match.lastgroup == "citation")
            yield match.start() + inner, match.end() - inner

    def find_all(self, leaves: Leaves) -> list[Range]:
        """Ranges that any of some leaves match, ascending, each once."""
        found: set[Range] = set()
        if self._is_plain:
            found |= leaves.runs.ranges(self.folded)
        others = leaves.others if self._is_plain else leaves.all
        if len(others) > _FEW_LEAVES:
            phrases = (leaf for unit in self._rows[0][1] for leaf in leaves.by_unit.get(unit, ()))
            literals = [leaf for leaf in others if isinstance(leaf, Literal)]
            for phrase in phrases:
                found.update(self._find_split(phrase))
            for literal in literals:
                found.update(self.find(literal))
        else:
            for leaf in others:
                found.update(self.find(leaf))
        return self._in_text(found)

    def find_texts(self, texts: Iterable[str]) -> list[Range]:
        """Ranges where some folded texts stand as they are, ascending."""
        return self._in_text({row for text in texts for row in find_text(self.folded, text)})

    def _in_text(self, found: set[Range]) -> list[Range]:
        """Ranges of the folded text as such of the text itself, ascending, each once."""
        places = self._places
        if places is not None:
            found = {(places[begin], places[end - 1] + 1) for begin, end in found}
        return sorted(found)

    @cached_property
    def _is_marked(self) -> bool:
        return _MARKED.search(self.folded) is not None

    def _lacks(self, phrase: Phrase) -> bool:
        """Tell quickly that a unit of a phrase stands nowhere; accents may hide one from this."""
        return not self._is_marked and any(unit not in self.folded for unit in phrase.units)

    def find(self, leaf: Phrase | Literal) -> Iterator[Range]:
        """Give the ranges, in the folded text, that a phrase or literal matches."""
        if isinstance(leaf, Literal):
            yield from find_text(self._asked, leaf.text)
        elif self._lacks(leaf):
            return
        elif leaf.loose or len(leaf.units) == 1:
            yield from find_units(self.folded, leaf.units)
        elif leaf.run is not None and self._is_plain:
            yield from find_text(self.folded, leaf.run)
        else:
            yield from self._find_split(leaf)

    @cached_property
    def _rows(self) -> list[tuple[Sequence[Unit], dict[str, list[int]]]]:
        """All units, and all but citations: in a row, and by their texts where in the row."""
        units = split_units(self._asked)
        rows = {id(row): row for row in (units, _plain(units))}.values()
        found: list[tuple[Sequence[Unit], dict[str, list[int]]]] = []
        for row in rows:
            places: dict[str, list[int]] = {}
            for at, unit in enumerate(row):
                places.setdefault(unit.text, []).append(at)
            found.append((row, places))
        return found

    def _find_split(self, leaf: Phrase) -> Iterator[Range]:
        """Give the ranges of a phrase by the units of the text."""
        size = len(leaf.units)
        for row, places in self._rows:
            for at in places.get(leaf.units[0], ()):
                window = row[at : at + size]
                same = tuple(unit.text for unit in window) == leaf.units
                if same and (leaf.loose or not any(unit.loose for unit in window[1:])):
                    yield window[0].start, window[-1].end


def _plain_run(leaf: Phrase | Literal) -> str | None:
    """What a leaf matches in a text without line breaks and citations, None if that varies."""
    return None if isinstance(leaf, Literal) or leaf.loose else leaf.run


def _plain(units: Sequence[Unit]) -> Sequence[Unit]:
    """The units without citations; `loose` is taken anew where one was left out."""
    kept = [unit for unit in units if not unit.citation]
    return kept if len(kept) < len(units) else units
