"""The compiled loops against the plain code that does without them, and against bad files."""

import ast
import random
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, build_notes
from wenduan import IndexDamagedError, compiled, grouping
from wenduan.analysis import fold, unit_pairs
from wenduan.analysis.folding import fold_codes, to_codes, to_text
from wenduan.analysis.runs import make_runs
from wenduan.analysis.units import split_units
from wenduan.engines import measuring
from wenduan.engines.array_writing import write_arrays
from wenduan.engines.arrays import ArrayFile
from wenduan.engines.measuring import Texts, Weighted
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.searching import Index

needs_loops = pytest.mark.skipif(compiled.loops is None, reason="the loops are not compiled here")


def loops() -> ModuleType:
    assert compiled.loops is not None
    return compiled.loops


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no compiler")
def test_the_loops_are_compiled_where_there_is_a_compiler() -> None:
    assert compiled.loops is not None


@needs_loops
def test_the_stub_names_what_there_is() -> None:
    stub = ast.parse((ROOT / "src" / "wenduan" / "loops.pyi").read_text(encoding="utf-8"))
    named = {node.name for node in stub.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    public = {name for name, value in vars(loops()).items() if callable(value) and name[0] != "_"}
    # Those that only the loops themselves make.
    own = {"Buffer", "Codes", "Numbers", "Pool", "Reached", "SegmentSearch"}
    assert public - own == named
    assert loops().VERSION == compiled.VERSION


def test_loops_of_another_version_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "VERSION", 0)
    assert compiled._load() is None


# Few characters, so that texts share much; variants, signs, marks, halves and astral ones.
CHARS = "融资烧钱人工智能臺台滿满Ａa①㎡℃²é\u0301\u0300c+#.4 ，。！\n[]1\0𠀀😀\ud83d"
TEXTS = st.text(alphabet=CHARS, max_size=60)


@needs_loops
@given(st.one_of(TEXTS, st.text(max_size=40)))
def test_texts_are_folded_alike(text: str) -> None:
    plain = to_text(fold_codes(to_codes(text)))
    assert fold(text) == plain
    assert len(plain) == len(text)


@needs_loops
@given(st.one_of(TEXTS, st.text(max_size=40)))
def test_gaps_are_left_out_alike(text: str) -> None:
    assert loops().without_gaps(text) == re.sub(r"[\W_]+", "", text)


@needs_loops
@given(TEXTS, st.lists(st.text(alphabet=CHARS, max_size=3), max_size=5))
def test_runs_are_found_wherever_they_stand(text: str, runs: list[str]) -> None:
    wanted = {
        (at, at + len(run))
        for run in runs
        if run
        for at in range(len(text))
        if text[at:].startswith(run)
    }
    assert make_runs(runs).ranges(text) == wanted
    assert make_runs(runs).any_in(text) == bool(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "loops", None)
        assert make_runs(runs).ranges(text) == wanted
        assert make_runs(runs).any_in(text) == bool(wanted)


SIMILAR = st.tuples(TEXTS, st.integers(0, 60), st.text(alphabet=CHARS, max_size=4)).map(
    lambda row: (row[0] * 2, (row[0] * 2)[: row[1]] + row[2] + (row[0] * 2)[row[1] :])
)


@given(st.one_of(SIMILAR, st.tuples(TEXTS, TEXTS)))
def test_no_copy_is_turned_away_by_a_quick_look(texts: tuple[str, str]) -> None:
    one, other = map(grouping._Core, texts)
    alike = len(one.pairs & other.pairs) >= 0.9 * len(one.pairs | other.pairs)
    quick = one.lacks_many_of(other)
    assert not (alike and quick)
    arguments = one.text, other.text, 3, 0.1 * len(one.text)
    assert grouping._lacks_many(*arguments) == quick


@needs_loops
@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_near_texts_are_found_alike(text: str, others: list[str]) -> None:
    def probes(text: str) -> Any:
        return make_runs((text[:6], text[3:9], text[-6:]))

    rows = [(other, probes(other)) for other in others]
    plain = grouping._find_near(text, probes(text), rows)
    assert loops().find_near(text, probes(text), rows) == plain


