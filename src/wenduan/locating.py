"""Tells the address of an index on a cluster from the path of a folder."""

import re

# What is meant as an address, rightly written or not. A single letter is a drive of Windows.
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|opensearch[a-z+]*:", re.IGNORECASE)


def scheme_of(location: str) -> str | None:
    """How an address begins, as it was written; None for the path of a folder.

    >>> scheme_of("opensearch://host:9200/notes"), scheme_of("C:/notes"), scheme_of("./index")
    ('opensearch://', None, None)
    """
    found = _ADDRESS.match(location)
    return found[0] if found else None
