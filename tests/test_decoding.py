"""A file is read in the encoding that its bytes are in, whatever it says of itself."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenduan import PageError
from wenduan.pages import parse_page
from wenduan.pages.decoding import decode

TEXT = "春眠不觉晓，处处闻啼鸟。\n\nHave a look: 夜来风雨声，花落知多少。\n"
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
MARKS = {
    "utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE,
}  # fmt: skip


@pytest.mark.parametrize("encoding", MARKS)
def test_text_with_a_mark_is_read_by_it(encoding: str) -> None:
    assert decode("a.md", MARKS[encoding] + TEXT.encode(encoding)) == (TEXT, ())


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", [TEXT, "only ASCII\nof two lines\n"])
def test_wide_text_without_a_mark_is_known_by_its_zeros(encoding: str, text: str) -> None:
    assert decode("a.md", text.encode(encoding)) == (text, ())


@pytest.mark.parametrize("encoding", MARKS)
def test_astral_characters_survive(encoding: str) -> None:
    text = "𠮷野家的😀很好吃，处处闻啼鸟。"
    assert decode("a.md", MARKS[encoding] + text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", [*WIDE[2:]])
def test_broken_utf_32_is_named(encoding: str) -> None:
    data = MARKS[encoding] + b"\xff\xff\xff\xff" * 9
    with pytest.raises(PageError, match="broken utf-32 text"):
        decode("a.md", data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0\x5c\x72\xa8\x66",
        b"%PDF-1.7\n" + b"\0\1\2\3" * 99,
        b"\x7fELF\2\1\1" + b"\0" * 99,
        b"\0" * 400,
        b"PK\5\6"[:2] + b"\0" * 90,
    ],
)  # fmt: skip
def test_binary_files_are_no_wide_text(data: bytes) -> None:
    with pytest.raises(PageError, match=r"binary|empty"):
        decode("a.md", data)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-32"])
@pytest.mark.parametrize("said", ["utf-8", "gbk", "big5", "iso-8859-1", "utf-7", "utf-16", "none"])
def test_what_html_says_of_its_encoding_is_not_believed(encoding: str, said: str) -> None:
    head = f'<?xml version="1.0" encoding="{said}"?><html><head><meta charset="{said}">'
    head += f'<meta http-equiv="content-type" content="text/html; charset={said}">'
    page = parse_page("a.html", f"{head}</head><body><p>{TEXT}</p></body></html>".encode(encoding))
    assert page.posts[0].paragraphs[0].text.startswith("春眠不觉晓，处处闻啼鸟。")


def test_utf_7_is_the_characters_it_is_written_in() -> None:
    text = "+ADw-script+AD4- stays +ZeVnLIqe-"
    assert decode("a.html", text.encode()).text == text
    page = parse_page("a.html", f'<html><meta charset="utf-7"><p>{text}'.encode())
    assert page.posts[0].paragraphs[0].text == text


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1), st.sampled_from(list(MARKS)))
def test_any_text_with_a_mark_comes_back(text: str, encoding: str) -> None:
    assert decode("a.md", MARKS[encoding] + text.encode(encoding)) == (text, ())
