"""The index withstands a part of what `make torture` does to it."""

import os
import random
import sys
from pathlib import Path

import pytest
from torture import (
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
    paging,
    shapes_run,
)


def test_damage_is_told_or_does_no_harm(tmp_path: Path) -> None:
    tally = damage.run_batch(tmp_path / "damage", 100, 7)
    assert tally.wrong == []
    assert tally.kinds.total() == 100
    assert min(tally.right, tally.told, tally.rebuilt) > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are signals of POSIX")
def test_a_change_killed_at_any_step_leaves_the_last_commit(tmp_path: Path) -> None:
    tally = crashes.kill_by_step(tmp_path / "kills", 7, most=3)
    assert tally.wrong == []
    assert tally.killed.total() == 15
    assert tally.before.total() > 8


def test_a_full_disk_leaves_the_last_commit(tmp_path: Path) -> None:
    failed, wrong = disks.fill(tmp_path / "fill", 7, 2)
    assert wrong == []
    assert failed == 2


def test_a_full_and_a_read_only_disk_leave_the_last_commit(tmp_path: Path) -> None:
    if not disks.can_mount(tmp_path / "probe"):
        pytest.skip("no disk may be mounted here")
    failed, wrong = disks.mount(tmp_path / "disk", 7, 2)
    assert wrong == []
    assert failed >= 2


def test_readers_beside_a_writer_see_one_commit_each(tmp_path: Path) -> None:
    tally = crowd.run(tmp_path / "crowd", 8, 7, threads=3, processes=1)
    assert tally.wrong == []
    assert tally.seen > 3


def test_pages_of_any_history_joined_are_the_list_asked_at_once(tmp_path: Path) -> None:
    tally = paging.run(tmp_path / "paging", 3, 7)
    assert tally.wrong == []
    assert tally.lists == 90


@pytest.mark.skipif(sys.platform != "linux", reason="counted by /proc")
def test_long_use_holds_few_files_and_descriptors(tmp_path: Path) -> None:
    tally = long_use.update(tmp_path / "updates", 60, 7)
    assert tally.wrong == []
    assert len(tally.looks) == 10
    assert max(look.files for look in tally.looks) < 20
    assert tally.looks[-1].size < 1.2 * tally.looks[0].size
    opened = long_use.open_often(tmp_path / "opens", 300, 7)
    before, after = opened.descriptors
    assert after == before
    assert opened.most < 400


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links and pipes of POSIX")
def test_after_any_history_an_index_equals_one_made_anew(tmp_path: Path) -> None:
    tally = histories.run(tmp_path / "histories", 2, 14, 8, seed=7)
    assert tally.wrong == []
    assert tally.runs > 8
    assert tally.queries == 8 * tally.runs


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links of POSIX")
def test_commands_in_folders_of_strangers_do_no_harm(tmp_path: Path) -> None:
    tally = hostile_folders.run(tmp_path, count=2, seed=7, commands=4)
    assert tally.wrong == []
    assert (tally.folders, tally.commands) == (2, 8)
    assert len(tally.kinds) > 3


def test_a_page_that_broke_a_reader_is_told_by_the_fuzzing(tmp_path: Path) -> None:
    def broken(_: random.Random, __: Path) -> str | None:
        raise RecursionError("deep")

    tally = fuzzing.Tally()
    fuzzing.try_once(broken, random.Random(1), tmp_path, "seed 1", tally)
    assert tally.wrong == ["seed 1: RecursionError: deep"]


@pytest.mark.parametrize("target", fuzzing.TARGETS)
def test_fuzzing_finds_nothing(tmp_path: Path, target: str) -> None:
    tally = fuzzing.run(tmp_path, target, count=300, seed=7)
    assert tally.wrong == []
    assert tally.tried == 300


def test_pages_of_extreme_facts_are_read_found_sorted_and_filtered(tmp_path: Path) -> None:
    tally = facts.run(tmp_path / "facts", 60, 7)
    assert tally.wrong == []
    assert tally.pages == 60
    assert tally.commands > 120


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured by /proc")
def test_what_a_hostile_shape_takes_is_measured() -> None:
    costs, wrong = shapes_run.run(20_000, ["toml-dotted"])
    assert wrong == []
    assert costs[0].size > 19_000
    assert costs[0].memory < 64 * 1024 * 1024


def test_a_shape_that_takes_the_square_of_its_size_is_told() -> None:
    def cost(seconds: float, memory: int = 0, fault: str = "") -> shapes_run.Cost:
        return shapes_run.Cost("a", 1_000_000, seconds, memory, fault)

    assert shapes_run.compare(cost(1.0), cost(4.0)) is None
    assert shapes_run.compare(cost(1.0), cost(16.0)) == "a: 1.00 s, of four times as much 16.00 s"
    assert shapes_run.compare(cost(1.0), cost(4.0, 2 << 30)) == "a: 2048 MiB for 1,000,000 bytes"
    assert shapes_run.compare(cost(1.0), cost(4.0, 0, "crashed")) == "a: crashed"


@pytest.mark.skipif(os.name == "nt", reason="the shells are those of POSIX")
def test_completion_gives_shells_the_very_argument(tmp_path: Path) -> None:
    tally = completion.run(tmp_path / "completion", 4, 7)
    assert tally.wrong == []
    if not tally.tried:
        pytest.skip("no shell is installed: bash, zsh or fish")
    assert tally.offered > 0
