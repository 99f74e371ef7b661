"""The worked example of docs/readers.md works as it stands there."""

import json
import re
import sys
import types
from pathlib import Path

import pytest

from conftest import ROOT
from golden import compact
from wenduan.pages import parse_page, reading

GUIDE = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")


def code(language: str, nth: int = 0) -> str:
    return str(re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)[nth])


def test_the_example_reads_as_the_guide_says(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "wenduan.pages.savers.clipnote"
    module = types.ModuleType(name)
    module.__package__ = "wenduan.pages.savers"
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(code("python"), name, "exec"), module.__dict__)
    savers = tuple(sorted((module.READER, *reading.savers()), key=lambda saver: saver.rank))
    monkeypatch.setattr(reading, "savers", lambda: savers)
    page = parse_page("clipnote.md", code("markdown").encode())
    assert json.loads(json.dumps(compact(page))) == json.loads(code("json"))


def test_readers_are_found_and_ordered() -> None:
    for readers, package in ((reading.savers(), "savers"), (reading.sites(), "sites")):
        folder = Path(reading.__file__).parent / package
        modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
        assert len(readers) == len(modules)
        ranks = [reader.rank for reader in readers]
        assert ranks == sorted(ranks)
        assert ranks[-1] == 90
        assert ranks.count(90) == 1
