"""What loops.pyx offers; see there."""

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from .engines.arrays import ArrayFile

class Column:
    """An array of a file as loops read it."""

    def __init__(
        self, file: ArrayFile, data: NDArray[Any], begin: int, block: int, is_streamed: bool
    ) -> None: ...

class Postings:
    """Words and pairs of a segment."""

    def __init__(self, *columns: Column) -> None: ...

class Bm25:
    """BM25 of a field."""

    def __init__(self, gain: float, least: float, slope: float) -> None: ...

class Stored:
    """Texts and facts of a segment."""

    def __init__(self, *columns: Column | bool) -> None: ...

class Folding:
    """How characters are folded."""

    def __init__(
        self,
        folds: NDArray[Any],
        signs: NDArray[Any],
        fold: Callable[[int], int],
        expand: Callable[[str], str],
        plain: NDArray[Any],
    ) -> None: ...

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
