"""Judged questions -> how often the right passage comes first, beside two other engines.

    python -m benchmarks.relevance ../shared/relevance

DATA is a folder with `passages.jsonl` (`id`, `set`, `title`, `text`) and `queries.jsonl` (`set`,
`query`, `relevant`). Every passage is a page of its own. Two kinds of collections are measured:
all passages together, and for each set its passages among the sentences of all others, each
sentence a page, as short distractors.
"""

import argparse
import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jieba.analyse import ChineseAnalyzer
from whoosh import index as whoosh_index
from whoosh.fields import ID, TEXT, Schema
from whoosh.qparser import OrGroup, QueryParser

import wenduan
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files

from . import machine
from .words import fast_tokens_of

RUNS = Path(__file__).resolve().parent / "runs"
_DEPTH = 100
_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")
_SHORTEST = 6

# A question -> ids of passages, best first.
Ask = Callable[[str], list[str]]


@dataclass(frozen=True)
class Passage:
    """A passage, or a sentence that is in the way of one."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question, and the id of the one passage that it was written for."""

    set: str
    text: str
    relevant: str


@dataclass(frozen=True)
class Collection:
    """Passages with the questions that are asked of them."""

    name: str
    passages: Sequence[Passage]
    questions: Sequence[Question]


def read_collections(data: Path, number: int | None) -> Iterator[Collection]:
    """Give all passages together, then each set among the others' sentences.

    `number` is how many questions of each set are asked, evenly spread; None for all.
    """
    rows = _read(data / "passages.jsonl")
    passages = {row["id"]: Passage(row["id"], row.get("title", ""), row["text"]) for row in rows}
    of_set = {row["id"]: row["set"] for row in rows}
    questions = [
        question
        for name in dict.fromkeys(of_set.values())
        for question in _spread(_questions(data, name), number)
    ]
    yield Collection("all passages", list(passages.values()), questions)
    for name in dict.fromkeys(of_set.values()):
        kept = [passage for passage in passages.values() if of_set[passage.id] == name]
        others = [passage for passage in passages.values() if of_set[passage.id] != name]
        asked = [question for question in questions if question.set == name]
        yield Collection("among sentences", [*kept, *_sentences(others)], asked)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _questions(data: Path, name: str) -> list[Question]:
    rows = _read(data / "queries.jsonl")
    return [Question(name, row["query"], row["relevant"]) for row in rows if row["set"] == name]


