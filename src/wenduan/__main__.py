"""The way into the command: Ctrl-C while it loads is Ctrl-C like any other."""

import gc
import sys


def main() -> None:
    """Load the command and run it."""
    # Loading makes many objects, none of which is garbage; looking for it takes longer than a
    # search. Commands that run for long begin to look for it again.
    gc.disable()
    try:
        from .starting import leave_current_folder, use_utf8

        leave_current_folder()
        use_utf8()
        from .cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
