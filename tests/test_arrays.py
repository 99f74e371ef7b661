"""A file of arrays gives back what was written, or says that it is damaged; it never runs."""

import ast
import json
import os
import pickle
import random
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from test_engines import entries, page
from wenduan import IndexDamagedError
from wenduan.engines import Wanted
from wenduan.engines.array_writing import write_arrays
from wenduan.engines.arrays import HEAD, ArrayFile
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import IndexFolderError
from wenduan.query import parse_query

DTYPES = st.sampled_from(["<u1", "<u2", "<u4", "<u8", "<i4", "<i8"])


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.tuples(DTYPES, st.integers(0, 9000))))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, sizes: dict[str, tuple[str, int]]
) -> None:
    arrays = {name: np.arange(size).astype(dtype) for name, (dtype, size) in sizes.items()}
    path = tmp_path_factory.mktemp("arrays") / "file"
    write_arrays(path, arrays, {"a": "文"})
    file = ArrayFile(str(path))
    assert file.meta == {"a": "文"}
    for name, array in arrays.items():
        assert file[name].all().tolist() == array.tolist()
        middle = len(array) // 2
        assert file[name].slice(middle, len(array)).tolist() == array[middle:].tolist()
        assert [file[name][at] for at in range(min(len(array), 3))] == array[:3].tolist()
    file.check_all()


def test_streamed_parts_are_those_of_the_mapped_array(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(0, 60_000, 300_000).astype("<u2")
    write_arrays(tmp_path / "file", {"a": np.arange(7, dtype="<u1"), "b": array}, {})
    begins, ends = np.sort(np.random.default_rng(2).integers(0, 300_000, (2, 50)), axis=0)
    ranges = zip(begins.tolist(), ends.tolist(), strict=True)
    wanted = [number for begin, end in ranges for number in array[begin:end].tolist()]
    file = ArrayFile(str(tmp_path / "file"))
    streamed = file.streamed("b")
    assert file["b"].join(begins, ends).tolist() == wanted
    assert streamed.join(begins, ends).tolist() == wanted
    assert streamed.slice(123, 99_999).tolist() == array[123:99_999].tolist()
    assert streamed.slice(5, 5).tolist() == []
    assert streamed.all().tolist() == array.tolist()


def test_a_file_cut_short_while_it_is_open_is_damaged(tmp_path: Path) -> None:
    write_arrays(tmp_path / "file", {"a": np.arange(1_000_000, dtype="<u4")}, {})
    streamed = ArrayFile(str(tmp_path / "file")).streamed("a")
    assert streamed.slice(9, 10).tolist() == [9]
    os.truncate(tmp_path / "file", 9_000)
    with pytest.raises(IndexDamagedError, match="cut short since it was opened"):
        streamed.slice(900_000, 900_010)


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    arrays = {
        "a": np.arange(20_000, dtype="<u4"),
        "b": np.arange(999, dtype="<u1"),
        "c": np.arange(4_000, dtype="<f8"),
    }
    write_arrays(tmp_path / "file", arrays, {"room": "for longer headers" * 9})
    return tmp_path / "file", arrays


def test_a_flipped_byte_is_noticed_or_changes_nothing(
    written: tuple[Path, dict[str, Any]],
) -> None:
    path, arrays = written
    content = path.read_bytes()
    rng = random.Random(1)
    noticed = 0
    for _ in range(300):
        at = rng.randrange(len(content))
        path.unlink()
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x41]) + content[at + 1 :])
        try:
            file = ArrayFile(str(path))
            file.check_all()
        except IndexDamagedError:
            noticed += 1
            continue
        for name, array in arrays.items():
            assert file[name].all().tolist() == array.tolist()
    assert noticed > 290


def test_a_shortened_file_is_noticed(written: tuple[Path, dict[str, Any]]) -> None:
    path, _ = written
    content = path.read_bytes()
    for size in [0, 1, 23, 24, 100, *range(1000, len(content), 9973), len(content) - 1]:
        path.unlink()
        path.write_bytes(content[:size])
        with pytest.raises(IndexDamagedError):
            ArrayFile(str(path))


@pytest.mark.parametrize(
    "row",
    [
        ["<u4", 0, 10**9],
        ["<u4", 10**9, 1],
        ["<u4", -64, 1],
        ["<u4", 0, -1],
        ["|O", 0, 1],
    ],
    ids=str,
)
def test_a_header_that_points_elsewhere_is_damage(
    written: tuple[Path, dict[str, Any]], row: list[Any]
) -> None:
    path, _ = written
    content = path.read_bytes()
    magic, version, size, _, rest = HEAD.unpack_from(content)
    header = json.loads(content[HEAD.size : HEAD.size + size])
    header["arrays"]["b"], header["meta"] = row, {}
    raw = json.dumps(header).encode().ljust(size)
    assert len(raw) == size
    path.unlink()
    head = HEAD.pack(magic, version, size, zlib.crc32(raw), rest)
    path.write_bytes(head + raw + content[HEAD.size + size :])
    with pytest.raises(IndexDamagedError):
        ArrayFile(str(path))


