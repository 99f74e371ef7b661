"""Archives that were made to do harm cost no more than their bounds, and only what is in them."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenduan import PageError
from wenduan.pages import Page, archive, inflating, iter_pages

GOOD = ("good.md", "好好的一页".encode())
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as zipped:
        for name, data in files:
            zipped.writestr(name, data)
    return bytearray(made.getvalue())


def found(path: Path, data: bytes | bytearray) -> tuple[list[str], list[str]]:
    """Titles of the pages of an archive, and what it says of the others."""
    path.write_bytes(data)
    rows = list(iter_pages(path))
    said = [str(row).removeprefix(f"{path}") for row in rows if isinstance(row, PageError)]
    assert all("\n" not in row for row in said)
    return [row.title for row in rows if isinstance(row, Page)], said


class Counted:
    """Counts the bytes that members are unpacked to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes = self.most = 0
        monkeypatch.setattr(archive, "inflate", self._inflate)

    def _inflate(self, file: IO[bytes], method: int) -> Iterator[bytes]:
        for piece in inflating.inflate(file, method):
            self.bytes += len(piece)
            self.most = max(self.most, len(piece))
            yield piece


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


@pytest.mark.parametrize("method", METHODS)
def test_members_that_are_refused_are_not_unpacked(
    tmp_path: Path, counted: Counted, method: int
) -> None:
    # Stored, nothing grows, so only its size refuses it.
    size = 17_000_000 if method == zipfile.ZIP_STORED else 1_500_000
    bombs = [(f"{n}.md", b" " * size) for n in range(2)]
    titles, said = found(tmp_path / "a.zip", packed(*bombs, GOOD, method=method))
    assert titles == ["good"]
    assert len(said) == 2
    assert counted.bytes < 1000


@pytest.mark.parametrize("method", METHODS[1:])
def test_refused_members_count_in_the_sum_where_the_list_of_sizes_lies(
    tmp_path: Path, counted: Counted, method: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_LEAST_TOTAL", 100_000)
    data = packed(*((f"{n}.md", b" " * 400_000) for n in range(20)), method=method)
    at = 0
    while (at := data.find(b"PK\x01\x02", at + 1)) > 0:
        # Each says that it has as much as may be.
        data[at + 20 : at + 24] = (900).to_bytes(4, "little")
        data[at + 24 : at + 28] = (180_000).to_bytes(4, "little")
    titles, said = found(tmp_path / "a.zip", data)
    assert titles == []
    assert counted.bytes <= 100_000 + 200 * len(data) + inflating.PIECE
    assert sum("the rest of it is left out" in row for row in said) <= 1


def test_all_members_together_are_bounded_and_the_rest_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL", 250_000)
    pages = [(f"{n}.md", f"页{n}".encode() * 25_000) for n in range(9)]
    titles, said = found(tmp_path / "a.zip", packed(*pages))
    assert titles == ["0", "1"]
    assert said == [": grows beyond 0 MiB, the rest of it is left out; unpack it"]


def test_metadata_of_an_archive_count_in_the_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL", 100_000)
    rows = [(f"metadata_{n}.json", b"[" + b" " * 60_000 + b"]") for n in range(9)]
    titles, said = found(tmp_path / "a.zip", packed(*rows, GOOD))
    assert titles == []
    assert len(said) == 1


def test_files_that_are_no_pages_are_not_unpacked(tmp_path: Path, counted: Counted) -> None:
    others = [("a.jpg", b"\xff" * 9000), ("data.json", b" " * 9000), ("b.zip", b"PK" * 900)]
    titles, said = found(tmp_path / "a.zip", packed(*others, GOOD))
    assert titles == ["good"]
    assert said == ["/b.zip: an archive within an archive, left out; unpack it"]
    assert counted.bytes < 1000


@pytest.mark.parametrize("method", METHODS)
def test_pieces_are_bounded_and_joined_are_the_file(method: int) -> None:
    data = bytes(range(256)) * 4_000
    with zipfile.ZipFile(io.BytesIO(packed(("a.md", data), method=method))) as zipped:
        info = zipped.getinfo("a.md")
        with zipped.open(archive._as_stored(info)) as raw:
            pieces = list(inflating.inflate(raw, method))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= inflating.PIECE


def put_in_list(at: int, value: int, size: int = 2) -> Callable[[bytearray], bytearray]:
    """Change a field of the first member in the list of files."""

    def change(data: bytearray) -> bytearray:
        begin = data.index(b"PK\x01\x02") + at
        data[begin : begin + size] = value.to_bytes(size, "little")
        return data

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put_in_list(8, 1), "is encrypted"),
        (put_in_list(8, 0x41), "is encrypted"),
        (put_in_list(10, 9), "method 9 is not supported"),
        (put_in_list(10, 99), "method 99 is not supported"),
        (put_in_list(10, 0xFFFF), "method 65535 is not supported"),
        (put_in_list(16, 1, 4), "checksum"),
        (put_in_list(20, 5, 4), "cannot be unpacked"),
        (put_in_list(24, 5, 4), "size"),
        (put_in_list(24, 2_000_000, 4), "grows more than 200 times"),
        (put_in_list(24, 0xFFFFFFFE, 4), "larger than 16 MiB"),
        (put_in_list(42, 3, 4), "cannot be unpacked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("method", METHODS[1:])
def test_a_member_that_cannot_be_unpacked_costs_only_itself(
    tmp_path: Path, change: Callable[[bytearray], bytearray], reason: str, method: int
) -> None:
    data = change(packed(("bad.md", b"one page " * 9), GOOD, method=method))
    titles, said = found(tmp_path / "a.zip", data)
    assert titles == ["good"]
    assert len(said) == 1
    assert said[0].startswith("/bad.md: ")
    assert reason in said[0]


@pytest.mark.parametrize("method", METHODS[1:])
def test_damage_of_any_byte_of_a_member_is_told(tmp_path: Path, method: int) -> None:
    whole = packed(("bad.md", bytes(range(33, 99)) * 3), GOOD, method=method)
    begin, end = whole.index(b"bad.md") + 6, whole.index(b"PK\x03\x04", 9)
    for at in range(begin, end, 7):
        data = bytearray(whole)
        data[at] ^= 0x55
        titles, said = found(tmp_path / "a.zip", data)
        assert titles in (["good"], ["bad", "good"])
        assert len(titles) + len(said) == 2


def test_an_lzma_window_beyond_bounds_is_refused(tmp_path: Path) -> None:
    data = packed(("bad.md", b"one page " * 9), GOOD, method=zipfile.ZIP_LZMA)
    at = data.index(b"bad.md") + 6
    assert data[at + 2 : at + 4] == b"\5\0"
    data[at + 5 : at + 9] = b"\xff" * 4
    titles, said = found(tmp_path / "a.zip", data)
    assert titles == ["good"]
    assert "window over 64 MiB" in said[0]


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    """As in a bomb whose members all name one kernel of packed bytes."""
    data = packed(("a.md", b"one page " * 9), ("b.md", b"two pages" * 9), GOOD)
    first = data.index(b"PK\x01\x02")
    size = int.from_bytes(data[first + 20 : first + 24], "little")
    data[first + 20 : first + 24] = (size + 40).to_bytes(4, "little")
    titles, said = found(tmp_path / "a.zip", data)
    assert titles == ["b", "good"]
    assert said == ["/a.md: shares its bytes with another file of the archive, left out"]


def test_a_list_of_files_beyond_bounds_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MAX_DIRECTORY", 1000)
    data = packed(*((f"{n}.md", b"a") for n in range(99)))
    titles, said = found(tmp_path / "a.zip", data)
    assert titles == []
    assert len(said) == 1
    assert "its list of files is over" in said[0]


def test_too_many_files_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 9)
    titles, said = found(tmp_path / "a.zip", packed(*((f"{n}.md", b"a") for n in range(10))))
    assert titles == []
    assert said[0] == ": more than 9 files; unpack it"


