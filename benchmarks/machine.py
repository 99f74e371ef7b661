"""What a figure depends on besides the code: processor, Python, and the versions of libraries."""

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_LIBRARIES = ("whoosh3", "jieba", "rjieba", "tantivy", "bm25s", "numpy", "marisa-trie")


def describe() -> dict[str, Any]:
    """Facts of the machine and the code; nothing that tells whose machine it is."""
    return {
        "date": datetime.date.today().isoformat(),
        "commit": _commit(),
        "machine": {
            "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo"),
            "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(int(_first(r"MemTotal:\s+(\d+)", "/proc/meminfo") or 0) / 2**20),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "versions": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            **{name: _version(name) for name in _LIBRARIES},
        },
    }


def write_record(runs: Path, kind: str, record: dict[str, Any], table: str) -> None:
    """Write a record as JSON and as tables in Markdown, named after its kind, date and commit."""
    runs.mkdir(parents=True, exist_ok=True)
    stem = runs / f"{kind}-{record['date']}-{record['commit']}"
    text = json.dumps(record, ensure_ascii=False, indent=1)
    stem.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(table, encoding="utf-8")
    print(table)


def code_state() -> str:
    """A digest of wenduan's sources, to tell whether they stayed the same during a run."""
    digest = hashlib.sha256()
    for path in sorted((_ROOT / "src").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _commit() -> str:
    """The short commit; marked where the code differs from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    return f"{commit}-changed" if _git("status", "--porcelain", "src") else commit or "no-commit"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def _first(pattern: str, file: str) -> str | None:
    match = re.search(pattern, Path(file).read_text("utf-8", "replace"))
    return match[1].strip() if match else None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
