"""Documents -> a cluster, many at once: what it has no room for now is sent again after a while."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ...errors import ClusterError
from .encoding import line
from .location import Location

# Bytes and documents of one request: enough that the cost of a request is small.
_MOST_BYTES = 2_000_000
_MOST_ACTIONS = 2_000
# Requests that are under way, one for each sender, and that wait.
_SENDERS = 3
_WAITING = 7
# What is refused is sent again after so many seconds, twice as many each time, with some chance
# in it so that feeders do not come back all at once; given up after the last.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_GIVEN_UP = 300.0
# A full disk does not pass by itself.
_GIVEN_UP_DISK = 30.0
# Too much at once, or no copy of the shard that could take it now.
_LATER = frozenset({429, 503})

# An operation: how it begins (index or delete with its id), and the document if it has one.
Action = tuple[Mapping[str, Any], Mapping[str, Any] | None]
Send = Callable[[bytes], Mapping[str, Any]]
# Requests that were begun, to be waited for.
Group = Sequence[Future[None]]


class BulkSender:
    """Sends operations in groups, many in a request, and several requests side by side.

    `wait` tells when a group has been acknowledged, and raises what went wrong. An operation may
    be sent twice, so it must mean the same then: all have ids.
    """

    def __init__(self, location: Location, send: Send) -> None:
        """`send` takes lines of JSON, and gives the cluster's answer; it raises ClusterError."""
        self._location, self._send = location, send
        self._pool = ThreadPoolExecutor(_SENDERS, "bulk")
        self._pending: list[Future[None]] = []
        self._group: list[Future[None]] = []
        self._batch: list[bytes] = []
        self._bytes = 0

    def add(self, action: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> None:
        """Add an operation to the group."""
        row = line(action) if document is None else line(action) + line(document)
        self._batch.append(row)
        self._bytes += len(row)
        if self._bytes >= _MOST_BYTES or len(self._batch) >= _MOST_ACTIONS:
            self._start()

    def _start(self) -> None:
        if not self._batch:
            return
        batch, self._batch, self._bytes = self._batch, [], 0
        while len(self._pending) >= _SENDERS + _WAITING:
            self._pending.pop(0).result()
        begun = self._pool.submit(self._deliver, batch)
        self._pending.append(begun)
        self._group.append(begun)

    def end_group(self) -> Group:
        """Send what has been added, without waiting for it; what is added next is of another."""
        self._start()
        group, self._group = self._group, []
        return group

    def wait(self, group: Group | None = None) -> None:
        """Wait until a group has been acknowledged, or the one that is added to.

        Raises ClusterError.
        """
        for request in self.end_group() if group is None else group:
            request.result()

    def _deliver(self, batch: list[bytes]) -> None:
        begun, pause = time.monotonic(), _FIRST_PAUSE
        while batch:
            refused, reason = self._try(batch)
            if not refused:
                return
            is_full = "disk" in reason
            if time.monotonic() - begun > (_GIVEN_UP_DISK if is_full else _GIVEN_UP):
                raise ClusterError(self._location, _given_up(is_full, reason))
            batch = refused
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _try(self, batch: list[bytes]) -> tuple[list[bytes], str]:
        """Send a batch; gives what to send again, and why."""
        try:
            answer = self._send(b"".join(batch))
        except ClusterError as error:
            if error.is_passing:
                return batch, error.reason
            raise
        if not answer["errors"]:
            return [], ""
        refused, reason = [], ""
        for row, item in zip(batch, answer["items"], strict=True):
            result = next(iter(item.values()))
            status = result["status"]
            if status in _LATER:
                refused.append(row)
                reason = _reason(result)
            # What is to be deleted may be gone.
            elif status >= 300 and not (status == 404 and "delete" in item):
                raise ClusterError(self._location, f"it refuses a document: {_reason(result)}")
        return refused, reason

    def close(self) -> None:
        """End the senders, without waiting for what is not under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _given_up(is_full: bool, reason: str) -> str:
    why = "its disks are full; free or add some" if is_full else "see GET _cluster/health"
    return (
        f"it goes on refusing documents: {why}, then run the same command again, which goes on"
        f" where this one ended ({reason})"
    )


def _reason(result: Mapping[str, Any]) -> str:
    error = result.get("error") or {}
    return f"{error.get('type')}: {error.get('reason')}".splitlines()[0][:300]
