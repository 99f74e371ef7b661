"""An index on a cluster: feeding, feeding again, feeding at once, rebuilding, and what fails."""

import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from opensearchpy.exceptions import AuthorizationException
from torture.cluster import control

import clusters
from wenduan import ClusterError, IndexVersionError, open_index
from wenduan.cli import main
from wenduan.engines.base import Wanted
from wenduan.engines.opensearch import asking, bulk, connection, keeping
from wenduan.engines.opensearch import engine as engine_module
from wenduan.engines.opensearch.asking import OpenIndex
from wenduan.engines.opensearch.bulk import BulkSender
from wenduan.engines.opensearch.connection import Access, connect
from wenduan.engines.opensearch.engine import OpenSearchEngine
from wenduan.engines.opensearch.location import parse_location
from wenduan.indexing import IndexReport, index_files
from wenduan.query import parse_query
from wenduan.searching import Index


@pytest.fixture
def url() -> Iterator[str]:
    with clusters.new_location() as location:
        yield location


def write_notes(folder: Path, count: int, mark: str = "苹果") -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        text = f"{mark}树第{number}棵\n\n梨树第{number}棵[1]，也叫 GPT-{number}\n"
        (folder / f"n{number:03}.md").write_text(text, encoding="utf-8")
    return folder


def feed(url: str, folder: Path, **options: Any) -> IndexReport:
    engine = OpenSearchEngine(url, create=True, shards=1, replicas=0, **options)
    with contextlib.closing(engine):
        return index_files(engine, [str(folder)])


def texts(url: str, query: str) -> list[str]:
    with open_index(url) as index:
        return sorted(hit.text for hit in index.search(query, 1000, grouped=False))


def raw(url: str) -> Any:
    """The client that talks to the cluster itself."""
    return contextlib.closing(connect(parse_location(url), Access()))


