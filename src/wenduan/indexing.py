"""Files + engine -> IndexReport: reads what is new or changed, and writes it in one change."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from .engines import Engine, IndexedFile, Writer
from .feeding import Fed, feed, file_of
from .loading import FileState
from .parallel import SecondProcess, split_work, start_second
from .scanner import Scan, scan

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
        _note_times(writer, found.touched, known)
        work = _Work(writer, progress, len(found.moved) + len(found.new) + len(found.changed))
        # What a page says of itself can come from its file's name: title, kind, saver.
        followed = work.feed([state for _, state in found.moved])
        report.add(replace(followed, pages=0, posts=0, paragraphs=0, warnings=[]))
        report.add(work.feed([*found.new, *found.changed]))
        unread = {*report.unread}
        changed = [state.path for state in found.changed if state.path not in unread]
        moved = [old for old, _ in found.moved]
        for path in [*found.gone, *moved, *changed]:
            for page in known[path]:
                writer.remove(page.page)
        report.changed, report.moved = len(changed), len(moved)
        report.removed = len(found.gone)
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
    first = {path: _state_of(pages) for path, pages in known.items()}
    return scan(paths, first, follow_links=follow_links)


def _state_of(pages: Sequence[IndexedFile]) -> IndexedFile:
    """What is known of a file by its pages; where they differ, a run was stopped: nothing."""
    first = pages[0]
    states = {(page.size, page.mtime_ns, page.ctime_ns, page.digest) for page in pages}
    return first if len(states) == 1 else replace(first, size=-1, digest="")


def _note_times(
    writer: Writer, touched: Sequence[FileState], known: Mapping[str, Sequence[IndexedFile]]
) -> None:
    """Note the new times of files whose content is as known."""
    for state in touched:
        for was in known[state.path]:
            facts = {**was.facts, "ctime_ns": state.ctime_ns}
            writer.move(replace(was, mtime_ns=state.mtime_ns, facts=facts))


class _Work:
    """Files that are read and put by this process and, where they are many, a second one."""

    def __init__(self, writer: Writer, progress: Progress | None, total: int) -> None:
        self._writer, self._progress, self._total = writer, progress, total
        self._done = 0

    def feed(self, todo: Sequence[FileState]) -> Fed:
        """Read some files and put their pages."""
        fed = Fed()
        part = self._writer.part()
        own, other = split_work(todo) if part is not None else (todo, [])
        second = start_second(part, other) if part is not None and other else None
        try:
            for at, state in enumerate(own, 1):
                feed(self._writer, state, fed)
                self._tell(at + (second.read if second else 0))
            if other:
                self._take_over(second, other, fed)
        finally:
            if second is not None:
                second.stop()
        self._tell(len(todo))
        self._done += len(todo)
        return fed

    def _take_over(
        self, second: SecondProcess | None, files: Sequence[FileState], fed: Fed
    ) -> None:
        result = second.wait() if second is not None else None
        if result is None:
            # It could not start, was killed, or had no memory: slower, but nothing is left out.
            for state in files:
                feed(self._writer, state, fed)
        else:
            fed.add(result.fed)
            self._writer.adopt(result.segments)

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(self._done + done, self._total)
