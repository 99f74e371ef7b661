"""The compiled loops of a search, where they could be built; None where Python does it all."""

from __future__ import annotations

import os
import sys
from types import ModuleType

# Raised whenever what the loops are given or give changes: an older module may lie about where
# the newer one could not be compiled.
VERSION = 2


def _load() -> ModuleType | None:
    # To compare the two, or to do without: WENDUAN_LOOPS=python. Files are in one byte order.
    if os.environ.get("WENDUAN_LOOPS") == "python" or sys.byteorder != "little":
        return None
    try:
        from . import loops
    except ImportError:
        # No compiler was there when this was installed, and no wheel for the system.
        return None
    return loops if loops.VERSION == VERSION else None


loops = _load()
