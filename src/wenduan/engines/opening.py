"""Location -> engine: a folder, or the URL of an index on a cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..errors import WenduanError
from ..locating import scheme_of
from .base import Engine
from .whoosh_engine import WhooshEngine

_SCHEMES = ("opensearch://", "opensearch+https://")


def open_engine(
    location: str | os.PathLike[str],
    *,
    create: bool = False,
    rebuild: bool = False,
    userdict: str | None = None,
    opensearch: Mapping[str, Any] | None = None,
) -> Engine:
    """Open an index; `create` makes one where there is none, `rebuild` replaces what is there.

    `opensearch` is how a cluster is reached, see opensearch.connection (what the environment says
    comes first), and the `shards` and `replicas` of an index that is made.
    Raises WenduanError, see the engines, also for what is no name of a folder; TypeError for what
    is no text.
    """
    place = os.fspath(location)
    if not isinstance(place, str):
        raise TypeError(f"the location is {type(place).__name__}; give a string")
    if not _may_be_a_name(place):
        raise WenduanError(f"{place!a} is no name of a folder; give that of the index")
    scheme = scheme_of(place)
    if scheme is None:
        return WhooshEngine(place, create=create, rebuild=rebuild, userdict=userdict)
    if scheme.lower() not in _SCHEMES:
        # What may be a password is not repeated.
        told = "the location" if "@" in place else place
        raise WenduanError(
            f"{told}: an index lies in a folder, or at opensearch://HOST:9200/NAME"
            " (opensearch+https:// with TLS)"
        )
    place = scheme.lower() + place[len(scheme) :]
    # Loaded where it is asked for: a folder needs none of it.
    try:
        from .opensearch.connection import read_access
        from .opensearch.engine import OpenSearchEngine
    except ModuleNotFoundError as error:
        raise WenduanError(
            f"opensearch:// needs {error.name}; install wenduan with"
            ' ".[opensearch]" or "wenduan[opensearch]"'
        ) from error
    given = dict(opensearch or {})
    return OpenSearchEngine(
        place,
        create=create,
        rebuild=rebuild,
        userdict=userdict,
        access=read_access(opensearch),
        **{name: given[name] for name in ("shards", "replicas") if name in given},
    )


def _may_be_a_name(place: str) -> bool:
    try:
        return 0 not in os.fsencode(place) and bool(place)
    except UnicodeEncodeError:
        return False
