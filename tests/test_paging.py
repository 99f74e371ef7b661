"""Pages of results, joined, are the list asked for at once; equal results come by path and line."""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clusters
from conftest import build_notes
from wenduan import compiled
from wenduan.engines import Engine, Entry, IndexedFile, memory, merging, retrieval
from wenduan.engines.memory import MemoryEngine
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import WenduanError
from wenduan.searching import SORTS, Hit, Index

KINDS = ["memory", "folder", "folder without loops", "cluster"]
# Few words, so that many paragraphs are equal; and few numbers, so that many posts are.
WORDS = "米饭 面条 饺子 豆腐 咖啡 GPT-4 吃".split()
COPIED = [
    "人工智能企业烧钱是烧钱，但行业领先的企业并不缺投资。",
    "米饭和面条哪个更好吃？当然是饺子。",
]
QUERIES = [
    "米饭", "米饭 面条", "米饭怎么做才好吃呢？", '"米饭面条"', "gp*", "烧钱", "in:p", "votes:>1",
    "kind:answer", "-米饭", "米饭 | 豆腐", "mifan", "好吃",
]  # fmt: skip


def facts(rng: random.Random, number: int) -> dict[str, Any]:
    named = {
        "kind": rng.choice(["answer", "article"]),
        "votes": rng.choice([None, 0, 5, 5, 100]),
        "published": rng.choice([None, "2023-01-02", "2024-05-06"]),
        "author": rng.choice([None, "米凡", "张三"]),
        "post": number,
    }
    names = ("author_url", "headline", "comments", "edited", "id", "permalink", "url")
    return named | dict.fromkeys(names)


def entries(rng: random.Random) -> list[Entry]:
    """The paragraphs of a page: several posts, some paragraphs on one line."""
    rows: list[Entry] = []
    line = 0
    for post in range(rng.randint(1, 3)):
        of_post = facts(rng, post + 1)
        # Some have more than are ranked anew.
        for paragraph in range(rng.choice([1, 2, 3, 4, 4, 4, 24])):
            line += rng.choice([0, 1, 2]) if line else 1
            text = "，".join(rng.choices(WORDS, k=rng.randint(1, 3)))
            text = rng.choice(COPIED) if rng.random() < 0.15 else text
            rows.append(Entry(text, paragraph + 1, line, (), of_post))
    return rows


def page(path: str, name: str) -> IndexedFile:
    known: dict[str, Any] = {
        "title": path[-4:],
        "page_url": None,
        "saved": None,
        "site": None,
        "tags": [],
    }
    return IndexedFile(name, path, 1, 1, "0", known)


Pages = dict[str, list[Entry]]


def pages(rng: random.Random, count: int) -> Pages:
    return {f"/p/{rng.randrange(10**6):06}-{n}.md": entries(rng) for n in range(count)}


def put(engine: Engine, some: Pages) -> None:
    with engine.write() as writer:
        for path, rows in some.items():
            name = writer.name(path, path)
            writer.put(page(path, name), rows)


def fill(engine: Engine, rng: random.Random, changes: bool = True) -> Pages:
    """Put pages in several commits, of which some go and some move; gives what is left."""
    left: Pages = {}
    for _ in range(3):
        new = pages(rng, 14)
        put(engine, new)
        left |= new
        if changes:
            gone, moving = rng.sample(sorted(left), 4), {f"/p/moved-{n}.md" for n in range(2)}
            held = {file.path: file for file in engine.files()}
            with engine.write() as writer:
                for path in gone[:2]:
                    writer.remove(held[path].page)
                    del left[path]
                for path, target in zip(gone[2:], sorted(moving - left.keys()), strict=False):
                    writer.move(replace(held[path], path=target))
                    left[target] = left.pop(path)
    return left


