"""Readers on small pages, each for one thing that a page may hold."""

import pytest

from wenduan.pages import Page, parse_page
from wenduan.pages.dates import iso_date
from wenduan.pages.facts import count_of
from wenduan.pages.formulas import undouble
from wenduan.pages.zhihu.bar import is_bar, read_bar, read_old_bar, read_votes_line
from wenduan.pages.zhihu.byline import split_name


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


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2023-12-23", "2023-12-23"),
        ("2023-12-23 07:51", "2023-12-23T07:51"),
        ("2023-12-20T08:00:00.000Z", "2023-12-20T08:00:00+00:00"),
        ("2021-09-12T11:48:47 (UTC +08:00)", "2021-09-12T11:48:47+08:00"),
        ("2018年05月21日05时39分12秒", "2018-05-21T05:39:12"),
        ("2021年3月4日 06:30", "2021-03-04T06:30"),
        ("2021/3/4", "2021-03-04"),
        ("Sat Dec 23 2023 10:00:00 GMT+0800 (China Standard Time)", "2023-12-23T10:00:00+08:00"),
        ("[[Nov 28th, 2023]]", "2023-11-28"),
        ("1600000000", "2020-09-13T12:26:40+00:00"),
        ("1600000000000", "2020-09-13T12:26:40+00:00"),
        ("[[01/23/2024]]", "2024-01-23"),
        ("23/01/2024", "2024-01-23"),
        ("02/02/2024", "2024-02-02"),
        # The third of February, or the second of March.
        ("02/03/2024", None),
        ("2023-13-40", None),
        ("昨天 12:00", None),
        ("2023-12-23 下雪", None),
        ("12345678", None),
    ],
)
def test_date(text: str, date: str | None) -> None:
    assert iso_date(text) == date


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (1043, 1043), ("1,043", 1043), ("2.3 万", 23000), ("1.2k", 1200), ("0", 0), (0, 0),
        (True, None), (-1, None), ("many", None), ("", None), ("1.5", None), (None, None),
    ],
)  # fmt: skip
def test_count(value: object, count: int | None) -> None:
    assert count_of(value) == count


def test_comments_of_the_old_layout_are_not_cut_off_the_digits() -> None:
    assert read_old_bar("13 条评论 分享 收藏") == (None, 13)
    assert read_old_bar("45 13 条评论") == (45, 13)
    assert read_old_bar("添加评论") == (None, 0)


@pytest.mark.parametrize(
    "text",
    [
        "赞同 3211 条评论收藏喜欢收起", "\u200b赞同 12\u200b\u200b添加评论\u200b分享",
        "已赞同 7 喜欢",
        "▲ 赞同 12 3 条评论 分享", "▲ 12 添加评论",
    ],
)  # fmt: skip
def test_lines_of_buttons(text: str) -> None:
    assert is_bar(text)


@pytest.mark.parametrize(
    "text",
    ["赞同楼上的评论，说得好", "我赞同", "收藏了再看", "大家分享一下"],
)
def test_what_people_write_is_no_line_of_buttons(text: str) -> None:
    assert not is_bar(text)
    assert read_old_bar(text) is None


@pytest.mark.parametrize(
    ("given", "titled", "name"),
    [
        ("老狼新知答主已关注", "老狼", ("老狼", "新知答主")),
        ("跑者阿木\u200b新知答主", None, ("跑者阿木", "新知答主")),
        ("老秦 修车三十年 关注", None, ("老秦", "修车三十年")),
        ("Whtaa 关注", None, ("Whtaa", None)),
        # Where name and headline are glued together, nobody can tell one from the other.
        ("郭飞开源爱好者 关注", None, (None, None)),
        ("阿良.css-1cd9gw4{margin-left:.3em;}", None, ("阿良", None)),
        ("林 间", None, ("林 间", None)),
        (None, "老狼", ("老狼", None)),
        (None, None, (None, None)),
    ],
)
def test_name_and_headline(
    given: str | None, titled: str | None, name: tuple[str | None, str | None]
) -> None:
    assert split_name(given, titled) == name


