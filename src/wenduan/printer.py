"""Results -> terminal text or JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .ranking import FIRST, PARTS
from .searching import Hit, Results

if TYPE_CHECKING:
    from .indexing import IndexReport
    from .pages import Page


def format_json(results: Results) -> str:
    """Give results as one JSON object."""
    found = {
        "query": results.query,
        "total": results.total,
        "took_ms": results.took_ms,
        "hits": [hit.to_dict() for hit in results.hits],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def format_pages(pages: "Sequence[Page]") -> str:
    """Give the reading of one page as a JSON object, that of several as one object a line."""
    indent = 2 if len(pages) == 1 else None
    rows = (json.dumps(asdict(page), ensure_ascii=False, indent=indent) for page in pages)
    return "\n".join(rows)


def format_summary(page: "Page") -> str:
    """Give the reading of a page as one line: saver, kind, posts, paragraphs, warnings, path."""
    paragraphs = sum(len(post.paragraphs) for post in page.posts)
    parts = [
        f"{page.saver or '-':<20} {page.site or '-':<8} {page.kind:<8}",
        f"{len(page.posts):>4} posts {paragraphs:>5} paragraphs {len(page.warnings):>2} warnings",
        _clean(page.path),
    ]
    return "  ".join([*parts, *(_clean(warning) for warning in page.warnings)])


def format_results(results: Results, *, styled: bool) -> str:
    """Give results as text for people; `styled` adds colour and clickable links."""
    shown = "\n\n".join("\n".join(_hit_lines(hit, styled)) for hit in results.hits)
    return f"{shown}\n\n{len(results.hits)} of {results.total} paragraphs"


def _hit_lines(hit: Hit, styled: bool) -> Iterator[str]:
    yield _style(f"{hit.rank}. {_clean(hit.title)}", styled, bold=True)
    if byline := _byline(hit):
        yield f"   {byline}"
    yield f"   {_marked(hit, styled)}"
    if hit.link and hit.url:
        yield f"   {_link(hit.url, hit.link) if styled else _clean(hit.url)}"
    for reference in hit.references:
        parts = [f"[{reference.label}]", reference.title, reference.url]
        yield "   " + _clean(" ".join(part for part in parts if part))
    yield _style(f"   {_clean(hit.path)}:{hit.line}{_more(hit)}", styled, dim=True)
    for place in hit.also:
        yield _style(f"   also {_clean(place.path)}:{place.line}", styled, dim=True)


def _more(hit: Hit) -> str:
    return f", {hit.more} more of this {hit.kind}" if hit.more else ""


def format_explanation(hit: Hit) -> str:
    """Tell how the score of a hit came about: one line for each part of it."""
    known = {part.name: part for part in (*PARTS, FIRST)}
    lines = [f"{hit.rank}. {_clean(hit.path)}:{hit.line}", f"   {_clean(hit.snippet.text)}"]
    for name, value in hit.parts.items():
        part = known[name]
        share = value / part.weight
        lines.append(f"{value:9.4f}  {name:8} = {part.weight:g} × {share:.4f}, {part.what}")
    return "\n".join([*lines, f"{hit.score:9.4f}  score"])


def _byline(hit: Hit) -> str:
    parts = [
        hit.author,
        hit.headline,
        None if hit.votes is None else f"{hit.votes:,} votes",
        hit.published and hit.published[:10],
    ]
    return " · ".join(_clean(part) for part in parts if part)


def _marked(hit: Hit, styled: bool) -> str:
    """The snippet on one line, with what matched marked: bold, or between 【 and 】."""
    text, at, parts = hit.snippet.text, 0, []
    for begin, end in hit.snippet.highlights:
        parts.append(_clean(text[at:begin]))
        marked = _clean(text[begin:end])
        parts.append(_style(marked, True, fg="red", bold=True) if styled else f"【{marked}】")
        at = end
    return "".join([*parts, _clean(text[at:])])


def _style(text: str, styled: bool, **style: bool | str) -> str:
    return click.style(text, **style) if styled else text  # type: ignore[arg-type]


def _link(shown: str, target: str) -> str:
    """A link that terminals can open: OSC 8, as its specification has it."""
    return f"\x1b]8;;{_clean(target)}\x1b\\{_clean(shown)}\x1b]8;;\x1b\\"


def _clean(text: str) -> str:
    """Text of a page without what would act on the terminal, on one line."""
    text = text.replace("\n", " ").replace("\t", " ")
    return "".join(char for char in text if char.isprintable() or char in "\u200d\u3000\xa0")


def format_report(report: "IndexReport") -> str:
    """Give what a run of indexing did as one line."""
    parts = [
        f"{report.pages:,} pages, {report.posts:,} posts, {report.paragraphs:,} paragraphs indexed",
        f"{report.changed:,} changed" if report.changed else "",
        f"{report.moved:,} moved" if report.moved else "",
        f"{report.removed:,} removed" if report.removed else "",
        f"{report.unchanged:,} unchanged" if report.unchanged else "",
        f"{len(report.skipped):,} skipped" if report.skipped else "",
    ]
    return "; ".join(part for part in parts if part) + f"; {report.seconds:.1f} s"
