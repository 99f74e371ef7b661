"""Numbers and dates of a page have ranges; beyond them they are unknown, and a line says so."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from wenduan import PageError
from wenduan.cli import cli
from wenduan.pages import Page, parse_page, ranges
from wenduan.pages.facts import count_of

QUESTION = "https://www.zhihu.com/question/1"
ANSWER = f"{QUESTION}/answer/2"
LONG = "9" * 5000


def noted(name: str, value: str, form: str = "yaml") -> Page:
    """An answer of Zhihu's whose front matter has one fact besides its address."""
    heads = {
        "yaml": f"---\nurl: {ANSWER}\n{name}: {value}\n---\n",
        "toml": f'+++\nurl = "{ANSWER}"\n{name} = {value}\n+++\n',
        "json": f'{{"url": "{ANSWER}", "{name}": {value}}}\n',
    }
    return parse_page("a.md", f"{heads[form]}\n甲说的话\n".encode())


def fact(page: Page, name: str) -> Any:
    if name in {"followers", "views"}:
        assert page.question is not None
        return getattr(page.question, name)
    return page.saved if name == "saved" else getattr(page.posts[-1], name)


COUNTS = ["votes", "comments", "followers", "views"]
DAYS = ["saved", "published", "edited"]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize(
    ("value", "form"),
    [
        (f'"{"9" * 20}"', "yaml"), ("99999999999999999999", "yaml"), ("10000000001", "yaml"),
        (str(2**63), "yaml"), (str(2**63 - 1), "yaml"), ("-1", "yaml"), ('"-5"', "yaml"),
        (".inf", "yaml"), ("-.inf", "yaml"), (".nan", "yaml"), ('"1e400"', "yaml"),
        ("1.0e+40", "yaml"), (LONG, "yaml"), (f'"{LONG}"', "yaml"), (f"0x{'F' * 5000}", "yaml"),
        ('"99999999亿"', "yaml"), ('"9,999,999,999,999"', "yaml"), ("１" * 20, "yaml"),
        ("inf", "toml"), ("nan", "toml"), ("-1", "toml"), ("1e400", "toml"), (LONG, "toml"),
        ("99999999999999999999", "toml"), (f"0x{'F' * 5000}", "toml"),
        ("1e400", "json"), ("-1", "json"), (LONG, "json"), ("Infinity", "json"), ("NaN", "json"),
        ("99999999999999999999", "json"),
    ],
    ids=lambda value: value[:12],
)  # fmt: skip
def test_a_count_beyond_its_range_is_unknown_and_named(name: str, value: str, form: str) -> None:
    page = noted(name, value, form)
    assert fact(page, name) is None
    assert any(f"{name}: no number from 0 to 10,000,000,000" in row for row in page.warnings)
    assert page.posts[-1].paragraphs[0].text == "甲说的话"


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("0", 0), ("12", 12), ("10000000000", 10**10), ("12.0", 12), ('"1,043"', 1043),
        ('"1.2亿"', 120_000_000), ('"3k"', 3000), ('"2M"', 2_000_000), ('"１２３"', 123),
        ('"٣٤"', 34), ('" 1 234 "', 1234), ('"12，345"', 12345),
        # These state no number; that is known of any word, so nothing is said.
        ("true", None), ("many", None), ('"三千"', None), ("[3]", None), ("{a: 3}", None),
        ("null", None), ('""', None), ("2.5", None), ("2023-01-01", None), ("½", None),
    ],
)  # fmt: skip
def test_a_count_within_its_range_is_read(name: str, value: str, count: int | None) -> None:
    page = noted(name, value)
    assert (fact(page, name), page.warnings) == (count, ())


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize(
    ("value", "form"),
    [
        ('"99999-01-01"', "yaml"), ('"0000-00-00"', "yaml"), ('"2023-13-45"', "yaml"),
        ("0001-01-01", "yaml"), ("9999-12-31", "yaml"), ("1601-01-01", "yaml"),
        ("2200-01-01", "yaml"), ("1799-12-31", "yaml"), ("99999999999999999999", "yaml"),
        ("-62135596800", "yaml"), ("253402300800", "yaml"), (".inf", "yaml"), (".nan", "yaml"),
        (LONG, "yaml"), (f'"{LONG}"', "yaml"), ('"-1"', "yaml"), ('"99999年1月1日"', "yaml"),
        ("0001-01-01", "toml"), ("9999-12-31T23:59:59Z", "toml"), ("inf", "toml"), (LONG, "toml"),
        ('"99999-01-01"', "json"), ("1e400", "json"), (LONG, "json"), ("-1", "json"),
    ],
    ids=lambda value: value[:12],
)  # fmt: skip
def test_a_date_beyond_its_range_is_unknown_and_named(name: str, value: str, form: str) -> None:
    page = noted({"edited": "modified"}.get(name, name), value, form)
    assert fact(page, name) is None
    assert any(f"{name}: no day from 1800 to 2199" in row for row in page.warnings)


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("1800-01-01", "1800-01-01"), ("2199-12-31", "2199-12-31"), ("1936-10-19", "1936-10-19"),
        ("1700000000", "2023-11-14T22:13:20+00:00"), ("1700000000000", "2023-11-14T22:13:20+00:00"),
        ("2023", None), ("soon", None), ("true", None), ("[]", None), ('"2023-05"', None),
    ],
)  # fmt: skip
def test_a_date_within_its_range_is_read(name: str, value: str, day: str | None) -> None:
    page = noted({"edited": "modified"}.get(name, name), value)
    assert (fact(page, name), page.warnings) == (day, ())


