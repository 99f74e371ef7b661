"""Pages that state extreme, wrong and hostile facts: what reading and every command make of them.

What a page states is made from a value by one of many ways to write it, so what it must be read as
is known beforehand, without reading it.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from wenduan.cli import cli
from wenduan.errors import WenduanError

MOST = 10_000_000_000
FIRST, LAST = date(1800, 1, 1), date(2199, 12, 31)
COUNTS = {"votes": "votes", "comments": "comments", "followers": "followers", "views": "views"}
DAYS = {"saved": "saved", "published": "published", "edited": "modified"}
TEXTS = ("title", "author", "author_headline", "site", "tags", "ip_location")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# No number, no date, and what text must withstand.
NOTHING: list[Any] = [
    None,
    True,
    False,
    "",
    " ",
    "many",
    "三千",
    [],
    [3],
    {"a": 3},
    "½",
    "1-2",
    "~",
]
HOSTILE: list[Any] = [
    "\0", "a\0b", "\ud800", "\udfff\ud800", "\x1b[31mred\x1b[0m", "\x9b2J", "\r\n", "\u202egnp.exe",
    "\u2066\u2069", "\ufffe", "\U0010ffff", "e\u0301" * 300, "字" * 5000, "a" * 100_000, "ﷺ" * 50,
    "`id`", "$(reboot)", "'; rm -rf ~; '", '"><script>alert(1)</script>', "{hit.text}", "%s%n",
    "../../etc", "-n", "--index", "NaN", "null", "[[a|b]]", "#tag", ",", ",,a,,", "a\tb\nc",
    "title: x", "---", "\\u0000", "https://[", "javascript:alert(1)", "http://a b/c", "=1+1", "Ａ",
    0, -1, 1e400, 10**400, True, [["a"]], ["a"] * 5000, [f"t{n}" for n in range(5000)],
    {"name": "x"},
]  # fmt: skip


@dataclass(slots=True)
class Tally:
    """How many pages and commands were tried; what they broke."""

    pages: int = 0
    commands: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """A page: its text, what it must be read as, and the facts that a warning must name."""

    mark: str
    text: str
    facts: dict[str, Any]
    named: tuple[str, ...]


def _number(rng: random.Random) -> tuple[int, Any]:
    """A number of any size, and a value that says it: as JSON has it, or a text."""
    number = rng.choice([rng.randrange(200), rng.randrange(10 ** rng.randint(1, 30))])
    number = rng.choice(
        [number, number, number, MOST, MOST + 1, 2**63 - 1, 2**63, 10**4299, 10**5000]
    )
    number *= rng.choice([1, 1, 1, 1, -1])
    if abs(number) > 10**100:
        # Python would not print it.
        digits = "9" * rng.choice([101, 4300, 4301, 5000])
        return (MOST + 1, digits) if number > 0 else (-1, f"-{digits}")
    if 0 < number % 10_000 < 9999 and number < 10**9:
        ways: list[tuple[int, Any]] = [
            (number * 10_000, f"{number}万"),
            (number * 1000, f"{number}k"),
        ]
        ways += [(number * 1000, f"{number} K"), (number * 10**8, f"{number} 亿")]
        if number > 0 and rng.random() < 0.3:
            return rng.choice(ways)
    said = str(number)
    return number, rng.choice(
        [
            number, number, said, f" {said} ", f"{number:,}", said.translate(FULL_WIDTH),
            said.translate(ARABIC), f"{number:,}".replace(",", " "), f"{said}\u200b",
            float(number) if abs(number) < 2**53 else number,
        ]
    )  # fmt: skip


def _day(rng: random.Random) -> tuple[date | None, Any]:
    """A day, None for what is none, and a value that says it."""
    if rng.random() < 0.3:
        year, month, day = rng.randrange(10_000, 10**6), rng.randint(0, 99), rng.randint(32, 99)
        return None, rng.choice(
            [
                f"{year}-01-01", f"2023-{month + 13}-01", f"2023-02-{day}", "0000-00-00",
                -1, 10**30, 1e400, -1e400, "9" * 5000, 99999, f"{year}年1月1日", "2023-02-29",
            ]
        )  # fmt: skip
    day_ = rng.choice(
        [
            date.fromordinal(rng.randint(1, date.max.toordinal())), FIRST, LAST, date.min, date.max,
            FIRST - timedelta(1), LAST + timedelta(1),
            date(2023, 1, 1) + timedelta(rng.randrange(700)),
        ]
    )  # fmt: skip
    in_words = f"{day_.year:04}"
    said = rng.choice(
        [
            day_.isoformat(), f"{in_words}/{day_.month}/{day_.day}",
            f"{day_.isoformat()}T23:59:59+14:00",
            f"{in_words}年{day_.month}月{day_.day}日", f"{day_.isoformat()} 00:00",
        ]
    )  # fmt: skip
    if date(2002, 1, 1) < day_ < date(2033, 1, 1) and rng.random() < 0.5:
        seconds = (day_ - date(1970, 1, 1)).days * 86_400
        return day_, rng.choice([seconds, str(seconds), seconds * 1000, f"{seconds}000"])
    return day_, said


def make_case(rng: random.Random, mark: str) -> Case:
    """A page of an answer that states some facts."""
    values: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    named = []
    for fact, name in rng.sample(sorted(COUNTS.items()), rng.randint(0, 3)):
        if rng.random() < 0.2:
            facts[fact], values[name] = None, rng.choice(NOTHING)
            continue
        number, values[name] = _number(rng)
        facts[fact] = number if 0 <= number <= MOST else None
        named += [fact] if facts[fact] is None else []
    for fact, name in rng.sample(sorted(DAYS.items()), rng.randint(0, 2)):
        day, values[name] = _day(rng)
        facts[fact] = day.isoformat() if day is not None and FIRST <= day <= LAST else None
        named += [fact] if facts[fact] is None else []
    for name in rng.sample(TEXTS, rng.randint(0, 3)):
        values[name] = rng.choice(HOSTILE)
    return Case(mark, _written(rng, mark, values), facts, tuple(named))


def _body(mark: str) -> str:
    """A text that is no copy of another page's."""
    own = random.Random(mark)
    return f"{mark}说的话，" + "".join(chr(own.randrange(0x4E00, 0x9F00)) for _ in range(40)) + "。"


