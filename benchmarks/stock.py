"""Whoosh with jieba's analyzer: what a programmer gets in an afternoon, from the same pages."""

from pathlib import Path
from typing import Any

import frontmatter
from jieba.analyse import ChineseAnalyzer
from whoosh import index as whoosh_index
from whoosh.fields import ID, TEXT, Schema
from whoosh.qparser import AndGroup, OrGroup, QueryParser

from .data import split_page
from .session import run


def build(work: Path, index: Path) -> None:
    """Read the pages, and make each paragraph a document."""
    index.mkdir(parents=True)
    schema = Schema(path=ID(stored=True), text=TEXT(stored=True, analyzer=ChineseAnalyzer()))
    writer = whoosh_index.create_in(str(index), schema).writer()
    for page in sorted((work / "pages").rglob("*.md")):
        for text in split_page(frontmatter.load(str(page)).content):
            writer.add_document(path=str(page), text=text)
    writer.commit()


class Stock:
    """An open index with whoosh's own BM25F and highlights."""

    def __init__(self, index: Path) -> None:
        opened = whoosh_index.open_dir(str(index))
        self._searcher = opened.searcher()
        self._parsers = {
            every_word: QueryParser("text", opened.schema, group=group)
            for every_word, group in ((True, AndGroup), (False, OrGroup))
        }

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], int]:
        """Give ten texts with highlights."""
        query = self._parsers[every_word].parse(question)
        results = self._searcher.search(query, limit=10)
        return [(hit["text"], hit.highlights("text")) for hit in results], len(results)


if __name__ == "__main__":
    run(build, Stock)
