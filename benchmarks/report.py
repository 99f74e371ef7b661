"""A record of measurements -> Markdown tables, and which targets are reached."""

from collections.abc import Callable, Iterable
from typing import Any

Row = dict[str, Any]

_OURS, _STOCK, _TANTIVY = "wenduan", "Whoosh + jieba", "tantivy"
_KINDS = {
    "natural": "Question, ten hits with snippets",
    "keywords": "Three keywords, all of them, ten hits with snippets",
}


def render(record: Row) -> str:
    """Give the whole report."""
    parts = [f"# Measured {record['date']}, commit {record['commit']}", _about(record)]
    if record["code_moved"]:
        parts.append(
            "**wenduan's sources changed during this run: its figures are of no one state.**"
        )
    for row in record["sizes"]:
        parts.append(f"## {row['paragraphs']:,} paragraphs")
        parts += [f"{title}\n\n{_asked(row, kind)}" for kind, title in _KINDS.items()]
        parts += [f"Indexing and memory\n\n{_built(row)}", _own(row)]
    if reading := record.get("reading"):
        parts.append(f"## Reading\n\n{_reading(reading)}")
    parts += [f"## By size\n\n{_growth(record)}", f"## Targets\n\n{_targets(record)}"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(record: Row) -> str:
    machine, versions = record["machine"], record["versions"]
    named = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB,"
        f" {machine['system']}; {named}. Data: {record['data']}, seed {record['seed']}."
    )


def _asked(row: Row, kind: str) -> str:
    base = _get(row, "engines", _TANTIVY, kind, "p50")
    head = ["engine", "p50 ms", "p99 ms", "p50 to tantivy", "matches, mean", "questions"]
    body = []
    for name, engine in row["engines"].items():
        told = engine[kind]
        ratio = told["p50"] / base if base else None
        total = "–" if told["mean_total"] is None else f"{told['mean_total']:,.1f}"
        cells = [name, _number(told["p50"]), _number(told["p99"]), _times(ratio), total]
        body.append([*cells, str(told["asked"])])
    return _table(head, body)


def _built(row: Row) -> str:
    stock = _get(row, "engines", _STOCK, "build", "rate")
    head = ["engine", "seconds", "paragraphs/s", "to stock", "peak MB", "index to text", "files"]
    body = []
    for name, engine in row["engines"].items():
        if "build" in engine:
            size = engine["index_bytes"] / row["text_bytes"]
            cells = [*_rate(engine["build"], stock), _times(size), str(engine["files"])]
            body.append([name, *cells, _number(engine["memory_mb"]["now"])])
        if name == _OURS and "jieba_build" in row:
            body.append([f"{_OURS}, jieba alone", *_rate(row["jieba_build"], stock), "", "", ""])
    return _table([*head, "MB searching"], body)


def _rate(build: Row, stock: float | None) -> list[str]:
    ratio = build["rate"] / stock if stock else None
    cells = [_number(build["seconds"]), f"{build['rate']:,.0f}", _times(ratio)]
    return [*cells, _number(build["peak_mb"])]


def _own(row: Row) -> str:
    lines = []
    if cold := row.get("cold"):
        lines.append(
            f"- `wenduan search`, whole process: {cold['ms']:.0f} ms, a Python that imports click,"
            f" numpy and whoosh.index: {cold['bare_ms']:.0f} ms, ratio {cold['ratio']:.2f};"
            f" {cold['peak_mb']:.0f} MB (bare {cold['bare_peak_mb']:.0f} MB)"
        )
    if change := row.get("incremental"):
        lines.append(
            f"- one page changed, index again: {change['seconds']:.2f} s, the slowest"
            f" of three {change['most_seconds']:.2f} s, at most {change['peak_mb']:.0f} MB;"
            f" then {change['files']} files in the index"
        )
    lines += [f"- failed: {name}: {error}" for name, error in row["failed"].items()]
    return "\n".join(lines)


def _reading(found: Row) -> str:
    megabytes = found["bytes"] / 1e6
    return (
        f"{found['pages']:,} saved pages of {found['bytes'] / found['pages'] / 1000:.1f} KB on one"
        f" core: {found['seconds']:.1f} s, {found['seconds'] / megabytes:.2f} s a megabyte,"
        f" {found['paragraphs']:,} paragraphs, {found['peak_mb']:.0f} MB"
    )


