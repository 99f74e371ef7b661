"""Nodes of a cluster are killed or stopped one at a time, while it is fed and searched."""

import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from wenduan.engines.opensearch.engine import OpenSearchEngine
from wenduan.errors import WenduanError
from wenduan.indexing import index_files
from wenduan.searching import Index

from .cluster import control, new_location, start
from .library import WORDS, Answers, Library, answer, expected

_NODES = (1, 2, 3)
# Seconds that a node does nothing.
_PAUSE = 20


@dataclass(slots=True)
class Tally:
    """What was done, the slowest search in seconds, and what went wrong."""

    kills: int = 0
    pauses: int = 0
    feeds: int = 0
    searches: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def run(folder: Path, kills: int, pauses: int, seed: int, pages: int = 600) -> Tally:
    """Kill nodes in turn, each started again before the next; then stop some for a while."""
    rng, tally = random.Random(seed), Tally()
    with new_location(start()) as known, new_location(start()) as fed:
        small = Library(folder / "known", seed)
        engine = OpenSearchEngine(known, create=True)
        index_files(engine, [str(small.pages)])
        engine.close()
        large = Library(folder / "fed", seed + 1, pages=pages)
        stop = threading.Event()
        readers = [
            threading.Thread(target=_search, args=(known, expected(small.texts), stop, tally)),
            threading.Thread(target=_feed, args=(large, fed, stop, tally)),
        ]
        for reader in readers:
            reader.start()
        try:
            for kill in range(kills):
                time.sleep(rng.uniform(1.0, 5.0))
                control("kill", str(_NODES[kill % len(_NODES)]))
                tally.kills += 1
                time.sleep(rng.uniform(1.0, 8.0))
                control("start")
            for pause in range(pauses):
                # It holds its connections, and answers nobody.
                node = str(_NODES[pause % len(_NODES)])
                control("pause", node)
                time.sleep(_PAUSE)
                control("resume", node)
                tally.pauses += 1
                control("start")
        finally:
            stop.set()
            for reader in readers:
                reader.join()
            # All must be there to delete the indices.
            start()
    return tally


def _search(url: str, right: Answers, stop: threading.Event, tally: Tally) -> None:
    """Search for each word in turn; every answer must be there, and right."""
    index, at = Index(OpenSearchEngine(url)), 0
    while not stop.is_set():
        word, begin = WORDS[at % len(WORDS)], time.monotonic()
        try:
            if answer(index, [word])[word] != right[word]:
                tally.wrong.append(f"another answer to {word}")
        except WenduanError as error:
            tally.wrong.append(f"a search ended with: {error}")
        tally.slowest = max(tally.slowest, time.monotonic() - begin)
        tally.searches += 1
        at += 1
    index.close()


def _feed(library: Library, url: str, stop: threading.Event, tally: Tally) -> None:
    """Feed all pages by the command, over and over; each time all of them must be found."""
    command = [sys.executable, "-m", "wenduan", "index", str(library.pages), "--index", url]
    right = expected(library.texts)
    while not stop.is_set():
        again = ["--rebuild"] if tally.feeds else []
        done = subprocess.run([*command, *again], capture_output=True, text=True, check=False)
        tally.feeds += 1
        if done.returncode:
            tally.wrong.append(f"feeding ended with {done.returncode}: {done.stderr[-300:]}")
            continue
        try:
            index = Index(OpenSearchEngine(url))
            lost = {word for word, rows in answer(index).items() if rows != right[word]}
            index.close()
        except WenduanError as error:
            tally.wrong.append(f"after feeding: {error}")
            continue
        tally.wrong += [f"after feeding, another answer to {word}" for word in sorted(lost)]
