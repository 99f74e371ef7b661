"""Golden pages read as is written down beside them; one that nothing is written for fails."""

import json
from pathlib import Path

import pytest

from golden import compact, expected, golden_files
from wenduan.pages import read_pages

FILES = golden_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_page_reads_as_written_down(path: Path) -> None:
    found = [compact(page) for page in read_pages(path)]
    assert json.loads(json.dumps(found)) == expected(path)


def test_there_are_pages() -> None:
    assert len(FILES) > 40
