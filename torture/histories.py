"""Random histories of a folder: after each run, the index equals one that is made anew."""

import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.indexing import index_files, known_files, look
from wenduan.printer import format_json
from wenduan.searching import Index

from .shelf import Shelf

_COUNTED = ("author", "kind", "month", "title", "tag", "site")
_SORTS = ("relevance", "votes", "date")
_FILTERS = (
    "title:*", "author:*", "votes:>3", "date:2020..2026", "kind:question", "has:reference",
    "tag:水果", "path:笔记", "-有 的", "的 | 是 | 香蕉", '"第"', "香* 苹*", "为什么猫不喝水",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """How many histories, steps, runs and comparisons there were, and what was wrong."""

    histories: int = 0
    steps: int = 0
    runs: int = 0
    stopped: int = 0
    queries: int = 0
    wrong: list[str] = field(default_factory=list)


class _StoppedError(Exception):
    """A run is stopped here."""


def run(folder: Path, count: int, steps: int, queries: int, seed: int) -> Tally:
    """Play so many histories, each of so many steps, asking so many queries after each run."""
    tally = Tally()
    for number in range(count):
        place = folder / str(number)
        try:
            _play(place, seed + number, steps, queries, tally)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        tally.histories += 1
    return tally


def _play(place: Path, seed: int, steps: int, queries: int, tally: Tally) -> None:
    shelf = Shelf(place, seed, pages=8)
    # Its dictionary is what takes time to make, for each of many fresh indexes.
    WhooshEngine(str(place / "empty"), create=True).close()
    shutil.copytree(place / "empty", place / "index")
    engine = WhooshEngine(str(place / "index"))
    try:
        for _ in range(steps):
            shelf.step()
            tally.steps += 1
            chance = shelf.rng.random()
            if chance < 0.15:
                tally.stopped += _stop(engine, shelf)
            elif chance < 0.65:
                index_files(engine, [str(shelf.root)])
                tally.runs += 1
                if wrong := _compare(engine, shelf, queries, tally):
                    tally.wrong.append(f"seed {seed}, {' '.join(shelf.done)}: {wrong}")
                    return
    finally:
        engine.close()


def _stop(engine: WhooshEngine, shelf: Shelf) -> bool:
    """Begin a run that is given up, or killed, after some files; tells whether it was."""
    after = shelf.rng.randrange(3)

    def give_up(done: int, total: int) -> None:
        if done > after:
            raise _StoppedError

    def die(done: int, total: int) -> None:
        if done > after:
            os.kill(os.getpid(), signal.SIGKILL)

    if shelf.rng.random() < 0.5 or not hasattr(os, "fork"):
        try:
            index_files(engine, [str(shelf.root)], give_up)
        except _StoppedError:
            return True
        return False
    child = os.fork()
    if not child:
        try:
            index_files(WhooshEngine(engine.location), [str(shelf.root)], die)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _compare(engine: WhooshEngine, shelf: Shelf, queries: int, tally: Tally) -> str | None:
    """What differs between an index and one made anew of the same folder."""
    known = known_files(engine)
    found = look(list(known), known)
    if stale := [*found.gone, *(state.path for state in found.changed)]:
        return f"another run is advised for {stale}"
    place = shelf.root.parent / "fresh"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(place.parent / "empty", place)
    fresh = WhooshEngine(str(place))
    try:
        index_files(fresh, [str(shelf.root)])
        if wrong := _differ("pages", _pages(engine), _pages(fresh)):
            return wrong
        rng = random.Random(tally.runs)
        asked = [next(_queries(rng, fresh)) for _ in range(queries)]
        for query, sort, grouped in asked:
            tally.queries += 1
            answers = [_answer(Index(one), query, sort, grouped) for one in (engine, fresh)]
            if wrong := _differ(f"{query!r} by {sort}, grouped {grouped}", *answers):
                return wrong
        return _differ("numbers", _numbers(engine), _numbers(fresh))
    finally:
        fresh.close()


def _differ(what: str, here: Any, there: Any) -> str | None:
    if here == there:
        return None
    if isinstance(here, list) and isinstance(there, list):
        more = [row for row in here if row not in there], [row for row in there if row not in here]
        return f"{what}: only here {more[0]}, only in a fresh one {more[1]}"[:2_000]
    return f"{what}: here {here}, in a fresh one {there}"[:4_000]


def _pages(engine: WhooshEngine) -> list[str]:
    """All that an index has of each page, but for what tells one reading from another."""
    rows = []
    for file in engine.files():
        state = asdict(file) | {"page": "", "mtime_ns": 0}
        state["facts"] = {name: row for name, row in file.facts.items() if name != "ctime_ns"}
        entries = [asdict(entry) for entry in engine.entries(file.page)]
        rows.append(json.dumps([state, entries], ensure_ascii=False, sort_keys=True))
    return sorted(rows)


def _numbers(engine: WhooshEngine) -> Any:
    counts = {what: sorted(engine.count(what).items()) for what in _COUNTED}
    return [counts, asdict(Index(engine).stats())]


def _answer(index: Index, query: str, sort: str, grouped: bool) -> Any:
    """The JSON of an answer, and the advice where there is none, without the time it took."""
    results = index.run(query, 30, sort=sort, grouped=grouped)
    found = json.loads(format_json(results))
    del found["took_ms"]
    advice = None if results.hits else asdict(index.advise(query))
    return [found, advice]


def _queries(rng: random.Random, engine: WhooshEngine) -> Iterator[tuple[str, str, bool]]:
    """Queries of what pages say, in the ways that people ask."""
    files = sorted(engine.files(), key=lambda file: file.path)
    while True:
        text = "香蕉 苹果"
        if files:
            entry = rng.choice(engine.entries(rng.choice(files).page))
            begin = rng.randrange(max(len(entry.text) - 2, 1))
            text = " ".join(entry.text[begin : begin + rng.randint(2, 9)].split()) or text
        plain = "".join(char if char.isalnum() else " " for char in text).strip() or "香蕉"
        shapes = [f'"{plain}"', plain, f"{plain} 是什么", f"{plain} | 苹果", f"香蕉 -{plain[0]}"]
        query = rng.choice([*shapes, f"{plain[0]}*", f"{plain}没有的词", rng.choice(_FILTERS)])
        yield query, rng.choice(_SORTS), rng.random() < 0.7
