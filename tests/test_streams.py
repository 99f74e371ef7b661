"""The streams of tokens that a cluster gets: made of many texts at once as of each alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from test_batch import PIECES, cut_runs
from wenduan.engines.opensearch import streams
from wenduan.engines.opensearch.streams import count_words, encode, make_streams


@given(st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_streams_of_many_texts_are_those_of_each_alone(texts: list[str]) -> None:
    for text, found in zip(texts, make_streams(texts, cut_runs), strict=True):
        assert found == streams._streams(text, found.words)


@given(st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_tokens_are_parted_by_single_spaces_alone(texts: list[str]) -> None:
    for found in make_streams(texts, cut_runs):
        for stream in (*found.words, *found.units, *found.pairs, found.symbols, found.gaps):
            assert stream.split() == [token for token in stream.split(" ") if token]


WORDS = st.sampled_from(["融资", "的", "gpt", "4", "a", "aa", "资", "e\u0301", "😀"])


@given(st.lists(st.lists(WORDS, max_size=9), min_size=1, max_size=5), st.lists(WORDS, min_size=1))
def test_words_are_counted_as_by_parting_streams(rows: list[list[str]], words: list[str]) -> None:
    counts, lengths = count_words(list(map(" ".join, rows)), words)
    assert counts.tolist() == [[row.count(word) for word in words] for row in rows]
    assert lengths.tolist() == list(map(len, rows))


def test_streams_of_a_sentence() -> None:
    (found,) = make_streams(["融资，GPT-4！！[1]"], cut_runs)
    assert found.units == ("融 资 gpt 4 1", "融 资 gpt 4")
    assert found.pairs == ("融资 资_gpt gpt_4 4_1", "融资 资_gpt gpt_4")
    assert found.symbols == "uff0c | u2d | uff01 uff01 u5b | u5d"
    assert found.gaps == ("资 u2c gpt | gpt u2d 4 | 4 u21 u21 u5b 1 | 1 u5d")
    assert found.words == ("融资", "gpt", "4")
    assert found.tokens == ("gpt", "4", "1")
    assert found.unit_count == 5


def test_a_token_longer_than_a_cluster_takes_stays_one_token() -> None:
    one, other = "a" * 300, "a" * 299 + "b"
    assert len(encode(one)) < 255
    assert encode(one) != encode(other)
    # What completes a beginning is asked for as it was given.
    assert encode(encode(one)) == encode(one)
