"""The sample pages: each run of characters that a person sees in them is found."""

import json
import random
from pathlib import Path

import pytest

from conftest import ROOT, SAMPLES
from wenduan import read_page
from wenduan.analysis import split_units
from wenduan.pages import Paragraph
from wenduan.searching import Index

PAGES = sorted(SAMPLES.glob("*.md"))
PARAGRAPHS = [p for path in PAGES for post in read_page(path).posts for p in post.paragraphs]


def runs(paragraph: Paragraph, rng: random.Random, count: int) -> list[str]:
    """Runs of 1 to 12 characters that cut no Latin word or number, and hold no quotation mark."""
    text = paragraph.text
    inside = {at for unit in split_units(text) for at in range(unit.start + 1, unit.end)}
    found = []
    for _ in range(count):
        begin = rng.randrange(len(text))
        end = min(len(text), begin + rng.randint(1, 12))
        run = text[begin:end]
        if begin not in inside and end not in inside and not set(run) & {'"', "＂"}:
            found.append(run)
    return found


def test_there_are_ten_samples() -> None:
    assert len(PAGES) >= 10


@pytest.mark.parametrize("seed", range(5))
def test_every_run_is_found_when_quoted(sample_index: Index, seed: int) -> None:
    rng = random.Random(seed)
    for paragraph in PARAGRAPHS:
        for run in runs(paragraph, rng, 2):
            found = sample_index.search(f'"{run}"', 10_000, grouped=False)
            assert paragraph.text in {hit.text for hit in found}, run


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_reads_as_expected(path: Path) -> None:
    expected = json.loads(
        (ROOT / "tests" / "pages" / f"{path.stem}.json").read_text(encoding="utf-8")
    )
    page = read_page(path)
    for name in ("saver", "site", "kind", "title", "url", "saved", "published"):
        assert getattr(page, name) == expected[name], name
    assert list(page.tags) == expected["tags"]
    if expected["question"] is None:
        assert page.question is None
    else:
        assert page.question is not None
        for name, value in expected["question"].items():
            assert getattr(page.question, name) == value, name
    assert [p.author for p in page.posts] == [p["author"] for p in expected["posts"]]
    for post, wanted in zip(page.posts, expected["posts"], strict=True):
        for name in (
            "kind",
            "id",
            "author_url",
            "headline",
            "votes",
            "comments",
            "published",
            "edited",
            "place",
            "url",
            "collapsed",
        ):
            assert getattr(post, name) == wanted[name], (post.author, name)
        read = [
            [p.line, p.kind, p.text[: len(start)]]
            for p, (_, _, start) in zip(post.paragraphs, wanted["paragraphs"], strict=False)
        ]
        assert read == wanted["paragraphs"]
        assert len(post.paragraphs) == len(wanted["paragraphs"])
        references = [{"label": r.label, "title": r.title, "url": r.url} for r in post.references]
        assert references == wanted["references"]
