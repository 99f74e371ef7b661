"""The index withstands a part of what `make torture` does to it."""

from pathlib import Path

import pytest
from torture import crashes, damage


def test_damage_is_told_or_does_no_harm(tmp_path: Path) -> None:
    tally = damage.run_batch(tmp_path / "damage", 150, 7)
    assert tally.wrong == []
    assert tally.kinds.total() == 150
    assert min(tally.right, tally.told, tally.rebuilt) > 0


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="kills are signals of POSIX")
def test_a_change_killed_at_any_step_leaves_the_last_commit(tmp_path: Path) -> None:
    tally = crashes.kill_by_step(tmp_path / "kills", 7, most=5)
    assert tally.wrong == []
    assert tally.killed.total() == 25
    assert tally.before.total() > 10
