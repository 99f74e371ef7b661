"""Results as people see them: one of each post, no copies, in the order they want, explained."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, SAMPLES, build, build_notes
from wenduan.cli import cli
from wenduan.grouping import is_copy
from wenduan.query import Between, Field
from wenduan.ranking import PARTS
from wenduan.searching import Hit, Index

LONG = "人工智能企业烧钱是烧钱，但行业领先的企业并不缺投资，国外现在是圣诞节假期"


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Index]:
    pages = {
        "a": f"# 融资\n\n{LONG}。\n\n企业的融资很多。\n\n没有那个词。\n\n企业又要融资。",
        "b": f"# 别的\n\n> {LONG}！\n",
        "c": "企业融资的另一篇文章，说的是别的事情。",
    }
    with Index(build_notes(tmp_path, pages)) as index:
        yield index


def test_a_post_saved_on_two_pages_shows_once_with_both_paths(tmp_path: Path) -> None:
    url = "https://example.org/post/1"
    notes = {
        name: f"---\ntitle: 火车\nurl: {link}\n---\n\n{text}\n"
        for name, link, text in (
            ("page", url, "夜班火车上的灯很暗。\n\n另一段说的是站台。"),
            ("highlight", f"{url}/?utm_source=mail#top", "站台上没有人，火车晚点两小时。"),
            ("other", f"{url}0", "火车也停在这里。"),
        )
    }
    with Index(build_notes(tmp_path, notes)) as index:
        hits = index.search("火车 站台", 5)
        assert [Path(hit.path).name for hit in hits] == ["highlight.md"]
        hits = index.search("火车", 5)
        shown = {Path(hit.path).name: [Path(place.path).name for place in hit.also] for hit in hits}
        assert len(shown) == 2
        assert shown.pop("other.md") == []
        ((best, also),) = shown.items()
        assert {best, *also} == {"page.md", "highlight.md"}
        assert len(index.search("火车", 5, grouped=False)) > 2


def test_each_post_shows_once_with_its_best_paragraph(notes: Index) -> None:
    everything = notes.run("企业 融资", grouped=False)
    assert everything.total == 3
    assert [(Path(hit.path).name, hit.more) for hit in everything.hits].count(("a.md", 0)) == 2
    results = notes.run("企业 融资")
    assert results.total == 3
    assert {Path(hit.path).name: hit.more for hit in results.hits} == {"a.md": 1, "c.md": 0}
    best = next(hit for hit in everything.hits if Path(hit.path).name == "a.md")
    assert best.text in {hit.text for hit in results.hits}


def test_copies_of_a_text_show_once_with_the_other_place(notes: Index) -> None:
    (hit,) = notes.search("烧钱是烧钱")
    (place,) = hit.also
    assert {Path(hit.path).name, Path(place.path).name} == {"a.md", "b.md"}
    assert place.line in (3, 3)
    assert len(notes.search("烧钱是烧钱", grouped=False)) == 2
    assert json.loads(json.dumps(hit.to_dict()))["also"][0]["path"] == place.path


def test_copies_do_not_make_results_fewer(tmp_path: Path) -> None:
    copies = {f"copy{number}": f"{LONG}。" for number in range(40)}
    others = {
        f"other{number}": f"烧钱的第{number}种方法，和人工智能没有关系" * 2
        for number in "一二三四五"
    }
    with Index(build_notes(tmp_path, copies | others)) as index:
        assert len(index.search("烧钱", 6)) == 6
        assert index.run("烧钱").total == 45


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LONG, LONG, True),
        (LONG, LONG[:20], True),
        (LONG * 3, LONG * 2 + LONG[:-2] + "春节", True),
        (LONG, LONG[:-12] + "现在正是春节的时候", False),
        (LONG, LONG[:9], False),
        ("融资", "融资", True),
        (LONG, LONG[::-1], False),
        (LONG, "国外现在是圣诞节假期，人工智能企业没有人上班，领先的也不上", False),
    ],
)
def test_what_is_a_copy(one: str, other: str, same: bool) -> None:
    plain = [re.sub(r"\W", "", text) for text in (one, other)]
    assert is_copy(*plain) is same
    assert is_copy(*reversed(plain)) is same


@given(st.text(min_size=1), st.text(min_size=1))
def test_being_a_copy_goes_both_ways(one: str, other: str) -> None:
    assert is_copy(one, one)
    assert is_copy(one, other) == is_copy(other, one)


def days_of(index: Index, hits: list[Hit]) -> list[str | None]:
    """The days of some hits: of an answer that was edited, many pages show only when."""
    posts = [index.passage(hit.path, hit.line).post for hit in hits]
    days = [post["published"] or post["edited"] for post in posts]
    return [day and day[:10] for day in days]


def test_filters_alone_list_what_passes_newest_first(sample_index: Index) -> None:
    found = sample_index.run("kind:answer -votes:<100", 100)
    days = days_of(sample_index, found.hits)
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=True)
    assert days == dated + [None] * days.count(None)
    assert {hit.kind for hit in found.hits} == {"answer"}
    assert all(hit.votes is None or hit.votes >= 100 for hit in found.hits)
    listed = sample_index.run("kind:answer", 1000, sort="date").hits
    wanted = [hit for hit in listed if hit.votes is None or hit.votes >= 100]
    assert {(hit.path, hit.author) for hit in found.hits} == {
        (hit.path, hit.author) for hit in wanted
    }


def test_sorting_by_votes_and_date(sample_index: Index) -> None:
    votes = [hit.votes for hit in sample_index.search("水", 100, sort="votes")]
    known = [number for number in votes if number is not None]
    assert known == sorted(known, reverse=True)
    assert votes == [*known, *[None] * (len(votes) - len(known))]
    assert len(known) > 3
    days = days_of(sample_index, sample_index.search("水", 100, sort="date"))
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=True)
    assert days == dated + [None] * days.count(None)
    assert len(dated) > 3


def test_unknown_order_is_named(sample_index: Index) -> None:
    with pytest.raises(ValueError, match="relevance, votes, date"):
        sample_index.search("水", sort="size")


@pytest.mark.parametrize("query", ["夹生饭", "怎么煮饭才不会夹生", '"电饭煲"', "C++", "的"])
def test_parts_add_up_to_the_score(sample_index: Index, query: str) -> None:
    hits = sample_index.search(query, 200, grouped=False)
    assert hits
    for hit in hits:
        assert math.isclose(sum(hit.parts.values()), hit.score, abs_tol=1e-5)
        assert set(hit.parts) <= {part.name for part in PARTS} | {"first"}


def test_explanation_adds_up(tmp_path: Path) -> None:
    build(tmp_path / "index", SAMPLES).close()
    arguments = ["explain", "夹生饭 米", "--hit", "2", "--index", str(tmp_path / "index")]
    run = CliRunner().invoke(cli, arguments)
    assert run.exit_code == 0
    rows = re.findall(r"^ *([\d.]+)  (\w+)(?: += ([\d.]+) × ([\d.]+))?", run.output, re.MULTILINE)
    parts = {name: float(value) for value, name, *_ in rows}
    score = parts.pop("score")
    assert math.isclose(sum(parts.values()), score, abs_tol=0.001)
    for value, name, weight, share in rows:
        if name != "score":
            assert math.isclose(float(value), float(weight) * float(share), abs_tol=0.001)


def test_explanation_of_a_rank_that_is_not_there(tmp_path: Path) -> None:
    build(tmp_path / "index", SAMPLES).close()
    arguments = ["explain", "夹生饭", "--hit", "9", "--index", str(tmp_path / "index")]
    assert CliRunner().invoke(cli, arguments).exit_code == 1


@pytest.mark.parametrize("query", ["的", "what is", "是什么", "the"])
def test_a_query_of_function_words_still_finds(tmp_path: Path, query: str) -> None:
    with Index(build_notes(tmp_path, {"a": "这是什么的问题？ What is the question?"})) as index:
        assert len(index.search(query)) == 1


def test_title_lifts_its_paragraphs_but_not_over_the_words(tmp_path: Path) -> None:
    text = "每天都要走很多路，有时候也坐车，路上的风景很好。"
    notes = {
        "a": f"# 天气\n\n北京的秋天，{text}",
        "b": f"# 北京的秋天\n\n北京的秋天，{text}",
        "c": f"# 北京的秋天\n\n去北京，{text}",
    }
    with Index(build_notes(tmp_path, notes)) as index:
        found = index.search("北京的秋天怎么样", grouped=False)
    names = [Path(hit.path).name for hit in found if "路上" in hit.text]
    assert names == ["b.md", "a.md", "c.md"]


def test_a_sentence_typed_as_it_stands_comes_first_and_is_shown(tmp_path: Path) -> None:
    lines = [f"这是第{n}节的第{m}句话。" for n in range(1, 40) for m in (6, 7, 8)]
    page = "\n\n".join("".join(lines[at : at + 3]) * 3 for at in range(0, len(lines), 3))
    with Index(build_notes(tmp_path, {"long": page})) as index:
        (hit,) = index.search("第24节的第6句话", 1)
        assert "第24节的第6句话" in hit.snippet.text
        marked = [hit.snippet.text[begin:end] for begin, end in hit.snippet.highlights]
        assert "第24节的第6句话" in marked


def test_copies_do_not_depend_on_how_many_results_are_wanted(notes: Index) -> None:
    for query in ("烧钱", "企业 投资"):
        every = [(hit.path, hit.also) for hit in notes.search(query, 10)]
        for limit in range(1, len(every) + 1):
            assert [(hit.path, hit.also) for hit in notes.search(query, limit)] == every[:limit]


def test_offset_leaves_out_the_best(sample_index: Index) -> None:
    every = sample_index.search("水", 9)
    assert [hit.rank for hit in every] == list(range(1, 10))
    assert sample_index.search("水", 4, offset=5) == every[5:]
    assert sample_index.search("水", 4, offset=10_000) == []


def test_a_question_marks_its_subject_of_one_character(tmp_path: Path) -> None:
    with Index(build_notes(tmp_path, {"cat": "猫的箱子比猫窝便宜，它喜欢。"})) as index:
        (hit,) = index.search("猫为什么喜欢纸箱", 1)
    marked = [hit.snippet.text[begin:end] for begin, end in hit.snippet.highlights]
    assert marked == ["猫", "猫", "喜欢"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([Between("foo", 1)], "no column foo; give one of votes"),
        ([Between("votes", "x")], "whole numbers"),  # type: ignore[arg-type]
        ([Field("foo", "x")], "no field foo; give one of author"),
        (["votes"], "str is no filter"),
    ],
)
def test_a_wrong_filter_is_no_damage(sample_index: Index, filters: list[Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        sample_index.search("水", filters=filters)


def test_a_query_that_is_no_string_is_named(sample_index: Index) -> None:
    with pytest.raises(TypeError, match="NoneType; give a string"):
        sample_index.search(None)  # type: ignore[arg-type]


def test_words_need_no_quotation_marks_on_the_command_line(
    sample_index: Index, sample_location: str
) -> None:
    runner = CliRunner()
    one = runner.invoke(cli, ["search", "--index", sample_location, "夹生饭 -奶奶", "--json"])
    two = runner.invoke(cli, ["search", "--index", sample_location, "夹生饭", "-奶奶", "--json"])
    found = [json.loads(run.stdout) for run in (one, two)]
    assert found[0]["query"] == found[1]["query"] == "夹生饭 -奶奶"
    assert found[0]["hits"] == found[1]["hits"]
    assert all("奶奶" not in hit["text"] for hit in found[0]["hits"])
    for words in (
        ["水", "-C", "--count"],
        ["水", "-author:沈", "--count"],
        ["水", "-n3", "--count"],
    ):
        run = runner.invoke(cli, ["search", "--index", sample_location, *words])
        query = " ".join(words[:2]) if words[1] != "-n3" else "水"
        assert run.stdout == f"{sample_index.run(query).total}\n"
    wrong = runner.invoke(cli, ["search", "--index", sample_location, "--jsno", "夹生饭"])
    assert wrong.exit_code == 2


def test_pins_are_told_from_articles_by_a_filter(tmp_path: Path) -> None:
    pin = ROOT / "tests" / "pages" / "zhihu-pin.md"
    with Index(build(tmp_path / "index", pin, SAMPLES / "article-sourdough.md")) as index:
        assert {Path(hit.path).name for hit in index.search("kind:pin", 9)} == {pin.name}
        (article,) = index.search("类型：文章", 9)
        assert Path(article.path).name == "article-sourdough.md"
        assert index.count("kind") == {"article": 1, "pin": 1}
