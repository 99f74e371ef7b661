"""What nobody foresaw in one page, or archive member, costs that page; the line names the fault."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner

from conftest import build
from wenduan import PageError
from wenduan.cli import cli
from wenduan.pages import iter_pages, parse_page, reading, unpacking
from wenduan.pages.blocks import Block
from wenduan.pages.document import Document, Site
from wenduan.pages.markdown import parse_blocks
from wenduan.searching import Index

ERRORS = [
    (MemoryError(), "takes more memory than there is"),
    (RecursionError(), "nested too deeply"),
    (KeyError("votes"), "a fault of wenduan's, KeyError in "),
    (OverflowError("\n too\n large"), "a fault of wenduan's, OverflowError in "),
    (AssertionError(), "a fault of wenduan's, AssertionError in "),
]


def breaking(monkeypatch: pytest.MonkeyPatch, error: BaseException, stage: str) -> None:
    """Let whatever reads a page that says BAD raise."""

    def parse(text: str, first_line: int = 1) -> list[Block]:
        if "BAD" in text:
            raise error
        return parse_blocks(text, first_line)

    def document(page: Document) -> object:
        if any("BAD" in block.text for block in page.blocks):
            raise error
        return read(page)

    read = reading.read_document
    if stage == "unpacking":
        monkeypatch.setattr(unpacking, "parse_blocks", parse)
    else:
        monkeypatch.setattr(reading, "read_document", document)


def archive(*texts: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for number, text in enumerate(texts):
            packed.writestr(f"{number}.md", text)
    return made.getvalue()


@pytest.mark.parametrize("stage", ["unpacking", "reading"])
@pytest.mark.parametrize(("error", "said"), ERRORS, ids=lambda value: type(value).__name__)
def test_an_error_costs_only_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str, stage: str
) -> None:
    breaking(monkeypatch, error, stage)
    pages = tmp_path / "p"
    pages.mkdir()
    (pages / "bad.md").write_text("BAD", encoding="utf-8")
    (pages / "good.md").write_text("好好的一页", encoding="utf-8")
    (pages / "some.zip").write_bytes(archive("BAD", "又一页好的"))
    arguments = ["index", str(pages), "--index", str(tmp_path / "index")]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if line.startswith("skipped")]
    assert len(told) == 2
    for name, line in zip(("bad.md", "some.zip/0.md"), sorted(told), strict=True):
        assert f"{name}: " in line
        assert said in line
    with Index(build(tmp_path / "index", pages)) as index:
        assert index.run('"好好的一页"').total == 1
        assert index.run('"又一页好的"').total == 1


def test_a_page_that_breaks_a_reader_is_read_by_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: object) -> NoReturn:
        raise ZeroDivisionError

    broken = Site("broken", 1, lambda saved: True, read)
    monkeypatch.setattr(reading, "sites", lambda: (broken,))
    with pytest.raises(PageError, match="a fault of wenduan's, ZeroDivisionError in "):
        parse_page("a.md", b"text")


def test_an_interruption_is_no_fault_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, KeyboardInterrupt(), "reading")
    with pytest.raises(KeyboardInterrupt):
        parse_page("a.md", b"BAD")


def test_an_error_of_a_page_holds_nothing_of_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, KeyError("x"), "reading")
    path = tmp_path / "bad.md"
    path.write_text("BAD", encoding="utf-8")
    (error,) = iter_pages(path)
    assert isinstance(error, PageError)
    assert (error.__traceback__, error.__context__, error.__cause__) == (None, None, None)
