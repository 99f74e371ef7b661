"""Whoosh's own queries find on our index what wenduan's find."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import whoosh.index
from whoosh.query import And, Every, Not, Or, Phrase, Prefix, Term
from whoosh.scoring import BM25F

from wenduan.analysis import analyze
from wenduan.engines import Wanted, retrieval
from wenduan.engines.snapshot import Snapshot
from wenduan.engines.whoosh_index import FolderIndex
from wenduan.query import parse_query
from wenduan.ranking import K1, B, length_norm, saturation

WORDS = "融资 公司 商业 模式 发展 人工智能 的 GPT-4 C++ 苹果 ， 。 市场".split()


@pytest.fixture(params=range(3))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FolderIndex]:
    """Several segments with deletions."""
    rng = random.Random(request.param)
    index = FolderIndex(tmp_path / "index", create=True)
    for _ in range(4):
        writer = index.writer()
        if not index.is_empty():
            writer.delete_document(rng.randrange(index.doc_count_all()))
            writer.delete_document(0)
        for _ in range(rng.choice([5, 40])):
            writer.add_document(text="".join(rng.choices(WORDS, k=rng.randint(1, 20))))
        writer.commit(merge=False)
    yield index
    index.close()


def numbers(index: FolderIndex, query: Any) -> set[int]:
    with index.searcher() as searcher:
        return set(searcher.docs_for_query(query))


def ours(index: FolderIndex, text: str) -> set[int]:
    """Numbers of the paragraphs that wenduan's own query finds."""
    snapshot: Snapshot = index._engine.snapshot()
    best = retrieval.search(snapshot, parse_query(text), Wanted(10_000)).best
    texts = sorted(match.entry.text for match in best)
    with index.searcher() as searcher:
        found = set(searcher.reader().all_doc_ids())
        rows = {n: searcher.stored_fields(n)["text"] for n in found}
    assert sorted(text for text in rows.values() if text in set(texts)) == texts
    return {n for n, text in rows.items() if text in set(texts)}


def test_it_is_a_whoosh_index(folder: FolderIndex) -> None:
    assert isinstance(folder, whoosh.index.Index)
    assert len(folder.reader().leaf_readers()) > 1


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (Term("units", "的"), "的"),
        (Term("pairs", "融资"), "融资"),
        (Term("units", "gpt"), "gpt"),
        (Term("pairs", "gpt 4"), "GPT-4"),
        (And([Term("pairs", "融资"), Term("pairs", "公司")]), "融资 公司"),
        (And([Term("pairs", "融资"), Term("units", "c++")]), "融资 C++"),
        (Phrase("units", ["公", "司", "商", "业"]), '"公司商业"'),
        (Phrase("units", ["人", "工", "智", "能"]), '"人工智能"'),
        (Phrase("units", ["4", "苹"]), '"4苹"'),
    ],
    ids=str,
)
def test_both_find_the_same(folder: FolderIndex, query: Any, text: str) -> None:
    assert numbers(folder, query) == ours(folder, text)


def test_or_not_prefix_and_every(folder: FolderIndex) -> None:
    apple, market = ours(folder, "苹果"), ours(folder, "市场")
    everything = numbers(folder, Every())
    assert numbers(folder, Or([Term("pairs", "苹果"), Term("pairs", "市场")])) == apple | market
    # A bare Not lets Whoosh's InverseMatcher step onto a deleted paragraph, in any index.
    others = And([Every(), Not(Term("pairs", "苹果"))])
    assert numbers(folder, others) == everything - apple
    assert numbers(folder, Prefix("units", "g")) == ours(folder, "gpt")
    assert numbers(folder, Prefix("pairs", "苹")) >= apple
    assert len(everything) == folder.doc_count()


def test_whoosh_scores_with_our_statistics(folder: FolderIndex) -> None:
    with folder.searcher(weighting=BM25F(B=B, K1=K1)) as searcher:
        hits = searcher.search(Term("words", "公司"), limit=None)
        assert len(hits) > 3
        scores = {hit.docnum: hit.score for hit in hits}
        reader = searcher.reader()
        idf = searcher.idf("words", "公司")
        for number, score in scores.items():
            count = analyze(searcher.stored_fields(number)["text"]).words["公司"]
            length = reader.doc_field_length(number, "words")
            norm = length_norm(np.array(length), searcher.avg_field_length("words"))
            assert score == pytest.approx(idf * saturation(np.array(count), norm))


def test_columns_sort_and_read(tmp_path: Path) -> None:
    index = FolderIndex(tmp_path / "index", create=True)
    writer = index.writer()
    for votes in (5, None, 30):
        writer.add_document(text=f"赞同 {votes}", post={"votes": votes, "published": "2023-01-02"})
    writer.commit()
    with index.searcher() as searcher:
        hits = searcher.search(Every(), sortedby="votes", reverse=True)
        assert [hit["post"]["votes"] for hit in hits] == [30, 5, None]
        assert list(searcher.reader().column_reader("published").load()) == [20230102] * 3


def test_optimize_leaves_one_segment_and_the_same_matches(folder: FolderIndex) -> None:
    query = Or([Term("pairs", "苹果"), Term("units", "的"), Phrase("units", ["融", "资"])])
    with folder.searcher() as searcher:
        before = sorted(searcher.stored_fields(n)["text"] for n in searcher.docs_for_query(query))
    folder.optimize()
    reader = folder.reader()
    assert reader.is_atomic()
    assert not reader.has_deletions()
    with folder.searcher() as searcher:
        after = sorted(searcher.stored_fields(n)["text"] for n in searcher.docs_for_query(query))
    assert after == before


def test_deleting_by_query(folder: FolderIndex) -> None:
    gone = len(ours(folder, "苹果"))
    count = folder.doc_count()
    folder.delete_by_term("pairs", "苹果")
    assert folder.doc_count() == count - gone
    assert ours(folder, "苹果") == set()


def test_cancelled_writer_leaves_nothing(folder: FolderIndex) -> None:
    names = sorted(path.name for path in folder._folder.iterdir())
    writer = folder.writer()
    writer.add_document(text="苹果")
    writer.cancel()
    assert sorted(path.name for path in folder._folder.iterdir()) == names
