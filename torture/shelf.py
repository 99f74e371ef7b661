"""A folder of pages to which happens what happens to folders in the long run, drawn from a seed."""

import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = (_ROOT / "samples", _ROOT / "tests" / "pages")
SUFFIXES = (".md", ".txt", ".html", ".markdown", ".htm")
_NAMES = ("笔记", "v1.2", "a b", "n\u0303", "Zhihu", "旧 的", "x&y&z", "末尾.")
_MADE = (
    "没有标题的一页，只有一段。\n",
    "# 一个标题\n\n第一段说的是香蕉。\n\n第二段说的是苹果，赞同 3。\n",
    "<p>第一段</p>\n\n    <p>缩进的第二段</p>\n\n*星号*的第三段\n",
    "---\ntitle: 有题\nauthor: 甲\ntags: [水果, 甜]\n---\n香蕉和苹果都是水果。\n",
    "",
    "%%00000000_start%%\n前一页\n%%00000000_end%%\n\n%%00000001_start%%\n后一页\n%%00000001_end%%\n",
)


def sources() -> list[bytes]:
    """What real pages of many savers say, and some that were made for the purpose."""
    found = [
        path.read_bytes()
        for folder in _FOLDERS
        for path in sorted(folder.iterdir())
        if path.suffix in {".md", ".txt", ".html"} and path.stat().st_size < 20_000
    ]
    return [*found, *(text.encode() for text in _MADE)]


