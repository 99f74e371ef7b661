"""bm25s over words that jieba has cut: scores made beforehand, no snippets, no condition."""

from pathlib import Path
from typing import Any

import bm25s

from .session import run, texts_of
from .words import fast_tokens_of, tokens_of


def build(work: Path, index: Path) -> None:
    """Index the words, and save the paragraphs beside them."""
    ids: dict[str, int] = {}
    rows = [
        [ids.setdefault(word, len(ids)) for word in fast_tokens_of(text)] for text in texts_of(work)
    ]
    engine = bm25s.BM25()
    engine.index(bm25s.tokenization.Tokenized(ids=rows, vocab=ids), show_progress=False)
    engine.save(str(index), corpus=({"text": text} for text in texts_of(work)))


class Bm25s:
    """A loaded index; arrays and paragraphs are mapped, not read."""

    def __init__(self, index: Path) -> None:
        self._engine = bm25s.BM25.load(str(index), load_corpus=True, mmap=True)

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], None]:
        """Give ten texts; it cannot ask for all words, so keywords are ranked like a question."""
        tokens = [word for word in tokens_of(question) if word in self._engine.vocab_dict]
        found = self._engine.retrieve([tokens], k=10, show_progress=False)
        return [row["text"] for row in found.documents[0]], None


if __name__ == "__main__":
    run(build, Bm25s)
