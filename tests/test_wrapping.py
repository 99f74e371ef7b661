"""Lines that fit a terminal: nothing lost, nothing too wide."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from wenduan.wrapping import columns, columns_of, iter_lines, shorten

TEXT = st.text(alphabet="文段，。（）ab1 .-é\u0301\U0001f600/", max_size=80)


@given(TEXT, st.integers(2, 40))
def test_lines_fit_and_lose_only_spaces(text: str, width: int) -> None:
    lines = list(iter_lines(text, width))
    shown = "".join(text[begin:end] for begin, end in lines)
    assert shown.replace(" ", "") == text.replace(" ", "")
    for begin, end in lines:
        assert columns(text[begin:end]) <= width
    for (_, end), (begin, _) in itertools.pairwise(lines):
        assert end <= begin
        assert not text[end:begin].strip()


def test_where_lines_break() -> None:
    text = "用 GPT-4 写的（草稿），改过。"
    shown = [text[begin:end] for begin, end in iter_lines(text, 10)]
    assert shown == ["用 GPT-4", "写的（草", "稿），改", "过。"]
    assert [text[b:e] for b, e in iter_lines(text, 200)] == [text]
    assert [len(range(*row)) for row in iter_lines("a" * 25, 10)] == [10, 10, 5]


@given(TEXT, st.integers(3, 40))
def test_what_is_shortened_fits(text: str, width: int) -> None:
    shown = shorten(text, width)
    assert columns(shown) <= max(width, 5)
    assert shown == text or "…" in shown


def test_columns() -> None:
    assert [columns_of(char) for char in "a文\u0301，\u200d"] == [1, 2, 0, 2, 0]
