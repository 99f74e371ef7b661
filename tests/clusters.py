"""A cluster for tests: that of scripts/cluster, started where it does not run."""

import atexit
import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from wenduan.engines.opensearch.connection import Access, connect
from wenduan.engines.opensearch.engine import OpenSearchEngine
from wenduan.engines.opensearch.location import parse_location

SCRIPT = Path(__file__).parent.parent / "scripts" / "cluster"

_NODES = 3


def control(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/cluster."""
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@lru_cache(1)
def address() -> str:
    """URL of the cluster without the name of an index; skips the test where it cannot run."""
    pytest.importorskip("opensearchpy")
    if control("status").stdout.count("not running") == _NODES:
        # It is ours, so it ends with the tests.
        atexit.register(control, "stop")
    started = control("start")
    if started.returncode:
        lines = started.stderr.strip().splitlines() or ["it ended without a word"]
        pytest.skip(f"no cluster: {lines[-1]}")
    return started.stdout.strip().rpartition("/")[0]


def forget(url: str) -> None:
    """Delete an index and all that rebuilds have left of it."""
    location = parse_location(url)
    client = connect(location, Access())
    with contextlib.closing(client):
        client.indices.delete(index=f"{location.name}-*", params={"expand_wildcards": "all"})


@contextlib.contextmanager
def new_location() -> Iterator[str]:
    """The URL of an index that does not exist yet, and is deleted in the end."""
    url = f"{address()}/test-{uuid.uuid4().hex[:8]}"
    try:
        yield url
    finally:
        forget(url)


@contextlib.contextmanager
def new_engine(shards: int = 1, replicas: int = 0) -> Iterator[OpenSearchEngine]:
    """An engine with an empty index: a small one, for it is made and deleted in no time."""
    with new_location() as url:
        engine = OpenSearchEngine(url, create=True, shards=shards, replicas=replicas)
        try:
            yield engine
        finally:
            engine.close()
