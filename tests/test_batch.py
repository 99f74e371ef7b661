"""The analysis of many texts at once says of each what the analysis of one says."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from wenduan.analysis import analyze, default_cut, pair_term
from wenduan.analysis.batch import FIRST_TOKEN, Vocabulary, analyze_batch


def cut_runs(joined: str) -> list[str]:
    words: list[str] = []
    for run in joined.split("\n"):
        words += [*default_cut()(run), "\n"]
    return words[:-1]


def check(texts: list[str], vocabulary: Vocabulary) -> None:
    terms = analyze_batch(texts, vocabulary, cut_runs)
    words, tokens = list(vocabulary.words), list(vocabulary.tokens)

    def unit(number: int) -> str:
        return chr(number) if number < FIRST_TOKEN else tokens[number - FIRST_TOKEN]

    for at, text in enumerate(texts):
        expected = analyze(text)
        here = terms.pair_at == at
        pairs = zip(
            terms.pair_first[here].tolist(),
            terms.pair_second[here].tolist(),
            terms.pair_loose[here].tolist(),
            strict=True,
        )
        found = Counter(unit(n) for n in terms.unit[terms.unit_at == at].tolist())
        assert found == expected.units
        found = Counter(words[n] for n in terms.word[terms.word_at == at].tolist())
        assert found == expected.words
        assert {pair_term(unit(a), unit(b), loose) for a, b, loose in pairs} == set(expected.pairs)
        symbols = terms.symbol[terms.symbol_at == at].tolist()
        assert {chr(code) for code in symbols} == expected.symbols
        assert terms.unit_counts[at] == expected.units.total()
        assert terms.word_counts[at] == expected.words.total()


PIECES = st.sampled_from(
    "融 资 公司 的 人民大会堂 开会 a Z ai GPT 4 3.5 . + ++ # [1] [23] [ ] ， 。 ！ \n \n\n \t "
    "著 乾 臺 ㎡ Ⅷ ㋿ ℃ \0 - _ ½ ² ① é e\u0301 ﬁ Ａ ７ ㈱ あ ก 😀 \u3000 ١ й".split(" ")
)


@given(st.lists(st.lists(PIECES, max_size=14).map("".join), min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_each_text_has_the_terms_it_has_alone(texts: list[str]) -> None:
    check(texts, Vocabulary())


def test_batches_that_share_a_vocabulary_number_alike() -> None:
    vocabulary = Vocabulary()
    pages = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("samples/*.md"))]
    for page in pages:
        check([*page.split("\n\n"), ""], vocabulary)
