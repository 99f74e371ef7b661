"""No bytes break the reader: damaged pages, archives that lie, front matter that explodes."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutations import PIECES, check, mutated_pages, page_of_images, repeated
from wenduan import PageError
from wenduan.pages import Page, iter_pages, parse_page, read_pages
from wenduan.pages.archive import MAX_RATIO


def test_damaged_pages_are_read_or_named() -> None:
    wrong = [said for row in mutated_pages(1000, seed=7) if (said := check(*row))]
    assert wrong == []


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", ["page.md", "page.html"])
def test_page_that_repeats_a_piece_is_read(piece: str, name: str) -> None:
    # Where time grew with the square of the length, this would take a minute.
    assert check(name, repeated(piece)) is None


def test_aliases_of_front_matter_are_not_followed() -> None:
    rows = ["a0: &a0 [哈]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    page = parse_page("page.md", f"---\ntitle: 题\n{chr(10).join(rows)}\n---\n正文".encode())
    assert page.title == "题"
    assert "not valid YAML" in page.warnings[0]


def test_front_matter_builds_no_objects(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    head = f"title: !!python/object/apply:pathlib.Path.touch [!!python/name:pathlib.Path {trap}]"
    parse_page("page.md", f"---\n{head}\n---\n正文".encode())
    assert not trap.exists()


def test_stars_in_front_matter_values_are_no_aliases() -> None:
    page = parse_page("page.md", "---\ntitle: 一 * 二 & 三\n---\n正文".encode())
    assert (page.title, page.warnings) == ("一 * 二 & 三", ())


def archive(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", compression) as made:
        for name, data in files:
            made.writestr(name, data)
    return found.getvalue()


def errors_of(path: Path) -> list[str]:
    return [str(found) for found in iter_pages(path) if isinstance(found, PageError)]


def pages_of(path: Path) -> list[Page]:
    return [found for found in iter_pages(path) if isinstance(found, Page)]


def test_archive_that_grows_without_end_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    bomb = b"a" * (MAX_RATIO * 10_000)
    path.write_bytes(archive(("bomb.md", bomb), ("good.md", "好".encode())))
    (error,) = errors_of(path)
    assert "bomb.zip/bomb.md: grows more than 200 times" in error
    assert [page.title for page in pages_of(path)] == ["good"]


def test_archive_whose_list_of_sizes_lies_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(archive(("a.md", "春".encode() * 1000)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (5).to_bytes(4, "little")
    path = tmp_path / "lies.zip"
    path.write_bytes(data)
    assert len(errors_of(path)) == 1


def test_damaged_archive_is_named_in_one_line(tmp_path: Path) -> None:
    whole = archive(("a.md", "春天来了".encode()), ("b.md", "夏天".encode() * 99))
    path = tmp_path / "cut.zip"
    path.write_bytes(whole[: len(whole) // 2])
    (error,) = errors_of(path)
    assert "cut.zip: a damaged archive" in error
    with pytest.raises(PageError, match="damaged archive"):
        read_pages(path)


def test_damaged_member_does_not_hide_the_others(tmp_path: Path) -> None:
    data = bytearray(
        archive(("a.md", b"one"), ("b.md", "春".encode() * 50), compression=zipfile.ZIP_STORED)
    )
    data[data.index("春".encode())] ^= 0xFF
    path = tmp_path / "half.zip"
    path.write_bytes(data)
    assert [page.path for page in pages_of(path)] == [f"{path}/a.md"]
    (error,) = errors_of(path)
    assert "half.zip/b.md: cannot be unpacked" in error


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_second_file_of_one_name_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    path.write_bytes(archive(("a.md", "前一个".encode()), ("a.md", "后一个".encode())))
    assert [page.posts[0].paragraphs[0].text for page in pages_of(path)] == ["前一个"]
    (error,) = errors_of(path)
    assert "twice.zip/a.md: a second file of this name" in error


def test_archive_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    path.write_bytes(archive(("../../out.md", "往外走".encode()), ("/root.md", "根".encode())))
    before = sorted(tmp_path.rglob("*"))
    assert len(pages_of(path)) == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_archive_without_a_page_says_so(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(archive(("a.jpg", b"\xff\xd8"), ("readme.pdf", b"%PDF")))
    (error,) = errors_of(path)
    assert error.endswith("no page in it")


def test_names_in_an_archive_may_be_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    data = archive(("XXXX.md", "正文".encode()))
    path.write_bytes(data.replace(b"XXXX", "春天".encode("gb18030")))
    assert [page.title for page in pages_of(path)] == ["春天"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_html_in_any_encoding(encoding: str) -> None:
    text = "<html><head><title>春</title></head><body><p>春眠不觉晓，处处闻啼鸟</p></body></html>"
    page = parse_page("page.html", text.encode(encoding))
    assert page.posts[0].paragraphs[-1].text == "春眠不觉晓，处处闻啼鸟"


def test_html_nested_beyond_reason_keeps_its_text() -> None:
    text = "<div>" * 100_000 + "深处" + "</div>" * 100_000 + "<p>后面</p>"
    page = parse_page("page.html", text.encode())
    told = "".join(row.text for post in page.posts for row in post.paragraphs)
    assert "深处" in told
    assert "后面" in told


def test_page_that_holds_its_images_is_read() -> None:
    page = parse_page(*page_of_images())
    assert [row.text for row in page.posts[0].paragraphs] == ["前后"]


def test_page_beyond_the_bound_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    with path.open("wb") as file:
        file.truncate(70 * 1024 * 1024)
    assert errors_of(path) == [f"{path}: larger than 64 MiB; save it without images"]


@pytest.mark.parametrize(
    "head",
    [
        f"---\ntitle: 0x{'F' * 5000}\n---\n",
        f"---\n0x{'F' * 5000}: 1\ntitle: 题\n---\n",
        f"---\ntags: [0x{'F' * 5000}]\n---\n",
        f"---\ntitle: {'9' * 5000}\n---\n",
        "---\n? [a, b]\n: 1\ntitle: 题\n---\n",
        "---\ndate: 2023-99-99\n---\n",
        '---\ntitle: !!int ""\n---\n',
        "---\ntitle: !!bool maybe\n---\n",
        "---\ntitle: !!timestamp once\n---\n",
        "---\ntitle: .inf\nvotes: .nan\n---\n",
        f"+++\ntitle = 0x{'F' * 5000}\n+++\n",
        f"+++\ntitle = {'9' * 5000}\n+++\n",
        f"+++\na = {'[' * 5000}\n+++\n",
        "+++\ndate = 07:32:00\n+++\n",
        f'{{"title": {"9" * 5000}}}\n',
        f"{'{' * 5000}\n",
        f"---\n{'[' * 5000}\n---\n",
        f"---\n{'{a: ' * 2000}\n---\n",
    ],
    ids=lambda head: head[:24].replace("\n", " "),
)
def test_odd_front_matter_is_read_or_left_as_text(head: str) -> None:
    page = parse_page("page.md", f"{head}正文在此".encode())
    told = "".join(row.text for post in page.posts for row in post.paragraphs)
    assert "正文在此" in told


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["page.md", "page.html", "page.txt", "a.zip"]))
def test_any_bytes_are_read_or_named(data: bytes, name: str) -> None:
    prefix = b"PK\x03\x04" if name.endswith("zip") else b""
    assert check(name, prefix + data) is None