def test_a_sentence_that_ends_in_the_button_is_no_headline() -> None:
    person = "https://www.zhihu.com/people/a"
    text = (
        "---\nurl: https://www.zhihu.com/question/1\n---\n"
        f"[![甲](https://a/b.jpg)]({person})\n\n[甲]({person})\n\n"
        "先说结论。\n\n觉得有用就点个关注\n\n赞同 3添加评论收藏喜欢\n"
    )
    (answer,) = read(text).posts
    assert answer.headline is None
    assert [row.text for row in answer.paragraphs] == ["先说结论。", "觉得有用就点个关注"]


def test_highlight_marks_are_taken_off_and_comparisons_kept() -> None:
    assert paragraphs("==走进去==，若 a==b 则 c==d")[0][2] == "走进去，若 a==b 则 c==d"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("霜后的萝卜地", "caption"),
        ("这是一句话。", "text"),
        ("问题是：", "text"),
        ("1、先洗手", "text"),
    ],
)
def test_bare_line_below_an_image_is_its_caption(line: str, kind: str) -> None:
    assert paragraphs(f"![](a.png)\n\n{line}\n") == [(3, kind, line)]


def test_line_between_tags_of_html_is_kept_in_its_quote() -> None:
    assert paragraphs("> <div>甲</div>\n> <p>乙</p>\n") == [(1, "quote", "甲"), (2, "quote", "乙")]


def test_definitions_are_not_lost() -> None:
    page = read('正文\n\n[参考]: https://example.org/a "一本书"\n')
    assert [(row.line, row.text) for row in page.chrome] == [
        (3, '[参考]: https://example.org/a "一本书"')
    ]


def test_names_in_programs_are_no_doubled_formulas() -> None:
    assert undouble(["data_data 和 QQ 群", "test_test"]) == ["data_data 和 QQ 群", "test_test"]


def test_two_formats_of_one_page_give_the_same_paragraphs() -> None:
    html = "<h1>题</h1><p>甲<b>乙</b></p><ol><li>丙</li></ol><blockquote>丁</blockquote>"
    page = parse_page("page.html", html.encode())
    told = [(row.kind, row.text) for row in page.posts[0].paragraphs]
    assert told == [
        (kind, text) for _, kind, text in paragraphs("# 题\n\n甲**乙**\n\n1. 丙\n\n> 丁\n")
    ]


def test_lines_of_comments_in_html_are_counted() -> None:
    html = "<p>一</p>\n<!-- a\nb -->\n二\n<script>var a\n= 1</script>\n<p>三</p>"
    page = parse_page("page.html", html.encode())
    assert [(row.line, row.text) for row in page.posts[0].paragraphs] == [
        (1, "一"), (4, "二"), (7, "三"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '设<span class="MathJax_Preview">n</span><span class="MathJax">n2</span>'
            '<script type="math/tex">n^2</script>个',
            "设$n^2$个",
        ),
        (
            '设<span class="katex"><span class="katex-mathml"><math><semantics><mi>n</mi>'
            '<annotation encoding="application/x-tex">n^2</annotation></semantics></math></span>'
            '<span class="katex-html">n2</span></span>个',
            "设$n^2$个",
        ),
        ('设<math alttext="n^2"><mi>n</mi><mn>2</mn></math>个', "设$n^2$个"),
        ('设<img eeimg="1" alt="n^2" src="//www.zhihu.com/equation?tex=n%5E2">个', "设$n^2$个"),
        ('设<span class="ztext-math" data-tex="n^2"><span>n2</span></span>个', "设$n^2$个"),
    ],
)
def test_formulas_of_html_are_kept_once(html: str, text: str) -> None:
    page = parse_page("page.html", f"<p>{html}</p>".encode())
    assert [row.text for row in page.posts[0].paragraphs] == [text]