def _written(rng: random.Random, mark: str, values: dict[str, Any]) -> str:
    """The page, with its facts in front matter of JSON or YAML, which takes JSON for its own."""
    values = {"url": f"https://www.zhihu.com/question/1/answer/{int(mark[1:], 16)}", **values}
    # YAML has no halves of characters, and JSON writes by two of them what lies beyond U+FFFF.
    if rng.random() < 0.5 or not all(_is_text(value) for value in values.values()):
        rows = [f"{json.dumps(name)}: {_json(value)}" for name, value in values.items()]
        return "{" + ",\n".join(rows) + "}\n" + _body(mark) + "\n"
    rows = [f"{name}: {_json(value)}" for name, value in values.items()]
    return "---\n" + "\n".join(rows) + f"\n---\n{_body(mark)}\n"


def _is_text(value: Any) -> bool:
    return not isinstance(value, str) or not re.search(
        "[\ud800-\udfff\U00010000-\U0010ffff]", value
    )


def _json(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**300:
        return "9" * 400
    # 1e400 is what JSON and YAML's 1.1 both take for endless.
    return json.dumps(value).replace("-Infinity", "-1.0e+400").replace("Infinity", "1.0e+400")


class _Commands:
    """The program's commands on an index, in this process."""

    def __init__(self, index: str, tally: Tally) -> None:
        self._index, self._tally = index, tally

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command; gives what it says."""
        self._tally.commands += 1
        options = [] if arguments[0] == "read" else ["--index", self._index]
        # Words that begin with a dash are no options.
        done = CliRunner().invoke(cli, [arguments[0], *options, *arguments[1:]])
        error, code = done.exception, done.exit_code
        if isinstance(error, WenduanError):
            # As the program's own beginning does.
            error, code = None, 2 if "\n" not in str(error) else 99
        broken = error is not None and not isinstance(error, SystemExit)
        if broken or code not in codes or "Traceback" in done.output:
            said = f"{code} {done.exception!r} {done.output[-200:]!r}"
            self._tally.wrong.append(f"{' '.join(arguments)[:80]}: {said}")
        return done.stdout

    def hits(self, *arguments: str) -> list[dict[str, Any]]:
        """The hits of a search."""
        said = self.run("search", "--json", "-n", "100000", *arguments, codes=(0, 1))
        hits: list[dict[str, Any]] = json.loads(said)["hits"] if said.startswith("{") else []
        return hits


def run(folder: Path, pages: int, seed: int) -> Tally:
    """Read, index, search, sort, filter and list so many pages."""
    rng = random.Random(seed)
    tally = Tally()
    cases = [make_case(rng, f"甲{number:04x}") for number in range(pages)]
    home = folder / "pages"
    home.mkdir(parents=True)
    for case in cases:
        text = case.text.encode("utf-8", "surrogatepass")
        (home / f"{case.mark}.md").write_bytes(text)
    commands = _Commands(str(folder / "index"), tally)
    commands.run("index", str(home))
    for case in cases:
        tally.pages += 1
        _check_reading(case, commands.run("read", str(home / f"{case.mark}.md")), tally)
    for row in (*_check_hits(cases, commands), *_check_orders(cases, commands, rng)):
        tally.wrong.append(row)
    for arguments in (["stats"], ["stats", "--json"], *(["list", what] for what in _LISTS)):
        commands.run(*arguments, codes=(0, 1))
    for query in _queries(rng, pages):
        commands.run("search", query, codes=(0, 1, 2))
    return tally


_LISTS = ("authors", "tags", "sites", "titles")


def _check_reading(case: Case, said: str, tally: Tally) -> None:
    page = json.loads(said)
    post, question = page["posts"][-1], page["question"]
    for fact, expected in case.facts.items():
        if fact in {"followers", "views"}:
            found = question and question[fact]
        else:
            found = page[fact] if fact == "saved" else post[fact]
        same = found == expected or (fact in DAYS and str(found).startswith(str(expected)))
        if not same:
            tally.wrong.append(f"{case.text!r}: {fact} is {found}, not {expected}")
    for fact in case.named:
        if not any(fact in row for row in page["warnings"]):
            tally.wrong.append(f"{case.text!r}: no warning names {fact}: {page['warnings']}")
    if post["paragraphs"][-1]["text"] != _body(case.mark):
        tally.wrong.append(f"{case.text!r}: its text is {post['paragraphs'][-1]['text']!r}")


def _check_hits(cases: list[Case], commands: _Commands) -> Iterator[str]:
    """Each page is found by its own words, with the facts that it states."""
    hits = {Path(hit["path"]).stem: hit for hit in commands.hits('"说的话"')}
    for case in cases:
        hit = hits.get(case.mark)
        if hit is None:
            yield f"{case.text!r}: not found"
            continue
        for fact in ("votes", "comments"):
            if fact in case.facts and hit[fact] != case.facts[fact]:
                yield f"{case.text!r}: found with {fact} {hit[fact]}"


def _check_orders(cases: list[Case], commands: _Commands, rng: random.Random) -> Iterator[str]:
    """Sorted and filtered results are those that sorting and filtering the facts give."""
    votes = {case.mark: case.facts.get("votes") for case in cases}
    days = {case.mark: case.facts.get("published") or case.facts.get("edited") for case in cases}
    for sort, facts in (("votes", votes), ("date", days)):
        found = [Path(hit["path"]).stem for hit in commands.hits('"说的话"', "--sort", sort)]
        known = [facts[mark] for mark in found]
        first = [value for value in known if value is not None]
        if sorted(first, reverse=True) != first or known[: len(first)] != first:
            yield f"not sorted by {sort}: {known[:20]}"
        if sorted(found) != sorted(facts):
            yield f"sorted by {sort}, {len(set(found))} of {len(facts)} pages are found"
    for _ in range(20):
        bound = rng.choice(
            [rng.randrange(10 ** rng.randint(1, 11)), MOST, *filter(None, votes.values())]
        )
        marks = {mark for mark, count in votes.items() if count is not None and count > bound}
        if marks != {Path(hit["path"]).stem for hit in commands.hits(f"votes:>{bound}")}:
            yield f"votes:>{bound} finds others"
        year = rng.choice([1800, 1999, 2023, 2199, rng.randint(1, 9999)])
        marks = {mark for mark, day in days.items() if day is not None and day < f"{year:04}"}
        if marks != {Path(hit["path"]).stem for hit in commands.hits(f"published:<{year:04}")}:
            yield f"published:<{year:04} finds others"


def _queries(rng: random.Random, count: int) -> Iterator[str]:
    """Filters with values like those that pages state."""
    fields = ["votes", "comments", "published", "saved", "after", "before", "kind", "has", "author"]
    fields += ["title", "tag", "site", "in"]
    ages = ["d", "m", "y", "天", "年"]
    for _ in range(count):
        _, number = _number(rng)
        _, day = _day(rng)
        hostile = rng.choice([value for value in HOSTILE if not isinstance(value, int)])
        values = [number, day, hostile, f"{number}{rng.choice(ages)}", f"{number}..{day}"]
        sign = rng.choice(["", ">", "<", ">=", "<=", "=", "≥", "..", ">>"])
        value = str(rng.choice(values))[:6000] if rng.random() < 0.95 else "9" * 5000 + "d"
        yield f"{rng.choice(fields)}:{sign}{value}"
