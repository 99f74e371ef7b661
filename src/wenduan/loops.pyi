"""What the compiled loops offer; see loops.pyx, and the twins that it names."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

VERSION: int

class Folds:
    """How characters are folded."""

    def __init__(self, table: NDArray[Any], learn: Callable[[int], int]) -> None: ...
    def fold(self, text: str) -> str: ...

class Runs:
    """Some texts that are looked for together."""

    def __init__(self, runs: Iterable[str]) -> None: ...
    def ranges(self, text: str) -> set[tuple[int, int]]: ...
    def any_in(self, text: str) -> bool: ...

def without_gaps(text: str) -> str: ...
def find_near(text: str, probes: Runs, others: list[tuple[str, Runs]]) -> list[int]: ...
def lacks_many(text: str, other: str, step: int, most: float) -> bool: ...

class Column:
    """An array of a file; `file` is an engines.arrays.ArrayFile."""

    def __init__(
        self, file: Any, data: NDArray[Any], begin: int, block: int, is_streamed: bool
    ) -> None: ...
    def find(self, wanted: int, begin: int, end: int) -> int: ...
    def blob(self, starts: Column, at: int) -> bytes: ...

class Strings:
    """Sorted strings of a segment."""

    def __init__(self, keys: Column, starts: Column, tails: Column) -> None: ...

class Terms:
    """Words, units and pairs of a segment."""

    def __init__(self, words: Strings, units: Strings, size: int, *columns: Column) -> None: ...
    def find(self, field: str, term: str) -> int: ...
    def look_up(
        self, field: str, terms: Sequence[str], numbers: NDArray[Any], sizes: NDArray[Any]
    ) -> None: ...
    def mark(self, units: Sequence[str], pairs: Sequence[str], held: NDArray[Any]) -> None: ...

class Postings:
    """Postings of a segment."""

    def __init__(self, *columns: Column) -> None: ...

class Bm25:
    """BM25 of a field."""

    def __init__(self, gain: float, least: float, slope: float) -> None: ...

def rank(
    segments: list[Postings],
    matched: list[NDArray[Any]],
    bases: NDArray[Any],
    words: NDArray[Any],
    word_weights: NDArray[Any],
    short: int,
    pairs: NDArray[Any],
    pair_weights: NDArray[Any],
    by_words: Bm25,
    by_units: Bm25,
    heap: NDArray[Any],
) -> bytes | None: ...

class Stored:
    """Texts and facts of a segment."""

    def __init__(self, *columns: Column | bool) -> None: ...

class Folding:
    """How texts of an index are folded."""

    def __init__(
        self,
        folds: Folds,
        signs: NDArray[Any],
        expand: Callable[[str], str],
        plain: NDArray[Any],
    ) -> None: ...

def read_texts(
    segments: list[Stored],
    homes: NDArray[Any],
    numbers: NDArray[Any],
    folding: Folding,
    rows: NDArray[Any],
    texts: NDArray[Any],
) -> tuple[bytes, int]: ...
def reach(
    codes: NDArray[Any],
    lengths: NDArray[Any],
    norms: NDArray[Any],
    unit_terms: Sequence[str],
    pair_terms: Sequence[str],
    is_han: Callable[[str], bool],
    marks: list[tuple[int, int]],
    units: NDArray[Any],
    keys: NDArray[Any],
    stops: str,
    gain: float,
    found: NDArray[Any],
) -> None: ...
