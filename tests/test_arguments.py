"""What no search can be made of is named as such: never accepted, never called damage."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from conftest import build_notes
from wenduan import open_index
from wenduan.cli import cli
from wenduan.errors import QueryError, WenduanError
from wenduan.query import Between, Field, Has
from wenduan.searching import Index

Ask = Callable[[Index, Any], Any]
NUMBERS: dict[str, Ask] = {
    "limit": lambda index, value: index.run("水", value),
    "offset": lambda index, value: index.run("水", offset=value),
    "limit of search": lambda index, value: index.search("水", value),
    "limit of similar": lambda index, value: index.similar(*_place(index), value),
    "limit of advise": lambda index, value: index.advise("水 没有的", value),
    "line": lambda index, value: index.passage(_place(index)[0], value),
    "line of similar": lambda index, value: index.similar(_place(index)[0], value),
}


def _place(index: Index) -> tuple[str, int]:
    (hit,) = index.search("水", 1)
    return hit.path, hit.line


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, 1.5, True, "10", b"1", None, [1]], ids=repr)
def test_what_is_no_whole_number_is_named(sample_index: Index, name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=r"give a whole number, [01] or more"):
        NUMBERS[name](sample_index, value)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-3, -(10**30)])
def test_a_number_below_the_least_is_named(sample_index: Index, name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"is {value}; give [01] or more"):
        NUMBERS[name](sample_index, value)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [10**9, 2**63, 10**30, np.int64(500)], ids=repr)
def test_a_number_beyond_all_there_is_is_as_good_as_all(
    sample_index: Index, name: str, value: int
) -> None:
    NUMBERS[name](sample_index, value)


@pytest.mark.parametrize("ask", [Index.run, Index.search, Index.paths, Index.advise, Index.outline])
@pytest.mark.parametrize("query", [b"x", None, 3, ["x"]], ids=repr)
def test_a_query_that_is_no_string_is_named(sample_index: Index, ask: Ask, query: Any) -> None:
    with pytest.raises(TypeError, match="give a string"):
        ask(sample_index, query)


@pytest.mark.parametrize("ask", [Index.run, Index.paths, Index.advise, Index.outline])
@pytest.mark.parametrize(
    "query", ["\0", "\ud800", "水\0", "水\ud800", "author:\0", "in:\udcff", '"\0"', "\0*", "-\0"]
)
def test_zeros_and_lone_surrogates_are_text_like_any_other(
    sample_index: Index, ask: Ask, query: str
) -> None:
    ask(sample_index, query)


@pytest.mark.parametrize("ask", [Index.run, Index.paths, Index.advise, Index.outline])
@pytest.mark.parametrize("query", ["", " ", "\n", "水" * 3_000])
def test_a_query_that_asks_for_nothing_is_named(sample_index: Index, ask: Ask, query: str) -> None:
    with pytest.raises(QueryError):
        ask(sample_index, query)


@pytest.mark.parametrize(
    ("filters", "error", "told"),
    [
        ([Has("nonsense")], ValueError, "nonsense; give one of reference, link"),
        ([Has(None)], ValueError, "give one of reference, link"),  # type: ignore[arg-type]
        ([Between("votes", math.nan)], TypeError, "whole numbers"),  # type: ignore[arg-type]
        ([Between("votes", None, math.inf)], TypeError, "whole"),  # type: ignore[arg-type]
        ([Between("votes", True)], TypeError, "whole numbers"),
        ([Between("", 1)], ValueError, "no column"),
        ([Field("author", None)], TypeError, "give a string"),  # type: ignore[arg-type]
        ([Field("author", b"x")], TypeError, "give a string"),  # type: ignore[arg-type]
        ([Field("", "x")], ValueError, "no field"),
        ([Field(["author"], "x")], ValueError, "no field"),  # type: ignore[arg-type]
        ([None], TypeError, "no filter"),
        ("votes", TypeError, "give a list"),
        (None, TypeError, "give a list"),
        (Between("votes", 1), TypeError, "give a list"),
        ({"votes": 1}, TypeError, "no filter"),
    ],
)
def test_what_is_no_filter_is_named(
    sample_index: Index, filters: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        sample_index.run("水", filters=filters)


def test_filters_that_can_be_gone_through_but_once_hold(sample_index: Index) -> None:
    wanted = sample_index.run("水", filters=[Between("votes", 1)])
    assert sample_index.run("水", filters=iter([Between("votes", 1)])).total == wanted.total  # type: ignore[arg-type]
    assert wanted.total < sample_index.run("水").total


@pytest.mark.parametrize("bound", [2**31, 2**63, 10**30])
def test_bounds_beyond_all_numbers_hold_as_any(sample_index: Index, bound: int) -> None:
    assert sample_index.run("水", filters=[Between("votes", bound)]).total == 0
    assert sample_index.run("水", filters=[Between("votes", None, -bound)]).total == 0
    known = sample_index.run("水", filters=[Between("votes")]).total
    assert sample_index.run("水", filters=[Between("votes", -bound, bound)]).total == known > 0


@pytest.mark.parametrize("sort", [None, "", "x", b"votes", ["votes"]], ids=repr)
def test_what_is_no_order_is_named(sample_index: Index, sort: Any) -> None:
    with pytest.raises(ValueError, match="give one of relevance, votes, date"):
        sample_index.run("水", sort=sort)


@pytest.mark.parametrize("what", [None, "", "path", "nonsense", b"author", ["author"]], ids=repr)
def test_what_nothing_is_counted_by_is_named(sample_index: Index, what: Any) -> None:
    with pytest.raises(ValueError, match="give one of author, kind, month, title, tag, site"):
        sample_index.count(what)


@pytest.mark.parametrize("path", [None, 3, b"a.md"], ids=repr)
def test_a_path_that_is_no_text_is_named(sample_index: Index, path: Any) -> None:
    for look in (sample_index.passage, sample_index.similar):
        with pytest.raises(TypeError, match="give a string"):
            look(path, 1)
    with pytest.raises(TypeError, match="no place"):
        sample_index.passages([path])


def test_a_path_may_be_a_path(sample_index: Index) -> None:
    path, line = _place(sample_index)
    assert sample_index.passage(Path(path), line).file.path == str(Path(path).absolute())  # type: ignore[arg-type]


@pytest.mark.parametrize("location", ["", "\0", "x\ud800"], ids=ascii)
def test_a_location_that_no_folder_can_have_is_named(location: str) -> None:
    with pytest.raises(WenduanError, match="no name of a folder"):
        open_index(location)


@pytest.mark.parametrize("location", [None, b"index", 3], ids=repr)
def test_a_location_that_is_no_text_is_named(location: Any) -> None:
    with pytest.raises(TypeError):
        open_index(location)


@pytest.mark.parametrize("line", ["0", "00", "9" * 5_000])
def test_a_line_of_the_command_line_may_be_any(sample_location: str, line: str) -> None:
    with open_index(sample_location) as index:
        path, _ = _place(index)
    for command in ("show", "similar"):
        run = CliRunner().invoke(cli, [command, f"{path}:{line}", "--index", sample_location])
        assert (run.exit_code == 2) == (line in ("0", "00")), run.output
        assert run.exception is None or isinstance(run.exception, SystemExit)


AUTHORS = ["He\u0301le\u0300ne", "H\u00e9l\u00e8ne", "Helene"]


@pytest.mark.parametrize("author", AUTHORS, ids=ascii)
def test_an_accent_that_stands_apart_hides_no_name(tmp_path: Path, author: str) -> None:
    notes = {
        "a": f"---\nauthor: {author} Dupont\ntags: [{author}, 水]\n---\n\n水往低处流。",
        "b": "---\nauthor: 张三\n---\n\n火往高处走。",
        author: f"# {author} 的书\n\n第三页。",
    }
    with Index(build_notes(tmp_path, notes)) as index:
        for asked in AUTHORS:
            assert index.run(f"author:{asked}").total == 1
            assert index.run(f"tag:{asked}").total == 1
            assert index.run(f"title:{asked}").total == 2
            assert index.run(f"in:{asked}.md").total == 2
            assert index.run(f"author:{asked}x").total == 0
