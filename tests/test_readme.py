"""The examples of both READMEs run, and print what the READMEs say."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, SAMPLES, build


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the samples and their index, as `make demo` leaves the project."""
    (tmp_path / "samples").mkdir()
    for page in SAMPLES.glob("*.md"):
        (tmp_path / "samples" / page.name).write_bytes(page.read_bytes())
    build(tmp_path / "index", tmp_path / "samples").close()
    return tmp_path


README = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", README)
def test_command_prints_what_the_readme_shows(name: str, project: Path) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n\$ wenduan (.*)\n((?:.*\n)*?)```", text)
    assert blocks
    for command, expected in blocks:
        run = subprocess.run(
            [sys.executable, "-m", "wenduan", *shlex.split(command)],
            cwd=project,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        assert run.stdout == expected


@pytest.mark.parametrize("name", README)
def test_python_examples(name: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    result = doctest.testfile(os.fspath(ROOT / name), module_relative=False, encoding="utf-8")
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", README)
def test_local_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^):]+)\)", text):
        assert (ROOT / target).exists(), target
