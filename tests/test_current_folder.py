"""No process of ours imports, starts or loads anything that lies in the current folder."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import wenduan
from conftest import ROOT, SAMPLES
from wenduan import parallel
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files
from wenduan.searching import Index
from wenduan.starting import leave_current_folder, start_command

COMMAND = Path(sys.executable).with_name("wenduan")
# A file that takes no time to read, of so many bytes that a second process reads the next one.
LARGE = "<p>苹果树开花</p><!--" + "x" * 2_000_000 + "-->"
PROGRAMS = ("xdg-open", "open", "less", "more", "pager", "bash", "python3", "www-browser", "w3m")


class Traps:
    """A folder of modules and programs, each of which leaves its name in a file when it is run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._ran = folder / "traps", folder / "ran"
        self.folder.mkdir()
        names = {*sys.stdlib_module_names, *packages_distributions(), "wenduan", "watchfiles"}
        names |= {"sitecustomize", "usercustomize", "rjieba", "orjson", "opensearchpy"}
        packages = {"wenduan", "numpy", "encodings", "whoosh", "lxml", "jieba", "json"}
        for name in filter(str.isidentifier, names):
            path = self.folder / (f"{name}/__init__.py" if name in packages else f"{name}.py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"open({str(self._ran)!r}, 'a').write(__name__ + '\\n')\n")
        for name in PROGRAMS:
            (self.folder / name).write_text(f"#!/bin/sh\necho {name} >>'{self._ran}'\ncat\n")
            (self.folder / name).chmod(0o755)

    def sprung(self) -> set[str]:
        """Names of those that have run."""
        return set(self._ran.read_text().split()) if self._ran.exists() else set()

    def forget(self) -> None:
        """Have none sprung."""
        self._ran.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def _traps(tmp_path_factory: pytest.TempPathFactory) -> Traps:
    return Traps(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def traps(_traps: Traps, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traps]:
    monkeypatch.chdir(_traps.folder)
    for name in ("PYTHONPATH", "PYTHONSAFEPATH", "WENDUAN_INDEX", "BROWSER", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    # An empty entry of it means the current folder, as `.` does.
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}:")
    yield _traps
    sprung = _traps.sprung()
    _traps.forget()
    assert sprung == set()


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [COMMAND, *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


EVERY = """
import json, os, sys
from wenduan.__main__ import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["wenduan", *arguments]
    try:
        main()
    except SystemExit as end:
        assert not end.code, (arguments, end.code)
    print("ran", arguments)
"""


def test_no_command_runs_what_lies_in_the_current_folder(
    traps: Traps, sample_location: str, tmp_path: Path
) -> None:
    place = f"{SAMPLES / 'zhihu-rice-cooker.md'}:59"
    commands = [
        ["--help"], ["--version"], ["search", "夹生饭"], ["search", "夹生饭", "--json"],
        ["search", "夹生饭", "--open", "1"], ["search", "夹生饭 奶奶", "--context", "1"],
        ["search", "夹生饭", "--explain-query"], ["explain", "夹生饭"], ["show", place],
        ["similar", place], ["list", "authors"], ["stats"], ["check"], ["read", place[:-3]],
        ["read", str(SAMPLES), "--summary"], ["completion", "bash"], ["completion", "zsh"],
        ["completion", "fish"], ["index", str(SAMPLES), "--dry-run", "--index", "none"],
    ]  # fmt: skip
    (tmp_path / "every.py").write_text(EVERY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, tmp_path / "every.py", json.dumps(commands)],
        env=os.environ | {"WENDUAN_INDEX": sample_location},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.count("\nran [") == len(commands)
    assert run("search", "夹生饭", WENDUAN_INDEX=sample_location)
    asked = {"_WENDUAN_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    run(WENDUAN_INDEX=sample_location, COMP_WORDS="wenduan search author:", **asked)
    # An opener runs on after the command has ended.
    time.sleep(0.2)


def test_no_second_process_runs_what_lies_in_the_current_folder(
    traps: Traps, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in "ab":
        (pages / f"{name}.html").write_text(LARGE, encoding="utf-8")
    words = tmp_path / "words.txt"
    words.write_text("苹果树 3\n", encoding="utf-8")
    options = ["--index", str(tmp_path / "index"), "--userdict", str(words)]
    assert run("index", str(pages), *options).startswith("2 pages")


def test_a_second_process_of_a_library_works_in_any_folder(
    traps: Traps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_MANY_BYTES", 1)
    ended: list[parallel.Result | None] = []
    wait = parallel.SecondProcess.wait

    def note(second: parallel.SecondProcess) -> parallel.Result | None:
        ended.append(wait(second))
        return ended[-1]

    monkeypatch.setattr(parallel.SecondProcess, "wait", note)
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    index_files(engine, [str(SAMPLES)])
    with Index(engine) as index:
        assert index.search("夹生饭")
    assert [None if result is None else result.fed.pages > 0 for result in ended] == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a signal of POSIX here")
def test_watching_runs_nothing_of_the_current_folder(traps: Traps, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    page = tmp_path / "pages" / "a.md"
    page.parent.mkdir()
    page.write_text("苹果树", encoding="utf-8")
    with subprocess.Popen(
        [COMMAND, "index", page.parent, "--index", tmp_path / "index", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline().startswith("watching")
        assert process.stdout.readline().startswith("1 page")
        for number in range(100):
            # It says that it watches a moment before it does.
            page.write_text(f"香蕉树{number}", encoding="utf-8")
            if select.select([process.stdout], [], [], 0.5)[0]:
                break
        assert "1 changed" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_package_that_is_copied_works_like_one_in_its_sources(
    traps: Traps, tmp_path: Path
) -> None:
    site, pages = tmp_path / "site", tmp_path / "pages"
    shutil.copytree(ROOT / "src" / "wenduan", site / "wenduan")
    pages.mkdir()
    for name in "ab":
        (pages / f"{name}.html").write_text(LARGE, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "wenduan", "index", str(pages)]
    command += ["--index", str(tmp_path / "index")]
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2 pages"), done.stderr


PROBE = "import sys, wenduan\ndef main(): print(*sys.path, wenduan.__file__, sep='\\n')\n"


def probe(folder: Path, *path: str) -> list[str]:
    """The path of another process that a process with some path has started, and our place."""
    folder.mkdir(exist_ok=True)
    (folder / "probe_of_paths.py").write_text(PROBE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*path, str(folder), *sys.path])
        command = start_command("probe_of_paths")
    assert command is not None
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.splitlines()


def test_another_process_has_our_path_without_the_current_folder(
    traps: Traps, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(traps.folder)
    here = str(traps.folder)
    *path, own = probe(
        tmp_path / "named",
        *(
            "",
            ".",
            "..",
            "json",
            here,
            f"{here}{os.sep}",
            f"{here}/../traps",
            str(tmp_path / "link"),
        ),
    )
    named = str(tmp_path / "named")
    elsewhere = (entry for entry in sys.path if os.path.isabs(entry) and entry != here)
    assert path == [named, *elsewhere]
    assert own == wenduan.__file__


@pytest.mark.parametrize("executable", ["", None, "python3"])
def test_a_program_that_holds_python_starts_no_other(
    monkeypatch: pytest.MonkeyPatch, executable: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    assert start_command("wenduan.parallel") is None


def test_the_path_of_a_command_lacks_the_current_folder(
    traps: Traps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, own = str(traps.folder), os.path.dirname(os.__file__)
    monkeypatch.setattr(sys, "path", [here, str(tmp_path), own, here])
    monkeypatch.setenv("PATH", f":.:/usr/bin:bin:{tmp_path}:")
    leave_current_folder()
    # What is installed in the folder stands behind Python's own modules.
    assert sys.path == [str(tmp_path), own, here]
    assert os.environ["PATH"] == f"/usr/bin:{tmp_path}"
    monkeypatch.setenv("PYTHONPATH", f":{here}:")
    monkeypatch.setenv("PATH", ".:")
    monkeypatch.setattr(sys, "path", [here, own])
    leave_current_folder()
    assert sys.path == [here, own]
    assert os.environ["PATH"] == os.defpath


@pytest.mark.parametrize("path", ["", ".", ":", "../traps:/nowhere"])
def test_an_empty_entry_of_pythonpath_is_not_the_current_folder_to_us(
    traps: Traps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    # What Python loads before us is its own; of that, nothing lies here.
    for name in ("json", "numpy", "lxml"):
        shutil.copytree(traps.folder / name, tmp_path / "here" / name)
    for name in ("click", "yaml", "marisa_trie", "frontmatter", "tomllib", "subprocess"):
        shutil.copy(traps.folder / f"{name}.py", tmp_path / "here")
    (tmp_path / "traps").symlink_to(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    page = SAMPLES / "zhihu-rice-cooker.md"
    assert run("read", str(page), PYTHONPATH=path)
    command = [sys.executable, "-m", "wenduan", "read", str(page)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_the_cache_of_words_that_all_users_share_is_not_read(traps: Traps, tmp_path: Path) -> None:
    # A marshal file of that name in the folder for temporary files is loaded by jieba itself.
    words = tmp_path / "words.txt"
    words.write_text("苹果树 3\n", encoding="utf-8")
    page = str(SAMPLES / "zhihu-rice-cooker.md")
    arguments = ["wenduan", "index", page, "--index", "i", "--userdict", str(words)]
    code = (
        "import sys; from wenduan.__main__ import main; opened = []\n"
        "sys.addaudithook(lambda event, args:"
        " event in ('open', 'marshal.load') and print(event, args[:1], file=sys.stderr))\n"
        f"sys.argv = {arguments!r}\nmain()"
    )
    (tmp_path / "temporary").mkdir()
    (tmp_path / "temporary" / "jieba.cache").write_bytes(b"\0")
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "words.txt" in done.stderr
    assert "temporary" not in done.stderr
    assert "marshal" not in done.stderr
    assert os.listdir(tmp_path / "temporary") == ["jieba.cache"]