def test_a_cluster_at_another_port_is_another_one(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "pid" in control("status")
    monkeypatch.setenv("WENDUAN_CLUSTER_PORT", "29200")
    assert control("status").count("not running") == 3
    # Ends what runs there: nothing.
    control("stop")
    monkeypatch.undo()
    assert control("status").count("pid") == 3


def test_feeding_again_reads_only_what_has_changed(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 5)
    assert (feed(url, notes).pages, feed(url, notes).unchanged) == (5, 5)
    (notes / "n000.md").write_text("葡萄藤\n", encoding="utf-8")
    (notes / "n001.md").rename(notes / "moved.md")
    (notes / "n002.md").unlink()
    report = feed(url, notes)
    assert (report.changed, report.moved, report.removed, report.unchanged) == (1, 1, 1, 2)
    assert texts(url, "葡萄") == ["葡萄藤"]
    assert texts(url, "苹果") == ["苹果树第1棵", "苹果树第3棵", "苹果树第4棵"]
    with open_index(url) as index:
        assert index.search("path:moved")[0].path.endswith("moved.md")
        assert index.stats().pages == 4
    # A copy of what was moved away is another page, though it lies where that one lay.
    (notes / "n001.md").write_bytes((notes / "moved.md").read_bytes())
    feed(url, notes)
    assert len(texts(url, "苹果树第1棵")) == 2


def test_every_copy_of_a_shard_shows_what_was_fed_when_feeding_has_ended(
    url: str, tmp_path: Path
) -> None:
    def count(name: str, copies: str) -> int:
        body = {"size": 0, "track_total_hits": True, "query": {"term": {"type": "paragraph"}}}
        answer = client.search(index=name, body=body, params={"preference": copies})
        assert answer["_shards"]["failed"] == 0
        return int(answer["hits"]["total"]["value"])

    with contextlib.closing(OpenSearchEngine(url, create=True)) as engine, raw(url) as client:
        for number in range(12):
            notes = write_notes(tmp_path / "notes", 10 * number + 10)
            index_files(engine, [str(notes)])
            name = engine._index.name
            expected = 2 * (10 * number + 10)
            assert [count(name, of) for of in ("_primary", "_replica")] == [expected] * 2
            # Also where nothing is new, but something gone.
            (notes / "n000.md").unlink()
            index_files(engine, [str(notes)])
            assert [count(name, of) for of in ("_primary", "_replica")] == [expected - 2] * 2


def segments(engine: OpenSearchEngine) -> int:
    """How many segments its only shard has."""
    (copies,) = engine._index._copies().values()
    return sum(1 for row in copies[0]["segments"].values() if row["search"] and row["num_docs"])


def test_segments_are_joined_after_a_change_that_made_much_of_the_index(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_MERGED_FROM", 60)
    with contextlib.closing(OpenSearchEngine(url, create=True, shards=1, replicas=0)) as engine:
        for number, count in enumerate((20, 20, 20)):
            notes = write_notes(tmp_path / str(number), count, f"苹果{number}")
            index_files(engine, [str(notes)])
        # Each change wrote 40 paragraphs, which is little.
        before = segments(engine)
        assert before > 1
        index_files(engine, [str(write_notes(tmp_path / "much", 40, "葡萄"))])
        until = time.monotonic() + 30
        while segments(engine) > 1 and time.monotonic() < until:
            # Searches see what was joined after the next refresh, in half a minute by itself.
            engine._index.refresh()
            time.sleep(0.1)
        assert segments(engine) == 1
        assert len(texts(url, "葡萄树")) == 40
        # Much, but not a part of the index that matters.
        monkeypatch.setattr(engine_module, "_MERGED_FROM", 2)
        index_files(engine, [str(write_notes(tmp_path / "little", 1, "樱桃"))])
        assert segments(engine) == 2


def test_who_may_not_join_segments_may_feed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(**options: Any) -> None:
        asked.append(options["index"])
        raise AuthorizationException(403, "security_exception", {})

    monkeypatch.setattr(engine_module, "_MERGED_FROM", 1)
    with contextlib.closing(OpenSearchEngine(url, create=True, shards=1, replicas=0)) as engine:
        monkeypatch.setattr(engine._index._client.indices, "forcemerge", refuse)
        assert index_files(engine, [str(write_notes(tmp_path / "notes", 3))]).pages == 3
        assert asked == [engine._index.name]


def test_feeding_ends_where_no_copy_of_a_shard_answers(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [{"shard": "0", "prirep": "p", "state": "UNASSIGNED", "docs": None}]
    with contextlib.closing(OpenSearchEngine(url, create=True, shards=1, replicas=0)) as engine:
        index = engine._index
        # As a cluster says it: an index of which no shard answers is not named.
        monkeypatch.setattr(index._client.cat, "shards", lambda **_: gone)
        monkeypatch.setattr(index._client.indices, "segments", lambda **_: {"indices": {}})
        assert index._is_settled()
        assert index.bytes() == 0


def test_feeders_at_once_feed_each_page_once(url: str, tmp_path: Path) -> None:
    one, other = write_notes(tmp_path / "one", 40), write_notes(tmp_path / "other", 40, "葡萄")
    jobs = [
        threading.Thread(target=feed, args=(url, folder)) for folder in (one, one, other, other)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert len(texts(url, "苹果")) == len(texts(url, "葡萄")) == 40
    with contextlib.closing(OpenSearchEngine(url)) as engine:
        assert engine.verify() > 0
        assert engine.size() == 160


def test_a_feeder_that_was_stopped_is_gone_on_with(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = write_notes(tmp_path / "notes", 30)
    sent = BulkSender._try
    calls = 0

    def stopped(self: BulkSender, batch: list[bytes]) -> Any:
        nonlocal calls
        calls += 1
        # Pages are announced, and half of the paragraphs are sent.
        if calls > 1:
            sent(self, batch[: len(batch) // 2])
            raise KeyboardInterrupt
        return sent(self, batch)

    monkeypatch.setattr(BulkSender, "_try", stopped)
    with pytest.raises(KeyboardInterrupt):
        feed(url, notes)
    monkeypatch.undo()
    engine = OpenSearchEngine(url)
    with contextlib.closing(engine), pytest.raises(ClusterError, match="30 pages are not complete"):
        engine.verify()
    assert feed(url, notes).changed == 30
    assert len(texts(url, "苹果")) == 30
    with contextlib.closing(OpenSearchEngine(url)) as engine:
        assert engine.verify() > 0


def test_ctrl_c_says_that_what_was_fed_is_there(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(tmp_path / "notes", 3)

    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(BulkSender, "_try", stopped)
    for more, said in (([], "run the same command again"), (["--rebuild"], "as it was before")):
        monkeypatch.setattr(sys, "argv", ["wenduan", "index", str(notes), "--index", url, *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 130
        assert said in capsys.readouterr().err


def test_a_shard_without_a_copy_is_waited_for_when_an_index_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "PAUSES", (0.01,))
    answers = iter([[{"shard": 1}], [], [{"shard": 0}]])

    class Client:
        def search_shards(self, **_: Any) -> Any:
            return {"shards": [next(answers, [])]}

    index: Any = object.__new__(asking.OpenIndex)
    index.name, index._client = "x-1", Client()
    index._location = parse_location("opensearch://host/x")
    # Asked anew after the pause, from the first value on.
    assert index._routes(2) == ["0", "0"]
    with pytest.raises(ClusterError, match="parts of the index are not available"):
        index._routes(2)


def test_the_size_of_an_index_is_that_of_now(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 30)
    with contextlib.closing(OpenSearchEngine(url, create=True, shards=1, replicas=0)) as engine:
        empty = engine.verify()
        index_files(engine, [str(notes)])
        assert engine.verify() > empty + 10_000


@pytest.mark.parametrize("sort", [None, "votes"])
def test_what_is_removed_while_results_are_read_is_left_out(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sort: str | None
) -> None:
    notes = write_notes(tmp_path / "notes", 130)
    feed(url, notes)
    # Sorted, the second request reads what the first one has found.
    name, before = ("get", 0) if sort is None else ("search_all", 1)
    ask = getattr(OpenIndex, name)
    gone, asked = range(100, 130), itertools.count()

    def ask_late(index: OpenIndex, given: Any) -> Any:
        if next(asked) == before:
            monkeypatch.setattr(OpenIndex, name, ask)
            for number in gone:
                (notes / f"n{number:03}.md").unlink()
            feed(url, notes)
        return ask(index, given)

    with contextlib.closing(OpenSearchEngine(url)) as engine:
        monkeypatch.setattr(OpenIndex, name, ask_late)
        found = engine.search(parse_query("苹果|梨", engine.cut), Wanted(1000, sort=sort))
        assert found.total == 260
        left = sorted(match.entry.text for match in found.best)
    # What had been read before is still told.
    assert {row for row in left if "苹果" in row} >= {f"苹果树第{n}棵" for n in range(100)}
    assert len(left) == len(set(left))
    assert 200 <= len(left) < 260


def test_places_of_hits_lead_back_to_them_and_beyond_a_page_that_goes(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = write_notes(tmp_path / "notes", 6)
    feed(url, notes)
    read = OpenSearchEngine._read_entries

    def read_late(engine: OpenSearchEngine, page: str) -> Any:
        monkeypatch.setattr(OpenSearchEngine, "_read_entries", read)
        # Another text, so another page: that of this id is gone when it is asked for.
        for path in notes.iterdir():
            path.write_text(path.read_text(encoding="utf-8") + "\n\n新的一段。\n", encoding="utf-8")
        feed(url, notes)
        return read(engine, page)

    with contextlib.closing(Index(OpenSearchEngine(url))) as index:
        hits = index.search("苹果|梨", 100, grouped=False)
        monkeypatch.setattr(OpenSearchEngine, "_read_entries", read_late)
        passages = index.passages_of(hits)
        assert [passage.entry.text for passage in passages] == [hit.text for hit in hits]
        assert "新的一段。" in {entry.text for entry in passages[0].entries}
        assert index.similar(hits[0].path, hits[0].line).query == hits[0].text


def test_a_rebuild_takes_its_place_without_a_gap(url: str, tmp_path: Path) -> None:
    old, new = write_notes(tmp_path / "old", 20), write_notes(tmp_path / "new", 20, "葡萄")
    feed(url, old)
    seen: list[tuple[int, int]] = []
    stop = threading.Event()

    def look() -> None:
        with open_index(url) as index:
            while not stop.is_set():
                found = [index.run(word).total for word in ("苹果", "葡萄", "苹果")]
                # Between two questions the index may change, but only once.
                seen.append((max(found[0], found[2]), found[1]))

    reader = threading.Thread(target=look)
    reader.start()
    feed(url, new, rebuild=True)
    time.sleep(0.5)
    stop.set()
    reader.join()
    assert set(seen) <= {(20, 0), (20, 20), (0, 20)}
    assert seen[0] == (20, 0)
    assert seen[-1] == (0, 20)
    with raw(url) as client:
        assert len(client.indices.get(index=f"{parse_location(url).name}-*")) == 1


def test_who_feeds_what_was_rebuilt_meanwhile_is_told(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 3)
    feed(url, notes)
    engine = OpenSearchEngine(url)
    with pytest.raises(ClusterError, match="rebuilt by somebody else"), engine.write():
        feed(url, notes, rebuild=True)
    engine.close()


def test_rebuilds_that_were_killed_are_swept_away(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = write_notes(tmp_path / "notes", 3)
    feed(url, notes)
    OpenSearchEngine(url, rebuild=True, shards=1, replicas=0).close()
    feed(url, notes, rebuild=True)
    with raw(url) as client:
        # Another feeder may still fill the one that has just been made.
        assert len(client.indices.get(index=f"{parse_location(url).name}-*")) == 2
        monkeypatch.setattr(keeping, "_GIVEN_UP_MS", -60_000)
        feed(url, notes, rebuild=True)
        assert len(client.indices.get(index=f"{parse_location(url).name}-*")) == 1


def test_words_of_a_file_go_with_the_index(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, words = write_notes(tmp_path / "notes", 3), tmp_path / "words.txt"
    words.write_text("梨树第 100000000\n", encoding="utf-8")
    feed(url, notes, userdict=str(words))
    # As on another machine, which has neither the file nor what was made of it.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with contextlib.closing(OpenSearchEngine(url)) as engine:
        assert engine.cut("梨树第一") == ["梨树第", "一"]
        assert engine.words()["梨树第"] == 3
    words.write_text("梨树\n", encoding="utf-8")
    with pytest.raises(IndexVersionError, match="other words"):
        feed(url, notes, userdict=str(words))


def test_a_mapping_takes_no_fields_of_others(url: str, tmp_path: Path) -> None:
    feed(url, write_notes(tmp_path / "notes", 1))
    with raw(url) as client, pytest.raises(Exception, match="strict_dynamic_mapping_exception"):
        client.index(index=parse_location(url).name, body={"colour": "red"})


def test_an_index_made_by_another_analyzer_is_not_searched(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ANALYZER", {"units": 0})
    feed(url, write_notes(tmp_path / "notes", 1))
    monkeypatch.undo()
    with pytest.raises(IndexVersionError, match="--rebuild"):
        open_index(url)
    assert feed(url, tmp_path / "notes", rebuild=True).pages == 1
    assert len(texts(url, "苹果")) == 1


def test_a_query_as_long_as_may_be_is_asked(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 2)
    text = "".join(f"第{number}句，" + chr(0x4E00 + number) * 3 for number in range(280))[:1990]
    (notes / "long.md").write_text(f"{text}\n", encoding="utf-8")
    feed(url, notes)
    for query in (f'"{text}"', text, text.replace("，", " ")):
        assert text in texts(url, query)


def block(url: str, blocked: bool) -> None:
    """Let an index take no changes, as a cluster does whose disks are full."""
    with raw(url) as client:
        setting = {"index.blocks.read_only_allow_delete": blocked or None}
        client.indices.put_settings(index=parse_location(url).name, body=setting)


def test_a_full_disk_is_waited_for(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 3)
    feed(url, notes)
    block(url, blocked=True)
    later = threading.Timer(2, block, (url, False))
    later.start()
    (notes / "n003.md").write_text("葡萄藤\n", encoding="utf-8")
    assert feed(url, notes).pages == 1
    later.join()
    assert texts(url, "葡萄") == ["葡萄藤"]


def test_a_disk_that_stays_full_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = write_notes(tmp_path / "notes", 3)
    feed(url, notes)
    block(url, blocked=True)
    monkeypatch.setattr(bulk, "_GIVEN_UP_DISK", 1.0)
    (notes / "n003.md").write_text("葡萄藤\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="its disks are full; free or add some"):
        feed(url, notes)
    assert len(texts(url, "苹果")) == 3


def test_a_disk_that_is_full_when_a_rebuild_begins_is_told(url: str, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes", 3)
    feed(url, notes)
    block(url, blocked=True)
    # What is there can still be searched.
    assert len(texts(url, "苹果")) == 3
    block(url, blocked=False)


class Refusing:
    """A cluster that refuses some operations, once each."""

    def __init__(self, statuses: Mapping[str, int]) -> None:
        self.statuses = dict(statuses)
        self.taken: list[str] = []

    def __call__(self, lines: bytes) -> Mapping[str, Any]:
        items = []
        for line in lines.decode().splitlines():
            status = self.statuses.pop(line, 200)
            if status == 200:
                self.taken.append(line)
            error = {"error": {"type": "rejected", "reason": "too much"}} if status >= 400 else {}
            items.append({"delete": {"status": status} | error})
        return {"errors": any("error" in item["delete"] for item in items), "items": items}


def sender(send: Any) -> BulkSender:
    return BulkSender(parse_location("opensearch://host/x"), send)


def test_what_is_refused_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE", 0.01)
    cluster = Refusing({'{"n":2}': 429, '{"n":5}': 503, '{"n":6}': 404})
    bulks = sender(cluster)
    for number in range(8):
        bulks.add({"n": number})
    bulks.wait()
    bulks.close()
    # What is to be deleted and is not there is gone.
    assert sorted(cluster.taken) == [f'{{"n":{n}}}' for n in (0, 1, 2, 3, 4, 5, 7)]


def test_what_is_wrong_is_not_sent_again() -> None:
    bulks = sender(Refusing({'{"n":2}': 400}))
    for number in range(4):
        bulks.add({"n": number})
    with pytest.raises(ClusterError, match="refuses a document: rejected: too much"):
        bulks.wait()
    bulks.close()


def test_a_cluster_that_goes_on_refusing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(bulk, "_GIVEN_UP", 0.05)

    def refuse(_: bytes) -> Mapping[str, Any]:
        raise ClusterError("x", "it is overloaded", is_passing=True)

    bulks = sender(refuse)
    bulks.add({"n": 1})
    with pytest.raises(ClusterError, match="goes on refusing documents"):
        bulks.wait()
    bulks.close()


def test_a_red_index_is_told_and_goes_on_when_its_node_is_back(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PAUSES", (0.2,))
    monkeypatch.setattr(asking, "PAUSES", (0.2,))
    engine = OpenSearchEngine(url, create=True, shards=3, replicas=0)
    with contextlib.closing(engine):
        index_files(engine, [str(write_notes(tmp_path / "notes", 6))])
    try:
        # Each node has one of the shards, and nobody has a copy.
        control("kill", "1")
        with pytest.raises(ClusterError, match="parts of the index") as error:
            texts(url, "苹果")
        assert "\n" not in str(error.value)
    finally:
        control("start")
    assert len(texts(url, "苹果")) == 6
