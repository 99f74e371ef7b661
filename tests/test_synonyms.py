"""Words that mean the same find each other; what has the word itself comes first."""

from pathlib import Path

import pytest

from conftest import build_notes
from wenduan.errors import WenduanError
from wenduan.query.synonyms import read_synonyms
from wenduan.searching import open_index

PAGES = {
    "a": "这台计算机很旧。",
    "b": "旧电脑和新电脑。",
    "c": "my old PC 还能用。",
    "d": "旧的收音机。",
}


@pytest.fixture
def location(tmp_path: Path) -> Path:
    build_notes(tmp_path, PAGES).close()
    (tmp_path / "synonyms.txt").write_text("# 机器\n電腦，计算机, pc # 同义\n\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("电脑", "bac"),
        ("計算機", "abc"),
        ("PC", "cab"),
        ('"电脑"', "b"),
        ("旧 电脑", "ba"),
        ("旧 -电脑", "da"),
        ("这台电脑为什么很旧", "bacd"),
    ],
)
def test_synonyms_find_each_other(location: Path, query: str, found: str) -> None:
    with open_index(location / "index", synonyms=str(location / "synonyms.txt")) as index:
        shown = [Path(hit.path).stem for hit in index.search(query, 10)]
    assert sorted(shown) == sorted(found)
    assert shown[0] == found[0] or "为什么" in query


def test_without_the_file_they_do_not(location: Path) -> None:
    with open_index(location / "index") as index:
        assert [Path(hit.path).stem for hit in index.search("电脑", 10)] == ["b"]


def test_words_may_be_parted_as_people_part_them(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("猫、喵星人；猫咪\n独自一个\n,\n", encoding="utf-8-sig")
    found = read_synonyms(str(path))
    assert [other.run for other in found["猫",]] == ["喵星人", "猫咪"]
    # A word alone means itself.
    assert found["独", "自", "一", "个"] == []


def test_signs_in_place_of_a_word_are_named(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("a, b\n电脑, ！\n", encoding="utf-8")
    with pytest.raises(WenduanError, match="line 2 has signs in place of a word"):
        read_synonyms(str(path))


def test_a_missing_file_is_named(location: Path) -> None:
    with pytest.raises(WenduanError, match=r"none\.txt: No such file"):
        open_index(location / "index", synonyms=str(location / "none.txt"))
