"""Paragraphs and questions to measure with: made from real text, or read from what is given.

Repeating real sentences would leave an index with a fixed set of terms, however much it holds, and
random characters would have no frequent ones. So half of the sentences are real, half are walks
from word to word as the real text has them in a row, and in the walks new names keep turning up,
as many as Heaps' law wants.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from random import Random

from .words import cut_one_way, tokens_of

_ROOT = Path(__file__).resolve().parent.parent
_SAMPLES = _ROOT / "samples"
_JUDGED = _ROOT.parent / "shared" / "relevance"

SHORTEST, LONGEST = 40, 300
# Of the words that a walk takes, how many give way to a name.
_NAME_RATE = 0.08
# Terms grow with this power of the text (Heaps' law; 0.4 to 0.6 is usual).
_HEAPS = 0.5
_LONGEST_WALK = 60
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余"
_COMMON = 1200

_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?[”」』）]*")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\s*\n", re.DOTALL)
# All that Markdown could read as more than text: every engine shall see the same paragraphs.
_MARKUP = re.compile(r"[*_#\[\]<>`~|\\$&^{}\s]+")
# The sample pages are full of addresses of pictures, which nobody reads.
_ADDRESS = re.compile(r"\(?(?:https?:)?//[^\s)]+\)?")
_LEADING = re.compile(r"^[\W_]+|^\d+[.)]\s*")
_BLANK = re.compile(r"\n\s*\n")
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True)
class Questions:
    """What is asked: whole questions as people write them, and three words that must all occur."""

    natural: list[str]
    keywords: list[str]


def paragraphs(count: int, seed: int = 1) -> Iterator[str]:
    """Make paragraphs; fewer of them are always the beginning of more of them."""
    return islice(_Maker(_sentences(), Random(seed)), count)


def questions(seed: int, number: int, texts: Iterable[str], asked: list[str]) -> Questions:
    """Draw questions from those asked, and keywords from the paragraphs, `number` of each."""
    random = Random(seed)
    pool = list(texts)
    natural = list(asked) or [clause for text in pool[: 20 * number] for clause in _clauses(text)]
    random.shuffle(natural)
    return Questions(natural[:number], list(islice(_keywords(pool, random), number)))


def real_questions() -> list[str]:
    """Questions that people wrote for the real text; none where that is not at hand."""
    path = _JUDGED / "queries.jsonl"
    # A question with a space would be read as keywords.
    return [q for q in _values(path, "query") if not re.search(r"\s", q)]


def read_given(path: Path) -> tuple[list[str], list[str]]:
    """Read paragraphs and questions from a JSON Lines file or a folder of text files."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix in {".md", ".txt", ".markdown"})
        return [text for file in files for text in split_page(file.read_text("utf-8"))], []
    return list(_values(path, "text")), list(_values(path, "q"))


def split_page(page: str) -> list[str]:
    """Split a Markdown page at its blank lines, without its front matter."""
    body = _FRONT_MATTER.sub("", page)
    return [part.strip() for part in _BLANK.split(body) if part.strip()]


def _values(path: Path, key: str) -> Iterator[str]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if key in row:
                yield row[key]


def _sentences() -> list[str]:
    """All real sentences, without markup."""
    texts = list(_values(_JUDGED / "passages.jsonl", "text"))
    for sample in sorted(_SAMPLES.glob("*.md")):
        texts += split_page(_ADDRESS.sub(" ", sample.read_text("utf-8")))
    found = (clean(s) for text in texts for s in _SENTENCE.findall(text))
    return [sentence for sentence in found if len(sentence) > 5]


def clean(text: str) -> str:
    """Leave out what Markdown could take for markup."""
    return _LEADING.sub("", _MARKUP.sub(" ", text).strip())


