"""The readers of a package: every module in it that has a READER, those of lowest rank first."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def find_readers(package: str) -> tuple[Any, ...]:
    """Give the readers of a package by its full name; those of one rank by their module's name."""
    home = import_module(package)
    names = sorted(row.name for row in iter_modules(home.__path__))
    readers = [import_module(f"{package}.{name}").READER for name in names]
    return tuple(sorted(readers, key=lambda reader: reader.rank))