def test_of_two_names_of_a_fact_the_one_within_range_counts() -> None:
    head = f"url: {ANSWER}\nvotes: 99999999999999999999\nupvotes: 7\nsaved: 0001-01-01"
    page = parse_page("a.md", f"---\n{head}\ncreated: 2023-05-06\n---\n甲说的话\n".encode())
    assert (page.posts[-1].votes, page.saved, page.warnings) == (7, "2023-05-06", ())


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 30, "99999999 亿", "1" * 40])
@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("{} 人赞同了该回答\n\n甲说的话", ["votes"]),
        ("甲说的话\n\n赞同 {}\u200b3 条评论", ["votes"]),
        ("甲说的话\n\n赞同 12\u200b{} 条评论", ["comments"]),
        ("12 人赞同了该回答\n\n甲说的话\n\n赞同 12{} 条评论", ["comments"]),
        ("甲说的话\n\n赞同 {}添加评论", ["votes"]),
    ],
)
def test_counts_on_the_page_have_the_same_range(line: str, names: list[str], digits: str) -> None:
    head = f"---\nurl: {ANSWER}\n---\n[甲](https://www.zhihu.com/people/a)\n\n"
    page = parse_page("a.md", (head + line.format(digits) + "\n").encode())
    for name in ("votes", "comments"):
        value = getattr(page.posts[-1], name)
        assert value is None or 0 <= value <= ranges.MOST_COUNT
    if "亿" not in digits:
        for name in names:
            assert fact(page, name) is None


@pytest.mark.parametrize("digits", ["9" * 20, "9" * 5000, "٣" * 30, "-1"])
def test_counts_of_markup_have_the_same_range(digits: str) -> None:
    metas = "".join(
        f'<meta itemprop="{name}Count" content="{digits}">' for name in ("upvote", "comment")
    )
    dates = '<meta itemprop="dateCreated" content="99999-01-01">'
    body = f'<div data-zop=\'{{"type":"answer","itemId":2}}\'>{metas}{dates}<p>甲说的话</p></div>'
    head = f'<link rel="canonical" href="{QUESTION}">'
    page = parse_page("a.html", f"<html><head>{head}</head><body>{body}</body></html>".encode())
    post = page.posts[-1]
    assert (post.votes, post.comments, post.published) == (None, None, None)
    assert post.paragraphs[-1].text == "甲说的话"


@pytest.mark.parametrize("tag", [f"h{LONG}", "h0", "h7", "h", "h１"])
def test_what_is_no_heading_of_html_breaks_no_page(tag: str) -> None:
    page = parse_page("a.html", f"<html><body><{tag}>甲说的话</{tag}>".encode())
    assert page.posts[0].paragraphs[0].text == "甲说的话"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.integers(), st.floats(), st.text(max_size=30), st.booleans(), st.none()))
