"""Paragraph text + query leaf -> where it stands; the index only gives candidates."""

from collections.abc import Iterator, Sequence

from ..analysis import Unit, fold, split_units
from .tree import Every, Literal, Node, Phrase


class Evidence:
    """A paragraph's text, made ready to be asked for many phrases."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.units = split_units(text)
        self._strict = [_joined(self.units), _joined(_plain(self.units))]
        self._loose = [joined.replace("\n ", "") for joined in self._strict]

    def holds(self, node: Node) -> bool:
        """Tell whether the paragraph matches a node of a query."""
        if isinstance(node, Literal):
            return node.text in self.text
        if isinstance(node, Phrase):
            needle = f" {' '.join(node.units)} "
            return any(needle in row for row in (self._loose if node.loose else self._strict))
        each = (self.holds(child) for child in node.nodes)
        return all(each) if isinstance(node, Every) else any(each)

    def is_exact(self, phrase: Phrase) -> bool:
        """Tell whether a quotation stands in the text with its very punctuation and spaces."""
        return phrase.quoted is not None and phrase.quoted in self.folded

    def find(self, leaf: Phrase | Literal) -> Iterator[tuple[int, int]]:
        """Give the ranges of the text, in characters, that a phrase or literal matches."""
        if isinstance(leaf, Literal):
            at = self.text.find(leaf.text)
            while at >= 0:
                yield at, at + len(leaf.text)
                at = self.text.find(leaf.text, at + 1)
            return
        for units in {id(row): row for row in (self.units, _plain(self.units))}.values():
            yield from _find_units(units, leaf)


def _plain(units: Sequence[Unit]) -> Sequence[Unit]:
    """The units without citations; `loose` is taken anew where one was left out."""
    kept = [unit for unit in units if not unit.citation]
    return kept if len(kept) < len(units) else units


def _joined(units: Sequence[Unit]) -> str:
    """All units in one string, each between spaces, a line break before a loose one."""
    return " " + "".join(f"\n {unit.text} " if unit.loose else f"{unit.text} " for unit in units)


def _find_units(units: Sequence[Unit], phrase: Phrase) -> Iterator[tuple[int, int]]:
    size = len(phrase.units)
    for at in range(len(units) - size + 1):
        if units[at].text != phrase.units[0]:
            continue
        window = units[at : at + size]
        same = all(unit.text == wanted for unit, wanted in zip(window, phrase.units, strict=True))
        if same and (phrase.loose or not any(unit.loose for unit in window[1:])):
            yield window[0].start, window[-1].end
