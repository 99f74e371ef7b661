"""What is told to who finds nothing, and letters that are taken as pinyin."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import build, build_notes
from wenduan.advising import near_words
from wenduan.analysis.pinyin import is_spelled, sounds_like
from wenduan.searching import Index

PAGES = {
    "a": "---\ntitle: 创业\nauthor: 段小草\n---\n\n企业的融资轮次很多，投资人也多。\n",
    "b": "这台电饭煲煮出来的饭刚好，糊化得很透。\n",
    "c": "糊化要在六七十度以上。Transformer 是一种网络。\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index(build_notes(tmp_path_factory.mktemp("index"), PAGES)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("容资", [("容资", "融资")]),
        ("电饭包 糊化", [("电饭包", "电饭煲")]),
        ("transfomer 网络", [("transfomer", "transformer")]),
        ('糊化 "电饭煲煮饭"', [("电饭煲煮饭", "电饭煲")]),
        ("zzzz* 糊化", [("zzzz*", None)]),
        ("★ 糊化", [("★", None)]),
        ("段小草 融资", [("段小草", "author:段小草")]),
        # Each is there, but not both in one paragraph.
        ("融资 糊化", []),
    ],
)
def test_what_is_missing_is_named_with_what_is_near(
    index: Index, query: str, missing: list[tuple[str, str | None]]
) -> None:
    assert index.run(query).total == 0
    found = index.advise(query).missing
    assert [(one.text, one.near[0] if one.near else None) for one in found] == missing


def test_the_closest_paragraphs_hold_some_of_it(index: Index) -> None:
    closest = index.advise("融资 糊化").closest
    assert {hit.path.rpartition("/")[2] for hit in closest} == {"a.md", "b.md", "c.md"}
    assert index.advise("融资 糊化 -电饭煲").closest
    assert all("电饭煲" not in hit.text for hit in index.advise("融资 糊化 -电饭煲").closest)
    assert index.advise("容资").closest == []


@pytest.mark.parametrize("query", ["rongzi", "rz", "RongZi", " rongzi "])
def test_pinyin_finds_words_that_no_letters_stand_for(index: Index, query: str) -> None:
    found = index.run(query)
    assert found.sounds
    assert [hit.path.rpartition("/")[2] for hit in found.hits] == ["a.md"]


def test_names_of_authors_come_before_words(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("段小草说的话有很多段，小草也在。", encoding="utf-8")
    text = "---\nauthor: 段小草\n---\n\n今天没有话说。\n"
    (tmp_path / "b.md").write_text(text, encoding="utf-8")
    with Index(build(tmp_path / "index", tmp_path)) as index:
        assert index.search("duanxiaocao", 1)[0].author == "段小草"


def test_letters_that_stand_somewhere_are_no_pinyin(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("融资的缩写不是 rz。\n\n另一段融资。", encoding="utf-8")
    with Index(build(tmp_path / "index", tmp_path)) as index:
        found = index.run("rz")
    assert not found.sounds
    assert ["rz" in hit.text for hit in found.hits] == [True]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("abcd", ["abce", "abdc", "bcd"]),
        ("abcdef", ["abcdeg", "abce", "abxdeg"]),
        ("ab", []),
        ("荣资", ["融资"]),
    ],
)
def test_near_words(text: str, near: list[str]) -> None:
    known = ["abce", "abdc", "bcd", "xbcz", "abcdeg", "abxdeg", "abxxeg", "融资", "投资", "a"]
    assert near_words(text, dict.fromkeys(known, 1)) == near


@pytest.mark.parametrize(
    ("word", "letters", "spelled"),
    [
        ("融资", "rongzi", True),
        ("融资", "rz", True),
        ("融资", "rzi", False),
        ("重庆", "chongqing", True),
        ("西安", "xian", True),
        ("绿色", "lvse", True),
        ("融资", "rongziX", False),
    ],
)
def test_how_words_are_spelled(word: str, letters: str, spelled: bool) -> None:
    assert is_spelled(word, letters) is spelled


def test_what_sounds_alike() -> None:
    assert sounds_like("融资", "容姿")
    assert not sounds_like("融资", "投资")
    assert not sounds_like("融资", "融资者")
