"""The tree keeps its shape: imports point one way, modules say what they are for."""

import ast
import doctest
import importlib
import importlib.metadata
from pathlib import Path

import pytest

import wenduan
from conftest import ROOT

SOURCE = ROOT / "src" / "wenduan"
# Each may import only from those before it.
ORDER = [
    "errors", "starting", "neutralizing", "locating", "regular", "trust", "configuration",
    "loading", "walking", "scanner", "pages", "loops", "compiled", "analysis", "query", "ranking",
    "engines", "feeding", "parallel", "indexing", "grouping", "snippets", "links", "arguments",
    "browsing", "advising", "searching", "wrapping", "printer", "cli",
]  # fmt: skip
# Within `pages`, each imports only from those before it; readers not from each other.
PAGES = [
    "reference", "model", "cutting", "lines", "bounds", "ranges", "guarding", "dates", "addresses",
    "blocks", "formulas", "html_tags", "html_head", "html_regions", "html_walk", "html_taming",
    "html", "markdown", "facts", "document", "fields", "heads", "paragraphs", "front_matter",
    "several", "decoding", "inflating", "archive", "unpacking", "article",
    "zhihu", "savers", "sites", "registry", "reading",
]  # fmt: skip
MODULES = sorted(
    path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or path.stem in ORDER
)


def imported_names(path: Path) -> set[tuple[str, ...]]:
    """The modules of the package that a module imports from, each as the parts of its name."""
    parts = set()
    package = ["wenduan", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            parts |= {tuple([*base, *name.split(".")][1:]) for name in names}
    return parts


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    for part, *_ in imported_names(path):
        assert ORDER.index(part) <= ORDER.index(own), part


READING = [path for path in MODULES if "pages" in path.parts and path.stem != "__init__"]


@pytest.mark.parametrize("path", READING, ids=lambda path: str(path.relative_to(SOURCE)))
def test_reading_flows_one_way(path: Path) -> None:
    own = path.relative_to(SOURCE / "pages").with_suffix("").parts
    for name in imported_names(path):
        if name[0] == "pages":
            assert PAGES.index(name[1]) <= PAGES.index(own[0]), name
            if own[0] in {"savers", "sites"}:
                assert name[1] != own[0], f"a reader imports another: {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_first_line_says_what_the_module_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_examples_in_docstrings(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name = ".".join(["wenduan", *path.relative_to(SOURCE).with_suffix("").parts])
    result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.failed == 0


@pytest.mark.parametrize("path", sorted(SOURCE.glob("loops*.p*")), ids=lambda path: path.name)
def test_loops_are_as_wide_as_all_else(path: Path) -> None:
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 100


def test_public_names_are_sorted_and_real() -> None:
    assert wenduan.__all__ == sorted(wenduan.__all__)
    for name in wenduan.__all__:
        assert hasattr(wenduan, name)


def test_changelog_tells_of_this_version() -> None:
    version = importlib.metadata.version("wenduan")
    assert f"## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
