"""A query that asks for too much is answered in part and says so; nothing of it is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import build
from wenduan import Index
from wenduan.cli import cli
from wenduan.engines import budget
from wenduan.engines.budget import Budget
from wenduan.query import parse_query
from wenduan.query.proof import Evidence, Leaves
from wenduan.query.tree import iter_leaves

SENTENCES = [
    "的一是在不有人这中大", "融资的人，不是一个公司", "GPT-4 v1 v2 12 年",
    "e\u0301tude 的 1 年 [1] 月", "公司。的人", "他说：“好。”然后走了……", "人人人人 1 1 1",
    "一，是，在", "有 1984 年的事", "😀 。，",
]  # fmt: skip
# Each needs the texts to be asked, in all the ways that a query can ask them.
QUERIES = [
    '"的一是"', '"一，是，在"', '"人人人"', '"。的"', '"，。"', "v*", "1* -公司", '-"融资的人"',
    '"年 月" | "的 1 年"', '-"，。" 的', '("不是一个" | "然后走了") -"好。然"', "公司 融资",
    "为什么融资的人不是一个公司", '-(-"人人人")', '"1 1 1" | "的人" | "v1 v2"', "-v* -1*",
    '"公司的人"', "不是一个",
    '"一是在" | "不是一" | "人人人" | "一个公" | "这中大" | "然后走" | "了了了"',
    '-("一是在" | "不是一" | "人人人" | "一个公" | "这中大" | "然后走")',
]  # fmt: skip


def page_of(number: int) -> str:
    rows = (
        SENTENCES[(number * 7 + at * 3) % 10] + SENTENCES[(at + number) % 10] for at in range(9)
    )
    text = "\n\n".join(f"{row}{number}" for row in rows)
    return f"# 题 {number}\n\n{text}\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("cost")
    pages = folder / "pages"
    pages.mkdir()
    for number in range(30):
        rows = [
            SENTENCES[(number * 7 + at * 3) % 10] + SENTENCES[(at + number) % 10] for at in range(9)
        ]
        text = "\n\n".join(f"{row}{number}" for row in rows)
        (pages / f"{number}.md").write_text(f"# 题 {number}\n\n{text}\n", encoding="utf-8")
    with Index(build(folder / "index", pages)) as index:
        yield index


def found(index: Index, query: str) -> tuple[set[tuple[str, int]], int, bool]:
    results = index.run(query, 1_000, grouped=False)
    return {(hit.path, hit.line) for hit in results.hits}, results.total, results.partial


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_within_its_budget_is_not_partial(library: Index, query: str) -> None:
    _, _, partial = found(library, query)
    assert not partial


@pytest.mark.parametrize("work", [0, 60, 500, 2_000, 9_000, 40_000])
@pytest.mark.parametrize("query", QUERIES)
def test_what_a_spent_budget_leaves_matches_and_is_marked(
    library: Index, query: str, work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    every, total, _ = found(library, query)
    monkeypatch.setattr(budget, "MOST_WORK", work)
    some, least, partial = found(library, query)
    assert some <= every
    assert least == len(some)
    assert partial or (some == every and least == total)
    # Work is counted, not timed: the same query gives the same answer.
    assert found(library, query) == (some, least, partial)


def test_a_partial_answer_says_so_in_json_and_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "a.md"
    page.write_text("\n\n".join(f"{n} 的一是在不有人" for n in range(50)), encoding="utf-8")
    location = str(tmp_path / "index")
    build(tmp_path / "index", page).close()
    runner = CliRunner()
    whole = runner.invoke(cli, ["search", '"的一是" | 的一', "--index", location, "--json"])
    assert "partial" not in json.loads(whole.stdout)
    assert whole.stderr == ""
    monkeypatch.setattr(budget, "MOST_WORK", 100)
    asked = ["search", '"在不有" | "5 的"', "--index", location]
    part = runner.invoke(cli, [*asked, "--json"])
    assert json.loads(part.stdout)["partial"] is True
    assert "more may match" in part.stderr
    assert len(part.stderr.splitlines()) == 1
    assert "more than " in runner.invoke(cli, asked).stdout
    for form in ("--count", "--files"):
        assert "more may match" in runner.invoke(cli, [*asked, form]).stderr


def test_a_budget_is_shared_among_parts_and_what_one_leaves_is_for_the_next() -> None:
    whole = Budget(100)
    lefts = []
    for share in whole.shares(4):
        lefts.append(share.left)
        share.spend(10)
    assert lefts == [25, 30, 40, 70]
    assert whole.left == 60
    assert not whole.is_exceeded
    for share in whole.shares(2):
        assert not share.spend(61)
    assert whole.is_exceeded


def test_six_hundred_copies_in_a_row_end_a_search(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(700):
        (folder / f"{number}.txt").write_text("同一段话，一字不差，到处都是。", encoding="utf-8")
    with Index(build(tmp_path / "index", folder)) as index:
        results = index.run("同一段话", 10)
        assert results.total == 700
        assert results.partial
        (hit,) = results.hits
        assert len(hit.also) == 500


PIECES = [
    "中",
    "文",
    "a",
    "b",
    "gpt",
    "4",
    "3.5",
    " ",
    "，",
    "\n",
    "[1]",
    "c++",
    "é",
    "e\u0301",
    "①",
    "-",
]
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(deadline=None)
@given(texts, st.lists(texts, min_size=1, max_size=12))
def test_many_leaves_mark_what_each_of_them_does(text: str, queries: list[str]) -> None:
    quoted = " ".join(f'"{query.strip()}"' for query in queries if query.strip())
    if not quoted:
        return
    leaves = list(dict.fromkeys(iter_leaves(parse_query(f"{quoted} {text} x").tree)))
    evidence = Evidence(text)
    one_by_one = sorted({row for leaf in leaves for row in evidence.find_all(Leaves([leaf]))})
    # More than a few leaves are found by another way.
    many = [*leaves, *leaves[:1] * 10]
    assert evidence.find_all(Leaves(many)) == one_by_one
