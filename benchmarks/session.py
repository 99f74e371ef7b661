"""What each engine's own process does: build an index, or answer all questions and tell the times.

Each engine is a module with `build` and a class with `ask`; it runs alone in its process, so that
no other engine's memory or warmth counts for it.
"""

import argparse
import gc
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from . import words


class Searcher(Protocol):
    """An open index that answers questions."""

    def ask(self, question: str, every_word: bool) -> tuple[list[Any], int | None]:
        """Give ten finished hits, and how many paragraphs match where the engine tells."""


def run(
    build: Callable[[Path, Path], None],
    open_searcher: Callable[[Path], Searcher],
    cuts_itself: bool = False,
) -> None:
    """Do what the command line says, and print what came out as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["build", "query"])
    parser.add_argument("work", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--budget", type=float, default=300, help="seconds for each kind")
    options = parser.parse_args()
    if options.action == "build":
        build(options.work, options.index)
        print("{}")
        return
    if not cuts_itself:
        words.load()
    asked = json.loads((options.work / "questions.json").read_text("utf-8"))
    searcher = open_searcher(options.index)
    found = {
        kind: _ask_all(searcher, asked[kind], kind == "keywords", options.budget)
        for kind in ("natural", "keywords")
    }
    print(json.dumps({**found, "memory": _memory()}))


def texts_of(work: Path) -> Iterator[str]:
    """All paragraphs, one at a time."""
    with (work / "paragraphs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _ask_all(
    searcher: Searcher, questions: list[str], every_word: bool, budget: float
) -> dict[str, Any]:
    """Warm up with the first half of the questions, then ask each of the others once."""
    half = len(questions) // 2
    _ask_until(searcher, questions[:half], every_word, time.perf_counter() + budget / 2)
    # What loading left behind is no part of any question.
    gc.collect()
    return _ask_until(searcher, questions[half:], every_word, time.perf_counter() + budget)


def _ask_until(
    searcher: Searcher, questions: list[str], every_word: bool, end: float
) -> dict[str, Any]:
    """Ask until the time is up; a slow engine answers fewer questions, which the report tells."""
    times, hits, totals = [], [], []
    for question in questions:
        begin = time.perf_counter()
        found, total = searcher.ask(question, every_word)
        now = time.perf_counter()
        times.append((now - begin) * 1000)
        hits.append(len(found))
        totals.append(total)
        if now > end:
            break
    return {"ms": times, "hits": hits, "totals": totals}


def _memory() -> dict[str, float]:
    """Resident memory of this process now and at most, in megabytes."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    return {
        name: int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024
        for name, field in (("now", "VmRSS"), ("peak", "VmHWM"))
    }
