"""Measure all engines at all sizes, one process after another, and write down what came out."""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import machine, report
from .process import CommandFailedError, measure

RUNS = Path(__file__).resolve().parent / "runs"

OURS, STOCK, TANTIVY = "wenduan", "Whoosh + jieba", "tantivy"
# Name in tables -> module, and whose index it reads if not its own.
ENGINES = {
    OURS: ("ours", None),
    STOCK: ("stock", None),
    "SQLite FTS5": ("fts5", None),
    TANTIVY: ("tantivy_engine", None),
    "tantivy, no count": ("tantivy_uncounted", "tantivy_engine"),
    "bm25s": ("bm25s_engine", None),
}
# Beyond this, stock Whoosh would take most of the time of a run.
_STOCK_MOST = 50_000
_COLD_PAIRS = 15
_BARE = [sys.executable, "-c", "import click, numpy, whoosh.index"]

Row = dict[str, Any]


def measure_size(count: int, options: argparse.Namespace) -> Row:
    """Measure all engines with so many paragraphs."""
    work = options.work / str(count)
    _say(f"{count:,} paragraphs: data")
    _make_data(work, count, options)
    texts, size = _count_texts(work)
    row: Row = {"paragraphs": texts, "text_bytes": size, "engines": {}, "failed": {}}
    for name, (module, _) in ENGINES.items():
        if options.engines and module not in options.engines:
            continue
        if name == STOCK and texts > _STOCK_MOST:
            continue
        with _kept_going(row, name):
            row["engines"][name] = _measure_engine(name, work, row, options.budget)
    if OURS in row["engines"]:
        for part, measured in _OWN_PARTS.items():
            if part == "jieba_build" and texts > _STOCK_MOST:
                # It is held against stock Whoosh.
                continue
            _say(f"{OURS}: {part}")
            with _kept_going(row, part):
                row[part] = measured(work, row)
    return row


@contextmanager
def _kept_going(row: Row, name: str) -> Iterator[None]:
    """Note a failure, and go on: an hour of figures shall not be lost by one engine."""
    try:
        yield
    except CommandFailedError as error:
        _say(f"{name} failed: {error}")
        row["failed"][name] = str(error).strip().splitlines()[-1]


def _make_data(work: Path, count: int, options: argparse.Namespace) -> None:
    """Make the data in a process of its own, so that this one stays small.

    The kernel notes for a new process the memory of the one that started it, if that had more.
    """
    wanted = [str(count), str(options.drawn_from), str(options.questions), str(options.seed)]
    made = work / "made.json"
    if made.exists() and json.loads(made.read_text()) == wanted and not options.data:
        return
    shutil.rmtree(work, ignore_errors=True)
    names = ("--count", "--drawn-from", "--questions", "--seed")
    named = [part for pair in zip(names, wanted, strict=True) for part in pair]
    given = ["--data", str(options.data)] if options.data else []
    command = [sys.executable, "-m", "benchmarks.data", str(work), *named, *given]
    measure(command, sampled=False)
    made.write_text(json.dumps(wanted))


