"""The cluster of scripts/cluster, for tests, torture and benchmarks: run, and given indices."""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from wenduan.engines.opensearch.connection import Access, connect
from wenduan.engines.opensearch.location import parse_location

_SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "cluster"


class NoClusterError(Exception):
    """No cluster can run here; the text says why."""


def control(*arguments: str) -> str:
    """Run scripts/cluster and give what it prints; raises NoClusterError."""
    command = [sys.executable, str(_SCRIPT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoClusterError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return done.stdout.strip()


def start() -> str:
    """Start what does not run; gives the URL of the cluster, without the name of an index."""
    return control("start").rpartition("/")[0]


@contextlib.contextmanager
def new_location(base: str) -> Iterator[str]:
    """The URL of an index that does not exist yet, and is deleted in the end."""
    url = f"{base}/try-{uuid.uuid4().hex[:8]}"
    try:
        yield url
    finally:
        location = parse_location(url)
        with contextlib.closing(connect(location, Access())) as client:
            # With all that rebuilds have left.
            every = {"expand_wildcards": "all"}
            client.indices.delete(index=f"{location.name}*", params=every)
