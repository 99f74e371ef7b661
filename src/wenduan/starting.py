"""Keeps the current folder out of what our processes import and start: it may be a stranger's.

Python puts it first on the path of `python -m` and of `python -c`, and where PYTHONPATH has an
empty entry or `.`; a json.py that lies there would be run. An empty entry of PATH means it too.
"""

import contextlib
import os
import sys

# What the process is given: the folder of this package, the name of the module, its own path.
# The package is taken from its folder, so that both processes are of one version.
_START = """
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
folder, name, *sys.path = sys.argv[1:]
spec = PathFinder.find_spec("wenduan", [folder])
sys.modules["wenduan"] = package = module_from_spec(spec)
spec.loader.exec_module(package)
import_module(name).main()
"""


def start_command(name: str) -> list[str] | None:
    """Give the command that calls `main` of a module, by its full name, in a process of its own.

    None where Python cannot be started anew: within a program that holds it.
    """
    if not _can_start():
        return None
    return [
        # Isolated: no current folder, no variables of the environment, no folder of the user's.
        # What these give is part of the path that is handed over.
        *(sys.executable, "-I"),
        *(["-B"] if sys.dont_write_bytecode or sys.pycache_prefix else []),
        *("-X", f"utf8={sys.flags.utf8_mode}"),
        *("-c", _START, os.path.dirname(os.path.dirname(os.path.abspath(__file__))), name),
        *filter(_is_elsewhere, sys.path),
    ]


def leave_current_folder() -> None:
    """Have this process import nothing from the current folder, nor start a program there.

    Who names the folder by its whole path, in PYTHONPATH or PATH, means it. What Python has
    loaded before us, it has loaded: `wenduan` and `python -P -m wenduan` load nothing there.
    """
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    own = os.path.dirname(os.__file__)
    # What comes after Python's own modules is what is installed, though that be the folder.
    first = sys.path.index(own) if own in sys.path else len(sys.path)
    sys.path[:first] = [row for row in sys.path[:first] if row in named or _is_elsewhere(row)]
    if path := os.environ.get("PATH"):
        kept = filter(os.path.isabs, path.split(os.pathsep))
        # Nothing at all would be the current folder again.
        os.environ["PATH"] = os.pathsep.join(kept) or os.defpath
    if os.name == "nt":
        os.environ["NODEFAULTCURRENTDIRECTORYINEXEPATH"] = "1"


def use_utf8() -> None:
    """Start anew where names of files and arguments would be read as ASCII: in UTF-8 mode.

    Python does so by itself, unless its environment forbids it.
    """
    if os.name != "posix" or sys.getfilesystemencoding() != "ascii" or not _can_start():
        return
    asked = ["-X", "utf8=1"]
    # Who forbids it on the command line, too, is obeyed.
    if sys.orig_argv[1:3] != asked:
        with contextlib.suppress(OSError):
            os.execv(sys.executable, [sys.executable, *asked, *sys.orig_argv[1:]])


def _can_start() -> bool:
    """Tell whether this is a Python that can be started anew, no program that holds one."""
    return os.path.isabs(sys.executable or "") and not getattr(sys, "frozen", False)


def _is_elsewhere(entry: str) -> bool:
    """Tell whether an entry of the path is a place of its own, whatever the current folder is."""
    if not os.path.isabs(entry):
        return False
    try:
        return not os.path.samefile(entry, os.curdir)
    except OSError:
        # It is not there, or the current folder is gone.
        return True
