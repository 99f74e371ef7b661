"""A cluster for tests: that of scripts/cluster, started where it does not run."""

import atexit
import contextlib
import os
from collections.abc import Iterator
from functools import lru_cache

import pytest
from torture import cluster
from torture.cluster import NoClusterError, control

from wenduan.engines.opensearch.engine import OpenSearchEngine

_NODES = 3


def is_named(test: str) -> bool:
    """Tell whether the name of a test, with its parameters, says that it uses the cluster."""
    return "cluster" in test or "opensearch" in test


def address() -> str:
    """URL of the cluster without the name of an index; skips the test where it cannot run."""
    # Another name would be run by another worker, which would start the same nodes again.
    assert is_named(os.environ["PYTEST_CURRENT_TEST"]), "name the test after the cluster"
    return _start()


@lru_cache(1)
def _start() -> str:
    try:
        if control("status").count("not running") == _NODES:
            # It is ours, so it ends with the tests.
            atexit.register(control, "stop")
        return cluster.start()
    except NoClusterError as error:
        pytest.skip(f"no cluster: {error}")


def new_location() -> contextlib.AbstractContextManager[str]:
    """The URL of an index that does not exist yet, and is deleted in the end."""
    return cluster.new_location(address())


@contextlib.contextmanager
def new_engine(shards: int = 1, replicas: int = 0) -> Iterator[OpenSearchEngine]:
    """An engine with an empty index: a small one, for it is made and deleted in no time."""
    with new_location() as url:
        engine = OpenSearchEngine(url, create=True, shards=shards, replicas=replicas)
        try:
            yield engine
        finally:
            engine.close()
