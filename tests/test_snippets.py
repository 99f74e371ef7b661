"""Snippets are slices of their paragraph, and mark just what matched."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from wenduan.analysis import fold, split_units
from wenduan.query import Phrase, iter_leaves, parse_query
from wenduan.query.proof import Evidence
from wenduan.snippets import MAX_CHARS, make_snippet

PIECES = st.sampled_from(
    [
        *"马克思 主义 融资 的 公司 GPT-4 C++ AI 3.5 ， 。 😀 👩‍👩‍👧 [1] é e\u0301 Ａ".split(),
        " ",
        "\n",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), min_size=1, max_size=150).map("".join)


def marked(text: str, query: str) -> list[str]:
    snippet = make_snippet(text, parse_query(query))
    return [snippet.text[begin:end] for begin, end in snippet.highlights]


def test_word_within_a_longer_word_is_marked_whole() -> None:
    assert marked("谈谈马克思主义", "马克思") == ["马克思"]


def test_neighbours_are_marked_as_one() -> None:
    assert marked("人工智能公司", "智能 公司") == ["智能公司"]


def test_function_words_of_a_question_beside_a_keyword_are_not_marked() -> None:
    text = "公司的融资，是商业的模式。"
    assert marked(text, "公司 如何评价商业的模式") == ["公司", "商业", "模式"]


def test_sign_that_was_written_out_is_marked_whole() -> None:
    assert marked("一套约90㎡的房，②室", "90m2") == ["90㎡"]
    assert marked("一套约90㎡的房，②室", "2") == ["㎡", "②"]


def test_quotation_is_marked_with_its_punctuation() -> None:
    assert marked("先融，资金再说", '"融资金"') == ["融，资金"]


@given(TEXTS, st.sampled_from(["马克思", "GPT4", "C++", '"融资的公司"', "AI 公司", "3.5", "😀"]))
def test_snippet_is_a_slice_and_highlights_are_matches(text: str, query: str) -> None:
    parsed = parse_query(query)
    snippet = make_snippet(text, parsed)
    assert snippet.text in text
    assert len(snippet.text) <= len(text)
    wanted = {
        unit for leaf in iter_leaves(parsed.tree) if isinstance(leaf, Phrase) for unit in leaf.units
    }
    for begin, end in snippet.highlights:
        assert 0 <= begin < end <= len(snippet.text)
        units = {unit.text for unit in split_units(snippet.text[begin:end]) if not unit.citation}
        assert units <= wanted
    if all(Evidence(text).holds(leaf) for leaf in iter_leaves(parsed.tree)):
        assert snippet.highlights


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(TEXTS)
def test_units_lie_where_they_say(text: str) -> None:
    end = 0
    for unit in split_units(text):
        assert end <= unit.start < unit.end <= len(text)
        end = unit.end
        shown = fold(text[unit.start : unit.end])
        assert "".join(char for char in shown if char != "\u0301") == unit.text


@given(TEXTS, st.randoms(use_true_random=False))
def test_any_run_of_units_is_proven_when_quoted(text: str, rng: object) -> None:
    units = split_units(text)
    if units:
        begin, end = units[len(units) // 3].start, units[len(units) // 2].end
        run = text[begin:end].replace('"', " ")
        (leaf,) = iter_leaves(parse_query(f'"{run}"').tree)
        assert Evidence(text).holds(leaf)


def test_long_paragraph_is_cut_around_the_match() -> None:
    text = "无关的话，说了很多。" * 60 + "这里谈到融资。" + "又是别的话。" * 60
    snippet = make_snippet(text, parse_query("融资"))
    assert len(snippet.text) <= MAX_CHARS + 2
    assert snippet.text.startswith("这里谈到")
    assert snippet.text.endswith("别的话。")
    assert [snippet.text[a:b] for a, b in snippet.highlights] == ["融资"]


def test_long_sentence_is_cut_at_commas() -> None:
    text = "一二三四五六七八九，" * 40 + "这里谈到融资，" + "甲乙丙丁戊己庚辛，" * 40
    snippet = make_snippet(text, parse_query("融资"))
    assert snippet.text.startswith("一二三")
    assert snippet.text.endswith("辛，")
    assert "融资" in snippet.text


def test_window_holds_most_different_words() -> None:
    filler = "又是别的话。" * 40
    text = "融资融资融资。" + filler + "公司谈到融资。" + filler
    snippet = make_snippet(text, parse_query("公司 融资"))
    assert {snippet.text[a:b] for a, b in snippet.highlights} == {"公司", "融资"}


def test_paragraph_that_fits_is_shown_whole() -> None:
    text = "话" * (MAX_CHARS - 2) + "融资"
    assert make_snippet(text, parse_query("融资")).text == text


def test_window_is_not_cut_behind_an_accent_within_a_word() -> None:
    text = "马克思" + "主义" * 78 + "e\u0301GPT" + "主义" * 60
    snippet = make_snippet(text, parse_query("马克思")).text
    assert snippet.endswith(("义", "e\u0301GPT"))


@given(st.lists(PIECES, min_size=120, max_size=260).map("".join), st.sampled_from(["马克思", "é"]))
def test_window_cuts_nothing_that_people_see_as_one(text: str, query: str) -> None:
    snippet = make_snippet(text, parse_query(query)).text
    at = text.index(snippet)
    for place in (at, at + len(snippet)):
        if 0 < place < len(text):
            assert not unicodedata.combining(text[place])
            assert "\u200d" not in text[place - 1 : place + 1]
            units = split_units(text)
            # The same snippet may stand in several places; the first may lie within a word.
            cut = [unit for unit in units if unit.start < place < unit.end]
            assert not cut or text.count(snippet) > 1
