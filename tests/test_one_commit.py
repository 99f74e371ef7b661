"""Each call reads one commit from begin to end, and sees the index that lies in its place now."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import build
from wenduan.engines import Entry, IndexedFile, whoosh_engine
from wenduan.engines.folder_view import FolderView
from wenduan.engines.memory import MemoryEngine
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import IndexMissingError, IndexReplacedError
from wenduan.indexing import index_files
from wenduan.searching import Index, open_index

OLD = "旧的一页：" + "\n\n".join(f"ab{n} 一段旧话" for n in range(30))
ENTRY = Entry("又一页。", 1, 1, (), {"kind": "article", "post": 1})
NEW = "新的一页：" + "\n\n".join(f"ac{n} 另一段新话" for n in range(40))


class Changing:
    """An index that another process changes in the middle of a call."""

    def __init__(self, folder: Path) -> None:
        self.page = folder / "notes" / "x.md"
        self.page.parent.mkdir()
        for n in range(5):
            (self.page.parent / f"{n}.md").write_text(f"第{n}页，不变的一段话。", encoding="utf-8")
        self.page.write_text(OLD, encoding="utf-8")
        self.engine = build(folder / "index", self.page.parent)
        self.index = open_index(folder / "index")
        self.left = 1

    def change(self) -> None:
        """Commit other pages, once; what the commit before had is swept away."""
        if self.left:
            self.left -= 1
            self.page.write_text(NEW, encoding="utf-8")
            index_files(self.engine, [str(self.page.parent)])

    def after(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A method after which the index changes."""

        def called(*given: Any) -> Any:
            found = method(*given)
            self.change()
            return found

        return called


