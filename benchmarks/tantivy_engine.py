"""tantivy through tantivy-py, over words that jieba has cut; it tells how many match."""

from pathlib import Path
from typing import Any

import tantivy

from .session import run, texts_of
from .words import fast_tokens_of, tokens_of


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # The words are stored too: a snippet is made of the text that was indexed.
    builder.add_text_field("words", stored=True, tokenizer_name="whitespace")
    builder.add_text_field("text", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def build(work: Path, index: Path) -> None:
    """Store each paragraph as it is, and index its words."""
    index.mkdir(parents=True)
    writer = tantivy.Index(_schema(), path=str(index)).writer()
    for text in texts_of(work):
        writer.add_document(tantivy.Document(words=" ".join(fast_tokens_of(text)), text=text))
    writer.commit()
    writer.wait_merging_threads()


class Tantivy:
    """An open index."""

    counts = True

    def __init__(self, index: Path) -> None:
        opened = tantivy.Index.open(str(index))
        self._schema = opened.schema
        self._searcher = opened.searcher()

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], int | None]:
        """Give ten texts with snippets."""
        occur = tantivy.Occur.Must if every_word else tantivy.Occur.Should
        terms = dict.fromkeys(tokens_of(question))
        query = tantivy.Query.boolean_query(
            [(occur, tantivy.Query.term_query(self._schema, "words", term)) for term in terms]
        )
        results = self._searcher.search(query, limit=10, count=self.counts)
        snippets = tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "words")
        found = []
        for _, address in results.hits:
            document = self._searcher.doc(address)
            snippet = snippets.snippet_from_doc(document)
            found.append((document.get_first("text"), snippet.fragment(), snippet.highlighted()))
        return found, results.count if self.counts else None


if __name__ == "__main__":
    run(build, Tantivy)
