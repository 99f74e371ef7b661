"""What several tests share: the sample pages, the real page, an index of the samples."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import clusters
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files
from wenduan.searching import Index, open_index

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
REAL_PAGE = ROOT.parent / "shared" / "pages" / "zhihu-question-636259429.md"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests of the cluster on one worker: there is one cluster, and it is stopped once."""
    for item in items:
        if clusters.is_named(item.nodeid):
            item.add_marker(pytest.mark.xdist_group("cluster"))


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or changes which folders the user trusts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))
        yield


def build(folder: Path, *paths: Path) -> WhooshEngine:
    engine = WhooshEngine(str(folder), create=True)
    index_files(engine, [str(path) for path in paths])
    return engine


def build_notes(folder: Path, notes: Mapping[str, str]) -> WhooshEngine:
    """Index pages, given as texts by their names without the ending."""
    pages = folder / "notes"
    pages.mkdir()
    for name, text in notes.items():
        (pages / f"{name}.md").write_text(text, encoding="utf-8")
    return build(folder / "index", pages)


@pytest.fixture
def real_page() -> Path:
    if not REAL_PAGE.exists():
        pytest.skip("the real page does not lie beside this project")
    return REAL_PAGE


@pytest.fixture
def real_index(real_page: Path, tmp_path: Path) -> Iterator[Index]:
    with Index(build(tmp_path / "index", real_page)) as index:
        yield index


@pytest.fixture(scope="session")
def sample_location(tmp_path_factory: pytest.TempPathFactory) -> str:
    location = tmp_path_factory.mktemp("samples") / "index"
    build(location, SAMPLES).close()
    return str(location)


@pytest.fixture(scope="session")
def sample_index(sample_location: str) -> Iterator[Index]:
    with open_index(sample_location) as index:
        yield index
