"""Files of words and synonyms, and indexes, that are none, or made to take all memory and time."""

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conftest import build
from wenduan import WenduanError
from wenduan.analysis import dictionary
from wenduan.analysis.dictionary import build_dictionary
from wenduan.cli import cli
from wenduan.query import synonyms
from wenduan.query.synonyms import read_synonyms
from wenduan.searching import open_index

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices of POSIX")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    (folder / "a.md").write_text("站台上的火车。", encoding="utf-8")
    build(folder / "index", folder / "a.md").close()
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    with (folder / "huge").open("wb") as file:
        file.truncate(1 << 40)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


@posix
@pytest.mark.parametrize("name", ["pipe", "huge", "folder", "none", "/dev/zero", "/dev/null"])
def test_words_and_synonyms_are_regular_files_of_bounded_size(base: Path, name: str) -> None:
    """A device was read until memory was full, a pipe for ever."""
    path = os.path.join(base, name)
    index = base / "index"
    found = run("index", base / "a.md", "--index", index, "--userdict", path).exception
    for error in (found, told(index, userdict=path), told(index, synonyms=path)):
        assert isinstance(error, WenduanError)
        assert str(error).startswith(f"{path}: ")
        assert len(str(error).splitlines()) == 1


def told(index: Path, **options: Any) -> WenduanError:
    with pytest.raises(WenduanError) as caught:
        open_index(index, **options)
    return caught.value


@posix
@pytest.mark.parametrize(
    "name",
    ["pipe", "huge", "folder", "none", "a.md", "/dev/zero", "/dev/null", "index/a/b", "\udcff"],
)
def test_an_index_that_is_none_is_one_line(
    base: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENDUAN_INDEX", os.path.join(base, name))
    for arguments in (["search", "火车"], ["stats"], ["check"], ["list", "titles"]):
        error = run(*arguments).exception
        assert isinstance(error, WenduanError | OSError), arguments


def test_an_index_below_a_thousand_folders_is_one_line(tmp_path: Path) -> None:
    """Making them ended in Python's own error."""
    (tmp_path / "a.md").write_text("火车", encoding="utf-8")
    deep = os.path.join(tmp_path, *["x"] * 1_500)
    assert isinstance(run("index", tmp_path / "a.md", "--index", deep).exception, WenduanError)


# jieba keeps all beginnings of a word: a line of 300,000 characters took 90 GB.
LONG = {
    "a word": "词" * 300_000,
    "a word of signs": "a " * 30_000,
    "many words": "\n".join(f"{at:06}" + "词" * 190 for at in range(2_000)),
    "a frequency": "词 " + "9" * 150,
    "a longer one": "词 " + "9" * 100_000,
    "more than the index keeps": "词 4294967296",
}


@pytest.mark.parametrize("kind", LONG)
def test_words_that_would_take_all_memory(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.md").write_text("火车", encoding="utf-8")
    (tmp_path / "words").write_text(LONG[kind], encoding="utf-8")
    arguments = ("--userdict", tmp_path / "words", "--index", tmp_path / "index")
    error = run("index", tmp_path / "a.md", *arguments).exception
    assert isinstance(error, WenduanError)
    assert str(error).startswith(f"{tmp_path / 'words'}: ")


def test_as_many_words_as_people_have_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is a sum; here it is lowered, so that few words reach it."""
    monkeypatch.setattr(dictionary, "_MOST_WORK", 100 * 3**2)
    path = tmp_path / "words"
    path.write_text("\n".join(f"词{at:02} 5 nz" for at in range(100)), encoding="utf-8")
    trie, _ = build_dictionary(path)
    assert "词99" in trie
    path.write_text("\n".join(f"词{at:02} 5 nz" for at in range(101)), encoding="utf-8")
    with pytest.raises(ValueError, match="too many, or too long"):
        build_dictionary(path)


def test_words_that_mean_the_same_are_bounded(tmp_path: Path) -> None:
    """Each word of a line keeps all others: their square, in memory and in a query."""
    path = tmp_path / "synonyms"
    path.write_text(",".join(f"词{at}" for at in range(100)), encoding="utf-8")
    assert len(read_synonyms(str(path))) == 100
    path.write_text(",".join(f"词{at}" for at in range(20_000)), encoding="utf-8")
    with pytest.raises(WenduanError, match="line 1 has over 100 words"):
        read_synonyms(str(path))
    path.write_text("\n".join(f"词,字{at}" for at in range(20_000)), encoding="utf-8")
    with pytest.raises(WenduanError, match="line 101, 词 means the same as over 100 words"):
        read_synonyms(str(path))


def test_a_file_as_long_as_may_be_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "_MOST_BYTES", 10)
    path = tmp_path / "synonyms"
    path.write_text("abc, defgh", encoding="utf-8")
    assert len(read_synonyms(str(path))) == 2
    path.write_text("abc, defghi", encoding="utf-8")
    with pytest.raises(WenduanError, match="longer than 10 bytes"):
        read_synonyms(str(path))
