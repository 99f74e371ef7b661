"""What people ask of a search over Chinese notes and miss elsewhere, one test for each demand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import build_notes
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files
from wenduan.searching import Index

NOTES = {
    "calls": "客服说可以打电话咨询，这单还待处理。",
    "setup": "# 时间序列入门\n\n这个软件安装简单，中国农业发展银行也在用。",
    "bag": "她买了一个小化妆包和一束花。",
    "c": "C 语言教程。\n\nC++ 和 C# 都不是它。",
    "fund": "招商银行的招商引资计划。\n\n招商局下属的公司很多。",
    "year": "2020年夏天，我在B站看了 GPT-4 的介绍，3.5 版已经旧了，现在是2025。",
    "go": "GO 的变量声明很短。\n\n用 git 管理参考资料。",
    "marx": "马克思主义和马克思的书，马克思主义者也读。",
    "taiwan": "臺灣的夜市很熱鬧。",
    "hall": "他们昨天在人民大会堂开会，讨论经济发展的问题。",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index(build_notes(tmp_path_factory.mktemp("index"), NOTES)) as opened:
        yield opened


def names(index: Index, query: str) -> set[str]:
    return {Path(hit.path).stem for hit in index.search(query, 100, grouped=False)}


@pytest.mark.parametrize("form", ["{}", '"{}"'])
@pytest.mark.parametrize(
    ("text", "page"),
    [
        # 1. Any run of characters a person sees.
        ("电话咨询", "calls"),
        ("处理", "calls"),
        ("简单", "setup"),
        ("农业", "setup"),
        ("时间序列", "setup"),
        ("大会堂开会", "hall"),
        ("堂开", "hall"),
        # 2. Single characters.
        ("包", "bag"),
        ("花", "bag"),
        ("C", "c"),
        # 3. A phrase wherever the segmenter would cut.
        ("论经济发", "hall"),
        # 5. Index and query are analysed alike.
        ("2020年", "year"),
        # 6. Letters, digits and mixed tokens stay whole.
        ("GPT-4", "year"),
        ("C++", "c"),
        ("C#", "c"),
        ("3.5", "year"),
        ("B站", "year"),
        ("2025", "year"),
        # 8. Traditional and simplified find each other.
        ("台湾", "taiwan"),
        ("臺灣", "taiwan"),
        ("热闹", "taiwan"),
    ],
)
def test_what_a_person_sees_is_found(index: Index, form: str, text: str, page: str) -> None:
    assert names(index, form.format(text)) == {page}


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        # 4. Spaces mean AND, and exclusion works.
        ("招商 公司", {"fund"}),
        ("招商 银行", {"fund"}),
        ("大会堂 银行", set()),
        ("GO 变量", {"go"}),
        ("git 参考资料", {"go"}),
        # A token is no part of another one.
        ("G", set()),
        ("202", set()),
    ],
)
def test_words_apart_need_all(index: Index, query: str, pages: set[str]) -> None:
    assert names(index, query) == pages


def test_exclusion_leaves_the_paragraph_out(index: Index) -> None:
    (hit,) = index.search("招商 -公司", 100, grouped=False)
    assert hit.text == "招商银行的招商引资计划。"


def test_a_quotation_is_not_lost_by_ranking(tmp_path: Path) -> None:
    notes = {f"{number}": "经济发展，讨论经济。" * 5 + f"第{number}篇。" for number in range(150)}
    # A single time, in a long text.
    notes["it"] = "别的话很多。" * 60 + "我们讨论经济发展。"
    with Index(build_notes(tmp_path, notes)) as index:
        assert [Path(hit.path).stem for hit in index.search('"讨论经济发展"', 5)] == ["it"]


def test_highlights_are_exact_and_merged(index: Index) -> None:
    (hit,) = index.search("马克思 主义", 1)
    marked = [hit.snippet.text[begin:end] for begin, end in hit.snippet.highlights]
    assert marked == ["马克思主义", "马克思", "马克思主义"]
    (hit,) = index.search("夜市", 1)
    assert [hit.snippet.text[begin:end] for begin, end in hit.snippet.highlights] == ["夜市"]
    assert hit.snippet.text == "臺灣的夜市很熱鬧。"


def test_users_words_may_hold_digits_signs_and_spaces(tmp_path: Path) -> None:
    # 9. Names and new words, whatever they are made of.
    words = tmp_path / "words.txt"
    words.write_text("加西亚·马尔克斯 5 nr\nGPT-4o\nNew York 3 n\n7-11便利店\n内卷化\n", "utf-8")
    folder = tmp_path / "notes"
    folder.mkdir()
    text = "加西亚·马尔克斯没去过 New York 的7-11便利店，也没用过 GPT-4o，谈不上内卷化。"
    (folder / "a.md").write_text(text, encoding="utf-8")
    engine = WhooshEngine(str(tmp_path / "index"), create=True, userdict=str(words))
    index_files(engine, [str(folder)])
    with Index(engine) as index:
        for query in (
            "加西亚·马尔克斯",
            "马尔克斯",
            "GPT-4o",
            "New York",
            "7-11便利店",
            "便利店",
            "内卷化",
        ):
            assert index.run(query).total == 1, query
            assert index.run(f'"{query}"').total == 1, query
