"""The command, python -m torture [PART]...: says what each part did, ends with 1 on a fault."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import crashes, damage

Said = tuple[str, Sequence[str]]


def _damage(folder: Path, options: argparse.Namespace) -> Said:
    tally = damage.run(folder, options.damages, options.seed)
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(tally.kinds.items()))
    return (
        f"{tally.kinds.total():,} damages ({kinds}): {tally.right:,} searches right, "
        f"{tally.told:,} told of the damage, {tally.rebuilt:,} indexes built anew",
        tally.wrong,
    )


def _kills(folder: Path, options: argparse.Namespace) -> Said:
    by_time = crashes.kill_by_time(folder / "time", options.kills, options.seed)
    by_step = crashes.kill_by_step(folder / "step", options.seed)
    said = []
    for tally, how in ((by_time, "random moments"), (by_step, "each call that changes the disk")):
        kinds = ", ".join(
            f"{number:,} of {kind} ({tally.before[kind]:,} before the commit)"
            for kind, number in sorted(tally.killed.items())
        )
        said.append(f"{tally.killed.total():,} kills at {how}: {kinds}")
    return "; ".join(said), [*by_time.wrong, *by_step.wrong]


PARTS: dict[str, Callable[[Path, argparse.Namespace], Said]] = {
    "damage": _damage,
    "kills": _kills,
}


def main() -> None:
    """Run the parts that the command line asks for, or all."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--damages", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    faults = 0
    for name in options.parts or PARTS:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            said, wrong = PARTS[name](Path(folder), options)
        seconds = time.perf_counter() - begin
        print(f"{name}: {said}; {len(wrong)} wrong; {seconds:.0f} s", flush=True)
        for row in wrong[:20]:
            print(f"  {row}", flush=True)
        faults += len(wrong)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
