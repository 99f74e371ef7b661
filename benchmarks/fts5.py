"""SQLite's FTS5 over words that jieba has cut."""

import sqlite3
from pathlib import Path
from typing import Any

from .session import run, texts_of
from .words import fast_tokens_of, tokens_of

_SEARCH = (
    "SELECT text, replace(snippet(p, 0, '【', '】', '…', 40), ' ', '')"
    " FROM p WHERE p MATCH ? ORDER BY rank LIMIT 10"
)


def build(work: Path, index: Path) -> None:
    """Store each paragraph as it is, and index its words."""
    index.mkdir(parents=True)
    base = sqlite3.connect(index / "fts5.db")
    base.execute("CREATE VIRTUAL TABLE p USING fts5(words, text UNINDEXED, tokenize='unicode61')")
    rows = ((" ".join(fast_tokens_of(text)), text) for text in texts_of(work))
    with base:
        base.executemany("INSERT INTO p VALUES (?, ?)", rows)
    base.close()


class Fts5:
    """An open database; it does not count, since its usual query does not."""

    def __init__(self, index: Path) -> None:
        self._base = sqlite3.connect(index / "fts5.db")

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], None]:
        """Give ten texts with snippets."""
        joint = " AND " if every_word else " OR "
        quoted = ('"' + word.replace('"', '""') + '"' for word in tokens_of(question))
        return self._base.execute(_SEARCH, (joint.join(quoted),)).fetchall(), None


if __name__ == "__main__":
    run(build, Fts5)
