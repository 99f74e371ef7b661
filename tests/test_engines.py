"""Both engines keep one contract, and the fast one finds and ranks as the plain one does."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import clusters
from wenduan import compiled
from wenduan.engines import (
    Engine,
    Entry,
    IndexedFile,
    Matches,
    Wanted,
    memory,
    merging,
    retrieval,
    scoring,
    snapshot,
)
from wenduan.engines.memory import MemoryEngine
from wenduan.engines.opensearch import retrieval as cluster_retrieval
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.query import Between, Field, Filter, Has, parse_query

MakeEngine = Callable[[], Engine]


@pytest.fixture(params=["memory", "whoosh", "whoosh without loops", "opensearch"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    if request.param == "memory":
        yield MemoryEngine()
    elif request.param.startswith("whoosh"):
        if request.param != "whoosh":
            monkeypatch.setattr(compiled, "loops", None)
        yield WhooshEngine(str(tmp_path / "index"), create=True)
    else:
        with clusters.new_engine() as engine:
            yield engine


def page(name: str, **facts: Any) -> IndexedFile:
    return IndexedFile(name, f"/{name}.md", 1, 1, "0", facts)


def entries(*texts: str, post: Mapping[str, Any] | None = None) -> list[Entry]:
    facts = post or {"kind": "article"}
    return [Entry(text, at, at, (), facts) for at, text in enumerate(texts, 1)]


def found(engine: Engine, query: str) -> list[str]:
    parsed = parse_query(query).expanded(engine.complete)
    return [match.entry.text for match in engine.search(parsed, Wanted(1000)).best]


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        ("大会堂开会", "他们在人民大会堂开会。", True),
        ("电话", "打电话咨询", True),
        ("花", "小化妆包和花", True),
        ("AI", "he said", False),
        ("AI", "生成式AI和人", True),
        ("C", "C++ 和 C#", False),
        ("C++", "学C++好", True),
        ("C#", "学 C# 好", True),
        ("3.5", "从3.5升到4", True),
        ("5", "从3.5升到4", False),
        ("GPT4", "GPT-4 很强", True),
        ("GPT-4", "GPT 4 很强", True),
        ("GPT-4", "GPT-4.5 很强", False),
        ("2020年", "在 2020 年夏天", True),
        ("B站", "上B站看", True),
        ("融资", "先融，资金再说", False),
        ('"融资"', "先融，资金再说", True),
        ('"先融资金再说"', "先融，资金再说", True),
        ('"先融：资金"', "先融，资金再说", True),
        ("融资", "新一轮融\n资开始", True),
        ('"！！"', "好！！", True),
        ('"！！"', "好！", False),
        ("😀", "笑😀了", True),
        ("招商 公司", "招商局的公司", True),
        ("招商 公司", "招商局", False),
        ("ＧＰＴ", "gpt", True),
        ("cafe", "Café", True),
        ("1", "第①点", True),
        ("12", "①2", False),
        ("102", "10²", False),
        ("90m2", "约90㎡", True),
        ("㎡", "90 m2", True),
        ("10²", "10²", True),
        ("C", "今天36℃", False),
        ("36℃", "今天36℃", True),
        ("C", "今天36°C", True),
        ("VIII", "第Ⅷ章", True),
        ("令和", "㋿元年", True),
        ('"约90㎡"', "约 90 m2", True),
        ("台湾", "臺灣大學", True),
        ("臺灣", "在台湾的大学", True),
        ('"台湾大学"', "臺灣，大學", True),
        ("著名", "著名作家", True),
        ("接着", "接著說", True),
        ("乾坤", "朗朗乾坤", True),
        ("干净", "乾淨的水", True),
        ("头发", "頭髮很長", True),
        ("為什麼天空是藍色的呢", "天空呈现蓝色", True),
        ("如何评价这家公司的商业模式", "商业模式很好", True),
        ("如何评价这家公司的商业模式", "今天下雨", False),
        ("什么是糊化", "糊化要在六七十度以上", True),
        ("什麼是糊化？", "糊化要在六七十度以上", True),
        ("糊化温度？", "糊化要在六七十度以上", True),
        ("糊化温度", "糊化要在六七十度以上", False),
        ("为什么", "因为下雨", False),
        ("招商 -公司", "招商局", True),
        ("招商 -公司", "招商局的公司", False),
        ("招商 －公司", "招商局的公司", False),
        ("招商 NOT 公司", "招商局的公司", False),
        ("招商-公司", "招商公司", True),
        ("苹果 OR 梨", "梨树", True),
        ("苹果|梨", "梨树", True),
        ("（苹果 ｜ 梨） 树", "梨树", True),
        ("(苹果 | 梨) 树", "梨子", False),
        ("-(苹果 | 梨) 树", "桃树", True),
        ("公司 -人工智能公司", "智能的公司", True),
        ("公司 -人工智能公司", "人工智能公司", False),
        ("gp*", "GPT-4", True),
        ("GPT-4*", "GPT-4.5", True),
        ("pt*", "GPT", False),
        ("internationaliz*", "internationalization 好", True),
        ("internationaliz*", "internationally 好", False),
        ('"gp*"', "GPT-4", False),
        ("作者：小草", "什么都行", False),
        ("https://a.b/c", "见 https://a.b/c", True),
        ("12:30", "在12:30到", True),
        ("OR", "this or that", True),
    ],
)
def test_what_a_query_matches(engine: Engine, query: str, text: str, matches: bool) -> None:
    with engine.write() as writer:
        writer.put(page("a"), entries(text, "毫不相干"))
    assert found(engine, query) == ([text] if matches else [])


def test_an_index_without_any_author_is_asked_for_one(engine: Engine) -> None:
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树"))
    assert found(engine, "author:*") == []
    with engine.write() as writer:
        writer.put(page("b"), entries("苹果汁", post={"kind": "answer", "author": "*"}))
    assert found(engine, "author:*") == ["苹果汁"]
    assert found(engine, "苹果 -author:*") == ["苹果树"]


@pytest.mark.parametrize("name", ["He\u0301le\u0300ne", "H\u00e9l\u00e8ne", "Helene"], ids=ascii)
def test_an_accent_that_stands_apart_hides_no_fact(engine: Engine, name: str) -> None:
    answer = {"kind": "answer", "author": f"{name} Dupont"}
    with engine.write() as writer:
        writer.put(page(name, title=f"Les {name}", tags=[name]), entries("苹果树", post=answer))
        writer.put(page("b", title="Nele"), entries("苹果汁"))
    for asked in ("He\u0301le\u0300ne", "H\u00e9l\u00e8ne", "helene"):
        for field in ("author", "title", "tag", "in"):
            assert found(engine, f"{field}:{asked}") == ["苹果树"], (field, asked)


def test_changes_are_seen_when_they_end(engine: Engine) -> None:
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树"))
        writer.put(page("b"), entries("苹果汁"))
    with engine.write() as writer:
        writer.remove("a")
    with engine.write() as writer:
        writer.move(IndexedFile("b", "/c.md", 2, 2, "1", {}))
    assert found(engine, "苹果") == ["苹果汁"]
    assert [file.path for file in engine.files()] == ["/c.md"]
    (match,) = engine.search(parse_query("苹果"), Wanted(5)).best
    assert match.file.path == "/c.md"


def test_an_exception_undoes_a_change(engine: Engine) -> None:
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果树"))
    with pytest.raises(KeyError), engine.write() as writer:
        writer.remove("a")
        writer.put(page("b"), entries("苹果汁"))
        writer.move(page("unknown"))
    assert found(engine, "苹果") == ["苹果树"]


def test_exact_quotation_comes_first(engine: Engine) -> None:
    exact, other = "先融，资金" + "，然后还有别的话要说" * 40, "先融：资金，先融：资金"
    with engine.write() as writer:
        writer.put(page("a"), entries(other, exact, "无关"))
    for query, best in (('"先融，资金"', [exact, other]), ('"先融：资金"', [other, exact])):
        matches = engine.search(parse_query(query), Wanted(5)).best
        scores = {match.entry.text: match.score for match in matches}
        assert scores[other] > scores[exact]
        assert [match.entry.text for match in matches] == best


WORDS = "融资 公司 商业 模式 发展 人工智能 的 GPT-4 C++ 苹果 ， 。 市场".split()


def noted(rng: random.Random, *texts: str) -> list[Entry]:
    """Paragraphs of a post, some of which cite something."""
    notes: list[tuple[dict[str, Any], ...]] = [(), ({"url": None},), ({"url": "https://a.b"},)]
    rows = entries(*texts, post=post(rng))
    return [replace(row, references=rng.choice(notes)) for row in rows]


def titled(rows: list[Entry], rng: random.Random) -> list[Entry]:
    """The same, the first of them perhaps a title, the second perhaps a heading."""
    kinds = [rng.choice(["title", "text"]), rng.choice(["heading", "text"]), "text", "text"]
    return [replace(row, kind=kind) for row, kind in zip(rows, kinds, strict=True)]


def post(rng: random.Random) -> dict[str, Any]:
    day = rng.choice(["2023-01-02T10:00", "2023-01-31", "2024-05", None])
    kind = rng.choice(["answer", "question", "article"])
    votes, author = rng.choice([None, 0, 5, 100, 43210]), rng.choice(AUTHORS)
    return {"kind": kind, "votes": votes, "published": day, "author": author}


AUTHORS = [None, "段小草", "小草", "Ada Lovelace", "張三", "张三丰"]


def described(name: str, rng: random.Random) -> IndexedFile:
    return page(
        name,
        title=rng.choice(["融资的事", "GPT-4 和 C++", None, "公司"]),
        tags=rng.sample(["融资", "AI", "长文/商业", "收藏"], k=rng.randint(0, 3)),
        site=rng.choice(["知乎", None]),
        page_url=rng.choice(["https://www.zhihu.com/question/1", "http://b.example.org/a", None]),
        saved=rng.choice(["2024-01-05T10:00:00Z", "2023-12", None]),
    )


def filter_(rng: random.Random) -> Filter:
    if rng.random() < 0.5:
        name, texts = rng.choice(
            [
                ("author", ["小草", "张三", "ada", "lace", "Lovelace", ""]),
                ("title", ["融资", "C++", "资的", "4"]),
                ("tag", ["ai", "商业", "收藏", "长文 商业", "a", ""]),
                ("site", ["zhihu", "知乎", "example.org", "hihu", "。"]),
                ("path", ["/1-", "1-2.md", "moved", "/", ""]),
            ]
        )
        return Field(name, rng.choice(texts))
    if rng.random() < 0.2:
        return Has(rng.choice(["reference", "link"]))
    column, numbers = rng.choice(
        [
            ("votes", [0, 5, 99, 100]),
            ("published", [20230102, 20230103]),
            ("kind", [1, 2, 3]),
            ("saved", [20231231, 20240105]),
        ]
    )
    least, most = (rng.choice([None, *numbers]) for _ in range(2))
    return Between(column, least, most)


def asked(rng: random.Random) -> str:
    """A query of any shape."""
    run = "".join(rng.choices(WORDS, k=rng.randint(1, 6)))
    one, other = rng.choices(WORDS[:11], k=2)
    shapes = [
        run, run, f'"{run}"', f"{run} {one}", f"{run} -{one}", f"{one} | {run}",
        f"({one} OR {other}) {rng.choice(WORDS)}", f"NOT ({one} {other})", f"{one} -({other}|市场)",
        f"-{one} OR {other}", "g*", f"{one} GPT-4*", f"-c* {one}",
    ]  # fmt: skip
    return rng.choice(shapes)


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        ([Between("votes", 100)], ["苹果一"]),
        ([Between("votes", None, 99)], ["苹果二"]),
        ([Between("votes")], ["苹果一", "苹果二"]),
        ([Between("published", 20230101, 20230131)], ["苹果一"]),
        ([Between("kind", 3, 3)], ["苹果三"]),
        ([Between("votes", 0), Between("kind", 3, 3)], []),
    ],
    ids=str,
)
def test_filters_leave_out_what_does_not_pass(
    engine: Engine, filters: list[Between], matches: list[str]
) -> None:
    answer = {"kind": "answer", "votes": 100, "published": "2023-01-31T23:00"}
    with engine.write() as writer:
        writer.put(page("a"), entries("苹果一", post=answer))
        writer.put(page("b"), entries("苹果二", post={"kind": "answer", "votes": 99}))
        writer.put(page("c"), entries("苹果三", "梨三"))
    query = parse_query("苹果").narrowed(filters)
    found = engine.search(query, Wanted(10))
    assert sorted(match.entry.text for match in found.best) == matches
    assert found.total == len(matches)


def shown(answer: Matches, limit: int) -> list[Any]:
    """What both engines must agree on; equal scores may come in any order."""
    return sorted(
        (
            -round(match.score, 9),
            {name: round(value, 9) for name, value in match.parts.items() if value},
            match.more,
        )
        for match in islice(answer.best, limit)
    )


def hold_the_same(plain: Engine, fast: Engine, names: list[str]) -> None:
    """Both engines complete, count and list alike."""
    assert fast.complete("g") == plain.complete("g")
    for what in ("author", "kind", "month", "title", "tag", "site"):
        assert fast.count(what) == plain.count(what), what
    for name in names:
        # What a paragraph is to others is not kept with it.
        wanted = [replace(entry, kind="text") for entry in plain.entries(name)]
        assert fast.entries(name) == wanted


def compare(
    rng: random.Random,
    plain: Engine,
    fast: Engine,
    changes: bool = True,
    shown: Callable[[Matches, int], list[Any]] = shown,
) -> None:
    """Both engines give the same answers while pages come and, with `changes`, move and go."""

    def text() -> str:
        return "".join(rng.choices(WORDS, k=rng.randint(1, 30)))

    alive: list[str] = []
    for step in range(6):
        new = [
            (described(f"{step}-{n}", rng), titled(noted(rng, *(text() for _ in range(4))), rng))
            for n in range(6)
        ]
        part = len(alive) if changes else 0
        leaving = rng.sample(alive, k=part // 4)
        moving = rng.sample([name for name in alive if name not in leaving], k=part // 5)
        for engine in (plain, fast):
            with engine.write() as writer:
                for name in leaving:
                    writer.remove(name)
                for name in moving:
                    file = next(file for file in engine.files() if file.page == name)
                    writer.move(replace(file, path=f"/moved/{name}.md"))
                for file, rows in new:
                    writer.put(file, rows)
        alive = [name for name in alive if name not in leaving] + [f.page for f, _ in new]
        hold_the_same(plain, fast, rng.sample(alive, k=2))
        for _ in range(8):
            query = parse_query(asked(rng)).expanded(plain.complete)
            query = query.narrowed(rng.choice([(), (), (filter_(rng),), (filter_(rng),) * 2]))
            # Where nothing ranks, it is open which come first.
            sorts = [None, None, "votes", "published"] if query.units else ["votes"]
            sort = rng.choice(sorts)
            # Equal numbers leave it open which come before the limit.
            wanted = Wanted(20 if sort is None else 1000, rng.random() < 0.5, sort)
            slow_answer, answer = plain.search(query, wanted), fast.search(query, wanted)
            assert answer.total == slow_answer.total, query
            assert shown(answer, wanted.limit) == shown(slow_answer, wanted.limit), query


@pytest.mark.parametrize("loops", [compiled.loops, None], ids=["with loops", "without"])
@pytest.mark.parametrize("seed", range(16))
def test_order_equals_that_of_scoring_every_paragraph(
    tmp_path: Path, seed: int, loops: ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "loops", loops)
    if seed % 4:
        # As where commits were larger: several segments, in which paragraphs are deleted.
        monkeypatch.setattr(merging, "_TINY", 0)
        monkeypatch.setattr(merging, "_MAX_DELETED", 0.9)
    if seed % 2:
        # As in a collection of many thousands: most postings are long, few paragraphs are best.
        monkeypatch.setattr(scoring, "_LONG", seed)
        monkeypatch.setattr(retrieval, "WINDOW", 2 * seed)
        monkeypatch.setattr(memory, "WINDOW", 2 * seed)
        monkeypatch.setattr(snapshot, "_MOST_MAPPED", 0)
    fast = WhooshEngine(str(tmp_path / "index"), create=True)
    compare(random.Random(seed), MemoryEngine(), fast)
    fast.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_cluster_ranks_as_scoring_every_paragraph_does(seed: int) -> None:
    with clusters.new_engine(shards=1 + seed % 3) as engine:
        compare(random.Random(seed), MemoryEngine(), engine, changes=False)


@pytest.mark.parametrize("seed", range(4))
def test_a_cluster_finds_the_same_while_pages_move_and_go(seed: int) -> None:
    # What was deleted counts in a cluster's statistics for a while: only scores differ by that.
    with clusters.new_engine(shards=1 + seed % 3) as engine:
        compare(random.Random(seed), MemoryEngine(), engine, shown=posts_found)


def test_a_cluster_finds_the_best_of_a_question_as_by_going_through_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster_retrieval, "WINDOW", 12)
    rng = random.Random(5)
    asked = ["".join(rng.choices(WORDS[:11], k=rng.randint(3, 9))) + "是什么？" for _ in range(40)]
    asked.append("苹果电脑是什么？")
    held = [*WORDS, "是", "什么"]
    with clusters.new_engine() as engine:
        with engine.write() as writer:
            for name in map(str, range(40)):
                texts = ["".join(rng.choices(held, k=rng.randint(1, 9))) for _ in range(4)]
                writer.put(page(name), entries(*texts))
            # It ranks high by a rare pair of 苹果电脑, and holds no word of it.
            writer.put(page("pair"), entries("水果电池"))
        quick = 0
        for text in asked:
            run = cluster_retrieval.Search(engine._index, parse_query(text))
            total, rows = run.find(12)
            all_, slow = run._find_all(12)
            # Which of equal scores come in is open.
            assert (total, scores(rows)) == (all_, scores(slow)), text
            quick += len(run._find_first()[1]) == 12
        assert quick > 20


def scores(rows: Sequence[Any]) -> list[float]:
    return [round(row.score, 3) for row in rows]


def posts_found(answer: Matches, _: int) -> list[Any]:
    """The posts of all that was found, if that is not cut off."""
    return sorted((match.file.path, match.more) for match in answer.best if answer.total <= 20)
