"""Damage to the files of an index: each search is right, or says which file and what to do."""

import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.errors import IndexFolderError
from wenduan.indexing import index_files
from wenduan.searching import Index

from .library import Answers, Library, answer, expected

# Damages that one process does: if it is ended by a signal, so many are not told apart.
_BATCH = 100
# Every so many damages, the index is built anew upon what is left of it.
_REBUILD_EVERY = 25
_WORDS = 4
# A file of an index, as an error names it.
_NAMED = re.compile(
    r"_MAIN_(\d+|n)\.toc|MAIN_[0-9a-f]{16}\.seg|dictionary_[0-9a-f]{8}\.(trie|arrays)"
)


def _flip(rng: random.Random, path: Path, _: Path) -> None:
    with path.open("r+b") as file:
        for _bit in range(rng.choice([1, 1, 1, 8, 64])):
            at = rng.randrange(max(path.stat().st_size, 1))
            file.seek(at)
            byte = file.read(1) or b"\0"
            file.seek(at)
            file.write(bytes([byte[0] ^ 1 << rng.randrange(8)]))


def _truncate(rng: random.Random, path: Path, _: Path) -> None:
    os.truncate(path, rng.randrange(max(path.stat().st_size, 1)))


def _zero(rng: random.Random, path: Path, _: Path) -> None:
    """Zeros in place of a page of the disk, as a crash of the system leaves them."""
    with path.open("r+b") as file:
        file.seek(rng.randrange(path.stat().st_size // 4096 + 1) * 4096)
        file.write(bytes(4096))


def _append(rng: random.Random, path: Path, _: Path) -> None:
    with path.open("ab") as file:
        file.write(rng.randbytes(rng.choice([1, 64, 5000])))


def _empty(_rng: random.Random, path: Path, _: Path) -> None:
    os.truncate(path, 0)


def _remove(_rng: random.Random, path: Path, _: Path) -> None:
    path.unlink()


def _swap(rng: random.Random, path: Path, _: Path) -> None:
    other = rng.choice(sorted(row for row in path.parent.iterdir() if row != path))
    name = path.with_suffix(".swapped")
    path.rename(name)
    other.rename(path)
    name.rename(other)


def _foreign(rng: random.Random, path: Path, foreign: Path) -> None:
    """A file that does not belong there: of another index or an earlier commit, or no such file."""
    others = sorted(foreign.iterdir())
    same = [row for row in others if row.suffix == path.suffix] or others
    content = rng.choice([b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"{}\n", rng.randbytes(999), None])
    content = rng.choice(same).read_bytes() if content is None or rng.random() < 0.6 else content
    path.unlink()
    path.write_bytes(content)


def _add(rng: random.Random, path: Path, foreign: Path) -> None:
    """A file more than there should be, under a name such as the index's own."""
    row = rng.choice(sorted(foreign.iterdir()))
    name = rng.choice([row.name, "MAIN_ffffffffffffffff.seg", "_MAIN_0.toc", "_MAIN_99.toc.new"])
    if not (path.parent / name).exists():
        shutil.copyfile(row, path.parent / name)


Damage = Callable[[random.Random, Path, Path], None]
DAMAGES: dict[str, Damage] = {
    "flip": _flip, "truncate": _truncate, "zero": _zero, "append": _append, "empty": _empty,
    "remove": _remove, "swap": _swap, "foreign": _foreign, "add": _add,
}  # fmt: skip


@dataclass(slots=True)
class Tally:
    """How searches of damaged indexes ended; `wrong` says what should not have happened."""

    right: int = 0
    told: int = 0
    rebuilt: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count in another tally."""
        self.right += other.right
        self.told += other.told
        self.rebuilt += other.rebuilt
        self.kinds += other.kinds
        self.wrong += other.wrong


def run(folder: Path, count: int, seed: int) -> Tally:
    """Do so many damages, half of them while the index is open and in use."""
    tally = Tally()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        batches = [
            (pool.submit(run_batch, folder / f"b{at}", min(_BATCH, count - at), seed + at), at)
            for at in range(0, count, _BATCH)
        ]
        for future, at in batches:
            try:
                tally.add(future.result())
            except BrokenProcessPool:
                tally.wrong.append(f"seed {seed + at}: the process was ended by a signal")
    return tally


def run_batch(folder: Path, count: int, seed: int) -> Tally:
    """Do so many damages in this process."""
    tally, rng = Tally(), random.Random(seed)
    library, foreign = _prepare(folder, seed)
    pristine = folder / "pristine"
    shutil.copytree(library.location, pristine)
    right = expected(library.texts)
    for number in range(count):
        _damage_once(rng, library, foreign, right, number, tally)
        _restore(pristine, library.location)
    shutil.rmtree(folder)
    return tally


def _prepare(folder: Path, seed: int) -> tuple[Library, Path]:
    """An index of several segments with deletions, and files of another one and of earlier ones."""
    library, other = Library(folder, seed), Library(folder / "other", seed + 1)
    library.update()
    shutil.copytree(library.location, folder / "foreign")
    for _ in range(3):
        library.change()
        library.add_segment()
    for _ in range(4):
        other.change()
        other.add_segment()
    for path in other.location.iterdir():
        shutil.copyfile(path, folder / "foreign" / path.name)
    return library, folder / "foreign"


def _damage_once(
    rng: random.Random,
    library: Library,
    foreign: Path,
    right: Answers,
    number: int,
    tally: Tally,
) -> None:
    words = rng.sample(sorted(right), _WORDS)
    path = rng.choice(sorted(library.location.iterdir()))
    kind = rng.choice(sorted(DAMAGES))
    what = f"{kind} {path.name}"
    index = None
    if rng.random() < 0.5:
        index, what = Index(WhooshEngine(str(library.location))), f"{what} while open"
        answer(index, words)
    DAMAGES[kind](rng, path, foreign)
    tally.kinds[f"{kind}{' while open' * (index is not None)}"] += 1
    for opened in [index, None] if index is not None else [None]:
        for said in _search(library, opened, words, right, tally):
            tally.wrong.append(f"{what}: {said}")
    if number % _REBUILD_EVERY == 0:
        engine = WhooshEngine(str(library.location), create=True, rebuild=True)
        index_files(engine, [str(library.pages)])
        tally.rebuilt += 1
        if answer(Index(engine)) != right:
            tally.wrong.append(f"{what}: rebuilt, it gives wrong results")
        engine.close()


def _search(
    library: Library,
    index: Index | None,
    words: list[str],
    right: Answers,
    tally: Tally,
) -> Iterator[str]:
    """Search for some words; say what is neither a right result nor a clear error."""
    location = str(library.location)
    try:
        opened = index or Index(WhooshEngine(location))
        found = answer(opened, words)
    except IndexFolderError as error:
        tally.told += 1
        said = str(error)
        if "\n" in said or not _NAMED.search(said) or f"--index {location}" not in said:
            yield f"an unclear error: {said}"
        return
    except Exception as error:
        yield f"{type(error).__name__}: {error}"
        return
    tally.right += 1
    for word in words:
        if found[word] != right[word]:
            yield f"{word}: {len(found[word])} found instead of {len(right[word])}"


def _restore(pristine: Path, location: Path) -> None:
    """Put back what differs from how it was, by name, size and time."""
    kept = {path.name: path.stat() for path in pristine.iterdir()}
    for path in location.iterdir():
        was, now = kept.get(path.name), path.stat()
        if was is None or (was.st_size, was.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
            path.unlink()
    for name in kept:
        if not (location / name).exists():
            shutil.copy2(pristine / name, location / name)
