"""`opensearch://host:9200,host2:9200/name` -> hosts and the name of an index."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import WenduanError

_DEFAULT_PORT = 9200
_URL = re.compile(r"opensearch(?P<tls>\+https)?://(?P<hosts>[^/@]*)/(?P<name>[^/]*)/?")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::(?P<port>\d{1,5}))?")
# What OpenSearch takes as the name of an index.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,199}")


@dataclass(frozen=True, slots=True)
class Location:
    """Where an index is: nodes of a cluster, each a host and a port, and the index's name."""

    hosts: tuple[tuple[str, int], ...]
    name: str
    is_encrypted: bool

    def __str__(self) -> str:
        """The URL."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        tls = "+https" if self.is_encrypted else ""
        return f"opensearch{tls}://{hosts}/{self.name}"


def parse_location(url: str) -> Location:
    """Take a URL apart; raises WenduanError for one that names no index.

    >>> parse_location("opensearch://127.0.0.1/notes").hosts
    (('127.0.0.1', 9200),)
    """
    if "@" in url:
        # It would be seen in the list of processes; and it must not be seen in this message.
        raise WenduanError(
            "the address of the cluster has a user or a password in it; give them in"
            " WENDUAN_OPENSEARCH_USER and WENDUAN_OPENSEARCH_PASSWORD, or in the table [opensearch]"
            " of wenduan.toml"
        )
    found = _URL.fullmatch(url)
    hosts = [_HOST.fullmatch(host) for host in found["hosts"].split(",")] if found else []
    if found is None or not all(hosts):
        raise WenduanError(f"{url}: no address of an index; write opensearch://HOST:9200/NAME")
    if not found["name"]:
        raise WenduanError(f"{url}: the name of an index is missing; write it behind the last /")
    if not _NAME.fullmatch(found["name"]):
        raise WenduanError(
            f"{url}: {found['name']} is no name for an index; use small Latin letters, digits,"
            " - and _"
        )
    rows = tuple((host["host"], int(host["port"] or _DEFAULT_PORT)) for host in hosts if host)
    if wrong := [port for _, port in rows if not 0 < port < 0x10000]:
        raise WenduanError(f"{url}: {wrong[0]} is no port; ports go from 1 to 65535")
    return Location(rows, found["name"], found["tls"] is not None)
