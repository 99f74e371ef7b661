"""wenduan.toml: found like git's, checked, and used by the commands."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wenduan.cli import cli
from wenduan.configuration import find_configuration
from wenduan.errors import WenduanError

TOML = """
[index]
folders = ["notes"]
location = "kept/index"

[searches]
todo = "待办 -已办"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    notes = tmp_path / "notes"
    (notes / "deep").mkdir(parents=True)
    (notes / "a.md").write_text("站台上的火车。", encoding="utf-8")
    (notes / "deep" / "b.md").write_text("待办：买火车票。\n\n已办：买米。", encoding="utf-8")
    (tmp_path / "wenduan.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.chdir(notes / "deep")
    monkeypatch.delenv("WENDUAN_INDEX", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_paths_are_those_of_the_file(project: Path) -> None:
    found = find_configuration()
    assert found.path == str(project / "wenduan.toml")
    assert found.folders == (str(project / "notes"),)
    assert found.location == str(project / "kept" / "index")
    assert found.userdict is None


def test_bare_index_and_searches_by_name(project: Path) -> None:
    assert run("index").stdout.startswith("2 pages")
    assert (project / "kept" / "index").is_dir()
    found = json.loads(run("search", "@todo", "--json").stdout)
    assert found["query"] == "(待办 -已办)"
    assert [hit["path"] for hit in found["hits"]] == ["b.md"]
    assert json.loads(run("search", "＠todo", "火车票", "--json").stdout)["total"] == 1
    assert json.loads(run("search", "@todo", "米", "--json").stdout)["total"] == 0
    unknown = run("search", "@other")
    assert unknown.exit_code == 2
    assert "no search @other; it has @todo" in unknown.stderr


def test_without_a_file_nothing_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_configuration().path is None
    bare = run("index")
    assert bare.exit_code == 2
    assert "nothing to index; give a PATH" in bare.stderr


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[index\n", "mend it as TOML wants it"),
        ('[index]\nfolder = ["a"]', "nothing is known of folder;"),
        ('[other]\na = "b"', "nothing is known of other;"),
        ('[index]\nfolders = "a"', "must be a list of texts"),
        ("[index]\nlocation = 3", "location must be a text"),
        ("[searches]\na = 3", "a must be a text"),
        ("index = 3", "must be a table"),
        ('[index]\nlocation = ""', "a path is empty"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(tmp_path: Path, text: str, hint: str) -> None:
    (tmp_path / "wenduan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WenduanError, match=hint) as caught:
        find_configuration(tmp_path)
    assert str(tmp_path / "wenduan.toml") in str(caught.value)


def test_dry_run_tells_and_changes_nothing(project: Path) -> None:
    notes = project / "notes"
    shown = run("index", "--dry-run")
    assert shown.stdout == f"+ {notes / 'a.md'}\n+ {notes / 'deep' / 'b.md'}\n"
    assert not (project / "kept").exists()
    run("index")
    (notes / "a.md").write_text("站台上没有火车。", encoding="utf-8")
    (notes / "deep" / "b.md").rename(notes / "c.md")
    (notes / "d.md").write_text("新的一页。", encoding="utf-8")
    shown = run("index", "--dry-run")
    assert shown.stdout.splitlines() == [
        f"~ {notes / 'a.md'}",
        f"+ {notes / 'd.md'}",
        f"> {notes / 'deep' / 'b.md'} -> {notes / 'c.md'}",
    ]
    assert json.loads(run("search", "没有", "--json").stdout)["total"] == 0


def test_check_names_what_is_stale_and_what_is_damaged(project: Path) -> None:
    run("index")
    fine = run("check")
    assert fine.exit_code == 0
    assert "2 files are indexed" in fine.stdout
    (project / "notes" / "a.md").write_text("改过了。", encoding="utf-8")
    (project / "notes" / "deep" / "b.md").unlink()
    stale = run("check")
    assert stale.exit_code == 1
    assert f"~ {project / 'notes' / 'a.md'}" in stale.stdout
    assert f"- {project / 'notes' / 'deep' / 'b.md'}" in stale.stdout
    # The folders that are named need not be given.
    assert stale.stderr.strip().endswith("with: wenduan index")
    (segment,) = (project / "kept" / "index").glob("*.seg")
    data = bytearray(segment.read_bytes())
    data[-2_000] ^= 1
    segment.write_bytes(data)
    damaged = subprocess.run(
        [sys.executable, "-m", "wenduan", "check"], capture_output=True, text=True, check=False
    )
    assert damaged.returncode == 2
    assert "--rebuild" in damaged.stderr


def test_watching_without_watchfiles_ends_before_it_indexes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    ended = run("index", "--watch")
    assert ended.exception is not None
    assert "install wenduan with" in str(ended.exception) + ended.stderr
    assert not (project / "kept").exists()


def test_watching_indexes_what_changes(project: Path) -> None:
    pytest.importorskip("watchfiles")
    watcher = subprocess.Popen(
        [sys.executable, "-m", "wenduan", "index", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert watcher.stderr is not None
        assert watcher.stderr.readline() == "watching; Ctrl-C ends it\n"
        # The system's notices begin a moment later.
        time.sleep(0.5)
        (project / "notes" / "new.md").write_text("晚点的火车。", encoding="utf-8")
        for _ in range(100):
            if json.loads(run("search", "晚点", "--json").stdout)["total"]:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("the new page was not indexed")
    finally:
        watcher.send_signal(2)
        _, told = watcher.communicate(timeout=30)
    assert watcher.returncode == 130
    assert "Traceback" not in told


def test_a_file_that_a_windows_editor_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "wenduan.toml").write_text('[index]\nfolders = ["a"]\n', encoding="utf-8-sig")
    assert find_configuration(tmp_path).folders == (str(tmp_path / "a"),)


def test_a_configured_folder_that_is_gone_costs_no_pages(project: Path) -> None:
    run("index")
    (project / "notes").rename(project / "elsewhere")
    os.chdir(project)
    gone = run("index")
    assert gone.exit_code == 1
    assert "is not there; to forget its pages run: wenduan index" in str(gone.exception)
    assert json.loads(run("search", "火车", "--json").stdout)["total"] == 2
    assert "2 removed" in run("index", "notes").stdout


def test_an_address_that_is_written_wrongly_makes_no_folder(project: Path) -> None:
    """It did where the two slashes were forgotten: a folder of that name beside wenduan.toml."""
    toml = TOML.replace("kept/index", "opensearch:search1:9200/notes")
    (project / "wenduan.toml").write_text(toml, encoding="utf-8")
    assert run("trust").exit_code == 0
    assert "opensearch://HOST:9200/NAME" in str(run("index").exception)
    assert sorted(path.name for path in project.iterdir()) == ["notes", "wenduan.toml"]


def test_a_single_page_is_told_as_one(project: Path) -> None:
    told = run("index", str(project / "notes" / "a.md")).stdout
    assert told.startswith("1 page, 1 post, 1 paragraph indexed")
