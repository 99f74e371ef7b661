"""Location + credentials -> a client, whose errors become one line that says what to do."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy import exceptions as wrong

from ...errors import ClusterError, IndexMissingError, QueryError, WenduanError
from .encoding import Serializer
from .location import Location

# The oldest release whose answers were tried: collections of older ones may be scored otherwise.
_LEAST_VERSION = (3, 0)
# Seconds that a request may take: that of a search, and any other.
SEARCH_TIMEOUT = 15
_TIMEOUT = 90
_RETRIES = 4
# Seconds between attempts; a node that has died is missed by the others after a few seconds.
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
_Answer = TypeVar("_Answer")
_NO = frozenset({"0", "no", "false", "off"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks, and whom to trust: `ca_certs` is a file of certificates in PEM, None for those
    that the system trusts; without `verify` anybody may answer in the cluster's place.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_certs: str | None = None
    verify: bool = True


def read_access(configured: Mapping[str, Any] | None = None) -> Access:
    """What the environment says, and of the rest what the table [opensearch] of wenduan.toml says.

    The variables are WENDUAN_OPENSEARCH_ and USER, PASSWORD, CA_CERTS or VERIFY.
    """
    names = ("user", "password", "ca_certs", "verify")
    given = {name: value for name, value in (configured or {}).items() if name in names}
    for name in names:
        if (value := os.environ.get(f"WENDUAN_OPENSEARCH_{name.upper()}")) is not None:
            given[name] = value.lower() not in _NO if name == "verify" else value
    return Access(**given)


def connect(location: Location, access: Access) -> OpenSearch:
    """Make a client that goes on with the next node where one does not answer.

    Raises ClusterError where none does, or none that can be used.
    """
    # Its warnings tell of nodes that were left for another one, or of what we say in one line.
    logging.getLogger("opensearch").addHandler(logging.NullHandler())
    auth = None
    if access.user is not None:
        auth = (access.user, access.password or "")
    client = OpenSearch(
        [{"host": host.strip("[]"), "port": port} for host, port in location.hosts],
        http_auth=auth,
        use_ssl=location.is_encrypted,
        verify_certs=access.verify,
        ssl_show_warn=False,
        ca_certs=access.ca_certs,
        timeout=_TIMEOUT,
        max_retries=_RETRIES,
        retry_on_timeout=True,
        retry_on_status=(502, 503, 504),
        pool_maxsize=16,
        serializer=Serializer(),
    )
    with told(location):
        _check_version(location, client.info())
    return client


def _check_version(location: Location, info: Mapping[str, Any]) -> None:
    version = info.get("version") or {}
    number = str(version.get("number", ""))
    parts = tuple(int(part) for part in number.split(".")[:2] if part.isdecimal())
    if version.get("distribution") != "opensearch":
        raise ClusterError(location, f"what answers is no OpenSearch ({number or 'no version'})")
    if parts < _LEAST_VERSION:
        least = ".".join(map(str, _LEAST_VERSION))
        raise ClusterError(
            location, f"it runs OpenSearch {number}; {least} or later is needed, update the cluster"
        )


def patiently(location: Location, ask: Callable[[], _Answer]) -> _Answer:
    """Ask once more, after a pause, while a cluster is about to do without a node that failed.

    Raises ClusterError where it goes on, or what the cluster says is no passing thing.
    """
    for pause in PAUSES:
        try:
            with told(location):
                return ask()
        except ClusterError as error:
            if not error.is_passing:
                raise
        time.sleep(pause)
    with told(location):
        return ask()


@contextmanager
def told(location: Location) -> Iterator[None]:
    """Say in one line what goes wrong in talking to a cluster; raises ClusterError."""
    try:
        yield
    except wrong.SerializationError:
        raise ClusterError(
            location, "what answers is no OpenSearch, for it speaks no JSON; see the address"
        ) from None
    except wrong.SSLError as error:
        if "CERTIFICATE" not in str(error.info).upper():
            raise ClusterError(
                location,
                f"no encrypted connection ({_reason(error)}); see whether what answers speaks TLS,"
                " else write opensearch://",
            ) from None
        raise ClusterError(
            location,
            "its certificate is not trusted; name the file of who signed it in"
            f" WENDUAN_OPENSEARCH_CA_CERTS ({_reason(error)})",
        ) from None
    except wrong.ConnectionTimeout:
        raise ClusterError(
            location,
            "no answer in time; see whether its nodes are overloaded",
            is_passing=True,
        ) from None
    except wrong.ConnectionError as error:
        raise ClusterError(
            location,
            f"no connection ({_reason(error)}); see whether it runs, and the address",
            is_passing=True,
        ) from None
    except wrong.TransportError as error:
        info = error.info
        said = info.get("error") if isinstance(info, dict) else None
        raise of_answer(location, int(error.status_code), said or error.error) from None


def _reason(error: Any) -> str:
    """The kind of what the connection's library says: its text may go over many lines."""
    cause = getattr(error, "info", error)
    return type(getattr(cause, "reason", None) or cause).__name__


def of_answer(location: Location, status: int, error: Any) -> WenduanError:
    """What an answer that tells of an error means, given its status and what it tells."""
    reason = _first_line(error)
    if status == 401:
        return ClusterError(
            location,
            "user or password is wrong or missing; give WENDUAN_OPENSEARCH_USER and"
            " WENDUAN_OPENSEARCH_PASSWORD",
        )
    if "block" in reason and "disk" in reason:
        return ClusterError(
            location, f"its disks are full; free or add some ({reason})", is_passing=True
        )
    if "too_many_clauses" in reason:
        return QueryError(
            "the query is too long for the cluster, which takes some 600 parts; leave some out"
        )
    if status == 403:
        return ClusterError(location, f"this user may not do that; ask for the right ({reason})")
    if "index_not_found" in reason:
        return IndexMissingError(str(location))
    if status == 429:
        return ClusterError(location, f"it is overloaded; try later ({reason})", is_passing=True)
    if "cluster_manager_not_discovered" in reason:
        return ClusterError(
            location, "too few of its nodes run to agree; start the others", is_passing=True
        )
    if status in (502, 503, 504):
        return ClusterError(
            location,
            f"parts of the index are not available; see GET _cluster/health ({reason})",
            is_passing=True,
        )
    return ClusterError(location, f"it answers {status}: {reason}")


def _first_line(error: Any) -> str:
    """Kind and reason of an error, the first cause if it tells one."""
    if isinstance(error, dict):
        cause = (error.get("root_cause") or [error])[0] or error
        told = cause.get("type"), cause.get("reason") or error.get("reason")
        error = ": ".join(filter(None, told))
    return str(error).splitlines()[0][:300] if error else "no reason told"
