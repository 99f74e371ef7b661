"""The command, python -m torture [PART]...: says what each part did, ends with 1 on a fault."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import (
    completion,
    crashes,
    crowd,
    damage,
    disks,
    facts,
    fuzzing,
    histories,
    hostile_folders,
    long_use,
    nodes,
    paging,
    shapes_run,
)
from .cluster import NoClusterError

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


def _disks(folder: Path, options: argparse.Namespace) -> Said:
    failed, wrong = disks.fill(folder / "fill", options.seed, options.limits)
    said = f"{options.limits:,} runs at limits of file size, {failed:,} of them stopped by it"
    if not disks.can_mount(folder / "disk"):
        return f"{said}; no disk may be mounted here", wrong
    (folder / "disk").rmdir()
    full, faults = disks.mount(folder / "disk", options.seed, options.limits)
    return f"{said}; {full:,} runs stopped by a full or read-only disk", [*wrong, *faults]


def _crowd(folder: Path, options: argparse.Namespace) -> Said:
    tally = crowd.run(folder / "crowd", options.commits, options.seed)
    said = (
        f"8 threads and 4 processes made {tally.searches:,} calls while {tally.commits:,} commits"
        f" were made, and saw {tally.seen:,} of them; {tally.busy:,.0f} calls a second beside"
        f" the writer, {tally.idle:,.0f} without one: {tally.share:.0%}"
    )
    return said, [*tally.wrong, *(["less than half as many"] if tally.share < 0.5 else [])]


def _paging(folder: Path, options: argparse.Namespace) -> Said:
    tally = paging.run(folder, options.collections, options.seed)
    said = (
        f"{tally.collections:,} collections by several commits each: {tally.lists:,} lists in"
        f" {tally.pages:,} pages"
    )
    return said, tally.wrong


def _long_use(folder: Path, options: argparse.Namespace) -> Said:
    tally = long_use.update(folder / "updates", options.updates, options.seed)
    opened = long_use.open_often(folder / "opens", options.opens, options.seed)
    rows = "; ".join(
        f"after {look.updates:,} updates {look.files} files, {look.size:,} bytes, "
        f"{look.memory >> 20} MiB of memory, {look.descriptors} descriptors"
        for look in tally.looks
    )
    before, after = opened.descriptors
    wrong = [*tally.wrong, *([f"{after - before} descriptors leaked"] if after > before else [])]
    said = (
        f"{rows}; {before} descriptors before {opened.opens:,} opens, {opened.most} at most,"
        f" {after} after"
    )
    return said, wrong


def _fuzzing(folder: Path, options: argparse.Namespace) -> Said:
    said, wrong = [], []
    for target in fuzzing.TARGETS:
        tally = fuzzing.run(folder, target, options.inputs, options.seed)
        said.append(f"{tally.tried:,} {target}")
        wrong += tally.wrong
    return f"{', '.join(said)} tried", wrong


def _histories(folder: Path, options: argparse.Namespace) -> Said:
    tally = histories.run(folder, options.histories, 50, 100, options.seed)
    return (
        f"{tally.histories:,} histories of {tally.steps:,} steps: {tally.runs:,} runs compared with"
        f" a fresh index by {tally.queries:,} queries, {tally.stopped:,} runs stopped",
        tally.wrong,
    )


def _facts(folder: Path, options: argparse.Namespace) -> Said:
    tally = facts.run(folder / "facts", options.facts, options.seed)
    return f"{tally.pages:,} pages of extreme facts, {tally.commands:,} commands", tally.wrong


def _shapes(folder: Path, options: argparse.Namespace) -> Said:
    costs, wrong = shapes_run.run(options.size)
    slowest = max(costs, key=lambda cost: cost.seconds / cost.size)
    widest = max(costs, key=lambda cost: cost.memory / cost.size)
    said = (
        f"{len(costs):,} shapes of {options.size:,} bytes; the slowest, {slowest.name}, took"
        f" {1e6 * slowest.seconds / slowest.size:.1f} s a megabyte, the widest, {widest.name},"
        f" {widest.memory / widest.size:.0f} bytes of memory a byte"
    )
    return said, wrong


def _nodes(folder: Path, options: argparse.Namespace) -> Said:
    try:
        tally = nodes.run(folder, options.node_kills, options.pauses, options.seed)
    except NoClusterError as error:
        return f"not run: {error}", []
    return (
        f"{tally.kills} nodes killed and {tally.pauses} stopped for a while; pages fed"
        f" {tally.feeds} times, {tally.searches:,} searches, the slowest in {tally.slowest:.1f} s",
        tally.wrong,
    )


def _hostile_folders(folder: Path, options: argparse.Namespace) -> Said:
    tally = hostile_folders.run(folder, options.folders, options.seed)
    kinds = ", ".join(f"{number:,} with {kind}" for kind, number in sorted(tally.kinds.items()))
    return f"{tally.commands:,} commands in {tally.folders:,} folders ({kinds})", tally.wrong


def _completion(folder: Path, options: argparse.Namespace) -> Said:
    tally = completion.run(folder, options.completions, options.seed)
    shells = ", ".join(f"{number:,} in {name}" for name, number in tally.tried.items())
    return f"values completed ({shells}), {tally.offered:,} of them offered", tally.wrong


PARTS: dict[str, Callable[[Path, argparse.Namespace], Said]] = {
    "damage": _damage,
    "kills": _kills,
    "disks": _disks,
    "crowd": _crowd,
    "paging": _paging,
    "long-use": _long_use,
    "fuzzing": _fuzzing,
    "histories": _histories,
    "facts": _facts,
    "shapes": _shapes,
    "hostile-folders": _hostile_folders,
    "completion": _completion,
    "nodes": _nodes,
}


def main() -> None:
    """Run the parts that the command line asks for, or all."""
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--damages", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--node-kills", type=int, default=6)
    parser.add_argument("--pauses", type=int, default=2)
    parser.add_argument("--limits", type=int, default=30)
    parser.add_argument("--commits", type=int, default=300)
    parser.add_argument("--collections", type=int, default=200)
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--opens", type=int, default=10_000)
    parser.add_argument("--histories", type=int, default=40)
    parser.add_argument("--folders", type=int, default=200)
    parser.add_argument("--completions", type=int, default=200)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--facts", type=int, default=2_000)
    parser.add_argument("--size", type=int, default=400_000)
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