class Shelf:
    """The folder `root`; `outside` lies beside it, for what is moved away or linked to."""

    def __init__(self, folder: Path, seed: int, pages: int) -> None:
        self.root, self.outside = folder / "notes", folder / "outside"
        self.root.mkdir(parents=True)
        self.outside.mkdir()
        (self.outside / "secret.md").write_text("外面的一页，不给的不读。", encoding="utf-8")
        self.rng = random.Random(seed)
        self._sources, self._made = sources(), 0
        self.done: list[str] = []
        for _ in range(pages):
            self.add()

    def step(self) -> None:
        """Do something to the folder, as chance has it, and note what."""
        action = self.rng.choice(_ACTIONS)
        action(self)
        self.done.append(action.__name__)

    def _files(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def _file(self) -> Path:
        """One of the files; a new one where there is none."""
        if not self._files():
            self.add()
        return self.rng.choice(self._files())

    def _folder(self) -> Path:
        folders = sorted(path for path in self.root.rglob("*") if path.is_dir())
        return self.rng.choice([self.root, *(path for path in folders if not path.is_symlink())])

    def _free(self, folder: Path, suffix: str) -> Path:
        """A path that nothing has: a name may come again once it is free."""
        stem = self.rng.choice(_NAMES)
        for number in range(1_000_000):
            path = folder / f"{stem}{number or ''}{suffix}"
            if not os.path.lexists(path):
                return path
        raise AssertionError

    def _content(self) -> bytes:
        self._made += 1
        data = self.rng.choice(self._sources)
        return data if self.rng.random() < 0.5 else data + f"\n\n第{self._made}回。\n".encode()

    def add(self) -> None:
        """A page comes."""
        self._free(self._folder(), self.rng.choice(SUFFIXES)).write_bytes(self._content())

    def edit(self) -> None:
        """A page says something else."""
        self._file().write_bytes(self._content())

    def edit_unseen(self) -> None:
        """A page changes, but neither its size nor the time that it states."""
        path = self._file()
        state, data = path.stat(), path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if data else data)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

    def rename(self) -> None:
        """A page gets another name, or another suffix."""
        path = self._file()
        path.rename(self._free(path.parent, self.rng.choice([path.suffix, *SUFFIXES])))

    def move(self) -> None:
        """A page goes into another folder."""
        path = self._file()
        folder = self._free(self.root, "") if self.rng.random() < 0.3 else self._folder()
        folder.mkdir(exist_ok=True)
        path.rename(self._free(folder, path.suffix))

    def move_folder(self) -> None:
        """A folder gets another name; one may be hidden, or look like a page."""
        folder = self._folder()
        if folder != self.root:
            target = self._free(self.root, self.rng.choice(["", ".md", ".d"]))
            if target.parent in {folder, *folder.parents}:
                folder.rename(target)

    def hide(self) -> None:
        """What is hidden is not read."""
        path = self._file()
        path.rename(path.with_name(f".{path.name.lstrip('.')}"))

    def show(self) -> None:
        """What was hidden is shown."""
        hidden = sorted(self.root.rglob(".*"))
        if hidden:
            path = self.rng.choice(hidden)
            path.rename(self._free(path.parent, path.suffix))

    def leave(self) -> None:
        """A page is moved out of the folder."""
        self._file().rename(self._free(self.outside, ".md"))

    def come_back(self) -> None:
        """A page is moved into the folder, with the times it has."""
        rows = sorted(self.outside.glob("*"))
        path = self.rng.choice(rows)
        if path.name != "secret.md":
            path.rename(self._free(self.root, self.rng.choice(SUFFIXES)))

    def delete(self) -> None:
        """A page goes."""
        self._file().unlink()

    def swap(self) -> None:
        """Two pages get each other's names and times."""
        one, other = self._file(), self._file()
        if one != other:
            aside = self.outside / "aside"
            one.rename(aside)
            other.rename(one)
            aside.rename(other)
            for path in (one, other):
                if path.exists():
                    os.utime(path, (1_700_000_000, 1_700_000_000))

    def copy(self) -> None:
        """A page is there twice, the copy with the times of the first."""
        path = self._file()
        shutil.copy2(path, self._free(self._folder(), path.suffix))

    def touch(self) -> None:
        """A page has another time, and says the same."""
        os.utime(self._file())

    def link(self) -> None:
        """A link leads to a page, a folder, out, nowhere or to itself."""
        path = self._free(self._folder(), self.rng.choice([".md", ""]))
        targets = [self._file(), self._folder(), self.outside, self.outside / "secret.md", path]
        path.symlink_to(self.rng.choice([*targets, self.root / "nowhere.md"]))

    def replace_by_link(self) -> None:
        """A page becomes a link to itself, moved out or to another place."""
        path = self._file()
        target = self._free(self.rng.choice([self.outside, self.root]), ".md")
        path.rename(target)
        path.symlink_to(target)

    def replace_by_other(self) -> None:
        """A page becomes a folder, a pipe, nothing readable, or a file that is empty."""
        path = self._file()
        path.unlink()
        kind = self.rng.randrange(4)
        if kind == 0:
            path.mkdir()
            (path / "inner.md").write_bytes(self._content())
        elif kind == 1:
            os.mkfifo(path)
        else:
            path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" if kind == 2 else b"")

    def tidy(self) -> None:
        """What is neither a page nor a folder goes: links, pipes."""
        for path in sorted(self.root.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                path.unlink()

    def pack(self) -> None:
        """An archive comes, or holds other pages than before."""
        archives = [path for path in self._files() if path.suffix == ".zip"]
        new = self.rng.random() < 0.5 or not archives
        path = self._free(self._folder(), ".zip") if new else self.rng.choice(archives)
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(self.rng.randrange(4)):
                suffix = self.rng.choice(SUFFIXES)
                archive.writestr(f"{self.rng.choice(_NAMES)}{number}{suffix}", self._content())


_ACTIONS: tuple[Callable[[Shelf], None], ...] = (
    *(Shelf.add, Shelf.add, Shelf.edit, Shelf.edit, Shelf.edit_unseen, Shelf.rename, Shelf.rename),
    *(Shelf.move, Shelf.move_folder, Shelf.hide, Shelf.show, Shelf.leave, Shelf.come_back),
    *(Shelf.delete, Shelf.swap, Shelf.copy, Shelf.copy, Shelf.touch, Shelf.link),
    *(Shelf.replace_by_link, Shelf.replace_by_other, Shelf.tidy, Shelf.pack),
)
