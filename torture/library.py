"""A small library of pages made from a seed, and what a plain look through it finds."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

from wenduan.engines.toc import read_toc
from wenduan.engines.whoosh_engine import WhooshEngine
from wenduan.feeding import Fed, feed
from wenduan.indexing import index_files, known_files, look
from wenduan.searching import Index

# No character stands in two words, so that a text holds a word only where it was put.
WORDS = (
    "苹果树", "葡萄酒", "自行车", "银河系", "图书馆", "显微镜", "火山灰", "夹生饭", "望远", "钢琴",
    "骆驼", "蝴蝶", "琥珀", "玻璃", "咖啡", "橄榄", "芙蓉", "蜻蜓", "鹦鹉", "蘑菇",
)  # fmt: skip
# By file and line (from 1), the text of a paragraph.
Texts = dict[tuple[str, int], str]
Answers = dict[str, frozenset[tuple[str, int, str]]]


def make_page(rng: random.Random, mark: str, paragraphs: int = 6) -> list[str]:
    """Give the paragraphs of a page; each tells by `mark` and its number which one it is."""
    return [
        f"{mark}之{number}，" + "，".join(rng.choices(WORDS, k=rng.randint(3, 12))) + "。"
        for number in range(paragraphs)
    ]


def write_page(path: Path, paragraphs: Sequence[str]) -> None:
    """Write a page of Markdown: paragraph n, from 0, stands in line 2n + 1."""
    path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def expected(texts: Texts, words: Sequence[str] = WORDS) -> Answers:
    """Tell by plain comparison which paragraphs hold each word."""
    return {
        word: frozenset((*place, text) for place, text in texts.items() if word in text)
        for word in words
    }


def answer(index: Index, words: Sequence[str] = WORDS) -> Answers:
    """Ask an index for each word."""
    return {
        word: frozenset(
            (hit.path, hit.line, hit.text)
            for hit in index.search(f'"{word}"', 1_000_000, grouped=False)
        )
        for word in words
    }


class Library:
    """A folder of pages with its index, and the texts that the index must know.

    `texts` are those of the files as they are now; `committed` those of the last commit.
    """

    def __init__(self, folder: Path, seed: int, pages: int = 12, paragraphs: int = 6) -> None:
        self.pages, self.location = folder / "pages", folder / "index"
        self.pages.mkdir(parents=True)
        self.rng = random.Random(seed)
        self.paragraphs = paragraphs
        self.texts: Texts = {}
        self.committed: Texts = {}
        self.written = 0
        for number in range(pages):
            self.write(f"p{number:03}.md")

    def write(self, name: str) -> None:
        """Write a page anew, with paragraphs that no page had before."""
        self.remove(name)
        path, self.written = self.pages / name, self.written + 1
        rows = make_page(self.rng, f"第{self.written}回", self.paragraphs)
        write_page(path, rows)
        self.texts |= {(str(path), 2 * at + 1): text for at, text in enumerate(rows)}

    def remove(self, name: str) -> None:
        """Remove a page, if it is there."""
        path = self.pages / name
        path.unlink(missing_ok=True)
        self.texts = {place: text for place, text in self.texts.items() if place[0] != str(path)}

    def change(self) -> None:
        """Write, remove or add a page or two, as chance has it."""
        names = sorted(path.name for path in self.pages.iterdir())
        for _ in range(self.rng.randint(1, 3)):
            name = self.rng.choice(names)
            if self.rng.random() < 0.2 and len(names) > 6:
                self.remove(name)
                names.remove(name)
            else:
                self.write(name if self.rng.random() < 0.7 else f"p{len(names):03}.md")

    def unnamed(self) -> set[str]:
        """Files in the index's folder that its last commit does not name."""
        location = str(self.location)
        toc = read_toc(location)
        named = {row.file for row in toc.segments} | {name for name, _ in toc.dictionary}
        return {*os.listdir(location)} - named - {f"_MAIN_{toc.generation}.toc", "MAIN_WRITELOCK"}

    def update(self) -> None:
        """Bring the index up to date, making it where there is none."""
        engine = WhooshEngine(str(self.location), create=True)
        index_files(engine, [str(self.pages)])
        engine.close()
        self.committed = dict(self.texts)

    def add_segment(self) -> None:
        """Index what is new as a segment of its own, which a usual run would merge."""
        engine = WhooshEngine(str(self.location), create=True)
        commit = engine.begin()
        known = known_files(engine)
        found = look([str(self.pages)], known)
        for path in [*found.gone, *(state.path for state in found.changed)]:
            commit.remove(known[path][0].page)
        for state in [*found.new, *found.changed]:
            feed(commit, state, Fed())
        commit.finish(merge=False)
        engine.close()