def test_count_of_anything_is_a_count_or_none(value: object) -> None:
    count = count_of(value)
    assert count is None or (type(count) is int and 0 <= count <= ranges.OUTSIDE)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= ranges.MOST_COUNT:
        assert count == value


@given(st.dates())
def test_is_day_agrees_with_the_calendar(day: date) -> None:
    assert ranges.is_day(day.isoformat()) == (1800 <= day.year < 2200)


@pytest.mark.parametrize("name", ["MOST_POSTS", "MOST_PARAGRAPHS", "MOST_CHARS"])
def test_a_page_of_too_much_is_refused_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Three posts of two paragraphs of five characters each."""
    post = (
        "[甲](https://www.zhihu.com/people/a)\n\n1 人赞同了该回答\n\n甲说的话。\n\n乙说的话。\n\n"
    )
    text = f"---\nurl: {QUESTION}\n---\n{post * 3}".encode()
    has = {"MOST_POSTS": 3, "MOST_PARAGRAPHS": 6, "MOST_CHARS": 30}[name]
    monkeypatch.setattr(ranges, name, has)
    assert len(parse_page("a.md", text).posts) == 3
    monkeypatch.setattr(ranges, name, has - 1)
    with pytest.raises(PageError, match=f"more than {has - 1} .*; split it into pages"):
        parse_page("a.md", text)


def test_what_paragraphs_cite_is_bounded_by_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long reference that many short paragraphs cite would be stored with each of them."""
    monkeypatch.setattr(ranges, "MOST_CITED", 10_000)
    text = "一[1]\n\n" * 100 + f"参考\n\n1. ^{'长' * 400}\n"
    page = parse_page("a.md", f"---\nurl: {ANSWER}\n---\n{text}".encode())
    assert len(page.posts[-1].references) == 1
    assert not any(row.references for row in page.posts[-1].paragraphs)
    assert any("references: too much is cited" in row for row in page.warnings)


def test_warnings_are_lines_and_few() -> None:
    head = "".join(f"a{n}: 2023-02-30\n" for n in range(999))
    page = parse_page("a.md", f"---\n{head}b: !!bool 'may\n\n  be'\n---\n甲".encode())
    assert len(page.warnings) == 51
    assert not any("\n" in row for row in page.warnings)
    assert "more such warnings" in page.warnings[-1]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout


def test_a_page_of_extreme_facts_is_one_page_of_the_index(tmp_path: Path) -> None:
    pages, index = tmp_path / "p", str(tmp_path / "index")
    pages.mkdir()
    names = [*COUNTS, "saved", "published", "modified", "title", "author", "tags"]
    values = [LONG, ".inf", "-1", '"99999999999999999999"', "0001-01-01", '"\\uD800\\0"', "[[1]]"]
    for row, name in enumerate(names):
        for column, value in enumerate(values):
            head = f"url: {QUESTION}{row}/answer/{column}\n{name}: {value}"
            text = f"---\n{head}\n---\n坏的一页，{row}-{column}\n"
            (pages / f"{row}-{column}.md").write_text(text, encoding="utf-8")
    good = f"---\nurl: {ANSWER}\nvotes: 5\npublished: 2023-05-06\n---\n好的一页\n"
    (pages / "good.md").write_text(good, encoding="utf-8")
    assert run("index", str(pages), "--index", index)[0] == 0
    code, said = run("search", "好的一页", "--index", index, "--json", "-n", "1")
    assert (code, json.loads(said)["hits"][0]["votes"]) == (0, 5)
    for sort in ("votes", "date"):
        code, said = run("search", "一页", "--index", index, "--json", "--sort", sort, "-n", "99")
        hits = json.loads(said)["hits"]
        assert (code, len(hits), hits[0]["path"][-7:]) == (0, 71, "good.md")
    for words in (["votes:>0"], ["votes:5"], ["published:2023"], ["after:2023 before:2024"]):
        code, said = run("search", *words, "--index", index, "--json")
        assert [hit["path"][-7:] for hit in json.loads(said)["hits"]] == ["good.md"]
    for command in (["list", "authors"], ["list", "tags"], ["stats"], ["stats", "--json"]):
        assert run(*command, "--index", index)[0] in (0, 1)