@pytest.fixture(scope="module", params=KINDS)
def index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Index]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        # As in a large collection: several segments, and more matches than are ranked anew.
        patch.setattr(merging, "_TINY", 0)
        patch.setattr(merging, "_MAX_DELETED", 0.9)
        patch.setattr(retrieval, "WINDOW", 15)
        patch.setattr(memory, "WINDOW", 15)
        engine: Engine = MemoryEngine()
        if request.param == "cluster":
            engine = stack.enter_context(clusters.new_engine(shards=2))
        elif request.param != "memory":
            loops = None if request.param == "folder without loops" else compiled.loops
            patch.setattr(compiled, "loops", loops)
            engine = WhooshEngine(str(tmp_path_factory.mktemp("index")), create=True)
        fill(engine, random.Random(7))
        yield Index(engine)
        engine.close()


def shown(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    return [hit.to_dict() for hit in hits]


@settings(max_examples=25, deadline=None)
@given(
    query=st.sampled_from(QUERIES),
    sort=st.sampled_from(sorted(SORTS)),
    grouped=st.booleans(),
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=5),
)
def test_pages_of_results_joined_are_the_list_asked_at_once(
    index: Index, query: str, sort: str, grouped: bool, sizes: list[int]
) -> None:
    every = index.run(query, 1_000, sort=sort, grouped=grouped)
    joined: list[Hit] = []
    while True:
        size = sizes[len(joined) % len(sizes)]
        part = index.run(query, size, sort=sort, grouped=grouped, offset=len(joined))
        assert part.total == every.total
        joined += part.hits
        if len(part.hits) < size:
            break
    assert shown(joined) == shown(every.hits)


@pytest.mark.parametrize("sort", SORTS)
def test_each_matching_paragraph_and_post_comes_once(index: Index, sort: str) -> None:
    for query in QUERIES:
        found = index.run(query, 1_000, sort=sort, grouped=False)
        places = [(hit.path, hit.line, hit.paragraph, hit.author, hit.text) for hit in found.hits]
        assert len(places) == found.total
        grouped = index.run(query, 1_000, sort=sort).hits
        kept = [(hit.path, hit.line, hit.paragraph, hit.author, hit.text) for hit in grouped]
        assert set(kept) <= set(places)
        # In the same order: grouping leaves out, and moves nothing.
        assert kept == [place for place in dict.fromkeys(places) if place in set(kept)]


@pytest.mark.parametrize(("sort", "column"), [("votes", "votes"), ("date", "published")])
def test_equal_numbers_come_by_path(index: Index, sort: str, column: str) -> None:
    for query in ("米饭", "米饭 | 豆腐", "in:p"):
        hits = index.search(query, 1_000, sort=sort)
        keys = [
            (value is None, -int(str(value or 0).replace("-", "")), hit.path)
            for hit in hits
            for value in [getattr(hit, column)]
        ]
        assert keys == sorted(keys)


def test_equal_scores_come_by_path_and_line(index: Index) -> None:
    for query in ("米饭", "米饭 面条", "gp*", "烧钱"):
        hits = index.search(query, 15, grouped=False)
        keys = [(-hit.score, hit.path, hit.line) for hit in hits]
        assert keys == sorted(keys), query
        scores = [hit.score for hit in hits]
        assert len(set(scores)) < len(scores) or query == "烧钱"