def _growth(record: Row) -> str:
    """One line an engine, one column a size."""
    sizes = record["sizes"]
    names = dict.fromkeys(name for row in sizes for name in row["engines"])
    shown: dict[str, Callable[[Row, str], Any]] = {
        "question p50 ms": lambda row, name: _get(row, "engines", name, "natural", "p50"),
        "keywords p50 ms": lambda row, name: _get(row, "engines", name, "keywords", "p50"),
        "paragraphs/s": lambda row, name: _get(row, "engines", name, "build", "rate"),
        "peak MB indexing": lambda row, name: _get(row, "engines", name, "build", "peak_mb"),
        "MB searching": lambda row, name: _get(row, "engines", name, "memory_mb", "now"),
    }
    head = ["measure", "engine", *(f"{row['paragraphs']:,}" for row in sizes)]
    body = []
    for label, value in shown.items():
        for name in names:
            cells = [_number(value(row, name)) for row in sizes]
            if set(cells) != {"–"}:
                body.append([label, name, *cells])
    return _table(head, body)


def _targets(record: Row) -> str:
    by_size = {row["paragraphs"]: row for row in record["sizes"]}
    middle, most = by_size.get(50_000, {}), by_size.get(1_000_000, {})
    keywords = _get(middle, "engines", _OURS, "keywords", "p50")
    # Two ways to reach it; the one in milliseconds only where the ratio is missed.
    against = _to_tantivy(middle, "keywords")
    fast = keywords is not None and keywords <= 1.5
    size = _ratio(_get(middle, "engines", _OURS, "index_bytes"), middle.get("text_bytes"))
    stock = _get(middle, "engines", _STOCK, "build", "rate")
    rows = [
        ("question at 50,000, to tantivy", 3, _to_tantivy(middle, "natural")),
        ("question at 1,000,000, to tantivy", 1, _to_tantivy(most, "natural")),
        ("three keywords at 50,000, p50 ms", 1.5, keywords)
        if fast or against is None
        else ("three keywords at 50,000, to tantivy (1.5 ms missed)", 3, against),
        ("cold start at 50,000, to bare Python", 1.4, _get(middle, "cold", "ratio")),
        ("cold start at 50,000, MB", 80, _get(middle, "cold", "peak_mb")),
        ("index at 50,000, to text", 2.5, size),
        ("peak MB indexing 1,000,000", 1536, _get(most, "engines", _OURS, "build", "peak_mb")),
        ("10,000 pages of 10 KB read on one core, s", 40, _get(record, "reading", "seconds")),
        ("MB searching 1,000,000", 400, _get(most, "engines", _OURS, "memory_mb", "now")),
    ]
    rates = [
        ("indexing at 50,000, to stock", 10, _get(middle, "engines", _OURS, "build", "rate")),
        ("the same, jieba alone", 4, _get(middle, "jieba_build", "rate")),
    ]
    body = [_target(name, limit, reached, True) for name, limit, reached in rows]
    body += [_target(name, least, _ratio(rate, stock), False) for name, least, rate in rates]
    return _table(["what", "target", "reached", ""], body)


def _target(name: str, limit: float, reached: float | None, most: bool) -> list[str]:
    met = reached is not None and (reached <= limit if most else reached >= limit)
    verdict = "not measured" if reached is None else "yes" if met else "no"
    return [name, f"{'≤' if most else '≥'} {limit:g}", _number(reached), verdict]


def _to_tantivy(row: Row, kind: str) -> float | None:
    ours, theirs = (_get(row, "engines", name, kind, "p50") for name in (_OURS, _TANTIVY))
    return _ratio(ours, theirs)


def _ratio(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None


def _get(row: Row, *keys: str) -> Any:
    """A figure deep in a record, None where it was not measured."""
    found: Any = row
    for key in keys:
        found = found.get(key) if found else None
    return found


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{_number(ratio)}×"


def _table(head: list[str], body: Iterable[list[str]]) -> str:
    # Figures stand to the right, names to the left.
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *body])
