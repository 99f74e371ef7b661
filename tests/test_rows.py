"""Units looked for in many texts together are found where one text alone has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenduan.analysis import fold, split_units
from wenduan.analysis.rows import fold_texts
from wenduan.analysis.runs import make_runs
from wenduan.analysis.units import find_token, find_units, is_han, iter_tokens, token_text

PIECES = [
    "中", "文", "的", "a", "ab", "b", "gpt", "4", "3.5", "12", ".", "c++", "c#", "+", "#", "[1]",
    "[12]", "[", "]", "\n", " ", "，", "-", "e\u0301", "\u0301", "é", "_", "x", "²", "ก", "ß", "1.",
    "[1234]", "٣",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(deadline=None)
@given(st.lists(texts, max_size=6), texts)
def test_texts_that_hold_a_row_are_those_in_which_it_is_found(rows: list[str], query: str) -> None:
    units = [unit.text for unit in split_units(query)]
    if not units:
        return
    folded = [fold(row) for row in rows]
    expected = {at for at, row in enumerate(folded) if next(find_units(row, units), None)}
    assert fold_texts(folded).holding(units) == expected


@settings(deadline=None)
@given(st.lists(texts, max_size=6), texts.filter(bool))
def test_texts_that_hold_a_text_are_those_in_which_it_stands(rows: list[str], text: str) -> None:
    folded = [fold(row) for row in rows]
    expected = {at for at, row in enumerate(folded) if fold(text) in row}
    assert fold_texts(folded).holding_text(fold(text)) == expected


@settings(deadline=None)
@given(texts.flatmap(lambda text: st.tuples(st.just(text), st.integers(0, 12), st.integers(1, 4))))
def test_any_row_of_a_text_is_found_in_it(case: tuple[str, int, int]) -> None:
    text, begin, size = case
    units = [unit.text for unit in split_units(text)][begin : begin + size]
    if units:
        assert fold_texts([fold("x"), fold(text)]).holding(units) >= {1}


@pytest.mark.parametrize("units", [["a"], ["a", "b"], ["中"]])
def test_a_row_does_not_go_on_into_the_next_text(units: list[str]) -> None:
    assert fold_texts(["a", "b", "xa", "中"]).holding(["a", "b"]) == set()
    assert fold_texts([]).holding(units) == set()


HAN = st.text(alphabet="中文的", min_size=3, max_size=4)


@settings(deadline=None)
@given(st.lists(texts, max_size=6), st.lists(HAN, min_size=1, max_size=6))
def test_many_rows_of_han_characters_are_found_where_each_of_them_is(
    rows: list[str], runs: list[str]
) -> None:
    read = fold_texts([fold(row) for row in rows])
    one_by_one = set().union(*(read.holding(list(run)) for run in runs))
    assert read.holding_any(make_runs(runs)) == one_by_one
    assert list(read.each()) == [fold(row) for row in rows]


@settings(deadline=None)
@given(texts, texts)
def test_a_token_is_found_where_splitting_the_text_has_it(text: str, query: str) -> None:
    folded = fold(text)
    for token in {unit.text for unit in split_units(query + text) if not is_han(unit.text)}:
        found = [
            (match.start() + cited, match.end() - cited)
            for match in iter_tokens(folded)
            if token_text(match) == token
            for cited in [match.lastgroup == "citation"]
        ]
        assert list(find_token(folded, token)) == found


def test_a_token_within_a_long_one_is_passed_over_in_a_few_steps() -> None:
    class Counted(str):
        looks = 0

        def find(self, *arguments: object) -> int:
            Counted.looks += 1
            return super().find(*arguments)  # type: ignore[arg-type]

    for char, token in (("a", "aa"), ("1", "11")):
        assert list(find_token(Counted(char * 100_000), token, is_marked=False)) == []
    assert Counted.looks < 10
