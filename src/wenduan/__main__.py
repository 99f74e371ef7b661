"""The way into the command: Ctrl-C while it loads is Ctrl-C like any other."""

import sys


def main() -> None:
    """Load the command and run it."""
    try:
        from .cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