class _Maker:
    """Endless paragraphs: real sentences and walks, one as often as the other."""

    def __init__(self, sentences: list[str], random: Random) -> None:
        self._sentences = sentences
        self._random = random.random
        self._after: dict[str, list[str]] = defaultdict(list)
        for sentence in sentences:
            words = ["", *cut_one_way(sentence), ""]
            for word, follower in pairwise(words):
                self._after[word].append(follower)
        self._real_chars = sum(map(len, sentences))
        self._real_terms = len(self._after)
        self._names = _Names("".join(sentences))
        self._known_names = self._chars = 0

    def __iter__(self) -> Iterator[str]:
        while True:
            yield self._paragraph()

    def _paragraph(self) -> str:
        wanted = SHORTEST + int(self._random() * (LONGEST - SHORTEST))
        parts: list[str] = []
        length = 0
        while length < wanted:
            sentence = self._real() if self._random() < 0.5 else self._walk()
            parts.append(sentence)
            length += len(sentence)
        text = clean("".join(parts)[:LONGEST])
        self._chars += len(text)
        return text

    def _real(self) -> str:
        return self._sentences[int(self._random() * len(self._sentences))]

    def _walk(self) -> str:
        random, after = self._random, self._after
        walked: list[str] = []
        word = ""
        for _ in range(_LONGEST_WALK):
            followers = after[word]
            word = followers[int(random() * len(followers))]
            if not word:
                break
            named = len(word) > 1 and random() < _NAME_RATE
            walked.append(self._name() or word if named else word)
        return "".join(walked)

    def _name(self) -> str:
        """A new name while there are fewer than Heaps' law wants, else an old one, as Zipf says."""
        growth = (self._chars / self._real_chars) ** _HEAPS - 1
        if self._known_names < self._real_terms * growth:
            self._known_names += 1
            return self._names[self._known_names]
        if not self._known_names:
            return ""
        return self._names[int(self._known_names ** self._random())]


class _Names:
    """Number -> a name of two or three characters, without keeping any."""

    def __init__(self, text: str) -> None:
        counts: dict[str, int] = defaultdict(int)
        for char in text:
            if "\u4e00" <= char <= "\u9fff":
                counts[char] += 1
        self._chars = sorted(counts, key=lambda char: -counts[char])[:_COMMON]

    def __getitem__(self, number: int) -> str:
        # Multiplying by the golden ratio scatters numbers in a row.
        scattered = number * 0x9E3779B97F4A7C15 % 2**64 >> 16
        scattered, surname = divmod(scattered, len(_SURNAMES))
        scattered, first = divmod(scattered, len(self._chars))
        scattered, second = divmod(scattered, len(self._chars))
        last = self._chars[second] if scattered % 3 else ""
        return _SURNAMES[surname] + self._chars[first] + last


def _keywords(pool: list[str], random: Random) -> Iterator[str]:
    """Three words of one paragraph each; only words that stay whole when cut alone."""
    # Much more draws than are needed, yet an end where no paragraph has three words.
    for _ in range(len(pool) * 10):
        text = random.choice(pool)
        words = [word for word in dict.fromkeys(tokens_of(text)) if _HAN_WORD.fullmatch(word)]
        words = [word for word in words if tokens_of(word) == [word]]
        if len(words) >= 3:
            yield " ".join(random.sample(words, 3))


def _clauses(text: str) -> list[str]:
    """Runs of a paragraph that are as long as a question is."""
    return [part for part in re.findall(r"\w+", text) if 8 <= len(part) <= 30]


def write(texts: Iterable[str], work: Path) -> None:
    """Write the paragraphs as JSON lines, for the engines, and as pages of twenty, for readers."""
    with (work / "paragraphs.jsonl").open("w", encoding="utf-8") as lines:
        batches = iter(texts)
        for number in range(10**9):
            batch = list(islice(batches, 20))
            if not batch:
                break
            for text in batch:
                lines.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
            _write_page(work / "pages", number, batch)


def _write_page(pages: Path, number: int, batch: list[str]) -> None:
    folder = pages / f"{number // 1000:03}"
    if number % 1000 == 0:
        folder.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: page {number}\noriginal_url: https://example.org/{number}\n---\n\n"
    (folder / f"{number:06}.md").write_text(head + "\n\n".join(batch) + "\n", encoding="utf-8")


def main() -> None:
    """Write data of one size, and the questions, into a folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--drawn-from", type=int, required=True, help="paragraphs of all sizes")
    parser.add_argument("--questions", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    given, asked = read_given(options.data) if options.data else ([], real_questions())
    texts = given[: options.count] if given else paragraphs(options.count, options.seed)
    write(texts, options.work)
    first = given or paragraphs(options.drawn_from, options.seed)
    # Twice as many as are measured: the first half only warms up.
    drawn = questions(options.seed, 2 * options.questions, islice(first, options.drawn_from), asked)
    parts = {"natural": drawn.natural, "keywords": drawn.keywords}
    (options.work / "questions.json").write_text(
        json.dumps(parts, ensure_ascii=False, indent=1), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