def weighted(terms: Sequence[str], rng: random.Random) -> Weighted:
    return Weighted(list(terms), np.array([rng.uniform(0.1, 9) for _ in terms]))


@needs_loops
@given(st.lists(TEXTS, min_size=1, max_size=6), TEXTS, st.integers(0, 99))
@settings(max_examples=300)
def test_texts_reach_as_much_of_a_query_as_in_arrays(
    texts: list[str], query: str, seed: int
) -> None:
    rng, folded = random.Random(seed), [fold(text) for text in texts]
    units = split_units(query)
    pairs = dict.fromkeys(pair for pair in unit_pairs(units) if len(pair) == 2)
    terms = (
        weighted(list(dict.fromkeys(unit.text for unit in units)), rng),
        weighted(list(pairs), rng),
    )
    read = Texts(to_codes("\0".join([*folded, ""])), np.array([len(text) for text in folded]))
    norms = np.array([rng.uniform(0.5, 3) for _ in texts])
    found = measuring.reach(read, norms, *terms)
    plain = measuring._Measure(read, *terms).reach(norms)
    for name, one, other in zip(found._fields, found, plain, strict=True):
        assert one.tolist() == pytest.approx(other.tolist()), name


WORDS = [
    "融资", "融", "资", "烧钱", "人工智能", "GPT-4", "wen", "C++", "的", "臺灣", "①", "，", "。",
    "😀",
]  # fmt: skip


def notes(seed: int, count: int) -> dict[str, str]:
    rng = random.Random(seed)
    lines = ["".join(rng.choices(WORDS, k=rng.randint(1, 40))) for _ in range(count)]
    return {"a": "# 标题融资\n\n" + "\n\n".join(lines[::2]), "b": "\n\n".join(lines[1::2])}


@needs_loops
@pytest.mark.parametrize("seed", range(3))
def test_terms_are_looked_up_and_marked_alike(tmp_path: Path, seed: int) -> None:
    (live,) = build_notes(tmp_path, notes(seed, 60)).snapshot().segments
    segment, rng = live.segment, random.Random(seed)
    for field in ("words", "units", "pairs"):
        terms = [*segment.terms(field), "无", "无有", "no", "融\n资", "wen 4", "没有的长词在此"]
        numbers, sizes = segment.look_up(field, terms)
        assert numbers.tolist() == segment.find(field, terms).tolist()
        assert sizes.tolist() == segment.sizes(field, numbers).tolist()
    units, pairs = segment.terms("units"), segment.terms("pairs")
    for _ in range(20):
        some, few = rng.sample(units, 2), rng.sample(pairs, 2)
        marked = live.mark([*some, "无"], [*few, "无有"])
        numbers = [*segment.find("units", some), *segment.find("pairs", few)]
        rows = zip(["units"] * 2 + ["pairs"] * 2, numbers, strict=True)
        wanted = {
            number for field, term in rows for number in segment.numbers(field, int(term)).tolist()
        }
        assert set(np.flatnonzero(marked).tolist()) == wanted


def results(folder: Path, queries: Sequence[str]) -> list[Any]:
    with Index(WhooshEngine(str(folder / "index"))) as index:
        answers = [index.run(query, 30, grouped=False) for query in queries]
    return [
        (answer.total, sorted((-round(hit.score, 5), hit.path, hit.line) for hit in answer.hits))
        for answer in answers
    ]


