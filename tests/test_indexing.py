"""Indexing follows what happens to files, one process at a time, and survives being killed."""

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from wenduan import (
    IndexDamagedError,
    IndexLockedError,
    IndexVersionError,
    WenduanError,
    open_index,
    parallel,
)
from wenduan.engines import merging, part
from wenduan.engines.building import SegmentBuilder
from wenduan.engines.toc import FORMAT, SegmentEntry
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import IndexReport, index_files
from wenduan.searching import Index


class Notes:
    """A folder of pages with its index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notes"
        self.folder.mkdir()
        self.engine = WhooshEngine(str(folder / "index"), create=True)
        self.index = Index(self.engine)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def update(self) -> IndexReport:
        return index_files(self.engine, [str(self.folder)])

    def found(self, query: str) -> list[str]:
        return sorted(Path(hit.path).name for hit in self.index.search(query, 100, grouped=False))


def build_anew(folder: Path, pages: Path, userdict: str | None = None) -> None:
    pages.mkdir(exist_ok=True)
    engine = WhooshEngine(str(folder), create=True, rebuild=True, userdict=userdict)
    index_files(engine, [str(pages)])
    engine.close()


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    made = Notes(tmp_path)
    made.write("a.md", "苹果树开花")
    made.write("b.md", "苹果汁好喝")
    made.update()
    return made


def test_second_run_reads_nothing(notes: Notes) -> None:
    report = notes.update()
    assert (report.pages, report.unchanged) == (0, 2)


def test_touched_file_is_not_read_again(notes: Notes) -> None:
    os.utime(notes.folder / "a.md", (1, 1))
    assert (report := notes.update()).pages == 0
    assert report.unchanged == 2


def test_changed_file_replaces_what_it_was(notes: Notes) -> None:
    notes.write("a.md", "梨树开花了")
    report = notes.update()
    assert (report.pages, report.changed) == (1, 1)
    assert notes.found("苹果") == ["b.md"]
    assert notes.found("梨树") == ["a.md"]


def test_rename_is_followed(notes: Notes) -> None:
    (notes.folder / "a.md").rename(notes.folder / "c.md")
    report = notes.update()
    assert (report.pages, report.moved, report.removed) == (0, 1, 0)
    assert notes.found("苹果树") == ["c.md"]


def test_gone_file_is_gone(notes: Notes) -> None:
    (notes.folder / "a.md").unlink()
    assert notes.update().removed == 1
    assert notes.found("苹果") == ["b.md"]


def test_other_folders_are_left_alone(notes: Notes, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "o.md").write_text("苹果派", encoding="utf-8")
    index_files(notes.engine, [str(other)])
    assert notes.found("苹果") == ["a.md", "b.md", "o.md"]


def test_same_content_twice_is_two_pages(notes: Notes) -> None:
    notes.write("copy.md", "苹果树开花")
    notes.update()
    assert notes.found("苹果树") == ["a.md", "copy.md"]


def test_second_writer_hears_who_holds_the_lock(notes: Notes, tmp_path: Path) -> None:
    other = WhooshEngine(str(tmp_path / "index"))
    with (
        notes.engine.write(),
        pytest.raises(IndexLockedError, match=f"process {os.getpid()} on "),
        other.write(),
    ):
        pass


def test_search_during_indexing_sees_the_last_commit(notes: Notes) -> None:
    with notes.engine.write() as writer:
        for file in notes.engine.files():
            writer.remove(file.page)
        assert notes.found("苹果") == ["a.md", "b.md"]
    assert notes.found("苹果") == []


def test_a_rebuild_takes_the_place_of_the_index_once_it_is_finished(
    notes: Notes, tmp_path: Path
) -> None:
    (notes.folder / "a.md").unlink()
    engine = WhooshEngine(str(tmp_path / "index"), create=True, rebuild=True)
    given_up = engine.begin()
    assert engine.files() == []
    given_up.cancel()
    assert notes.found("苹果") == ["a.md", "b.md"]
    index_files(engine, [str(notes.folder)])
    assert notes.found("苹果") == ["b.md"]
    notes.write("c.md", "苹果饼")
    assert index_files(engine, [str(notes.folder)]).unchanged == 1
    assert notes.found("苹果") == ["b.md", "c.md"]


def test_what_a_stopped_writer_left_is_deleted_also_where_nothing_is_new(
    notes: Notes, tmp_path: Path
) -> None:
    left = tmp_path / "index" / "MAIN_0123456789abcdef.seg"
    left.write_bytes(b"half")
    assert notes.update().pages == 0
    assert not left.exists()


def test_a_lost_table_of_contents_is_damage_and_not_a_missing_index(
    notes: Notes, tmp_path: Path
) -> None:
    for toc in (tmp_path / "index").glob("*.toc"):
        toc.unlink()
    with pytest.raises(IndexDamagedError, match=r"_MAIN_n\.toc, is missing.*--rebuild"):
        WhooshEngine(str(tmp_path / "index"), create=True)
    build_anew(tmp_path / "index", notes.folder)
    assert notes.found("苹果") == ["a.md", "b.md"]


def test_index_of_another_version_says_how_to_rebuild(notes: Notes, tmp_path: Path) -> None:
    (toc,) = (tmp_path / "index").glob("*.toc")
    line = toc.read_bytes().split(b"\n")[0].replace(f'"format": {FORMAT}'.encode(), b'"format": 2')
    toc.write_bytes(line + b"\n%08x\n" % zlib.crc32(line))
    with pytest.raises(IndexVersionError, match="--rebuild"):
        open_index(tmp_path / "index")
    build_anew(tmp_path / "index", notes.folder)
    with open_index(tmp_path / "index") as index:
        assert len(index.search("苹果")) == 2


# Whoosh does not close a file whose reading fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("pattern", ["*.toc", "*.seg"])
def test_truncated_file_is_named_as_damage(notes: Notes, tmp_path: Path, pattern: str) -> None:
    for path in (tmp_path / "index").glob(pattern):
        path.write_bytes(path.read_bytes()[:100])
    with (
        pytest.raises(IndexDamagedError, match="--rebuild"),
        open_index(tmp_path / "index") as index,
    ):
        index.search("苹果")
    build_anew(tmp_path / "index", notes.folder)
    assert notes.found("苹果") == ["a.md", "b.md"]


def test_one_index_serves_many_threads(notes: Notes) -> None:
    failures: list[object] = []

    def search() -> None:
        for _ in range(30):
            if notes.found("苹果") != ["a.md", "b.md"]:
                failures.append("wrong")

    threads = [threading.Thread(target=search) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("delay", [0.3, 0.8, 1.2])
def test_killed_indexing_leaves_the_last_commit(
    notes: Notes, tmp_path: Path, sign: signal.Signals, delay: float
) -> None:
    for number in range(400):
        notes.write(f"n{number}.md", f"第{number}页\n\n" + "新来的一段话，说的是香蕉。\n\n" * 20)
    run = subprocess.Popen(
        [sys.executable, "-m", "wenduan", "index", "notes"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(delay)
    run.send_signal(sign)
    _, errors = run.communicate()
    assert "Traceback" not in errors
    assert notes.found("苹果") == ["a.md", "b.md"]
    notes.update()
    assert notes.index.run("香蕉").total == 8000
    assert notes.found("苹果") == ["a.md", "b.md"]


def test_many_small_updates_leave_few_segments(notes: Notes, tmp_path: Path) -> None:
    for number in range(150):
        notes.write("a.md", f"苹果树第{number}次开花")
        notes.update()
    names = [path.name for path in (tmp_path / "index").glob("*.seg")]
    assert len(names) <= 2
    assert len(list((tmp_path / "index").glob("*.toc"))) == 1
    assert notes.found("苹果") == ["a.md", "b.md"]
    assert notes.index.run('"第149次"').total == 1
    assert notes.index.run('"第148次"').total == 0


def test_segments_join_like_carrying_where_they_are_not_tiny() -> None:
    def joined(*sizes: int) -> list[list[int]]:
        entries = [SegmentEntry(str(at), size) for at, size in enumerate(sizes)]
        groups = merging.plan(entries, everything=False)
        return [sorted(sizes[int(name)] for name in group) for group in groups]

    assert joined(50_000, 3, 90, 900) == [[3, 90, 900]]
    assert joined(50_000, 0, 1) == [[0, 1]]
    # 1,100 stands apart until those below are half of it.
    assert joined(50_000, 3, 90, 1_100) == [[3, 90]]
    assert joined(50_000, 500, 90, 1_100) == [[90, 500, 1_100]]
    assert joined(50_000, 3_000) == []


def test_segments_of_long_paragraphs_do_not_join_beyond_what_memory_holds() -> None:
    rows = [SegmentEntry(name, 2_000) for name in "abcd"]
    heavy = dict.fromkeys("abc", 65_000)
    assert merging.plan(rows, everything=True) == [{"a", "b", "c", "d"}]
    assert merging.plan(rows, heavy, everything=True) == []
    assert merging.plan([*rows, SegmentEntry("e", 900)], heavy, everything=False) == []
    assert merging.plan(rows, {"a": 65_000}, everything=True) == [{"b", "c", "d"}]


def test_a_run_of_long_paragraphs_does_not_keep_them_all_in_memory(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "MAX_CHARS", 1_000)
    waiting: list[int] = []
    put = SegmentBuilder.put

    def watch(builder: SegmentBuilder, *page: Any) -> None:
        put(builder, *page)
        waiting.append(builder.chars)

    monkeypatch.setattr(SegmentBuilder, "put", watch)
    for number in range(30):
        notes.write(f"n{number}.md", "香蕉" * 200)
    notes.write("long.md", "\n\n".join(["香蕉" * 500] * 4))
    notes.update()
    # A page of its own may be longer; what comes before and after it stands elsewhere.
    assert sorted(waiting)[-2:] == [800, 4_000]
    assert notes.index.run("香蕉").total == 34


def test_a_moved_file_stays_moved_through_merges(notes: Notes) -> None:
    (notes.folder / "a.md").rename(notes.folder / "c.md")
    notes.update()
    for number in range(20):
        notes.write("b.md", f"苹果汁第{number}杯")
        notes.update()
    assert notes.found("苹果树") == ["c.md"]
    (notes.folder / "c.md").unlink()
    notes.update()
    assert notes.found("苹果树") == []
    assert notes.update().unchanged == 1


def test_many_files_are_shared_with_a_second_process(notes: Notes) -> None:
    text = "新来的一段话，说的是香蕉和第几页。\n\n" * 900
    for number in range(80):
        notes.write(f"n{number:02}.md", f"第{number}页\n\n{text}")
    notes.write("n40.md", "\x00\x01\x02")
    report = notes.update()
    assert report.pages == 79
    assert [Path(error.path).name for error in report.skipped] == ["n40.md"]
    assert notes.index.run("香蕉").total == 79 * 900
    assert notes.found('"第79页"') == ["n79.md"]


def test_a_second_process_that_fails_leaves_nothing_out(
    notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_MANY_BYTES", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false" if os.name != "nt" else sys.executable)
    for number in range(6):
        notes.write(f"n{number}.md", f"香蕉{number}")
    assert notes.update().pages == 6
    assert notes.index.run("香蕉").total == 6


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text("大会堂开会 20000\n", encoding="utf-8")
    return path


def test_users_words_cut_pages_and_queries(notes: Notes, tmp_path: Path, words: Path) -> None:
    notes.write("c.md", "他们在人民大会堂开会。")
    for userdict, held in ((None, False), (str(words), True)):
        folder = str(tmp_path / f"with {held}")
        engine = WhooshEngine(folder, create=True, userdict=userdict)
        index_files(engine, [str(notes.folder)])
        numbers = engine.snapshot().segments[0].segment.find("words", ["大会堂开会"])
        assert (numbers.tolist() != [-1]) is held
        assert (engine.cut("大会堂开会") == ["大会堂开会"]) is held
        assert len(Index(engine).search("大会堂开会")) == 1
        engine.close()


def test_other_words_than_those_of_the_index_are_named(tmp_path: Path, words: Path) -> None:
    folder = str(tmp_path / "index")
    for given in (str(words), str(words), None):
        WhooshEngine(folder, create=True, userdict=given).close()
    words.write_text("开会 20000\n", encoding="utf-8")
    with pytest.raises(IndexVersionError, match=r"--rebuild --userdict .*words\.txt"):
        WhooshEngine(folder, create=True, userdict=str(words))
    build_anew(Path(folder), tmp_path / "nothing", str(words))
    engine = WhooshEngine(folder, create=True, userdict=str(words))
    assert "大会堂开会" not in engine.cut("人民大会堂开会")
    engine.close()


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_words_that_cannot_be_read_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WenduanError, match=r"words\.txt: "):
        WhooshEngine(str(tmp_path / "index"), create=True, userdict=str(path))


def write_archive(path: Path, *pages: tuple[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in pages:
            archive.writestr(name, text)


def test_pages_of_an_archive_follow_the_file(notes: Notes) -> None:
    write_archive(notes.folder / "x.zip", ("one.md", "香蕉熟了"), ("b/two.html", "<p>香蕉青着"))
    assert notes.update().pages == 2
    hits = notes.index.search("香蕉", 10, grouped=False)
    assert sorted(hit.path for hit in hits) == [
        str(notes.folder / "x.zip" / "b" / "two.html"),
        str(notes.folder / "x.zip" / "one.md"),
    ]
    report = notes.update()
    assert (report.pages, report.unchanged) == (0, 3)
    (notes.folder / "x.zip").rename(notes.folder / "y.zip")
    report = notes.update()
    assert (report.pages, report.moved, report.removed) == (0, 1, 0)
    assert {Path(hit.path).parts[-2:] for hit in notes.index.search("香蕉青着")} == {
        ("b", "two.html")
    }
    assert all("y.zip" in hit.path for hit in notes.index.search("香蕉", 10, grouped=False))
    write_archive(notes.folder / "y.zip", ("one.md", "香蕉烂了"))
    assert notes.update().changed == 1
    assert notes.found("香蕉") == ["one.md"]
    (notes.folder / "y.zip").unlink()
    assert notes.update().removed == 1
    assert notes.found("香蕉") == []


def test_pages_of_one_note_are_several(notes: Notes) -> None:
    pages = ("香蕉皮滑", "香蕉叶大")
    bodies = [f"%%0000000{n}_start%%\n{text}\n%%0000000{n}_end%%" for n, text in enumerate(pages)]
    notes.write("all.md", "---\n- id: '00000000'\n- id: '00000001'\n---\n\n" + "\n\n".join(bodies))
    assert notes.update().pages == 2
    assert notes.found("香蕉") == ["all.md", "all.md"]
    notes.write("all.md", "香蕉船")
    notes.update()
    assert notes.found("香蕉") == ["all.md"]


def test_saved_html_is_found(notes: Notes) -> None:
    notes.write("page.html", "<html><body><nav>菜单</nav><p>香蕉树</p></body></html>")
    notes.write("page.htm", "<p>香蕉花</p>")
    notes.update()
    assert notes.found("香蕉") == ["page.htm", "page.html"]
    assert notes.found("菜单") == []


def test_an_archive_without_pages_is_no_failure(notes: Notes) -> None:
    write_archive(notes.folder / "photos.zip", ("a.jpg", "x"))
    (error,) = notes.update().skipped
    assert error.reason == "no page in it"


def test_a_change_is_seen_also_in_a_folder_that_was_long_at_rest(
    notes: Notes, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    with open_index(folder) as index:
        before = index.run("苹果").total
        os.utime(folder, (1_000_000_000, 1_000_000_000))
        assert index.run("苹果").total == before
        notes.write("late.md", "苹果又来了。")
        engine = WhooshEngine(str(folder), create=True)
        index_files(engine, [str(notes.folder)])
        engine.close()
        assert index.run("苹果").total == before + 1