def _count_texts(work: Path) -> tuple[int, int]:
    """How many paragraphs there are, and their bytes in UTF-8."""
    number = size = 0
    with (work / "paragraphs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            number += 1
            size += len(json.loads(line)["text"].encode())
    return number, size


def _measure_engine(name: str, work: Path, row: Row, budget: float) -> Row:
    module, lender = ENGINES[name]
    index = work / "index" / (lender or module)
    found: Row = {}
    if lender is None:
        _say(f"{name}: build")
        found["build"] = _build(module, work, index, row["paragraphs"])
        files = [path for path in index.rglob("*") if path.is_file()]
        found["files"] = len(files)
        found["index_bytes"] = sum(path.stat().st_size for path in files)
    _say(f"{name}: questions")
    command = [sys.executable, "-m", f"benchmarks.{module}", "query", str(work), str(index)]
    answers = json.loads(measure([*command, "--budget", str(budget)], sampled=False).output)
    found["memory_mb"] = answers["memory"]
    for kind in ("natural", "keywords"):
        found[kind] = _summary(answers[kind])
    return found


def _build(
    module: str, work: Path, index: Path, texts: int, environment: dict[str, str] | None = None
) -> Row:
    shutil.rmtree(index, ignore_errors=True)
    index.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", f"benchmarks.{module}", "build", str(work), str(index)]
    if module == "ours":
        command = _index_command(work, index)
    done = measure(command, environment)
    return {"seconds": done.seconds, "rate": texts / done.seconds, "peak_mb": done.peak_mb}


def _index_command(work: Path, index: Path) -> list[str]:
    return [sys.executable, "-m", "wenduan", "index", str(work / "pages"), "--index", str(index)]


def _summary(answers: Row) -> Row:
    times = sorted(answers["ms"])
    totals = [total for total in answers["totals"] if total is not None]
    return {
        "asked": len(times),
        "p50": statistics.median(times),
        "p99": times[min(len(times) - 1, round(0.99 * (len(times) - 1)))],
        "mean_total": statistics.fmean(totals) if totals else None,
        "without_hits": answers["hits"].count(0),
    }


def _reading() -> Row | None:
    """Read pages of all shapes, in a process of its own; None where that fails."""
    _say("reading")
    try:
        done = measure([sys.executable, "-m", "benchmarks.reading"])
    except CommandFailedError as error:
        _say(f"reading failed: {error}")
        return None
    found: Row = json.loads(done.output)
    return found | {"peak_mb": done.peak_mb}


def _jieba_build(work: Path, row: Row) -> Row:
    """Index as where the compiled segmenter cannot be installed."""
    index = work / "index" / "ours-jieba"
    built = _build("ours", work, index, row["paragraphs"], {"WENDUAN_SEGMENTER": "jieba"})
    shutil.rmtree(index)
    return built


def _cold(work: Path, row: Row) -> Row:
    """The whole command, in turns with a Python that only loads what it stands on."""
    asked = json.loads((work / "questions.json").read_text("utf-8"))["natural"]
    index = str(work / "index" / "ours")
    ours, bare = [], []
    for pair in range(_COLD_PAIRS + 1):
        question = asked[pair % len(asked)]
        command = [sys.executable, "-m", "wenduan", "search", question, "--index", index]
        ours.append(measure(command, sampled=False))
        bare.append(measure(_BARE, sampled=False))
    # The first pair only warms up the file cache.
    seconds = [statistics.median(run.seconds for run in runs[1:]) for runs in (ours, bare)]
    return {
        "ms": seconds[0] * 1000,
        "bare_ms": seconds[1] * 1000,
        "ratio": seconds[0] / seconds[1],
        "peak_mb": max(run.own_mb for run in ours),
        "bare_peak_mb": max(run.own_mb for run in bare),
    }


def _incremental(work: Path, row: Row) -> Row:
    """Change one page and index again, three times; the pages are then as they were."""
    pages = sorted((work / "pages").rglob("*.md"))
    index = work / "index" / "ours"
    runs = []
    for page in (pages[0], pages[len(pages) // 2], pages[-1]):
        before = page.read_bytes()
        page.write_bytes(before + "\n后来又加了这一段。\n".encode())
        try:
            runs.append(measure(_index_command(work, index)))
        finally:
            page.write_bytes(before)
    return {
        "seconds": statistics.median(run.seconds for run in runs),
        # One of the runs may have to merge what the others left.
        "most_seconds": max(run.seconds for run in runs),
        "peak_mb": max(run.peak_mb for run in runs),
        "files": sum(path.is_file() for path in index.rglob("*")),
    }


# The last one leaves an index that no longer fits the pages.
_OWN_PARTS: dict[str, Callable[[Path, Row], Row]] = {
    "jieba_build": _jieba_build,
    "cold": _cold,
    "incremental": _incremental,
}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _write(record: Row, folder: Path) -> None:
    """Write the record as JSON, as tables, and as plots."""
    # Only now: it is large, and see _make_data for what a large process does to figures.
    from . import plots

    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{record['date']}-{record['commit']}"
    tables = report.render(record)
    text = json.dumps(record, ensure_ascii=False, indent=1)
    (folder / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
    drawn = plots.draw(record, folder, stem)
    images = "".join(f"\n![{title}]({file})\n" for title, file in drawn.items())
    (folder / f"{stem}.md").write_text(tables + images, encoding="utf-8")
    print(tables)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,50000,100000", help="paragraphs, with commas")
    parser.add_argument("--full", action="store_true", help="1,000,000 paragraphs too")
    parser.add_argument("--data", type=Path, help="folder of text, or JSON lines, instead")
    parser.add_argument("--work", type=Path, help="keep data and indexes here")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where the record goes")
    parser.add_argument("--engines", type=lambda text: text.split(","), help="modules, with commas")
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    parser.add_argument("--budget", type=float, default=300, help="seconds for a kind of question")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Measure, and write what came out."""
    options = _options()
    sizes = sorted({int(size) for size in options.sizes.split(",")})
    sizes += [1_000_000] * (options.full and 1_000_000 not in sizes)
    # Keywords come from what all sizes hold, so that each size is asked the same.
    options.drawn_from = sizes[0]
    # Taken at the start: a commit made meanwhile is not what was measured.
    about, state = machine.describe(), machine.code_state()
    with tempfile.TemporaryDirectory() as temporary:
        options.work = options.work or Path(temporary)
        reading = _reading()
        rows = [measure_size(size, options) for size in sizes]
    about |= {"seed": options.seed, "data": "given" if options.data else "made"}
    moved = machine.code_state() != state
    record = {**about, "code_moved": moved, "reading": reading, "sizes": rows}
    _write(record, options.runs)


if __name__ == "__main__":
    main()
