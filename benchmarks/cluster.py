"""An index on a cluster beside one in a folder and a plain one: speed, and agreement.

    scripts/cluster start
    python -m benchmarks.cluster ../shared/relevance

All are fed the same paragraphs and asked the same questions in turns; the plain one is OpenSearch
as it is wired by hand, see plain_cluster. DATA are judged questions as for benchmarks.relevance, of
which it is told how often the first ten results of cluster and folder are the same.

Nodes that have just started get quicker over some two thousand questions, see docs/scale.md.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any

from torture.cluster import new_location, start

import wenduan
from wenduan.engines.opensearch.engine import OpenSearchEngine
from wenduan.indexing import index_files
from wenduan.searching import Index

from . import data, machine
from .plain_cluster import PlainIndex, make_document
from .relevance import Passage, Question, read_collections

# Questions that an engine is asked before it is the next one's turn.
_TURN = 50
RUNS = Path(__file__).resolve().parent / "runs"


def feed(pages: Path, location: str) -> float:
    """Index pages by the command; gives the seconds."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "wenduan", "index", str(pages), "--index", location]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return time.perf_counter() - begin


def feed_made(pages: Path, location: str) -> float:
    """Index documents that have been made of pages before; gives the seconds."""
    engine = OpenSearchEngine(location, create=True)
    send, requests = engine._index.bulk, []

    def keep(lines: bytes) -> dict[str, Any]:
        requests.append(lines)
        return {"errors": False}

    engine._index.bulk = keep  # type: ignore[method-assign]
    index_files(engine, [str(pages)])
    begin = time.perf_counter()
    with ThreadPoolExecutor(3) as pool:
        assert not any(answer["errors"] for answer in pool.map(send, requests))
    engine._index.settle()
    engine.close()
    return time.perf_counter() - begin


def measure_speed(base: str, folder: Path, count: int, number: int) -> dict[str, Any]:
    """Feed paragraphs to a plain index, a cluster and a folder, and ask them in turns."""
    folder.mkdir()
    data.write(data.paragraphs(count), folder)
    texts, pages = list(data.paragraphs(count)), folder / "pages"
    begin = time.perf_counter()
    documents = list(map(make_document, texts))
    making = time.perf_counter() - begin
    told: dict[str, Any] = {"paragraphs": count, "plain": {}, "cluster": {}, "folder": {}}
    told["text_bytes"] = sum(len(text.encode()) for text in texts)
    # The first time warms the nodes.
    for is_last in (False, True):
        with ExitStack() as stack:
            plain_url, made, location = (stack.enter_context(new_location(base)) for _ in range(3))
            plain = PlainIndex(plain_url)
            stack.callback(plain.close)
            seconds = plain.feed(documents)
            told["plain"] |= {"made": count / seconds, "fed": count / (seconds + making)}
            told["cluster"]["made"] = count / feed_made(pages, made)
            told["cluster"]["fed"] = count / feed(pages, location)
            if is_last:
                told["cluster"] |= wait_for_merging(location)
                told["folder"]["fed"] = count / feed(pages, str(folder / "index"))
                questions = data.questions(1, 3 * number, texts[:50_000], data.real_questions())
                measure_answers(told, plain, location, folder / "index", questions)
    return told


def wait_for_merging(location: str) -> dict[str, int]:
    """Wait until the nodes have joined an index's segments; gives its bytes then."""
    with closing(OpenSearchEngine(location)) as engine:
        while engine._client.tasks.list(params={"actions": "indices:admin/forcemerge*"})["nodes"]:
            time.sleep(0.2)
        engine._index.settle()
        return {"bytes": engine.verify()}


def measure_answers(
    told: dict[str, Any], plain: PlainIndex, location: str, index: Path, asked: data.Questions
) -> None:
    """How long each takes to answer, and how large it is."""
    told["folder"]["bytes"] = sum(file.stat().st_size for file in index.iterdir())
    with wenduan.open_index(location) as one, wenduan.open_index(index) as other:
        ask = {"plain": plain.ask, "cluster": one.run, "folder": other.run}
        for kind, questions in (("questions", asked.natural), ("keywords", asked.keywords)):
            in_turns = 2 * len(questions) // 3
            for name, row in _time(ask, questions[:in_turns]).items():
                told[name][kind] = row
            for name, search in ask.items():
                # As who has one engine asks it: nobody else keeps the processors busy.
                alone = _summed([_milliseconds(search, q) for q in questions[in_turns:]])
                told[name][kind]["alone"] = alone