@needs_loops
@pytest.mark.parametrize(
    "filler", ["", "plain words of a language with letters " * 20], ids=["utf-16", "utf-8"]
)
def test_texts_of_either_encoding_are_read_alike(
    tmp_path: Path, filler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {name: text.replace("。", "。" + filler) for name, text in notes(7, 400).items()}
    build_notes(tmp_path, made).close()
    queries = [
        "融资的人工智能为什么烧钱?",
        "臺灣是什么①",
        "GPT-4 C++",
        "😀",
        '"烧钱，融资"',
        "什么是 wen",
    ]
    with_loops = results(tmp_path, queries)
    monkeypatch.setattr(compiled, "loops", None)
    assert with_loops == results(tmp_path, queries)


Change = Callable[[Any], Any]


def rewrite(path: Path, name: str, change: Change, keep: bool = True) -> None:
    """Change an array of a file, with `keep` not its kind, and write it with right checksums."""
    file = ArrayFile(str(path))
    arrays = {key: file[key].all().copy() for key in file._arrays}
    changed = change(arrays[name])
    arrays[name] = changed.astype(arrays[name].dtype) if keep else changed
    meta = file.meta
    del file
    path.unlink()
    write_arrays(path, arrays, meta)


def forge(folder: Path, name: str, change: Change, keep: bool = True) -> None:
    """Make an index, and change an array of it as `rewrite` does."""
    build_notes(folder, notes(3, 400)).close()
    (path,) = (folder / "index").glob("*.seg")
    rewrite(path, name, change, keep)


@pytest.fixture(params=[compiled.loops, None], ids=["with loops", "without"])
def with_and_without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "loops", request.param)


def most(array: Any) -> Any:
    return np.full_like(array, np.iinfo(array.dtype).max)


ASKED = [
    "words.starts", "words.numbers", "words.many.starts", "words.many", "words.many.counts",
    "words.keys", "words.tails.starts", "pairs.starts", "pairs.numbers", "pairs.firsts",
    "pairs.seconds", "units.keys", "units.tails.starts", "units.holding", "units.common",
    "units.bits", "units.ends.starts", "units.ends", "paragraph_post", "post_page", "page_title",
    "paragraph_heading", "votes", "published", "texts16.starts", "word_counts", "unit_counts",
]  # fmt: skip


@needs_loops
def test_counts_wider_than_a_byte_read_nothing_outside(tmp_path: Path) -> None:
    forge(tmp_path, "words.many.counts", lambda row: np.repeat(row, 8).view("<u8"), keep=False)
    with Index(WhooshEngine(str(tmp_path / "index"))) as index, pytest.raises(IndexDamagedError):
        index.run("融资的人工智能为什么烧钱?")


@pytest.mark.usefixtures("with_and_without")
def test_a_word_of_more_paragraphs_than_there_are_ends_the_search(
    tmp_path: Path,
) -> None:
    engine = build_notes(tmp_path, {"a": "\n\n".join(f"gpt 融资{n}" for n in range(20))})
    word = engine.snapshot().segments[0].segment.find("words", ["gpt"]).item()
    engine.close()
    (path,) = (tmp_path / "index").glob("*.seg")

    def stretch(array: Any) -> Any:
        return np.where(np.arange(len(array)) <= word, 0, array[-1])

    rewrite(path, "words.starts", stretch)
    with Index(WhooshEngine(str(tmp_path / "index"))) as index, pytest.raises(IndexDamagedError):
        index.run("gpt")


@pytest.mark.usefixtures("with_and_without")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pages.starts", lambda array: array[::-1].copy()),
        ("posts", lambda array: array[:5]),
        ("posts", lambda array: np.frombuffer(b'"a post"' + bytes(len(array) - 8), "u1")),
        ("texts16.starts", lambda array: array + np.arange(len(array)) % 2),
        ("words.starts", lambda array: -array.astype("<i8")),
    ],
    ids=["pages backwards", "few posts", "no post", "half characters", "below zero"],
)
def test_damage_that_is_met_in_reading_results_is_told(
    tmp_path: Path, name: str, change: Change
) -> None:
    forge(tmp_path, name, change, keep=False)
    with Index(WhooshEngine(str(tmp_path / "index"))) as index, pytest.raises(IndexDamagedError):
        index.run("融资的人工智能为什么烧钱?")


CHANGES: dict[str, Change] = {
    "most": most,
    "half": lambda array: array[: len(array) // 2],
    "backwards": lambda array: array[::-1].copy(),
    "none": lambda array: array[:0],
}


@pytest.mark.usefixtures("with_and_without")
@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_was_made_to_do_harm_does_none(
    tmp_path: Path, name: str, change: Change
) -> None:
    forge(tmp_path, name, change)
    for query in ("融资的人工智能为什么烧钱?", "GPT-4", '"烧钱融资"', "资"):
        try:
            with Index(WhooshEngine(str(tmp_path / "index"))) as index:
                index.run(query, 200)
        except IndexDamagedError:
            continue