def test_tables_within_tables_are_one() -> None:
    html = "<table><tr><td>甲<table><tr><td>乙</td></tr></table></td><td>丙</td></tr></table>"
    page = parse_page("page.html", html.encode())
    ((kind, text),) = [(row.kind, row.text) for row in page.posts[0].paragraphs]
    assert kind == "table"
    assert text.replace("|", " ").split() == ["甲", "乙", "丙"]


def test_content_right_below_highlights_is_no_note() -> None:
    mark = "[⤴️](https://omnivore.app/me/a#b)"
    page = read(
        f"# 题\n#Omnivore\n\n## Highlights\n\n> 水开了 {mark}\n\n水开了再下米。\n\n小火焖。\n"
    )
    (post,) = page.posts
    assert [row.text for row in post.paragraphs] == ["题", "水开了再下米。", "小火焖。"]


def test_button_behind_a_text_that_is_cut_off_is_chrome() -> None:
    person = "https://www.zhihu.com/people/a"
    page = read(
        "---\nurl: https://www.zhihu.com/question/1\n---\n"
        f"[![甲](https://a/b.jpg)]({person})\n\n[甲]({person})\n\n 关注\n\n"
        "话说到一半…阅读全文\n\n赞同 3添加评论收藏喜欢\n"
    )
    (answer,) = page.posts
    assert answer.collapsed
    assert [row.text for row in answer.paragraphs] == ["话说到一半…"]
    assert "阅读全文" in [row.text for row in page.chrome]


def test_title_of_html_is_that_of_its_heading() -> None:
    html = "<html><head><title>春 | 某站</title></head><body><h1>春</h1><p>雨</p></body></html>"
    page = parse_page("page.html", html.encode())
    assert page.title == "春"
    assert [row.text for row in page.posts[0].paragraphs] == ["春", "雨"]


@pytest.mark.parametrize(
    "html",
    [
        "<form><div>整页都在表单里</div></form>",
        '<div style="display:none">整页都在表单里</div>',
        "<nav>整页都在表单里</nav>",
    ],
)
def test_page_that_stands_aside_as_a_whole_is_read(html: str) -> None:
    page = parse_page("page.html", f"<html><body>{html}</body></html>".encode())
    assert [row.text for row in page.posts[0].paragraphs] == ["整页都在表单里"]


@pytest.mark.parametrize(
    ("given", "line", "name"),
    [
        ("茶缸", "茶缸 关注", ("茶缸", None)),
        ("", "茶缸\u200b杯子收藏者 关注", ("茶缸", "杯子收藏者")),
        # Where nothing parts them, nobody can tell.
        ("茶缸杯子收藏者 关注", "茶缸杯子收藏者 关注", (None, "茶缸杯子收藏者")),
        ("瓷器李", "茶缸\u200b杯子收藏者 关注", ("瓷器李", "茶缸 杯子收藏者")),
    ],
)
def test_name_and_headline_on_one_line_of_the_clipper(
    given: str, line: str, name: tuple[str | None, str | None]
) -> None:
    head = f"source: https://www.zhihu.com/question/1/answer/2\nauthor: {given}\ntags: clippings"
    page = read(f"---\n{head}\n---\n{line}\n\n5 人赞同了该回答\n\n正文\n")
    assert (page.posts[-1].author, page.posts[-1].headline) == name
    assert [row.text for row in page.posts[-1].paragraphs] == ["正文"]


def test_bad_date_in_front_matter_is_named_and_costs_only_the_date() -> None:
    page = read("---\ntitle: 题\npublished: 2024-02-30\ncreated: 2024-03-01\n---\n正文\n")
    assert (page.title, page.published, page.saved) == ("题", None, "2024-03-01")
    (warning,) = page.warnings
    assert warning == "line 3: 2024-02-30 is left as text: day is out of range for month"
