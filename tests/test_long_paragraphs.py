"""No paragraph, title or name is longer than a search can afford to show; none of it is lost."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import build
from wenduan import Index
from wenduan.pages import Page
from wenduan.pages.cutting import MOST_CHARS, cut, shortened
from wenduan.pages.reading import parse_page

# Pieces of text that must stay whole, and what may part them.
WHOLE = [
    "word",
    "GPT",
    "3.14",
    "1984",
    "e\u0301\u0323",
    "👨\u200d👩\u200d👧",
    "👍🏽",
    "🇨🇳",
    "2\ufe0f\u20e3",
    "我",
    "文",
]
BORDERS = ["\n", "。", "！", "？！", "……", "”", ". ", "，", "；", " ", "", ""]
SEEN = re.compile(r"\S+")


def seen(text: str) -> str:
    return "".join(SEEN.findall(text))


def texts_of(page: Page) -> list[str]:
    return [row.text for post in page.posts for row in post.paragraphs]


def pieces(text: str) -> list[str]:
    return [text[begin:end] for begin, end in cut(text)]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(WHOLE), st.sampled_from(BORDERS)), max_size=40),
    st.integers(1, 300),
)
def test_pieces_joined_are_the_text_and_none_is_too_long(
    rows: list[tuple[str, str]], times: int
) -> None:
    text = "".join(whole + border for whole, border in rows) * times
    found = pieces(text)
    assert "".join(found) == text
    assert all(len(piece) <= MOST_CHARS for piece in found)
    assert all(found) or not text


@settings(deadline=None)
@given(
    st.text(alphabet="a1中\u0301\u200d🇨，。\n .[]+", min_size=1, max_size=30), st.integers(1, 500)
)
def test_any_text_is_cut_into_pieces_of_at_most_the_limit(text: str, times: int) -> None:
    found = pieces(text * times)
    assert "".join(found) == text * times
    assert max(map(len, found)) <= MOST_CHARS


@pytest.mark.parametrize("whole", WHOLE)
@pytest.mark.parametrize("lead", range(12))
def test_cuts_part_no_word_number_or_character(whole: str, lead: int) -> None:
    # Between two Han characters a text may be cut, within what stands there it may not.
    text = "中" * lead + f"{whole}中" * 1_500
    parts = [part for piece in pieces(text) for part in piece.split("中") if part]
    assert set(parts) == {whole} - {"中"}


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("2024-01-01 12:00:00 INFO server answered request\n", "\n"),
        ("他说：“人工智能企业烧钱。”没有人相信他，因为他们不缺投资！", "！”。"),
        ("No one believed him, since 3.5 percent is less. ", " "),
        ("没有句号，只有逗号，一直写下去，", "，"),
        ("words without any punctuation at all ", " "),
    ],
)
def test_a_long_text_is_cut_at_its_strongest_border(line: str, end: str) -> None:
    found = pieces(line * 400)
    assert len(found) > 2
    assert all(piece[-1] in end for piece in found[:-1])
    # A sentence stays whole.
    sentence = line.split("。")[0].strip()
    assert sum(piece.count(sentence) for piece in found) == 400


def test_a_text_of_the_limit_is_one_piece_and_the_rest_of_a_longer_one_is_no_mere_end() -> None:
    assert pieces("中" * MOST_CHARS) == ["中" * MOST_CHARS]
    assert min(map(len, pieces("中" * (MOST_CHARS + 1)))) > 100


def test_a_log_without_blank_lines_is_paragraphs_each_on_its_own_line() -> None:
    lines = [f"2024-01-{n % 28 + 1:02} INFO request {n} failed" for n in range(3_000)]
    page = parse_page("server.txt", "\n".join(["# Log", "", *lines]).encode())
    (post,) = page.posts
    rows = [row for row in post.paragraphs if row.kind == "text"]
    assert "\n".join(row.text for row in rows) == "\n".join(lines)
    assert [row.number for row in post.paragraphs] == list(range(1, len(rows) + 2))
    for row in rows:
        assert len(row.text) <= MOST_CHARS
        assert lines[row.line - 3] == row.text.split("\n")[0]


LONG_LINES = [f"第{n}行写的是没有空行的一段话，" for n in range(400)]


ROWS = [f"| {line} | {line} 乙 |" for line in LONG_LINES]
SOURCES = [
    ("a.md", "quote", "\n".join(f"> {line}" for line in LONG_LINES)),
    ("a.md", "list", "- " + "\n  ".join(LONG_LINES)),
    ("a.md", "code", "```\n" + "\n".join(LONG_LINES) + "\n```"),
    ("a.md", "code", "".join(f"    {line}\n" for line in LONG_LINES)),
    ("a.md", "table", "\n".join([ROWS[0], "| - | - |", *ROWS[1:]])),
    ("a.md", "text", "\n".join(f"{line}<br>" for line in LONG_LINES)),
    ("a.md", "text", "![](a.png)\n" + "\n".join(LONG_LINES)),
    ("a.html", "text", "<html><body><p>" + "<br>\n".join(LONG_LINES)),
    ("a.html", "text", "<html><body><p>" + "\n<b>x</b>".join(LONG_LINES)),
    ("a.html", "code", "<html><body><pre>" + "\n".join(LONG_LINES)),
    ("a.html", "text", "<html><body><p>" + "".join(LONG_LINES)),
    ("a.html", "text", "<html><body>" + "<div>" * 400 + "\n".join(LONG_LINES)),
]


@pytest.mark.parametrize(("name", "kind", "source"), SOURCES, ids=map(str, range(len(SOURCES))))
def test_pieces_keep_their_kind_and_tell_the_line_on_which_they_begin(
    name: str, kind: str, source: str
) -> None:
    lines = source.split("\n")
    page = parse_page(name, ("\n\n" + source).encode())
    rows = [row for post in page.posts for row in post.paragraphs if row.kind == kind]
    assert len(rows) > 2
    assert all(len(row.text) <= MOST_CHARS for row in rows)
    text = "".join(row.text for row in rows)
    assert all(text.count(f"第{n}行") == source.count(f"第{n}行") for n in range(400))
    for row in rows:
        first = re.search(r"第\d+行", row.text)
        assert first is not None
        # Line 1 and 2 are blank.
        assert first[0] in lines[row.line - 3]


def test_references_belong_to_the_piece_that_cites_them() -> None:
    sentences = [f"这是第 {n} 句话，说了一些别的事情[^{n}]。" for n in range(1, 301)]
    notes = [f"[^{n}]: 来源 https://example.com/{n}" for n in range(1, 301)]
    page = parse_page("a.md", "\n\n".join(["".join(sentences), *notes]).encode())
    rows = [row for post in page.posts for row in post.paragraphs]
    assert len(rows) > 3
    for row in rows:
        cited = re.findall(r"\[(\d+)\]", row.text)
        assert [reference.label for reference in row.references] == cited
    assert [r.label for row in rows for r in row.references] == [str(n) for n in range(1, 301)]


def test_a_reference_cited_in_two_pieces_belongs_to_both() -> None:
    text = "开头[^1]。" + "中间没有引用的句子。" * 400 + "结尾[^1]。"
    page = parse_page("a.md", f"{text}\n\n[^1]: https://example.com/a".encode())
    labels = [[one.label for one in row.references] for row in page.posts[0].paragraphs]
    assert len(labels) > 2
    assert labels[0] == labels[-1] == ["1"]
    assert not any(labels[1:-1])


def test_ten_thousand_references_on_one_paragraph_are_cut_with_it() -> None:
    cited = "".join(f"句{n}[^{n}]。" for n in range(10_000))
    notes = "\n\n".join(f"[^{n}]: https://example.com/{n}" for n in range(10_000))
    page = parse_page("a.md", f"{cited}\n\n{notes}".encode())
    rows = page.posts[0].paragraphs
    assert sum(len(row.references) for row in rows) == 10_000
    assert max(len(row.references) for row in rows) < MOST_CHARS / 3


def test_titles_headings_and_names_of_a_megabyte_are_bounded_and_titles_stay_found() -> None:
    long = "很长的标题" * 200_000
    source = (
        f"---\ntitle: {long}末尾\nauthor: {'甲' * 1_000_000}\ntags: [{'标' * 1_000_000}]\n"
        f"url: https://example.com/{'a' * 1_000_000}\n---\n\n# {long}二\n\n正文。[^1]\n\n"
        f"[^1]: {'文献' * 300_000}\n"
    )
    page = parse_page("a.md", source.encode())
    (post,) = page.posts
    assert len(page.title) <= MOST_CHARS
    assert post.paragraphs[0].text == page.title
    headings = "".join(row.text for row in post.paragraphs if row.kind == "heading")
    assert headings == f"{long}末尾{long}二"
    assert len(post.author or "") == 200
    assert len(page.tags[0]) == 100
    assert page.url is None
    assert all(len(row.title or "") <= 500 for row in post.references)
    assert post.paragraphs[-1].references == post.references
    assert max(map(len, texts_of(page))) <= MOST_CHARS
    assert any("too long" in warning and "author" in warning for warning in page.warnings)


def test_a_page_of_usual_facts_is_not_warned_about() -> None:
    page = parse_page("a.md", "---\ntitle: 标题\nauthor: 甲\n---\n\n正文。".encode())
    assert page.warnings == ()


def test_a_name_is_not_cut_within_a_character() -> None:
    assert shortened("e\u0301" * 5, 5) == "e\u0301" * 2
    assert shortened("短", 5) == "短"


def test_what_a_search_shows_of_a_huge_paragraph_is_a_piece_of_it(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    lines = [f"2024-01-01 server answered request {n} with error 500" for n in range(5_000)]
    (pages / "server.txt").write_text("\n".join(lines), encoding="utf-8")
    with Index(build(tmp_path / "index", pages)) as index:
        for query in ("server", '"request 4321 with error"', "server error 500"):
            hits = index.search(query, 10, grouped=False)
            assert hits
            assert max(len(hit.text) for hit in hits) <= MOST_CHARS
        (hit,) = index.search('"request 4321 with error"')
        assert hit.line <= 4_322 <= hit.line + hit.text.count("\n")
        assert lines[hit.line - 1] == hit.text.split("\n")[0]
