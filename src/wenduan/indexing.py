"""Files + engine -> IndexReport: reads what is new or changed, and writes it in one change."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from .engines import Engine, IndexedFile, Writer
from .feeding import Fed, feed, file_of
from .parallel import split_work, start_second
from .scanner import FileState, Scan, scan

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class IndexReport(Fed):
    """What one run of indexing did; `skipped` are the files that could not be read."""

    changed: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    seconds: float = 0.0


def index_files(
    engine: Engine,
    paths: Sequence[str],
    progress: Progress | None = None,
    *,
    follow_links: bool = False,
) -> IndexReport:
    """Bring the index up to date with the files below `paths`.

    `progress` is told how many of how many files are read; `follow_links` follows symbolic links
    out of `paths` too. Raises IndexLockedError where another
    process is writing, WenduanError for a path that does not exist.
    """
    begin = time.perf_counter()
    report = IndexReport()
    with engine.write() as writer:
        known = known_files(engine)
        found = look(paths, known, follow_links=follow_links)
        report.skipped += found.unreadable
        report.unchanged = len(found.unchanged) + len(found.touched)
        report.moved, report.changed = len(found.moved), len(found.changed)
        _follow(writer, found, known)
        report.removed = len(found.gone)
        for path in [*found.gone, *(state.path for state in found.changed)]:
            for page in known[path]:
                writer.remove(page.page)
        _feed_all(writer, [*found.new, *found.changed], report, progress)
    report.seconds = time.perf_counter() - begin
    return report


def known_files(engine: Engine) -> dict[str, list[IndexedFile]]:
    """By its path, the pages that an index has of each file."""
    known: dict[str, list[IndexedFile]] = {}
    for page in engine.files():
        known.setdefault(file_of(page), []).append(page)
    return known


def look(
    paths: Sequence[str],
    known: Mapping[str, Sequence[IndexedFile]],
    *,
    follow_links: bool = False,
) -> Scan:
    """Compare the files below `paths` with what an index knows of them; changes nothing.

    Raises WenduanError for a path that does not exist.
    """
    first = {path: pages[0] for path, pages in known.items()}
    return scan(paths, first, follow_links=follow_links)


def _follow(writer: Writer, found: Scan, known: dict[str, list[IndexedFile]]) -> None:
    """Note the new path or time of files whose content is known."""
    for old, state in [*found.moved, *((state.path, state) for state in found.touched)]:
        for was in known[old]:
            now = replace(state, path=state.path + was.path.removeprefix(old))
            writer.move(IndexedFile(was.page, **asdict(now), facts=was.facts))


def _feed_all(
    writer: Writer, todo: Sequence[FileState], report: IndexReport, progress: Progress | None
) -> None:
    """Read the files, half of them in a second process where they are many."""
    part = writer.part()
    own, other = split_work(todo) if part is not None else (todo, [])
    second = start_second(part, other) if part is not None and other else None
    try:
        for at, state in enumerate(own, 1):
            feed(writer, state, report)
            if progress is not None:
                progress(at + (second.read if second else 0), len(todo))
        result = second.wait() if second is not None else None
        if result is None:
            # It could not start, was killed, or had no memory: slower, but nothing is left out.
            for state in other:
                feed(writer, state, report)
        else:
            report.add(result.fed)
            writer.adopt(result.segments)
    finally:
        if second is not None:
            second.stop()
    if progress is not None:
        progress(len(todo), len(todo))