def test_an_index_cut_short_while_it_is_open_is_damaged(tmp_path: Path) -> None:
    engine = WhooshEngine(str(tmp_path), create=True)
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树开花，段落一。"))
    assert engine.search(parse_query("苹果"), Wanted(5)).total == 1
    for pattern in ("*.seg", "*.arrays", "*.trie"):
        (path,) = tmp_path.glob(pattern)
        content = path.read_bytes()
        # Reading the end of a mapped file that is not there any more ends the process.
        os.truncate(path, 100)
        with pytest.raises(IndexDamagedError, match=path.name):
            engine.search(parse_query("苹果", engine.cut), Wanted(5))
        path.write_bytes(content)
        assert engine.search(parse_query("苹果", engine.cut), Wanted(5)).total == 1
    engine.close()


def test_a_block_overwritten_while_it_is_open_is_checked_anew(tmp_path: Path) -> None:
    engine = WhooshEngine(str(tmp_path), create=True)
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树开花，段落一。"))
    assert engine.verify() > 0
    (path,) = tmp_path.glob("*.seg")
    at = path.read_bytes().index("苹果树".encode("utf-16-le"))
    with path.open("r+b") as file:
        file.seek(at)
        file.write("香蕉".encode("utf-16-le"))
    with pytest.raises(IndexDamagedError, match=r"block 0 does not match its checksum"):
        engine.search(parse_query("苹果", engine.cut), Wanted(5))
    engine.close()


def test_a_whole_file_in_the_place_of_another_is_told(tmp_path: Path) -> None:
    write_arrays(tmp_path / "one", {"a": np.arange(3, dtype="<u4")}, {})
    (tmp_path / "one").rename(tmp_path / "two")
    with pytest.raises(IndexDamagedError, match="two: it is the file one"):
        ArrayFile(str(tmp_path / "two"))


@pytest.mark.parametrize("meta", [None, [], "x", 7])
def test_facts_that_are_no_object_are_damage(tmp_path: Path, meta: Any) -> None:
    write_arrays(tmp_path / "file", {}, {"room": "for what is shorter"})
    content = (tmp_path / "file").read_bytes()
    magic, version, size, _, rest = HEAD.unpack_from(content)
    header = json.loads(content[HEAD.size : HEAD.size + size]) | {"meta": meta}
    raw = json.dumps(header).encode().ljust(size)
    head = HEAD.pack(magic, version, size, zlib.crc32(raw), rest)
    (tmp_path / "file").unlink()
    (tmp_path / "file").write_bytes(head + raw + content[HEAD.size + size :])
    with pytest.raises(IndexDamagedError, match="its header is none"):
        ArrayFile(str(tmp_path / "file"))


def test_a_table_of_contents_names_only_files_of_its_folder(tmp_path: Path) -> None:
    WhooshEngine(str(tmp_path), create=True).close()
    path = tmp_path / "_MAIN_0.toc"
    content = path.read_bytes().split(b"\n")[0]
    for old, new in (
        (b"dictionary_", b"../dictionary_"),
        (b'"segments": []', b'"segments": [{"name": "/../../x", "size": 1, "deleted": []}]'),
        (b'"segments": []', b'"segments": 7'),
        (b'"generation": 0', b'"generation": 3'),
    ):
        assert old in content
        line = content.replace(old, new)
        path.write_bytes(line + b"\n%08x\n" % zlib.crc32(line))
        with pytest.raises(IndexDamagedError, match=r"_MAIN_0\.toc"):
            WhooshEngine(str(tmp_path))


class Hostile:
    """Runs a command when a careless program unpickles it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def find(folder: Path) -> int:
    engine = WhooshEngine(str(folder))
    return engine.search(parse_query("苹果", engine.cut), Wanted(5)).total


def test_a_hostile_pickle_in_place_of_any_file_does_not_run(tmp_path: Path) -> None:
    folder, marker = tmp_path / "index", tmp_path / "it ran"
    engine = WhooshEngine(str(folder), create=True)
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树开花，段落一。"))
    engine.close()
    (folder / "writer.json").touch()
    hostile = pickle.dumps(Hostile(marker))
    names = sorted(os.listdir(folder))
    assert {name.split(".")[-1] for name in names} >= {"toc", "seg", "trie", "arrays", "json"}
    for name in names:
        content = (folder / name).read_bytes()
        for planted in (hostile, content[:64] + hostile):
            (folder / name).unlink()
            (folder / name).write_bytes(planted)
            if name.endswith((".toc", ".seg", ".trie", ".arrays")):
                with pytest.raises(IndexFolderError):
                    find(folder)
            else:
                assert find(folder) == 1
        (folder / name).write_bytes(content)
    assert not marker.exists()
    pickle.loads(hostile)
    assert marker.exists(), "the pickle is as hostile as it should be"


@pytest.mark.parametrize("path", sorted((ROOT / "src").rglob("*.py")), ids=lambda p: p.name)
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
        names.append(getattr(node, "module", None) or "")
        assert not {"pickle", "marshal", "shelve", "dill"} & {str(name) for name in names}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile"}
