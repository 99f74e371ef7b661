"""A record of measurements -> SVG plots: how time grows with the collection."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
# The same record gives the same file, so that a change shows as one.
matplotlib.rcParams["svg.hashsalt"] = "benchmarks"

import matplotlib.pyplot as plt  # noqa: E402, the backend comes first

Row = dict[str, Any]
_Value = Callable[[Row], float | None]


def draw(record: Row, folder: Path, stem: str) -> dict[str, str]:
    """Write the plots, and give their titles with their file names."""
    plots: dict[str, tuple[str, str, _Value]] = {
        "questions": ("Question, ten hits with snippets", "median, ms", _median("natural")),
        "keywords": ("Three keywords, all of them", "median, ms", _median("keywords")),
        "indexing": ("Indexing", "paragraphs a second", _rate),
    }
    drawn = {}
    for name, (title, unit, value) in plots.items():
        file = f"{stem}-{name}.svg"
        _draw(record, title, unit, value, folder / file)
        drawn[title] = file
    return drawn


def _median(kind: str) -> _Value:
    return lambda engine: engine[kind]["p50"]


def _rate(engine: Row) -> float | None:
    return engine["build"]["rate"] if "build" in engine else None


def _draw(record: Row, title: str, unit: str, value: _Value, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for name, points in _lines(record, value).items():
        bold = name == "wenduan"
        sizes, values = zip(*points, strict=True)
        axes.plot(sizes, values, marker="o", label=name, linewidth=2.5 if bold else 1.2)
    axes.set(xscale="log", yscale="log", title=title, xlabel="paragraphs", ylabel=unit)
    axes.grid(True, which="both", alpha=0.25)
    if axes.lines:
        axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _lines(record: Row, value: _Value) -> dict[str, list[tuple[int, float]]]:
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in record["sizes"]:
        for name, engine in row["engines"].items():
            measured = value(engine)
            if measured is not None:
                lines.setdefault(name, []).append((row["paragraphs"], measured))
    return lines
