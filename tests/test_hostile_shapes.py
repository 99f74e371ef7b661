"""Shapes that are known to hurt parsers: each is read or refused in a line, its work bounded.

What time and memory they take at large is measured by `python -m torture shapes`.
"""

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from torture.shapes import SHAPES

from wenduan import PageError
from wenduan.pages import (
    Page,
    html,
    html_taming,
    iter_pages,
    parse_page,
    parse_pages,
    ranges,
    unpacking,
)
from wenduan.pages.dates import iso_date
from wenduan.pages.front_matter import split_front_matter
from wenduan.pages.guarding import is_fault
from wenduan.pages.html_taming import tamed
from wenduan.pages.several import split_pages

SMALL = 3000


def told(page: Page) -> str:
    return "".join(row.text for post in page.posts for row in post.paragraphs)


@pytest.mark.parametrize("name", SHAPES)
def test_a_hostile_shape_is_read_or_refused_in_a_line(name: str) -> None:
    suffix, make = SHAPES[name]
    for page in iter_pages(f"a{suffix}", make(SMALL).encode()):
        lines = [str(page)] if isinstance(page, PageError) else page.warnings
        assert not any("\n" in line for line in lines)
        assert not (isinstance(page, PageError) and is_fault(page))


def tags(count: int, attribute: Callable[[int], str]) -> str:
    return "".join(attribute(n) for n in range(count))


@pytest.mark.parametrize(
    "attribute",
    [
        lambda n: f" a{n}=1", lambda n: f" a{n}", lambda n: f" a{n}='>'", lambda n: f"/a{n}",
        lambda n: f'\n a{n} = "<p>\n"', lambda n: f" a{n}=b'c", lambda n: " a=1",
    ],
    ids=["valued", "bare", "quoted", "slashes", "lines", "quote within", "same"],
)  # fmt: skip
def test_a_tag_keeps_its_first_attributes(attribute: Callable[[int], str]) -> None:
    """libxml2 compares each attribute with all others of its tag: 80,000 took 16 seconds."""
    source = f"<html><body><p id='x'{tags(5000, attribute)}>字</p>\n<p>下一段</p></body></html>"
    root = etree.fromstring(tamed(source).encode(), etree.HTMLParser())
    first = root.find(".//p")
    assert first.get("id") == "x"
    assert 1 <= len(first.attrib) <= 256
    page = parse_page("a.html", source.encode())
    assert [row.text for row in page.posts[0].paragraphs] == ["字", "下一段"]
    # What is left out keeps its line breaks.
    assert page.posts[0].paragraphs[1].line == source.count("\n", 0, source.index("下")) + 1


def test_what_is_no_tag_is_left_as_it_is() -> None:
    code = "if (a <b " + " ".join(f"c{n}" for n in range(999)) + ") { d('</p>') }"
    for before, after in (("<script>", "</script>"), ("<!--", "-->"), ("<style>", "</style>")):
        source = f"<html><body>{before}{code}{after}<p>字</p></body></html>"
        assert tamed(source) == source
        assert told(parse_page("a.html", source.encode())) == "字"


def test_many_comments_are_left_out_with_their_lines_kept() -> None:
    comments = "<!-- a\n<p> -->" * 5000
    source = f"<html><body>一{comments}二<p>下一段</p></body></html>"
    assert "<!--" not in tamed(source)
    assert tamed(source).count("\n") == 5000
    rows = parse_page("a.html", source.encode()).posts[0].paragraphs
    assert [(row.text, row.line) for row in rows] == [("一二", 1), ("下一段", 5001)]