def _time(ask: dict[str, Callable[[str], Any]], questions: Sequence[str]) -> dict[str, Any]:
    """Milliseconds of each, which take turns; the first half of the questions warms up.

    A turn is many questions: who asks one engine is not slowed down by the caches of another.
    """
    times: dict[str, list[float]] = {name: [] for name in ask}
    for first in range(0, len(questions), _TURN):
        for name, search in ask.items():
            times[name] += [_milliseconds(search, q) for q in questions[first : first + _TURN]]
    return {name: _summed(row[len(row) // 2 :]) for name, row in times.items()}


def _milliseconds(search: Callable[[str], Any], question: str) -> float:
    begin = time.perf_counter()
    search(question)
    return 1000 * (time.perf_counter() - begin)


def _summed(times: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(times)
    p99 = ordered[int(0.99 * len(ordered))]
    return {"p50": statistics.median(ordered), "p99": p99, "asked": len(ordered)}


def measure_agreement(
    location: str, folder: Path, passages: Sequence[Passage], questions: Sequence[Question]
) -> dict[str, Any]:
    """How often both engines give the same first ten results, and the same number of matches."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for passage in passages:
        head = f"---\ntitle: {json.dumps(passage.title, ensure_ascii=False)}\n---\n\n"
        text = (head if passage.title else "") + passage.text + "\n"
        (pages / f"{passage.id}.md").write_text(text, encoding="utf-8")
    places = [str(folder / "index"), location]
    for place in places:
        feed(pages, place)
    one, other = map(wenduan.open_index, places)
    same = totals = shared = 0.0
    for question in questions:
        first, second = _asked(one, question.text), _asked(other, question.text)
        same += first[1] == second[1]
        totals += first[0] == second[0]
        shared += len({*first[1]} & {*second[1]}) / max(len(first[1]), 1)
    count = len(questions)
    return {
        "pages": len(passages),
        "questions": count,
        "same_ten": same / count,
        "shared_of_ten": shared / count,
        "same_total": totals / count,
    }


def _asked(index: Index, question: str) -> tuple[int, list[str]]:
    found = index.run(question, 10)
    return found.total, [hit.path for hit in found.hits]


def render(record: dict[str, Any]) -> str:
    """Give the record as tables in Markdown."""
    speed = record["speed"]
    lines = [
        f"# A cluster of three nodes, {record['date']}, commit {record['commit']}",
        "",
        f"{speed['paragraphs']:,} paragraphs; three shards, a replica, one machine of two cores"
        " for nodes and client. The plain index is OpenSearch as it is wired by hand"
        " (benchmarks/plain_cluster.py): nothing asks there for segments to be joined, as wenduan"
        f" does after a large change. Each is asked in turns of {_TURN} questions, as many to warm"
        " up as are counted,"
        " and then alone, always questions that it has not been asked before.",
        "",
        "| | paragraphs/s, documents made before | pages, by the command | question p50, ms | p99"
        " | alone | three keywords p50 | p99 | alone | bytes to text |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in ("plain", "cluster", "folder"):
        row = speed[name]
        cells = [name, *(f"{row[part]:,.0f}" if part in row else "" for part in ("made", "fed"))]
        for kind in ("questions", "keywords"):
            times = row[kind]["p50"], row[kind]["p99"], row[kind]["alone"]["p50"]
            cells += [f"{value:.2f}" for value in times]
        cells.append(f"{row['bytes'] / speed['text_bytes']:.2f}" if "bytes" in row else "")
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "| collection | pages | questions | same ten, same order | shared of ten | same total |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in record["agreement"]:
        shares = [f"{row[name]:.2%}" for name in ("same_ten", "shared_of_ten", "same_total")]
        cells = [row["collection"], f"{row['pages']:,}", f"{row['questions']:,}", *shares]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--paragraphs", type=int, default=50_000)
    parser.add_argument("--asked", type=int, default=600, help="questions of each kind, for speed")
    parser.add_argument("--questions", type=int, help="of each judged set; else all")
    parser.add_argument("--sentences", action="store_true", help="among short distractors too")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where the record goes")
    options = parser.parse_args()
    about = machine.describe()
    base = start()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        speed = measure_speed(base, work / "speed", options.paragraphs, options.asked)
        print(json.dumps(speed), file=sys.stderr)
        agreement = []
        collections = read_collections(options.data, options.questions)
        for at, judged in enumerate(islice(collections, None if options.sentences else 1)):
            with new_location(base) as location:
                pages = judged.passages
                told = measure_agreement(location, work / str(at), pages, judged.questions)
            agreement.append({"collection": judged.name} | told)
            print(json.dumps(agreement[-1]), file=sys.stderr)
    record = about | {"speed": speed, "agreement": agreement}
    machine.write_record(options.runs, "cluster", record, render(record))


if __name__ == "__main__":
    main()
