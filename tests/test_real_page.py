"""The real saved page reads and is found as a person who knows it expects."""

from pathlib import Path

import pytest

from wenduan import read_page
from wenduan.searching import Index

QUESTION = "https://www.zhihu.com/question/636259429"
ANSWER = f"{QUESTION}/answer/3335891721"


def test_page_and_question(real_page: Path) -> None:
    page = read_page(real_page)
    assert page.title == (
        "OpenAI 拟开启新一轮融资，估值将超过 1000 亿美元，如何从商业角度看该公司发展？"
    )
    assert (page.saver, page.site, page.kind, page.url) == ("omnivore", "zhihu", "question", ANSWER)
    assert (page.saved, page.published) == ("2023-12-23T02:51:51", "2023-12-23T02:51:51")
    assert page.question is not None
    assert (page.question.id, page.question.followers, page.question.views) == (
        "636259429",
        120,
        88623,
    )
    description = page.posts[0]
    assert (description.kind, description.collapsed) == ("question", True)
    assert description.paragraphs[-1].text.startswith("经历董事会“宫斗”风波后")
    assert description.paragraphs[-1].text.endswith("1000亿美元的…")


def test_answers(real_page: Path) -> None:
    answers = read_page(real_page).posts[1:]
    facts = [
        (a.author, a.votes, a.comments, a.id, a.url, a.published, a.place, a.collapsed)
        for a in answers
    ]
    assert facts == [
        ("段小草", 32, 11, "3335891721", ANSWER, "2023-12-23T07:51", "河南", False),
        ("卜寒兮", 12, 0, None, None, None, None, True),
        ("绝密伏击", 8, 0, None, None, None, None, True),
    ]
    assert [a.headline for a in answers] == [
        "Python话题下的优秀答主",
        "深度学习 | 人工智能 | CV博士",
        "奇虎360 算法资深专家",
    ]
    assert [len(a.paragraphs) for a in answers] == [9, 8, 7]
    assert [len(a.references) for a in answers] == [4, 2, 0]


def test_each_paragraph_stands_on_its_line(real_page: Path) -> None:
    lines = real_page.read_text(encoding="utf-8").split("\n")
    for post in read_page(real_page).posts:
        for paragraph in post.paragraphs:
            assert paragraph.text[:4] in lines[paragraph.line - 1]


def test_keywords_find_the_paragraph_that_holds_them(real_index: Index) -> None:
    best = real_index.search("OpenAI 融资", 3)
    assert ("段小草", 1) in [(hit.author, hit.paragraph) for hit in best]


@pytest.mark.parametrize(
    ("query", "total"),
    [('"烧钱是烧钱"', 1), ("阿布扎比", 1), ('"布扎"', 1), ("独角兽企业", 1), ("布扎", 1)],
)
def test_how_many_are_found(real_index: Index, query: str, total: int) -> None:
    assert real_index.run(query).total == total


def test_link_of_the_answer(real_index: Index) -> None:
    (hit,) = real_index.search('"烧钱是烧钱"')
    assert hit.url == ANSWER


def test_cited_reference(real_index: Index) -> None:
    (hit,) = real_index.search("独角兽企业")
    (reference,) = hit.references
    assert (reference.label, reference.url) == (
        "1",
        "https://www.cbinsights.com/research-unicorn-companies",
    )


@pytest.mark.parametrize(
    "chrome", ["关注者", "添加评论", "显示全部", "展开阅读全文", "收起", "Omnivore"]
)
def test_chrome_is_not_found(real_index: Index, chrome: str) -> None:
    assert real_index.run(chrome).total == 0


def test_mixed_tokens_are_one(real_index: Index) -> None:
    found = [
        {(hit.line, hit.text) for hit in real_index.search(query, 100, grouped=False)}
        for query in ("GPT4", "GPT-4", '"GPT 4"')
    ]
    assert found[0]
    assert found[0] == found[1] == found[2]


def test_collapsed_answers_lead_to_the_question(real_index: Index) -> None:
    by_author = {hit.author: hit for hit in real_index.search("OpenAI", 100)}
    for author, votes in (("卜寒兮", 12), ("绝密伏击", 8)):
        hit = by_author[author]
        assert (hit.url, hit.votes, hit.comments) == (QUESTION, votes, 0)


def test_citation_may_be_typed_or_left_out(real_index: Index) -> None:
    for query in ('"网站的数据[1]，目前全球"', '"网站的数据，目前全球"', '"网站的数据目前全球"'):
        assert real_index.run(query).total == 1