def _spread(questions: Sequence[Question], number: int | None) -> Sequence[Question]:
    if number is None or number >= len(questions):
        return questions
    return [questions[at * len(questions) // number] for at in range(number)]


def _sentences(passages: Sequence[Passage]) -> Iterator[Passage]:
    for passage in passages:
        for at, sentence in enumerate(_SENTENCE.findall(passage.text)):
            if sum(map(str.isalnum, sentence)) >= _SHORTEST:
                yield Passage(f"{passage.id}-{at}", "", sentence.strip())


def open_wenduan(passages: Sequence[Passage], folder: Path, titles: bool) -> Ask:
    """Write the passages down as pages, index them, and search as users do."""
    pages = folder / "pages"
    pages.mkdir()
    for passage in passages:
        title = f"---\ntitle: {json.dumps(passage.title, ensure_ascii=False)}\n---\n\n"
        text = (title if titles and passage.title else "") + passage.text + "\n"
        (pages / f"{passage.id}.md").write_text(text, encoding="utf-8")
    engine = WhooshEngine(str(folder / "index"), create=True)
    report = index_files(engine, [str(pages)])
    # Some sentences are nothing but what Markdown takes for markup.
    if missing := [error for error in report.skipped if error.reason != "no text in it"]:
        raise SystemExit(f"not indexed: {missing[0]}")
    engine.close()
    index = wenduan.open_index(folder / "index")
    return lambda question: [Path(hit.path).stem for hit in index.search(question, _DEPTH)]


def open_stock(passages: Sequence[Passage], folder: Path, titles: bool) -> Ask:
    """Whoosh with jieba's ChineseAnalyzer, title and text in one field, any word will do."""
    schema = Schema(id=ID(stored=True), text=TEXT(analyzer=ChineseAnalyzer()))
    index = whoosh_index.create_in(str(folder), schema)
    writer = index.writer()
    for passage in passages:
        writer.add_document(id=passage.id, text=_joined(passage, titles))
    writer.commit()
    searcher = index.searcher()
    parser = QueryParser("text", schema, group=OrGroup, plugins=[])
    return lambda question: [
        hit["id"] for hit in searcher.search(parser.parse(question), limit=_DEPTH)
    ]


def open_fts5(passages: Sequence[Passage], folder: Path, titles: bool) -> Ask:
    """SQLite FTS5 over jieba's words, any word will do."""
    database = sqlite3.connect(folder / "fts5.db")
    database.execute("CREATE VIRTUAL TABLE passages USING fts5(id UNINDEXED, words)")
    rows = ((p.id, " ".join(fast_tokens_of(_joined(p, titles)))) for p in passages)
    database.executemany("INSERT INTO passages VALUES (?, ?)", rows)
    select = f"SELECT id FROM passages WHERE words MATCH ? ORDER BY rank LIMIT {_DEPTH}"

    def ask(question: str) -> list[str]:
        words = dict.fromkeys(fast_tokens_of(question))
        found = database.execute(select, [" OR ".join(f'"{word}"' for word in words)])
        return [row[0] for row in found]

    return ask


def _joined(passage: Passage, titles: bool) -> str:
    return f"{passage.title}\n{passage.text}" if titles else passage.text


ENGINES: dict[str, Callable[[Sequence[Passage], Path, bool], Ask]] = {
    "wenduan": open_wenduan,
    "Whoosh + jieba": open_stock,
    "SQLite FTS5": open_fts5,
}


def measure(collection: Collection, engine: str, titles: bool) -> dict[str, dict[str, float]]:
    """For each set MRR@10, Recall@10 and Recall@100 of its questions."""
    with tempfile.TemporaryDirectory() as folder:
        ask = ENGINES[engine](collection.passages, Path(folder), titles)
        ranks: dict[str, list[int | None]] = {}
        for question in collection.questions:
            found = list(dict.fromkeys(ask(question.text)))
            rank = found.index(question.relevant) + 1 if question.relevant in found else None
            ranks.setdefault(question.set, []).append(rank)
    return {name: _figures(row) for name, row in ranks.items()}


def _figures(ranks: Sequence[int | None]) -> dict[str, float]:
    found = [rank for rank in ranks if rank is not None]
    return {
        "questions": len(ranks),
        "mrr10": sum(1 / rank for rank in found if rank <= 10) / len(ranks),
        "recall10": sum(rank <= 10 for rank in found) / len(ranks),
        "recall100": sum(rank <= 100 for rank in found) / len(ranks),
    }


def render(record: dict[str, Any]) -> str:
    """Give the record as a table in Markdown."""
    lines = [
        f"# Relevance, {record['date']}, commit {record['commit']}",
        "",
        "| collection | pages | engine | set | questions | MRR@10 | Recall@10 | Recall@100 |",
        "| --- | ---: | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in record["rows"]:
        for name, told in row["sets"].items():
            cells = [row["collection"], f"{row['pages']:,}", row["engine"], name]
            cells.append(f"{told['questions']:,}")
            cells += [f"{told[figure]:.4f}" for figure in ("mrr10", "recall10", "recall100")]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, help="of each set, evenly spread; else all")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--titles", choices=["both", "with", "without"], default="both")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where the record goes")
    return parser.parse_args()


def main() -> None:
    """Measure, and write what came out."""
    options = _options()
    about = machine.describe()
    rows = []
    chosen = {"both": (True, False), "with": (True,), "without": (False,)}[options.titles]
    for collection in read_collections(options.data, options.questions):
        for titles in chosen:
            name = f"{collection.name}, {'with titles' if titles else 'text alone'}"
            for engine in options.engines:
                print(f"{name}: {engine}", file=sys.stderr, flush=True)
                sets = measure(collection, engine, titles)
                row = {"collection": name, "pages": len(collection.passages), "engine": engine}
                rows.append(row | {"sets": sets})
    record = about | {"rows": rows}
    machine.write_record(options.runs, "relevance", record, render(record))


if __name__ == "__main__":
    main()
