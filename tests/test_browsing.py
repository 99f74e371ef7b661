"""Places that results name lead back to their paragraphs, whatever else lies in the file."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import build
from wenduan.cli import cli
from wenduan.searching import Index, open_index

OMNIVORE = """%%aaaaaaaa_start%%
# 第一篇

苹果的甜味来自果糖。
%%aaaaaaaa_end%%
%%bbbbbbbb_start%%
# 第二篇

火车头拉着十二节车厢。

车厢里坐满了人。
%%bbbbbbbb_end%%
"""
# All in one line, two of its paragraphs alike, under two authors.
ONE_LINE = (
    "<html><head><title>一行</title></head><body><h1>一行</h1><p>火车头的第一段。</p>"
    "<p>火车头的第二段。</p><p>火车头的第三段。</p><p>火车头的第二段。</p></body></html>"
)


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("several")
    notes = folder / "notes"
    notes.mkdir()
    (notes / "note.md").write_text(OMNIVORE, encoding="utf-8")
    (notes / "line.html").write_text(ONE_LINE, encoding="utf-8")
    with zipfile.ZipFile(notes / "pages.zip", "w") as archive:
        archive.writestr("a.md", "# 甲\n\n火车头在甲站。\n")
        archive.writestr("b/b.md", OMNIVORE)
    build(folder / "index", notes, Path(__file__).parent / "pages").close()
    return str(folder / "index")


@pytest.fixture(scope="module")
def index(location: str) -> Iterator[Index]:
    with open_index(location) as index:
        yield index


@pytest.mark.parametrize("query", ["火车头", "车厢", "苹果", "的", "是什么？", "kind:answer"])
def test_places_of_hits_lead_back_to_them(index: Index, query: str) -> None:
    hits = index.search(query, 500, grouped=False)
    assert hits
    for hit, passage in zip(hits, index.passages_of(hits), strict=True):
        assert passage.entry.text == hit.text
        assert (passage.entry.line, passage.entry.paragraph) == (hit.line, hit.paragraph)
        assert (passage.post["author"], passage.post["kind"]) == (hit.author, hit.kind)
    every = index.search("-没有的字", 10_000, grouped=False)
    held = Counter((hit.path, hit.line) for hit in every)
    for hit, passage in zip(hits, index.passages([(h.path, h.line) for h in hits]), strict=True):
        assert passage.entry.line == hit.line
        assert passage.entry.text == hit.text or held[hit.path, hit.line] > 1


def test_a_line_leads_into_whichever_page_of_a_file_holds_it(index: Index) -> None:
    (hit,) = [hit for hit in index.search("十二节", 9, grouped=False) if hit.path.endswith("te.md")]
    assert hit.line == 9
    for line, text in (
        (4, "苹果的甜味来自果糖。"),
        (9, hit.text),
        (10, hit.text),
        (11, "车厢里坐满了人。"),
    ):
        passage = index.passage(hit.path, line)
        assert passage.entry.text == text
        title = "第一篇" if line < 7 else "第二篇"
        assert passage.file.facts["title"] == title
        assert {entry.text for entry in passage.entries} <= set(OMNIVORE.split("\n")) | {title}
    with pytest.raises(Exception, match="the first one is in line 2"):
        index.passage(hit.path, 1)


def test_similar_looks_at_the_paragraph_of_its_page(index: Index) -> None:
    (hit,) = [hit for hit in index.search("十二节", 9, grouped=False) if hit.path.endswith("te.md")]
    found = index.similar(hit.path, hit.line)
    assert found.query == hit.text
    assert all(one.text != hit.text for one in found.hits)


def test_of_paragraphs_in_one_line_that_with_the_number_is_meant(index: Index) -> None:
    hits = [hit for hit in index.search("火车头", 50, grouped=False) if hit.path.endswith(".html")]
    assert len(hits) == 4
    assert {hit.line for hit in hits} == {1}
    for hit in hits:
        assert index.passage(hit.path, 1, hit.paragraph).entry.text == hit.text
    first = index.passage(hits[0].path, 1).entry
    assert first.paragraph == min(
        entry.paragraph for entry in index.passage(hits[0].path, 1).entries
    )
    # The others in its line are none of itself, and may be similar to it.
    third = next(hit for hit in hits if "第三" in hit.text)
    found = index.similar(third.path, 1, paragraph=third.paragraph)
    assert found.query == third.text


def test_context_is_that_of_the_very_paragraph(location: str) -> None:
    arguments = ["search", "第三段", "--context", "1", "--index", location]
    run = CliRunner().invoke(cli, arguments)
    lines = [line.strip().replace("【", "").replace("】", "") for line in run.output.splitlines()]
    at = lines.index("火车头的第三段。")
    assert lines[at - 1] == lines[at + 1] == "火车头的第二段。"
    run = CliRunner().invoke(
        cli, ["search", "十二节", "--context", "1", "--all", "--index", location]
    )
    lines = [line.strip() for line in run.output.splitlines()]
    assert lines.count("车厢里坐满了人。") == 2
    assert lines.count("第一篇") == 0
