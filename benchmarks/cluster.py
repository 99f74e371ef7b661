"""An index on a cluster beside one in a folder: speed of feeding and of answers, and agreement.

    scripts/cluster start
    python -m benchmarks.cluster ../shared/relevance

Both are fed the same pages by the command and asked the same questions. DATA are judged questions
as for benchmarks.relevance, of which it is told how often the first ten results are the same.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import wenduan
from wenduan.searching import Index

from . import data, machine
from .relevance import Passage, Question, read_collections

RUNS = Path(__file__).resolve().parent / "runs"
_SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "cluster"


def control(*arguments: str) -> str:
    """Run scripts/cluster and give what it prints."""
    command = [sys.executable, str(_SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def feed(pages: Path, location: str) -> float:
    """Index pages by the command; gives the seconds."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "wenduan", "index", str(pages), "--index", location]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return time.perf_counter() - begin


def forget(location: str) -> None:
    """Delete an index of the cluster."""
    from wenduan.engines.opensearch.connection import connect, read_access
    from wenduan.engines.opensearch.location import parse_location

    place = parse_location(location)
    client = connect(place, read_access())
    client.indices.delete(index=f"{place.name}-*")
    client.close()


def measure_speed(location: str, folder: Path, count: int, number: int) -> dict[str, Any]:
    """Feed paragraphs to both and ask both `number` questions of each kind, in turns."""
    folder.mkdir()
    data.write(data.paragraphs(count), folder)
    texts = list(data.paragraphs(min(count, 50_000)))
    asked = data.questions(1, 2 * number, texts, data.real_questions())
    told: dict[str, Any] = {"paragraphs": count}
    places = {"cluster": location, "folder": str(folder / "index")}
    for name, place in places.items():
        told[name] = {"seconds": feed(folder / "pages", place)}
    opened = {name: wenduan.open_index(place) for name, place in places.items()}
    for kind, questions in (("questions", asked.natural), ("keywords", asked.keywords)):
        # The first half warms up.
        half = len(questions) // 2
        times: dict[str, list[float]] = {name: [] for name in opened}
        for at, question in enumerate(questions):
            for name, index in opened.items():
                begin = time.perf_counter()
                index.run(question, 10)
                if at >= half:
                    times[name].append(1000 * (time.perf_counter() - begin))
        for name, row in times.items():
            told[name][kind] = {
                "p50": statistics.median(row),
                "p99": sorted(row)[int(0.99 * len(row))],
                "asked": len(row),
            }
    from wenduan.engines.opensearch.engine import OpenSearchEngine

    engine = OpenSearchEngine(places["cluster"])
    told["cluster"]["bytes"] = engine.verify()
    engine.close()
    told["folder"]["bytes"] = sum(p.stat().st_size for p in (folder / "index").iterdir())
    told["text_bytes"] = sum(len(text.encode()) for text in data.paragraphs(count))
    for index in opened.values():
        index.close()
    return told


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
        f"# A cluster of three nodes beside a folder, {record['date']}, commit {record['commit']}",
        "",
        f"{speed['paragraphs']:,} paragraphs; three shards, a replica, one machine of two cores"
        " for nodes and client.",
        "",
        "| | paragraphs/s fed | question p50, ms | p99 | three keywords p50 | p99"
        " | bytes to text |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in ("cluster", "folder"):
        row = speed[name]
        cells = [name, f"{speed['paragraphs'] / row['seconds']:,.0f}"]
        for kind in ("questions", "keywords"):
            cells += [f"{row[kind]['p50']:.2f}", f"{row[kind]['p99']:.2f}"]
        cells.append(f"{row['bytes'] / speed['text_bytes']:.2f}")
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
    parser.add_argument("--asked", type=int, default=300, help="questions of each kind, for speed")
    parser.add_argument("--questions", type=int, help="of each judged set; else all")
    parser.add_argument("--sentences", action="store_true", help="among short distractors too")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where the record goes")
    options = parser.parse_args()
    about = machine.describe()
    base = control("start").rpartition("/")[0]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        used = [f"{base}/bench-{uuid.uuid4().hex[:8]}"]
        speed = measure_speed(used[0], work / "speed", options.paragraphs, options.asked)
        print(json.dumps(speed), file=sys.stderr)
        agreement = []
        collections = read_collections(options.data, options.questions)
        for at, judged in enumerate(islice(collections, None if options.sentences else 1)):
            used.append(f"{base}/bench-{uuid.uuid4().hex[:8]}")
            told = measure_agreement(used[-1], work / str(at), judged.passages, judged.questions)
            agreement.append({"collection": judged.name} | told)
            print(json.dumps(agreement[-1]), file=sys.stderr)
    for location in used:
        forget(location)
    record = about | {"speed": speed, "agreement": agreement}
    machine.write_record(options.runs, "cluster", record, render(record))


if __name__ == "__main__":
    main()