def test_a_sorted_post_shows_its_best_paragraph(index: Index) -> None:
    for query in ("米饭", "米饭 面条"):
        every = index.search(query, 1_000, sort="votes", grouped=False)
        best: dict[Any, float] = {}
        for hit in every:
            post = (hit.path, hit.author, hit.votes, hit.published, hit.kind)
            best[post] = max(hit.score, best.get(post, 0))
        for hit in index.search(query, 10, sort="votes"):
            post = (hit.path, hit.author, hit.votes, hit.published, hit.kind)
            assert hit.score == best[post]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_results_does_not_tell_how_an_index_came_about(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_TINY", 0)
    monkeypatch.setattr(merging, "_MAX_DELETED", 0.9)
    monkeypatch.setattr(retrieval, "WINDOW", 15)
    old = WhooshEngine(str(tmp_path / "old"), create=True)
    left = fill(old, random.Random(seed))
    new = WhooshEngine(str(tmp_path / "new"), create=True)
    paths = sorted(left, reverse=True)
    # A moved page keeps the title that it was read with.
    titles = {file.path: file.facts["title"] for file in old.files()}
    with new.write() as writer:
        for path in paths:
            file = page(path, writer.name(path, path))
            writer.put(replace(file, facts={**file.facts, "title": titles[path]}), left[path])
    with Index(old) as one, Index(new) as other:
        for query in QUERIES:
            for sort in SORTS:
                for grouped in (True, False):
                    found = [ix.run(query, 40, sort=sort, grouped=grouped) for ix in (one, other)]
                    assert found[0].total == found[1].total
                    assert shown(found[0].hits) == shown(found[1].hits), (query, sort, grouped)


@pytest.mark.parametrize("loops", [compiled.loops, None], ids=["with loops", "without"])
@pytest.mark.parametrize("seed", range(2))
def test_a_folder_orders_results_as_the_plain_engine_does(
    tmp_path: Path, seed: int, loops: ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "loops", loops)
    monkeypatch.setattr(merging, "_TINY", 0)
    monkeypatch.setattr(merging, "_MAX_DELETED", 0.9)
    for module in (retrieval, memory):
        monkeypatch.setattr(module, "WINDOW", 15)
    plain, folder = MemoryEngine(), WhooshEngine(str(tmp_path / "index"), create=True)
    fill(plain, random.Random(seed))
    fill(folder, random.Random(seed))
    with Index(plain) as one, Index(folder) as other:
        for query, sort, grouped in product(QUERIES, SORTS, [True, False]):
            found = [ix.run(query, 60, sort=sort, grouped=grouped) for ix in (one, other)]
            rows = [
                [(hit.path, hit.line, hit.paragraph, hit.text, hit.more, hit.also) for hit in hits]
                for hits in (results.hits for results in found)
            ]
            assert found[0].total == found[1].total
            assert rows[0] == rows[1], (query, sort, grouped)


@pytest.fixture(params=KINDS)
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    if request.param == "memory":
        yield MemoryEngine()
    elif request.param == "cluster":
        with clusters.new_engine() as engine:
            yield engine
    else:
        if request.param != "folder":
            monkeypatch.setattr(compiled, "loops", None)
        yield WhooshEngine(str(tmp_path / "index"), create=True)


@pytest.mark.parametrize("emptied", [False, True], ids=["never filled", "emptied"])
def test_an_index_without_paragraphs_finds_nothing(empty: Engine, emptied: bool) -> None:
    if emptied:
        put(empty, pages(random.Random(1), 2))
        with empty.write() as writer:
            for file in empty.files():
                writer.remove(file.page)
    index = Index(empty)
    for query, sort, grouped in product([*QUERIES, "author:张三", '"！"'], SORTS, [True, False]):
        found = index.run(query, 10, sort=sort, grouped=grouped, offset=3)
        assert (found.total, found.hits, index.paths(query)) == (0, [], [])
        assert index.advise(query).closest == []
    stats = index.stats()
    assert (stats.pages, stats.posts, stats.paragraphs) == (0, 0, 0)
    for what in ("author", "kind", "month", "title", "tag", "site"):
        assert index.count(what) == {}
    for look in (index.passage, index.similar):
        with pytest.raises(WenduanError, match="not in the index"):
            look("/p/a.md", 1)
    empty.verify()


def test_what_sounds_like_a_query_pages_too(tmp_path: Path) -> None:
    # Names of authors first, then words: a word's paragraph by such an author comes once.
    notes = {
        f"{n:02}": f"---\nauthor: {author}\n---\n\n{'米饭' * (n % 2)}第{n}段话。"
        for n in range(24)
        for author in ["米凡" if n % 3 else "李四"]
    }
    with Index(build_notes(tmp_path, notes)) as index:
        every = index.run("mifan", 100)
        assert every.sounds
        assert every.total == len({hit.path for hit in every.hits}) == 20
        for size in (1, 3, 7, 10):
            parts = [index.run("mifan", size, offset=at) for at in range(0, 20, size)]
            assert [part.total for part in parts] == [20] * len(parts)
            joined = [hit for part in parts for hit in part.hits]
            assert shown(joined) == shown(every.hits)
