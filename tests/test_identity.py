"""Copies of one post are known by the same id and address, however each was saved."""

from pathlib import Path

import pytest

from conftest import build_notes
from golden import PAGES
from wenduan.feeding import iter_entries
from wenduan.pages import parse_page, read_pages
from wenduan.pages.addresses import canonical, target_of, zhihu_address
from wenduan.searching import Index

ANSWER = "https://www.zhihu.com/question/1/answer/2"
PERSON = "https://www.zhihu.com/people/a"
NAMED = f"[![甲](https://a/b.jpg)]({PERSON})\n\n[甲]({PERSON})"
DATED = f"[发布于 2020-01-01]({ANSWER})"
ENTITY = "%7B%22sourceType%22%3A%22answer%22%2C%22sourceId%22%3A2%7D"
COPIES = {
    "page": f"# 题\n\n{NAMED}\n\n 关注\n\n正文\n\n{DATED}\n\n赞同 1添加评论收藏喜欢",
    "protocol-relative": f"# 题\n\n{NAMED}\n\n正文\n\n{DATED.replace('https://www.z', '//www.z')}",
    "highlights": (
        f"# 题\n#Omnivore\n\n[Read Original]({ANSWER}?utm_id=0)\n\n## Highlights\n\n"
        "> 正文 [⤴️](https://omnivore.app/me/x#y)"
    ),
    "copied text": f"作者：甲\n链接：{ANSWER}\n来源：知乎\n著作权归作者所有。\n\n正文",
    "exporter": f"---\nid: 2\ntype: zhihu-answer\ntitle: 题\nsource: {ANSWER}\n---\n正文",
    "clipper": (
        f"---\ntitle: 题\nsource: {ANSWER}#top\ncreated: 2020-01-01\ndescription: 正\n---\n正文"
    ),
    "front matter": f"---\ntitle: 题\nurl: {ANSWER}\n---\n正文",
    "entity links only": (
        f"---\nurl: https://www.zhihu.com/question/1\n---\n{NAMED}\n\n 关注\n\n"
        f"[正文](https://www.zhihu.com/search?q=a&hybrid_search_extra={ENTITY})\n\n展开阅读全文"
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_an_answer_is_the_same_however_it_was_saved(name: str) -> None:
    page = parse_page("page.md", COPIES[name].encode())
    (answer,) = [post for post in page.posts if post.kind == "answer"]
    assert (answer.id, answer.url) == ("2", ANSWER)


def test_page_and_highlights_of_an_export_are_one_post() -> None:
    pages = read_pages(PAGES / "omnivore-export.zip")
    answers = [post for page in pages for post in page.posts if post.kind == "answer"]
    assert len(answers) == 2
    assert len({(post.id, post.url) for post in answers}) == 1


def test_the_index_is_told_who_is_who() -> None:
    page = parse_page("page.md", COPIES["page"].encode())
    facts = [entry.post for entry in iter_entries(page) if entry.post["kind"] == "answer"]
    assert (facts[0]["id"], facts[0]["permalink"]) == ("2", ANSWER)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://zhuanlan.zhihu.com/p/12?utm_source=x", "https://zhuanlan.zhihu.com/p/12"),
        ("https://www.zhihu.com/pin/34?utm_psn=1", "https://www.zhihu.com/pin/34"),
        ("//www.zhihu.com/question/1?sort=created", "https://www.zhihu.com/question/1"),
        ("https://www.zhihu.com/answer/2", "https://www.zhihu.com/answer/2"),
        (
            "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=1&sn=a&chksm=b&scene=27#rd",
            "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=1&sn=a",
        ),
        ("https://mp.weixin.qq.com/s/AbC?scene=1", "https://mp.weixin.qq.com/s/AbC"),
        ("https://a.cn/x?id=3&utm_medium=y#z", "https://a.cn/x?id=3"),
        ("https://a.cn/#/x", "https://a.cn/#/x"),
    ],
)
def test_one_page_has_one_address(url: str, same: str) -> None:
    assert canonical(url) == same


def test_other_addresses_of_zhihu_name_no_post() -> None:
    for url in ("https://link.zhihu.com/?target=x", "https://zhida.zhihu.com/search?q=a", None):
        assert zhihu_address(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://link.zhihu.com/?target=https%3A//example.org/a",
        "https://proxy-prod.omnivore-image-cache.app/0x0,sAbC/https://example.org/a",
        "https://cubox.pro/c/filters:no_upscale()?imageUrl=https%3A%2F%2Fexample.org%2Fa",
        "https://link.juejin.cn?target=https%3A%2F%2Fexample.org%2Fa",
        "//example.org/a",
    ],
)
def test_redirects_and_proxies_lead_to_their_target(url: str) -> None:
    assert target_of(url) == "https://example.org/a"


SOURCES = [
    "source", "url", "link", "original_url", "originalUrl", "origin_url", "source_url",
    "source-url",
]  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_address_in_front_matter_by_any_name(name: str) -> None:
    page = parse_page("page.md", f"---\n{name}: https://example.org/a\n---\n正文".encode())
    assert page.url == "https://example.org/a"


@pytest.mark.parametrize(
    "line",
    [
        "[Read Original](https://example.org/a)",
        "原文：https://example.org/a",
        "来源: <https://example.org/a>",
        "Source: https://example.org/a",
        "- URL: https://example.org/a",
        "> 链接：[某页](https://example.org/a)",
    ],
)
def test_address_on_a_line_of_its_own(line: str) -> None:
    page = parse_page("page.md", f"# 题\n\n{line}\n\n正文\n".encode())
    assert page.url == "https://example.org/a"
    assert [row.text for row in page.posts[0].paragraphs][-1] == "正文"


def test_an_answer_saved_eight_ways_is_one_result_with_all_paths(tmp_path: Path) -> None:
    with Index(build_notes(tmp_path, COPIES)) as index:
        hits = [hit for hit in index.search("正文", 10) if hit.kind == "answer"]
        (hit,) = hits
        assert hit.url == ANSWER
        found = {Path(path).stem for path in (hit.path, *(place.path for place in hit.also))}
        assert found == COPIES.keys()
