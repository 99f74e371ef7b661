"""wenduan, asked as a program of its users asks it; its index is built by its own command."""

from pathlib import Path
from typing import Any

import wenduan

from .session import run


class Wenduan:
    """An open index."""

    def __init__(self, index: Path) -> None:
        self._index = wenduan.open_index(index)

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], int]:
        """Give ten hits; wenduan sees by itself what kind of question it is asked."""
        results = self._index.run(question, limit=10)
        return results.hits, results.total


def build(work: Path, index: Path) -> None:
    """Refuse: only the command that users have is a fair measure."""
    raise SystemExit("build with: python -m wenduan index FOLDER --index DIR")


if __name__ == "__main__":
    run(build, Wenduan, cuts_itself=True)
