"""Units are found in a text without splitting it, just where splitting it finds them."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from wenduan.analysis import Unit, fold, split_units
from wenduan.analysis.units import find_token, find_units, is_han

PIECES = st.sampled_from(
    [
        " ",
        *"年 月 的 GPT gpt 4 4.5 . C c++ + # c# [1] [12] [ ] [1234] x 12 1".split(),
        *"é e\u0301 \u0301 _ ² ａ １".split(),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def ranges(units: Sequence[Unit], wanted: Sequence[str]) -> set[tuple[int, int]]:
    """Where some units stand in a row: the plain way."""
    size = len(wanted)
    return {
        (units[at].start, units[at + size - 1].end)
        for at in range(len(units) - size + 1)
        if [unit.text for unit in units[at : at + size]] == list(wanted)
    }


@given(TEXTS)
@settings(max_examples=1000)
def test_tokens_are_found_where_they_are_units(text: str) -> None:
    units = split_units(text)
    tokens = {unit.text for unit in units if not is_han(unit.text)}
    for token in tokens | {"c", "c++", "4", "4.5", "1", "gpt"}:
        assert set(find_token(fold(text), token)) == ranges(units, [token])


@given(TEXTS, st.randoms(use_true_random=False))
@settings(max_examples=1000)
def test_rows_of_units_are_found_over_gaps(text: str, rng: object) -> None:
    units = split_units(text)
    plain = [unit for unit in units if not unit.citation]
    for row in (units, plain):
        for begin in range(len(row)):
            for size in (1, 2, 3):
                wanted = [unit.text for unit in row[begin : begin + size]]
                expected = ranges(units, wanted) | ranges(plain, wanted)
                assert set(find_units(fold(text), wanted)) == expected
