"""The compiled loops of both rankings, where they could be built; None where Python does it all."""

from __future__ import annotations

import os
from types import ModuleType


def _load() -> ModuleType | None:
    # To compare the two, or to do without: WENDUAN_LOOPS=python.
    if os.environ.get("WENDUAN_LOOPS") == "python":
        return None
    try:
        from . import loops
    except ImportError:
        # No compiler was there when this was installed, and no wheel for the system.
        return None
    return loops


loops = _load()