CALLS: dict[str, Callable[[Index, str], Any]] = {
    "a*": lambda index, _: [hit.text for hit in index.search("a*", 100, grouped=False)],
    "total of a*": lambda index, _: index.run("a*").total,
    "pinyin": lambda index, _: index.run("jiuhua").total,
    "passage": lambda index, path: index.passage(path, 5).entry,
    "similar": lambda index, path: [hit.text for hit in index.similar(path, 5).hits],
    "stats": lambda index, _: index.stats(),
    "paths": lambda index, _: index.paths("ab*"),
    "advise": lambda index, _: [hit.text for hit in index.advise("ab3 没有").closest],
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("method", ["complete", "files", "search", "count", "size", "words"])
def test_a_commit_in_the_middle_of_a_call_is_not_seen_by_it(
    tmp_path: Path, name: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing = Changing(tmp_path)
    path, call = str(changing.page), CALLS[name]
    old = call(changing.index, path)
    with monkeypatch.context() as patch:
        patch.setattr(FolderView, method, changing.after(getattr(FolderView, method)))
        assert call(changing.index, path) == old
    changing.change()
    assert call(changing.index, path) == call(open_index(tmp_path / "index"), path)


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_a_view_is_of_one_commit_whatever_comes_later(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    page = folder / "x.md"
    page.write_text(OLD, encoding="utf-8")
    memory = kind == "memory"
    engine = MemoryEngine() if memory else WhooshEngine(str(tmp_path / "index"), create=True)
    index_files(engine, [str(folder)])
    with engine.view() as view:
        (file,) = view.files()
        for text in (NEW, OLD + "更多", "很短"):
            page.write_text(text, encoding="utf-8")
            index_files(engine, [str(folder)])
        assert view.files() == [file]
        assert view.size() == len(view.entries(file.page)) == 30
        assert view.complete("a")[0].startswith("ab") or view.complete("a") == ["ab"]
        assert view.words()["旧话"] > 0
        assert view.count("kind") == {"article": 1}
    assert engine.size() == 1
    with pytest.raises(KeyError):
        engine.entries(file.page)


def make(folder: Path, text: str, commits: int = 1) -> Path:
    """Make an index of a page, by so many commits."""
    notes = folder / "notes"
    notes.mkdir(parents=True)
    for number in range(commits):
        said = text if number == commits - 1 else f"第{number}稿的一页。"
        (notes / "a.md").write_text(said, encoding="utf-8")
        build(folder / "index", notes).close()
    return folder / "index"


def moved(place: Path, other: Path) -> None:
    place.rename(place.with_name("gone"))
    other.rename(place)


def moved_and_deleted(place: Path, other: Path) -> None:
    shutil.rmtree(place)
    other.rename(place)


def link_turned(place: Path, other: Path) -> None:
    place.with_name("turned").symlink_to(other)
    os.replace(place.with_name("turned"), place)


def copied_anew(place: Path, other: Path) -> None:
    shutil.rmtree(place)
    shutil.copytree(other, place)


def copied_over(place: Path, other: Path) -> None:
    """As rsync does: files and folder with the times of the original."""
    for path in other.iterdir():
        shutil.copy2(path, place / f".{path.name}")
        os.replace(place / f".{path.name}", place / path.name)
    for path in [p for p in place.iterdir() if not (other / p.name).exists()]:
        path.unlink()
    shutil.copystat(other, place)


def copied_into_the_files(place: Path, other: Path) -> None:
    """As rsync --inplace does: the table of contents is the same file, written over."""
    times = place.stat()
    toc = {path.name for path in other.glob("*.toc")}
    for path in other.iterdir():
        if path.name not in toc:
            shutil.copy2(path, place / path.name)
    for name in toc:
        (place / name).write_bytes((other / name).read_bytes())
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))


REPLACED = [moved, moved_and_deleted, copied_anew, copied_over, copied_into_the_files]


@pytest.mark.parametrize("replace", [*REPLACED, link_turned], ids=lambda way: way.__name__)
@pytest.mark.parametrize("commits", [(1, 1), (3, 1), (1, 3)], ids=["same", "older", "newer"])
@pytest.mark.parametrize("settled", [True, False], ids=["long unchanged", "just changed"])
def test_an_index_in_the_place_of_another_is_seen(
    tmp_path: Path,
    replace: Callable[[Path, Path], None],
    commits: tuple[int, int],
    settled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = make(tmp_path / "old", "旧的一页。", commits[0])
    other = make(tmp_path / "new", "新的一页。", commits[1])
    if replace is link_turned:
        place = tmp_path / "place"
        place.symlink_to(tmp_path / "old" / "index")
    if replace is copied_into_the_files and commits[0] != commits[1]:
        pytest.skip("another number of commits has another name")
    monkeypatch.setattr(whoosh_engine, "_TICK", 0 if settled else 10**18)
    with open_index(place) as index:
        for _ in range(2):
            assert [hit.text for hit in index.search("一页")] == ["旧的一页。"]
        replace(place, other)
        for _ in range(2):
            assert [hit.text for hit in index.search("一页")] == ["新的一页。"]
            assert index.passages_of(index.search("一页"))[0].entry.text == "新的一页。"


def test_an_index_with_other_words_in_the_place_of_another_is_cut_by_them(tmp_path: Path) -> None:
    place = make(tmp_path / "old", "旧的一页。")
    words = tmp_path / "words.txt"
    words.write_text("云巅谷 1000", encoding="utf-8")
    (tmp_path / "new" / "notes").mkdir(parents=True)
    (tmp_path / "new" / "notes" / "a.md").write_text("走进云巅谷里。", encoding="utf-8")
    engine = WhooshEngine(str(tmp_path / "new" / "index"), create=True, userdict=str(words))
    index_files(engine, [str(tmp_path / "new" / "notes")])
    with open_index(place) as index:
        assert index.outline("走进云巅谷里") != ["云巅谷"]
        moved(place, tmp_path / "new" / "index")
        assert any("云巅谷" in line for line in index.outline("走进云巅谷里"))


def test_an_index_that_is_gone_is_missed(tmp_path: Path) -> None:
    place = make(tmp_path, "旧的一页。")
    with open_index(place) as index:
        shutil.rmtree(place)
        with pytest.raises(IndexMissingError):
            index.search("一页")


def test_an_unchanged_index_is_only_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make(tmp_path, "旧的一页。")
    monkeypatch.setattr(whoosh_engine, "_TICK", 0)
    with open_index(place) as index:
        index.search("一页")
        index.search("一页")

        def listed(_: str) -> Any:
            raise AssertionError("a folder is listed for each search")

        monkeypatch.setattr(os, "listdir", listed)
        assert len(index.search("一页")) == 1


def left_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("replace", [*REPLACED[:4], link_turned], ids=lambda way: way.__name__)
@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_a_change_of_an_index_that_was_replaced_touches_neither(
    tmp_path: Path, replace: Callable[[Path, Path], None], when: str
) -> None:
    place = make(tmp_path / "old", "旧的一页。", 2)
    other = make(tmp_path / "new", "新的一页。", 2)
    if replace is link_turned:
        place = tmp_path / "place"
        place.symlink_to(tmp_path / "old" / "index")
    wanted = left_in(other)
    engine = WhooshEngine(str(place))
    (known,) = engine.files()
    with pytest.raises(IndexReplacedError, match="run the same command again"), engine.write() as w:
        if when == "before":
            replace(place, other)
        w.remove(known.page)
        if when == "between":
            replace(place, other)
        w.put(IndexedFile(w.name("/b.md", "1"), "/b.md", 1, 1, "1", {}), [ENTRY])
        if when == "after":
            replace(place, other)
    found = left_in(place)
    # Of a copy, the folder may be the same: its lock stays, and what was half written is swept.
    found = {
        name: data for name, data in found.items() if name in wanted or not name.endswith("seg")
    }
    assert {name: found.get(name) for name in wanted} == wanted
    for folder in (place, place.with_name("gone"), tmp_path / "old" / "index"):
        if folder.exists():
            with open_index(folder) as index:
                wanted_here = [["新的一页。"], ["旧的一页。"]][: 1 if folder == place else 2]
                assert [hit.text for hit in index.search("一页")] in wanted_here
            WhooshEngine(str(folder)).verify()
    engine.close()
    build(place, tmp_path / "new" / "notes").close()
    with open_index(place) as index:
        assert [hit.text for hit in index.search("新的一页")] == ["新的一页。"]


def test_a_change_that_fails_in_a_folder_moved_away_says_why(tmp_path: Path) -> None:
    place = make(tmp_path, "旧的一页。")
    engine = WhooshEngine(str(place))
    with pytest.raises(IndexReplacedError), engine.write() as writer:
        place.rename(tmp_path / "gone")
        writer.put(IndexedFile(writer.name("/b.md", "1"), "/b.md", 1, 1, "1", {}), [ENTRY])
    assert not place.exists()
    with open_index(tmp_path / "gone") as index:
        assert [hit.text for hit in index.search("一页")] == ["旧的一页。"]
