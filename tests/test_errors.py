"""Each error of ours goes from one process to another, and can be kept without what made it."""

import copy
import importlib
import inspect
import multiprocessing
import pickle
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wenduan
from wenduan import PageError, WenduanError, read_page

_GIVEN = {"str": "某处", "object": "某处", "int": 3, "bool": True}


def _all_kinds() -> list[type[WenduanError]]:
    """The errors of every module, so that a new one cannot be forgotten."""
    for module in pkgutil.walk_packages(wenduan.__path__, "wenduan."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return list(_below(WenduanError))


def _below(kind: type[WenduanError]) -> Iterator[type[WenduanError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


def _make(kind: type[WenduanError]) -> WenduanError:
    """An error with something given for each parameter, by what it is annotated with."""
    if kind.__init__ is Exception.__init__:
        return kind("某处：出了错")
    given: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(kind.__init__).parameters.items())[1:]:
        annotation = str(getattr(parameter.annotation, "__name__", parameter.annotation))
        given[name] = _GIVEN[annotation.split(" | ")[0]]
    return kind(**given)


@pytest.mark.parametrize("kind", _all_kinds(), ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling(kind: type[WenduanError]) -> None:
    error = _make(kind)
    error.note = "noted later"  # type: ignore[attr-defined]
    error.__cause__ = ValueError("what it came from")
    twins = [
        pickle.loads(pickle.dumps(error, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    for twin in [*twins, copy.copy(error), copy.deepcopy(error), error.bare()]:
        assert type(twin) is kind
        assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))
        assert twin.__cause__ is None
        assert twin.__traceback__ is None


def test_an_error_that_is_kept_holds_no_frames() -> None:
    def fail() -> None:
        try:
            raise ValueError("first")
        except ValueError as error:
            raise PageError("a.md", "empty") from error

    with pytest.raises(PageError) as caught:
        fail()
    bare = caught.value.bare()
    assert (bare.path, bare.reason, str(bare)) == ("a.md", "empty", "a.md: empty")
    assert bare.__traceback__ is None
    assert bare.__context__ is None
    assert bare.__cause__ is None


def test_a_pool_of_processes_hands_on_errors_and_pages(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("一页", encoding="utf-8")
    # Forked after other tests' threads, a process might wait for a lock that nobody lets go.
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(1) as pool:
        failing = pool.apply_async(read_page, (tmp_path / "none.md",))
        with pytest.raises(PageError, match=r"none\.md: No such file") as caught:
            failing.get(60)
        assert caught.value.path == str(tmp_path / "none.md")
        assert pool.apply_async(read_page, (tmp_path / "a.md",)).get(60).title == "a"
