"""Random collections in random histories: pages of results, joined, are the list asked at once.

And the list is the same as that of an index of the same pages made at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.searching import SORTS, Index, Results

from .library import WORDS, Library

# So few words that many paragraphs are equal, and so few numbers that many posts are.
_FEW = WORDS[:6]
_VOTES = ("", "votes: 0\n", "votes: 5\n", "votes: 100\n")
_DAYS = ("", "date: 2023-01-02\n", "date: 2024-05-06\n")
_COPIED = "人工智能企业烧钱是烧钱，但行业领先的企业并不缺投资。"
_EVERY = 100_000


@dataclass(slots=True)
class Tally:
    """What was tried, and what was wrong."""

    collections: int = 0
    lists: int = 0
    pages: int = 0
    wrong: list[str] = field(default_factory=list)


class _Collection(Library):
    """A library whose pages are much alike."""

    def write(self, name: str) -> None:
        """Write a page anew, of few words, with few numbers."""
        self.written += 1
        rows = [
            _COPIED if self.rng.random() < 0.1 else "，".join(self.rng.choices(_FEW, k=size)) + "。"
            for size in self.rng.choices((1, 1, 2, 3), k=self.rng.randint(1, self.paragraphs))
        ]
        head = f"title: 第{self.rng.randint(1, 9)}篇\n"
        head += self.rng.choice(_VOTES) + self.rng.choice(_DAYS)
        text = "\n\n".join(rows)
        (self.pages / name).write_text(f"---\n{head}---\n\n{text}\n", encoding="utf-8")

    def remove(self, name: str) -> None:
        """Remove a page, if it is there."""
        (self.pages / name).unlink(missing_ok=True)

    def query(self) -> str:
        """A query of any kind that pages."""
        one, other = self.rng.choices(_FEW, k=2)
        kinds = (one, f"{one} {other}", f"{one} | {other}", f'"{one}{other}"', f"-{one}")
        more = (f"怎么说{one}和{other}呢？", "votes:>1", "in:p", "烧钱", f"{one} -{other}")
        return self.rng.choice(kinds + more)


def run(folder: Path, collections: int, seed: int) -> Tally:
    """Make so many collections, each by several commits, and ask each a few dozen times."""
    tally = Tally()
    for number in range(collections):
        here = f"seed {seed + number}"
        library = _Collection(folder / str(number), seed + number, pages=30)
        for _ in range(4):
            library.change()
            library.add_segment()
        library.update()
        fresh = WhooshEngine(str(folder / str(number) / "fresh"), create=True)
        _index(fresh, library)
        with Index(WhooshEngine(str(library.location))) as old, Index(fresh) as new:
            for _ in range(30):
                _ask(library, old, new, here, tally)
        tally.collections += 1
    return tally


def _index(engine: WhooshEngine, library: Library) -> None:
    from wenduan.indexing import index_files

    index_files(engine, [str(library.pages)])


def _ask(library: _Collection, old: Index, new: Index, here: str, tally: Tally) -> None:
    rng, query = library.rng, library.query()
    options: dict[str, Any] = {"sort": rng.choice(list(SORTS)), "grouped": rng.random() < 0.5}
    every = old.run(query, _EVERY, **options)
    joined, size = list[Any](), rng.randint(1, 40)
    for offset in range(0, len(every.hits) + 1, size):
        joined += _shown(old.run(query, size, offset=offset, **options))
        tally.pages += 1
    tally.lists += 1
    if joined != _shown(every):
        tally.wrong.append(f"{here}: {query} {options} in pages of {size} is another list")
    if _shown(new.run(query, _EVERY, **options)) != _shown(every):
        tally.wrong.append(f"{here}: {query} {options} tells how the index came about")


def _shown(results: Results) -> Sequence[Any]:
    return [hit.to_dict() for hit in results.hits]