@pytest.mark.parametrize("name", ["./a.md", "../../a.md", "/a.md", "c:\\a.md", "x/" * 999 + "a.md"])
def test_names_are_labels(tmp_path: Path, name: str) -> None:
    titles, said = found(tmp_path / "a.zip", packed((name, b"one page")))
    assert (titles, said) == (["a"], [])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_bytes_in_an_archive_are_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    method = data.draw(st.sampled_from(METHODS))
    made = packed(("bad.md", b"one page " * 9), ("info.json", b"{}"), GOOD, method=method)
    for _ in range(data.draw(st.integers(1, 4))):
        made[data.draw(st.integers(4, len(made) - 1))] = data.draw(st.integers(0, 255))
    with pytest.MonkeyPatch.context() as patch:
        count = Counted(patch)
        path = tmp_path_factory.mktemp("archive") / "a.zip"
        found(path, made)
        assert count.bytes <= 16 * 1024 * 1024 + 200 * len(made) + inflating.PIECE


def test_a_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    made = packed(("a.md", b"one page"), GOOD)
    # Where the length of the name stands, before the bytes and in the list of files, and that of
    # what its letters become: a field there, a comment here.
    for signature, name, other in ((b"PK\x03\x04", 26, 28), (b"PK\x01\x02", 28, 32)):
        place = made.index(signature)
        made[place + name : place + name + 2] = b"\0\0"
        made[place + other] = len("a.md")
    titles, said = found(tmp_path / "a.zip", made)
    assert titles == [GOOD[0].removesuffix(".md")]
    assert said == []


def test_a_line_end_in_a_name_makes_no_second_line(tmp_path: Path) -> None:
    bad = ("a\nskipped\r\u2028b.md", b"\0\0\0")
    _, said = found(tmp_path / "a.zip", packed(bad))
    assert [row.splitlines() for row in said] == [[row] for row in said]
    assert said[0].startswith("/a\\nskipped\\r\\u2028b.md: ")
