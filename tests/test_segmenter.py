"""Words are cut to the letter as jieba cuts them, which is asked itself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jieba import finalseg

from conftest import ROOT
from wenduan.analysis.dictionary import Dictionary, build_dictionary
from wenduan.analysis.segmenter import Segmenter, compiled_cutter

PASSAGES = ROOT.parent / "shared" / "relevance" / "passages.jsonl"
HAN = re.compile(r"[\u4e00-\u9fff]+")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Any:
    jieba.setLogLevel(60)
    return make_oracle(tmp_path_factory.mktemp("jieba"))


def make_oracle(folder: Path) -> Any:
    tokenizer = jieba.Tokenizer()
    # Its cache would go to the folder that all users share.
    tokenizer.tmp_dir, tokenizer.cache_file = str(folder), "cache"
    tokenizer.initialize()
    return tokenizer


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(Dictionary(*build_dictionary()))


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("samples/*.md"))]
    if PASSAGES.exists():
        lines = PASSAGES.read_text(encoding="utf-8").splitlines()
        texts += [json.loads(line)["text"] for line in lines]
    return [part for text in texts for part in re.split(r"(?<=[。！？；，\n])", text) if part][
        :12_000
    ]


def test_sentences_are_cut_as_by_jieba(
    segmenter: Segmenter, oracle: Any, sentences: list[str]
) -> None:
    if PASSAGES.exists():
        assert len(sentences) > 10_000
    for sentence in sentences:
        assert segmenter.cut(sentence) == list(oracle.cut(sentence)), sentence


def test_many_runs_at_once_are_cut_as_one_by_one(
    segmenter: Segmenter, sentences: list[str]
) -> None:
    runs = [run for sentence in sentences[:2000] for run in HAN.findall(sentence)]
    expected = [word for run in runs for word in [*segmenter.cut(run), "\n"]]
    assert segmenter.cut_runs("\n".join(runs)) == expected[:-1]


def test_compiled_segmenter_cuts_alike(segmenter: Segmenter, sentences: list[str]) -> None:
    compiled = compiled_cutter()
    if compiled is None:
        pytest.skip("rjieba is not installed")
    runs = sorted({run for sentence in sentences for run in HAN.findall(sentence)})
    if PASSAGES.exists():
        assert len(runs) > 10_000
    # jieba's dictionary ends at U+9FD5, the compiled one's blocks do so too.
    differ = [run for run in runs if compiled(run) != segmenter.cut(run)]
    assert len(differ) <= 1, differ


ODD = st.text(
    st.one_of(
        st.sampled_from(
            "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动"
        ),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.sampled_from("\u9fd5\u9fd6\u3400\U00020000あンก ١①·.-_%+#&aZ09 \t\r\n，。😀"),
    ),
    max_size=30,
)


@given(ODD)
@settings(max_examples=400, deadline=None)
def test_any_text_is_cut_as_by_jieba(segmenter: Segmenter, oracle: Any, text: str) -> None:
    assert segmenter.cut(text) == list(oracle.cut(text))


def test_a_character_that_is_no_word_stands_alone_only_where_no_word_begins(
    segmenter: Segmenter, oracle: Any
) -> None:
    # Words whose first character is none, each before a word that begins within it.
    words = [word for word, freq in oracle.FREQ.items() if freq and HAN.fullmatch(word)]
    odd = [word for word in words if len(word) > 1 and not oracle.FREQ.get(word[0])]
    later: dict[str, str] = {}
    for word in words:
        if len(word) > 2:
            later.setdefault(word[0], word)
    texts = [word[:-1] + later[word[-1]] for word in odd if word[-1] in later]
    assert len(texts) > 200
    for text in ["匟床头柜", *texts]:
        assert segmenter.cut(text) == list(oracle.cut(text)), text
        assert segmenter.cut_runs(text) == list(oracle.cut(text)), text


@pytest.fixture
def forced() -> Iterator[None]:
    """jieba keeps words that must be split in one set for all of its tokenizers."""
    before = set(finalseg.Force_Split_Words)
    yield
    finalseg.Force_Split_Words.clear()
    finalseg.Force_Split_Words.update(before)


@pytest.mark.usefixtures("forced")
def test_user_words_count_as_in_jieba(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    long = "很长的词" * 20
    words.write_text(
        f"{long} 9\n云计算 5\n大会堂开会 20000\n李小福 2 nr\n韩玉赏鉴\n台中 0\n", encoding="utf-8"
    )
    ours = Segmenter(Dictionary(*build_dictionary(words)))
    theirs = make_oracle(tmp_path)
    with words.open("rb") as file:
        theirs.load_userdict(file)
    for text in ("人民大会堂开会", "李小福是云计算方面的专家", "韩玉赏鉴在台中举行", "台中市"):
        assert ours.cut(text) == list(theirs.cut(text))
    for text in (f"这是{long}吗", f"{long[:-1]}吗", long[:70]):
        assert ours.cut(text) == list(theirs.cut(text)) == ours.cut_runs(text)
    assert "大会堂开会" in ours.cut("人民大会堂开会")


def test_dictionary_survives_being_bytes(segmenter: Segmenter, tmp_path: Path) -> None:
    trie, arrays = build_dictionary()
    trie.save(str(tmp_path / "trie"))
    stored = {name: (array.dtype.str, array.tobytes()) for name, array in arrays.items()}
    mapped = type(trie)().mmap(str(tmp_path / "trie"))
    loaded = {name: np.frombuffer(data, dtype) for name, (dtype, data) in stored.items()}
    again = Segmenter(Dictionary(mapped, loaded))
    text = "如何评价这家公司的商业模式，韩玉赏鉴"
    assert again.cut(text) == segmenter.cut(text)
