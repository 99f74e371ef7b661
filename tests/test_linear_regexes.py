"""Every regular expression of the package takes time that grows with a text, not faster.

Each is found in the sources, run on texts made of its own characters that it nearly matches, and
then on a megabyte of the worst of them.
"""

import ast
import re
import time
from collections.abc import Iterator, Mapping

import pytest

from conftest import ROOT

SMALL, LARGE = 4_000, 1_000_000
# A linear expression takes a tenth of a millisecond and some ten, one that is not 250² as long.
SECONDS_SMALL, SECONDS_LARGE = 0.03, 3.0
# What is run on texts of bounded length only may take longer: it is not linear, and need not be.
SECONDS_BOUNDED = 0.3
_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
# Run only on texts of so many characters, as the code before them sees to; named by a part.
BOUNDED = {
    r"(\S+)\s+([:：])\s*(\S*)$": 1_000,  # the command line that a shell completes
    r"\]\((\S+?)\)": 4_000,  # addresses.web_address
    r"(?:[A-Za-z]+,?\s+)??([A-Z][a-z]{2})": 80,  # dates.iso_date
    r"\s+(?=(?:updated|created|modified": 2_000,  # fields.block_fields
    r"人(?:也)?赞同了该(?:回答|文章|想法)(?:\s*[›>])?": 300,  # bar.read_votes_line
    r"知乎(?:专栏|日报)?\s*$": 500,  # chrome.clean_title
}
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py"))}


def found() -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    """Every expression that stands in the sources: its place, and how it is asked."""
    everything = "".join(SOURCES.values())
    for path, source in SOURCES.items():
        tree = ast.parse(source)
        constants: dict[str, str] = {}
        names: dict[int, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names[id(node.value)] = node.targets[0].id
                if (text := literal(node.value, constants)) is not None:
                    constants[node.targets[0].id] = text
        for node in ast.walk(tree):
            call = re_call(node)
            if call is None or (text := literal(call.args[0], constants)) is None:
                continue
            assert isinstance(call.func, ast.Attribute)
            asked = {call.func.attr}
            if call.func.attr == "compile":
                name = names.get(id(call), r"\w+\]")
                # A name of one module's own is asked there only.
                where = source if name.startswith("_") else everything
                asked = set(re.findall(rf"\b{name}\.({'|'.join(_METHODS)})\b", where))
            place = f"{path.stem}:{call.lineno}:{call.col_offset}"
            yield place, re.compile(text, flags(call)), asked or {"search"}


def re_call(node: ast.AST) -> ast.Call | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    of = node.func.value
    is_re = isinstance(of, ast.Name) and of.id == "re"
    return node if is_re and node.func.attr in {"compile", *_METHODS} else None


def literal(node: ast.expr, constants: Mapping[str, str]) -> str | None:
    """The text of a literal, also of one put together of others; None for what is not known."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.FormattedValue):
        return literal(node.value, constants)
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        parts = node.values
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    texts = [literal(part, constants) for part in parts]
    return "".join(text for text in texts if text) if parts and None not in texts else None


def flags(call: ast.Call) -> int:
    value = 0
    for node in ast.walk(call):
        if isinstance(node, ast.Attribute) and node.attr.isupper():
            value |= getattr(re, node.attr, 0)
    return value


def adversaries(pattern: re.Pattern[str], size: int) -> list[str]:
    """Texts of what the expression looks for, over and over, that end in what it does not want."""
    signs = re.sub(r"\\[A-Za-z]|\(\?[a-zA-Z<!=:]*|[\[\](){}|?*+^$]", " ", pattern.pattern)
    words = {word for word in re.split(r"[\s\\]+", signs) if word}
    letters = [sign for sign in dict.fromkeys(signs) if sign.strip()][:24]
    others = [*' \n\t1aA一-"[(<*', "a ", "1,", " \n", "ab\n", "](", "a: "]
    pieces = list(dict.fromkeys([*words, *letters, *others]))[:70]
    return [piece * (size // len(piece)) + "\0" for piece in pieces]


def run(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method in {"match", "fullmatch", "search"}:
        getattr(pattern, method)(text)
        return
    for _ in pattern.finditer(text):
        pass


def timed(pattern: re.Pattern[str], method: str, text: str) -> float:
    """Seconds of this process that it takes, the least of two where it is much."""
    times: list[float] = []
    while len(times) < 2 and (not times or times[0] > SECONDS_SMALL):
        begin = time.process_time()
        run(pattern, method, text)
        times.append(time.process_time() - begin)
    return min(times)


EXPRESSIONS = {place: (pattern, asked) for place, pattern, asked in found()}


def test_the_expressions_are_found() -> None:
    trees = [ast.parse(source) for source in SOURCES.values()]
    calls = sum(re_call(node) is not None for tree in trees for node in ast.walk(tree))
    # The rest are made while the program runs, of names that a table holds.
    assert 0 <= calls - len(EXPRESSIONS) < 25
    assert len(EXPRESSIONS) > 100


@pytest.mark.parametrize("place", EXPRESSIONS)
def test_an_expression_is_linear(place: str) -> None:
    pattern, asked = EXPRESSIONS[place]
    for method in sorted(asked):
        worst = 0.0, 0
        limit = next((most for begun, most in BOUNDED.items() if begun in pattern.pattern), None)
        most_seconds = SECONDS_BOUNDED if limit else SECONDS_SMALL
        for at, text in enumerate(adversaries(pattern, limit or SMALL)):
            worst = max(worst, (timed(pattern, method, text), at))
            assert worst[0] < most_seconds, f"{method} {pattern.pattern!r} on {text[:20]!r}…"
        if limit is None:
            text = adversaries(pattern, LARGE)[worst[1]]
            assert timed(pattern, method, text) < SECONDS_LARGE


def test_an_expression_that_is_not_linear_is_told() -> None:
    slow = re.compile(r"\s+$")
    assert timed(slow, "search", " " * SMALL + "\0") > SECONDS_SMALL
