"""Readers on small pages, each for one thing that a page may hold."""

import pytest

from wenduan.pages import Page, parse_page
from wenduan.pages.zhihu.bar import read_bar, read_votes_line


def read(text: str) -> Page:
    return parse_page("page.md", text.encode())


def paragraphs(text: str) -> list[tuple[int, str, str]]:
    return [(p.line, p.kind, p.text) for post in read(text).posts for p in post.paragraphs]


@pytest.mark.parametrize(
    ("line", "votes"),
    [
        ("32 人赞同了该回答", 32),
        ("1,043 人赞同了该回答", 1043),
        ("2.3 万人赞同了该回答", 23000),
        ("甲、乙 等 937 人赞同了该回答", 937),
        ("937 人赞同了该文章", 937),
        ("有 32 人赞同了我的看法", None),
    ],
)
def test_votes_line(line: str, votes: int | None) -> None:
    assert read_votes_line(line) == votes


@pytest.mark.parametrize(
    ("bar", "known", "expected"),
    [
        ("赞同 3211 条评论收藏喜欢收起", 32, (32, 11)),
        ("赞同 12添加评论收藏喜欢", None, (12, 0)),
        ("赞同添加评论收藏喜欢", None, (0, 0)),
        ("赞同 243\u200b15 条评论\u200b收藏\u200b喜欢", None, (243, 15)),
        ("赞同 1,04352 条评论收藏喜欢", 1043, (1043, 52)),
        ("赞同 467 条评论收藏喜欢", None, (None, None)),
        ("赞同 7 条评论收藏喜欢", None, (0, 7)),
        (None, 32, (32, None)),
        (None, None, (None, None)),
    ],
)
def test_bar(bar: str | None, known: int | None, expected: tuple[int | None, int | None]) -> None:
    assert read_bar(bar, known) == expected


def test_blocks_of_all_kinds() -> None:
    text = """# 题

正文
第二行

> 引文

- 甲
  - 乙

```
代码 [x](y)
```

| 一 | 二 |
|---|---|
| 三 | 四 |

$$
E = mc^2
$$
"""
    assert paragraphs(text) == [
        (1, "heading", "题"),
        (3, "text", "正文\n第二行"),
        (6, "quote", "引文"),
        (8, "list", "甲"),
        (9, "list", "乙"),
        (11, "code", "代码 [x](y)"),
        (15, "table", "一 | 二\n三 | 四"),
        (19, "formula", "E = mc^2"),
    ]


def test_all_paragraphs_of_a_footnote_are_kept() -> None:
    page = read("正文[^1]\n\n[^1]: 甲说\n\n    乙说 <https://example.org/x>\n")
    (post,) = page.posts
    (reference,) = post.references
    assert reference.url == "https://example.org/x"
    assert reference.title == "甲说 乙说"
    assert post.paragraphs[0].references == (reference,)


def test_title_of_the_front_matter_is_a_paragraph_on_its_line() -> None:
    assert paragraphs("---\nid: 1\ntitle: 好题目\n---\n正文\n") == [
        (3, "heading", "好题目"),
        (5, "text", "正文"),
    ]


def test_bold_that_commonmark_leaves_marked() -> None:
    ((_, _, text),) = paragraphs("**很重要。**因为下雨")
    assert text == "很重要。因为下雨"


def test_redirects_give_their_target() -> None:
    page = read("文[^1]\n\n[^1]: [题](https://link.zhihu.com/?target=https%3A//example.org/a)\n")
    assert page.posts[0].references[0].url == "https://example.org/a"


def test_facts_that_are_unknown_are_none() -> None:
    page = read("---\nauthor: unknown\ntitle: 甲\n---\n正文")
    assert (page.posts[0].author, page.url, page.saved, page.posts[0].votes) == (None,) * 4


def test_stars_that_mean_a_power_stay() -> None:
    assert paragraphs("2**3 是八")[0][2] == "2**3 是八"
