"""What a query string means: a table, and strings that nobody would type."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from wenduan import QueryError
from wenduan.analysis import split_units
from wenduan.query import (
    Between,
    Every,
    Field,
    Has,
    Literal,
    Node,
    Not,
    Phrase,
    Prefix,
    Some,
    iter_leaves,
    parse_query,
)
from wenduan.query.fields import NAMES
from wenduan.query.lexer import iter_tokens
from wenduan.query.outline import iter_outline

TODAY = date(2026, 3, 1)


def word(text: str) -> Phrase:
    units = tuple(unit.text for unit in split_units(text))
    return Phrase(units, loose=not all("\u4e00" <= unit <= "\u9fff" for unit in units))


def quoted(text: str) -> Phrase:
    return Phrase(tuple(unit.text for unit in split_units(text)), loose=True, quoted=text)


FINANCE, INVEST, COMPANY = word("融资"), word("投资"), word("公司")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("融资", FINANCE),
        ("融资 投资", Every((FINANCE, INVEST))),
        ("融资　投资", Every((FINANCE, INVEST))),
        ("融资 AND 投资", Every((FINANCE, INVEST))),
        ("融资 融资", FINANCE),
        ("融资 OR 投资", Some((FINANCE, INVEST))),
        ("融资|投资", Some((FINANCE, INVEST))),
        ("融资 || 投资", Some((FINANCE, INVEST))),
        ("融资 ｜ 投资", Some((FINANCE, INVEST))),
        ("融资 or 投资", Every((FINANCE, word("or"), INVEST))),
        ("融资 投资 | 公司", Some((Every((FINANCE, INVEST)), COMPANY))),
        ("融资 (投资 | 公司)", Every((FINANCE, Some((INVEST, COMPANY))))),
        ("融资 （投资 OR 公司）", Every((FINANCE, Some((INVEST, COMPANY))))),
        ("融资 -公司", Every((FINANCE, Not(COMPANY)))),
        ("融资 －公司", Every((FINANCE, Not(COMPANY)))),
        ("融资 NOT 公司", Every((FINANCE, Not(COMPANY)))),
        ("-(公司 投资)", Not(Every((COMPANY, INVEST)))),
        ("- 公司", Every((Literal("-"), COMPANY))),
        ('-"公司"', Not(quoted("公司"))),
        ('"融资 公司"', quoted("融资 公司")),
        ("＂融资＂", quoted("融资")),
        ("“融资”", quoted("融资")),
        ("说“融资”", Every((word("说"), FINANCE))),
        ('"融资', quoted("融资")),
        ("GPT-4", word("gpt 4")),
        ("wen*", Prefix(("wen",))),
        ("GPT-4*", Prefix(("gpt", "4"))),
        ("融资*", FINANCE),
        ("*", Literal("*")),
        ("OR", word("or")),
        ("融资 OR", FINANCE),
        ("OR 融资", FINANCE),
        ("融资 NOT", FINANCE),
        ("(融资", FINANCE),
        ("融资)", FINANCE),
        ("()融资", FINANCE),
        ("f(x)", word("f x")),
        ("author:段小草", Field("author", "段小草")),
        ("作者：段小草", Field("author", "段小草")),
        ('作者："段 小草"', Field("author", "段 小草")),
        ("-author:段小草", Not(Field("author", "段小草"))),
        ("author:*", Field("author", "")),
        ("路径：＊", Field("path", "")),
        ("votes:*", Between("votes")),
        ("kind:*", Between("kind")),
        ("标题：火车 融资", Every((Field("title", "火车"), FINANCE))),
        ("标签：AI", Field("tag", "AI")),
        ("site:zhihu.com", Field("site", "zhihu.com")),
        ("in:notes/2023", Field("path", "notes/2023")),
        ("kind:answer", Between("kind", 1, 1)),
        ("类型：文章", Between("kind", 3, 3)),
        ("votes:>100", Between("votes", 101)),
        ("赞同：＞=100", Between("votes", 100)),
        ("赞同：<1.5万", Between("votes", None, 14_999)),
        ("赞同：≥100", Between("votes", 100)),
        ("votes:100", Between("votes", 100, 100)),
        ("votes:50..200", Between("votes", 50, 200)),
        ("votes:50..", Between("votes", 50)),
        ("评论：..9", Between("comments", None, 9)),
        ("after:2023-01", Between("published", 20230101)),
        ("before:2023-01", Between("published", None, 20230100)),
        ("before:2023/2/3", Between("published", None, 20230202)),
        ("发布：2023年5月", Between("published", 20230501, 20230531)),
        ("date:2021..2023-06", Between("published", 20210101, 20230631)),
        ("published:>2023", Between("published", 20231232)),
        ("saved:<90d", Between("saved", 20251201)),
        ("保存：>1年", Between("saved", None, 20250301)),
        ("saved:7d..", None),
        ("after:2w", Between("published", 20260215)),
        ("has:reference", Has("reference")),
        ("含有：链接", Has("link")),
        ("时间:12", Every((word("时间"), word("12")))),
        ("https://a.b", word("https a b")),
        ("author: 融资", Every((word("author"), FINANCE))),
    ],
)
def test_what_a_query_means(text: str, tree: Node | None) -> None:
    if tree is None:
        with pytest.raises(QueryError):
            parse_query(text, today=TODAY)
    else:
        assert parse_query(text, today=TODAY).tree == tree


def test_a_long_run_is_a_question_also_among_filters() -> None:
    query = parse_query("人工智能企业为什么都在烧钱 赞同：>10 -公司")
    assert isinstance(query.tree, Every)
    question, votes, excluded = query.tree.nodes
    assert isinstance(question, Some)
    assert question.asked
    assert votes == Between("votes", 11)
    assert excluded == Not(COMPANY)


def test_only_what_a_match_shall_hold_ranks_it() -> None:
    query = parse_query("融资 -公司 author:张三 (投资 | NOT 市场) -(-苹果)")
    assert query.words == ("融资", "投资", "苹果")
    assert set("".join(query.pairs)) == set("融资投资苹果")


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("融资 votes:abc", 3, "abc does not tell"),
        ("kind:book", 0, "answer, question, article"),
        ("①② after:2023-13", 3, "no day"),
        ("after:2023-02-30", 0, "no day"),
        ("has:money", 0, "reference or link"),
        ("saved:soon", 0, "<90d"),
        ("votes:..", 0, "no range"),
        ("(" * 60 + "融资" + ")" * 60, 50, "50 parentheses"),
    ],
)
def test_a_value_that_is_none_is_named_with_its_place(text: str, position: int, hint: str) -> None:
    with pytest.raises(QueryError, match=hint) as caught:
        parse_query(text)
    assert caught.value.position == position
    assert f"character {position + 1} " in str(caught.value)


SIGNS = st.sampled_from(
    [
        *'()（）|｜-－:："＂“”「」*<>=.,!？ \n\t　①㎡文段融资ab1９',
        *("OR", "NOT", "AND", "votes:", "作者：", "after:", "saved:", "has:", "2023", "90d", "gpt"),
        *("\u0301", "\U0001f600", "\ud800", "\x00"),
    ]
)


def refused(text: str) -> QueryError | None:
    """The error that a query ends with, None where it is understood."""
    try:
        list(iter_leaves(parse_query(text).tree))
    except QueryError as error:
        return error
    return None


@given(st.one_of(st.text(), st.lists(SIGNS, max_size=30).map("".join)))
def test_no_string_raises_anything_but_a_query_error(text: str) -> None:
    error = refused(text)
    assert error is None or error.position is None or 0 <= error.position <= len(text)


@given(st.lists(SIGNS, max_size=30).map("".join))
def test_tokens_cover_all_but_spaces_in_their_order(text: str) -> None:
    end = 0
    for token in iter_tokens(text):
        assert text[end : token.begin].strip() == ""
        assert end <= token.begin <= token.inner <= token.outer <= token.end <= len(text)
        assert token.end > token.begin
        end = token.end
    assert text[end:].strip() == ""


@pytest.mark.parametrize("text", ["(" * 2000, "NOT " * 500, "-a" * 1000, "|" * 2000, '"' * 1999])
def test_long_rows_of_signs_are_read_or_refused(text: str) -> None:
    error = refused(text)
    assert error is None or str(error)


def test_the_document_has_each_name_of_each_field() -> None:
    text = (ROOT / "docs" / "query.md").read_text("utf-8")
    for field, names in NAMES.items():
        for name in names:
            assert f"{name}:" in text or f"{name}：" in text, (field, name)


def test_the_outline_shows_each_part() -> None:
    query = parse_query(
        '融资 -(gpt* | "好，的") 作者：张 标题：* 赞同：>10 kind:answer has:link ！', today=TODAY
    )
    assert list(iter_outline(query.tree)) == [
        "all of",
        "  融资",
        "  not",
        "    any of",
        "      gpt…",
        '      "好,的"',
        "  author holds 张",
        "  title is known",
        "  votes from 11",
        "  kind is answer",
        "  has a link",
        "  the characters ！",
    ]
