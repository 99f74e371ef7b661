"""What is installed beside the package is locked with hashes, licensed, and told of."""

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable

from packaging.requirements import Requirement

from conftest import ROOT
from wenduan.engines import arrays, toc

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
TABLE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(names: Iterable[str]) -> set[str]:
    """Some packages, and all that these need in turn on this system."""
    found, todo = set(), list(names)
    while todo:
        name = canonical(todo.pop())
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                todo.append(requirement.name)
    return found


RUN_TIME = needed(
    Requirement(line).name
    for line in (
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["fast"],
        *PROJECT["optional-dependencies"]["opensearch"],
        *PROJECT["optional-dependencies"]["watch"],
    )
)


def test_every_package_is_locked_with_hashes() -> None:
    rows = [row for row in re.split(r"\n(?=[a-z])", LOCK) if "==" in row]
    locked = re.compile(r"[\w.-]+==[\w.]+(?: ;[^\n]*)? \\\n    --hash=sha256:[0-9a-f]{64}")
    assert [row for row in rows if not locked.match(row)] == []
    assert len(rows) == len(re.findall("^[a-z].*==", LOCK, re.MULTILINE)) > 20
    assert {canonical(row.split("==")[0]) for row in rows} >= RUN_TIME


def test_every_package_that_runs_has_its_line_and_its_licence() -> None:
    rows = [line.split("|")[1:-1] for line in TABLE.splitlines() if line.startswith("| ")]
    licences: dict[str, str] = {}
    for row in rows:
        # A line may tell of several packages, with as many licences.
        names, last = row[0].split("(")[0].split(","), row[-1].strip()
        of = last.split(",") if len(names) > 1 else [last]
        licences |= {canonical(n.strip()): one.strip() for n, one in zip(names, of, strict=True)}
    assert sorted(RUN_TIME - licences.keys()) == []
    assert not [
        name for name in RUN_TIME if not re.match(r"MIT|BSD|Apache|PSF|MPL", licences[name])
    ]


def test_formats_carry_the_versions_that_their_description_tells() -> None:
    text = (ROOT / "index" / "README.md").read_text(encoding="utf-8")
    assert f"This is **format {toc.FORMAT}**" in text
    assert f"version of array files, {arrays.VERSION}" in text
