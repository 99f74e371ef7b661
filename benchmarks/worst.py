"""The slowest searches that files and queries made to be slow can cause, one table for each.

python -m benchmarks.worst inputs                 # files of a megabyte to ten; three minutes
python -m benchmarks.worst queries INDEX          # hard queries to an index of your own
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import wenduan
from wenduan.engines.opening import open_engine
from wenduan.indexing import index_files

from .machine import describe, write_record

_RUNS = Path(__file__).parent / "runs"
_MEGABYTE = 1 << 20
_WIDE = "的一是在不有人这中大来上个国和也子时道说出得里后"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _log(size: int) -> str:
    line = "2024-01-01 12:00:00 INFO server answered request {} with error 500 in 3 ms\n"
    return "".join(line.format(n) for n in range(size // len(line)))


# What a file of so many bytes holds, by a name; and its suffix.
INPUTS: dict[str, Callable[[int], str]] = {
    "a log without blank lines": _log,
    "one word": lambda size: "hello " * (size // 6),
    "one token": lambda size: "a" * size,
    "digits": lambda size: "1234567890" * (size // 10),
    "base64": lambda size: "aB+9/x" * (size // 6),
    "one Han character": lambda size: "的" * (size // 3),
    "emoji": lambda size: "👨\u200d👩\u200d👧" * (size // 18),
    "combining marks": lambda size: "e" + "\u0301" * (size // 2),
    "full stops": lambda size: "。" * (size // 3),
    "signs that are written out": lambda size: "㍿" * (size // 3),
    "one sentence without end": lambda size: "为什么人工智能企业烧钱" * (size // 33),
    "paragraphs of one character": lambda size: "人\n\n" * (size // 5),
    "the same paragraph": lambda size: "人工智能企业烧钱是烧钱。\n\n" * (size // 38),
    "a title": lambda size: f"---\ntitle: {'标题 a ' * (size // 9)}\n---\n\n标题正文\n",
    "headings": lambda size: f"# {'标题 a ' * (size // 9)}\n\n标题正文\n",
    "an author": lambda size: f"---\nauthor: {'作者 a ' * (size // 9)}\n---\n\n作者正文\n",
    "references": lambda size: (
        "".join(f"句{n}[^{n}]" for n in range(size // 40))
        + "".join(f"\n\n[^{n}]: https://example.com/{n}" for n in range(size // 40))
    ),
}
# What is asked of each of them.
ASKED = (
    "hello", "server error", '"error 500 in"', "的", "人", "a*", "1*", "e",
    "为什么人工智能企业烧钱", '"人工智能企业烧钱是烧钱"', "标题", "作者 OR 句", '"。。。"', "-的",
    "author:作", "title:标题 a", "kind:article", "人 的 a", "什么是人工智能 hello 1 server", "👨",
    "株式会社", "e\u0301", '"的的的的"', "aaaa", "zzzz 的", "has:reference 句",
)  # fmt: skip


def hard_queries(words: list[str], rng: random.Random) -> dict[str, str]:
    """Queries of up to 2,000 characters that ask for as much as they can, by what they are."""
    pick = [word for word in words if len(word) > 1] or list(_WIDE)
    runs = ["".join(rng.sample(_WIDE, 3)) for _ in range(400)]
    queries = {
        "one beginning": "1*",
        "ten beginnings": " ".join(f"{n}*" for n in range(10)),
        "26 beginnings": " ".join(f"{char}*" for char in _LETTERS),
        "26 beginnings, any": " | ".join(f"{char}*" for char in _LETTERS),
        "beginnings of two letters": " | ".join(
            "".join(pair) + "*" for pair in product(_LETTERS, repeat=2)
        ),
        "rows with beginnings": " | ".join(f"{char}1*" for char in _WIDE * 10),
        "quotations of frequent characters": " | ".join(f'"{run}"' for run in runs),
        "quotations with gaps": " | ".join(f'"{"，".join(run)}"' for run in runs),
        "excluded quotations": "的 " + " ".join(f'-"{run}"' for run in runs),
        "quoted characters": " | ".join(f'"{char}"' for char in dict.fromkeys("".join(pick))),
        "quoted numbers": " | ".join(f'"{n} {m}"' for n in range(20) for m in range(20)),
        "punctuation": " | ".join(f'"{a}{b}"' for a, b in product("，。！？、；", repeat=2)),
        "a question": "为什么" + "".join(rng.choices(pick, k=1_000)),
        "all of many words": " ".join(rng.choices(pick, k=600)),
        "any of many words": " | ".join(rng.choices(pick, k=600)),
        "without many words": " ".join(f"-{word}" for word in rng.choices(pick, k=600)),
        "titles": " | ".join(f"title:{char}" for char in dict.fromkeys("".join(pick))),
        "authors": " ".join(f"-author:{a}{b}" for a, b in product(_WIDE[:14], repeat=2)),
        "everything but": "-zzzz",
        "letters that stand nowhere": "xiangganggang",
        "nothing": "魑魅魍魉囗囗",
        "parentheses": "(" * 50 + "的" + ")" * 50,
    }
    return {name: query[:2_000] for name, query in queries.items()}


def measure(
    index: wenduan.Index, queries: dict[str, str], times: int = 3
) -> Iterator[dict[str, Any]]:
    """Ask each query some times; the median counts, of the processor's time, not the clock's."""
    for name, query in queries.items():
        spent, found = [], None
        for _ in range(times):
            begin = time.process_time()
            found = index.run(query, 10)
            if not found.total:
                index.advise(query)
            spent.append((time.process_time() - begin) * 1000)
        assert found is not None
        row = {"name": name, "ms": statistics.median(spent), "first_ms": spent[0]}
        yield row | {"total": found.total, "partial": found.partial}


def measure_inputs(size: int) -> Iterator[dict[str, Any]]:
    """The slowest query to an index of each input alone, and how long it took to index."""
    for name, make in INPUTS.items():
        with tempfile.TemporaryDirectory() as temporary:
            page = Path(temporary) / "page.md"
            page.write_text(make(size), encoding="utf-8")
            engine = open_engine(f"{temporary}/index", create=True)
            begin = time.process_time()
            report = index_files(engine, [str(page)])
            seconds = time.process_time() - begin
            with wenduan.Index(engine) as index:
                rows = list(measure(index, {query: query for query in ASKED}))
        worst = max(rows, key=lambda row: float(row["ms"]))
        told = {"input": name, "seconds": seconds, "paragraphs": report.paragraphs}
        yield worst | told | {"query": worst["name"]}


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    lines = [f"| {' | '.join(columns)} |", "|" + " --- |" * len(columns)]
    for row in rows:
        cells = (
            f"{row[name]:,.1f}" if isinstance(row[name], float) else str(row[name])
            for name in columns
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|")[:60] for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print a table, and keep the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["inputs", "queries"])
    parser.add_argument("index", nargs="?", help="of queries: the index that is asked")
    parser.add_argument("--size", type=int, default=_MEGABYTE, help="bytes of each input")
    options = parser.parse_args()
    loops = os.environ.get("WENDUAN_LOOPS", "compiled")
    record: dict[str, Any] = describe() | {"loops": loops}
    if options.what == "inputs":
        rows = list(measure_inputs(options.size))
        columns = ("input", "paragraphs", "seconds", "query", "ms", "first_ms", "total", "partial")
        record["size"] = options.size
    else:
        if options.index is None:
            sys.exit("which index? python -m benchmarks.worst queries INDEX")
        with wenduan.open_index(options.index) as index:
            words = [word for word, _ in index._engine.words().most_common(2_000)]
            queries = hard_queries([w for w in words if w > "一"], random.Random(1))
            record["paragraphs"] = index.stats().paragraphs
            rows = list(measure(index, queries))
        columns = ("name", "ms", "first_ms", "total", "partial")
    record["rows"] = json.loads(json.dumps(rows))
    head = (
        f"# Worst {options.what}, loops: {loops}\n\nMedian of three, of the processor's time.\n\n"
    )
    write_record(_RUNS, f"worst-{options.what}-{loops}", record, head + _table(rows, columns))


if __name__ == "__main__":
    main()