@pytest.mark.parametrize(
    "head",
    [
        "a." * 300 + "a = 1", f"[{'a.' * 300}a]", f"x = {{{'a.' * 300}a = 1}}",
        '"a" . ' * 300 + "a = 1", f"x = '''b'c''' # {'a.' * 300}", "a = 1\n" * 30_000,
    ],
    ids=lambda head: head[:12],
)  # fmt: skip
def test_toml_that_costs_the_square_of_its_size_is_not_parsed(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loads(text: str) -> dict[str, Any]:
        raise AssertionError(text[:80])

    monkeypatch.setattr(tomllib, "loads", loads)
    page = parse_page("a.md", f"+++\n{head}\n+++\n正文".encode())
    assert told(page) == "正文"
    assert page.warnings == (
        "line 1: the front matter is too large or too deep for TOML, read without it",
    )


def test_toml_of_usual_size_is_parsed() -> None:
    head = 'title = "a. b. c."\n[a.b.c]\nd.e.f = "' + "g. " * 80 + '"\n'
    assert parse_page("a.md", f"+++\n{head}+++\n正文".encode()).title == "a. b. c."


@pytest.mark.parametrize("text", ["a\n\n", "- a\n", "# a\n", "***\n\na\n\n", "<p>a</p>\n\n"])
def test_blocks_beyond_bounds_end_the_parsing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 16 MiB could hold five million; each takes a kilobyte."""
    monkeypatch.setattr(ranges, "MOST_PARAGRAPHS", 100)
    with pytest.raises(PageError, match="more than 100 paragraphs; split it into pages"):
        parse_page("a.md", (text * 500).encode())
    with pytest.raises(PageError, match="more than 100 paragraphs; split it into pages"):
        parse_page("a.html", f"<html><body>{'<p>a' * 500}".encode())


def test_html_without_its_images_has_the_size_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_CHARS", 1000)
    image = f"<img src='data:image/png;base64,{'QUJD' * 999}'>"
    assert told(parse_page("a.html", f"<html><body><p>字{image}".encode())) == "字"
    with pytest.raises(PageError, match=r"larger than .* without its images"):
        parse_page("a.html", f"<html><body><p>{'字' * 1000}".encode())


def old_items(text: str) -> list[int]:
    """Where pages of Logseq's plugin begin, by the expression that was quadratic."""
    pattern = (
        r"(?m)^(?P<indent>[ \t]*)- \[[^\n]*\]\([^\n]*\)[ \t]*\n"
        r"(?:[ \t]+collapsed:: true[ \t]*\n)?[ \t]+site:: "
    )
    return [match.start() for match in re.finditer(pattern, text)]


@pytest.mark.parametrize(
    "text",
    [
        "- [a](b)\n  site:: c\n- [d](e)\n  site:: f\n",
        "x\n  - [a](b) \n    collapsed:: true\n    site:: c\n  - [d](e)\n\tsite:: f\n",
        "- [a](b\n  site:: c\n- [a] (b)\n  site:: c\n- a](b)\n  site:: c\n",
        "- [](x)\n site:: c\n- []()\n site:: c\n- [a](b)c)\n site:: \n- [a](b)\nsite:: c\n",
        "  site:: c\n- [a](b)\n\n  site:: c\n",
        "- [a](b)\n  collapsed:: true\n  collapsed:: true\n  site:: c\n- [a](b](c)\n site:: d\n",
    ],
)
def test_pages_of_logseq_begin_where_they_did(text: str) -> None:
    parts = split_pages(split_front_matter(text))
    found = old_items(text)
    expected = len(found) if len(found) > 1 or (found and text[found[0]] != "-") else 1
    assert len(parts) == expected
    assert [part.first_line for part in parts][1:] == [
        text.count("\n", 0, at) + 1 for at in found[1:expected]
    ]


def test_pages_of_a_file_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"- [a{n}](b)\n  site:: c\n" for n in range(9))
    assert len(parse_pages("a.md", text.encode())) == 9
    monkeypatch.setattr("wenduan.pages.unpacking.MOST_PAGES", 8)
    with pytest.raises(PageError, match="more than 8 pages; split it"):
        parse_pages("a.md", text.encode())


def test_titles_of_many_pages_are_looked_up_by_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each was looked for through the whole head: of 5,000 pages that took minutes."""
    head = "".join(f"- id: a{n:09}\n  title: '页 {n}'\n" for n in range(30))
    body = "".join(f"%%a{n:09}_start%%\na\n%%a{n:09}_end%%\n" for n in range(30))
    text = f"---\n{head}---\n{body}".encode()
    expected = [(f"页 {n}", 2 * n + 3) for n in range(30)]
    for long in (10**6, 10):
        monkeypatch.setattr(unpacking, "_LONG_HEAD", long)
        pages = parse_pages("a.md", text)
        assert [(page.title, page.posts[0].paragraphs[0].line) for page in pages] == expected


def test_many_links_of_a_list_of_references_stay_with_their_entries() -> None:
    lines = "\n".join(f"[{n}] 书{n} [链接](https://a.b/{n}-)" for n in range(1, 301))
    head = "---\nurl: https://www.zhihu.com/question/1/answer/2\n---\n"
    page = parse_page("a.md", f"{head}甲说[1]，乙说[300]。\n\n参考\n\n{lines}\n".encode())
    assert [row.label for row in page.posts[-1].references] == [str(n) for n in range(1, 301)]
    assert page.posts[-1].references[-1].title is not None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # Python takes it for a day of 1713, written without dashes.
        ("1713052800000", "2024-04-14T00:00:00+00:00"), ("1713052800", "2024-04-14T00:00:00+00:00"),
        ("20230102", "2023-01-02"), ("20230102123456", "2023-01-02T12:34:56"),
        ("202301021234", "2023-01-02T12:34"), ("2023010212345", None), ("20231302123456", None),
    ],
)  # fmt: skip
def test_dates_of_digits_alone(text: str, day: str | None) -> None:
    assert iso_date(text) == day


_PIECES = [
    "<!--", "-->", "--!>", "<!-->", "<!--->", "-", ">", "<p>", "</p>", "字", "a", "\n", " ", "<?a",
    "<script>", "</script>", "<style>", "</style>", "<b x='", "'", '"', '="', "<", "</", "<b>",
    "</b>", "=", "<td>", "<table>", "<!x>", "<![CDATA[", "]]>", "<b a=1 b c='2'>", " d=3", "/",
    "<title>", "</title>", "<textarea>",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_html_reads_alike_without_comments_and_attributes(pieces: list[str]) -> None:
    """White space may differ where a comment stood; nothing that is seen does."""
    source = f"<html><body>{''.join(pieces)}<p>尾</p>"

    def seen() -> list[str]:
        (found,) = iter_pages("a.html", source.encode())
        return ["".join(told(found).split())] if isinstance(found, Page) else [found.reason]

    before = seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html_taming, "_MOST_COMMENTS", -1)
        patch.setattr(html_taming, "_MOST_ATTRIBUTES", 1)
        assert seen() == before
