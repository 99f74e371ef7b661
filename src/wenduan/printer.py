"""Results -> terminal text or JSON."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from string import Formatter
from typing import TYPE_CHECKING, Any

import click

from .engines import Entry
from .neutralizing import neutral, neutral_json
from .ranking import FIRST, PARTS
from .searching import Advice, Hit, Results
from .wrapping import columns, iter_lines, shorten

if TYPE_CHECKING:
    from .browsing import Passage, Stats
    from .indexing import IndexReport
    from .pages import Page

# By the rank of a hit, the paragraphs before it and behind it.
Around = Mapping[int, tuple[Sequence[Entry], Sequence[Entry]]]
# Stands before each line of a result but the first.
_INDENT = "   "
_BAR = 30
# In a link of a terminal stand the characters 33 to 126 alone, and no more than VTE takes:
# https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
_NO_URI = re.compile(r"[^!-~]+")
_LONGEST_LINK = 2083


def _json(value: Any, indent: int | None = None) -> str:
    return neutral_json(json.dumps(value, ensure_ascii=False, indent=indent))


def format_json(results: Results) -> str:
    """Give results as one JSON object."""
    found = {
        "query": results.query,
        "total": results.total,
        **({"partial": True} if results.partial else {}),
        "took_ms": results.took_ms,
        "hits": [hit.to_dict() for hit in results.hits],
    }
    return _json(found, indent=2)


def format_pages(pages: "Sequence[Page]") -> str:
    """Give the reading of one page as a JSON object, that of several as one object a line."""
    indent = 2 if len(pages) == 1 else None
    rows = (_json(asdict(page), indent) for page in pages)
    return "\n".join(rows)


def format_summary(page: "Page") -> str:
    """Give the reading of a page as one line: saver, kind, posts, paragraphs, warnings, path."""
    paragraphs = sum(len(post.paragraphs) for post in page.posts)
    parts = [
        f"{page.saver or '-':<20} {page.site or '-':<8} {page.kind:<8}",
        f"{len(page.posts):>4} posts {paragraphs:>5} paragraphs {len(page.warnings):>2} warnings",
        neutral(page.path),
    ]
    return "  ".join([*parts, *(neutral(warning) for warning in page.warnings)])


def format_jsonl(results: Results) -> str:
    """Give each result as a JSON object on a line of its own."""
    rows = (_json(hit.to_dict()) for hit in results.hits)
    return "".join(f"{row}\n" for row in rows)


def format_template(results: Results, template: str) -> str:
    """Give each result as a template says: `{name}` stands for what --json calls so.

    `{snippet}` is its text, `\\t` and `\\n` are a tab and a line break; what is unknown is
    empty. Raises click.UsageError for a template that is none.
    """
    template = template.replace("\\t", "\t").replace("\\n", "\n")
    known = [*Hit.__slots__]
    known.remove("parts")
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise click.UsageError(f"--format {template}: {error}") from error
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise click.UsageError("--format: names stand alone in their braces, as in {votes}")
    asked = [name for _, name, _, _ in parts if name is not None]
    for name in asked:
        if name not in known:
            raise click.UsageError(f"--format: no {{{name}}}; there are {', '.join(known)}")
    return "".join(f"{template.format_map(_plain(hit))}\n" for hit in results.hits)


def _plain(hit: Hit) -> dict[str, str]:
    facts: dict[str, Any] = hit.to_dict() | {"snippet": hit.snippet.text}
    for name in ("references", "also", "tags"):
        facts[name] = ", ".join(
            item if isinstance(item, str) else " ".join(str(part) for part in item.values() if part)
            for item in facts[name]
        )
    return {name: "" if fact is None else neutral(str(fact)) for name, fact in facts.items()}


def format_results(
    results: Results, *, styled: bool, around: Around | None = None, width: int | None = None
) -> str:
    """Give results as text for people; `styled` adds colour and clickable links.

    `around` are paragraphs to show around the snippets, by the ranks of hits. `width`
    is that of the terminal, to whose columns lines are broken.
    """
    screen = _Screen(styled, width)
    shown = "\n\n".join("\n".join(_hit_lines(hit, screen, around or {})) for hit in results.hits)
    told = "nothing has these letters; they are taken as pinyin\n\n" if results.sounds else ""
    return f"{told}{shown}\n\n{_summary(results)}"


class _Screen:
    """What lines are printed on: with colour and links or not, of so many columns."""

    def __init__(self, styled: bool, width: int | None = None) -> None:
        self._styled, self._width = styled, width

    def lines(
        self, text: str, marks: Sequence[tuple[int, int]] = (), **style: bool
    ) -> Iterator[str]:
        """Lines of a text, indented, with ranges of it marked: bold, or between 【 and 】."""
        if marks and not self._styled:
            text, marks = _bracketed(text, marks), ()
        for begin, end in self._ranges(text):
            parts, at = [], begin
            for first, last in marks:
                if last > begin and first < end:
                    first, last = max(first, begin), min(last, end)
                    parts.append(_style(text[at:first], self._styled, **style))
                    parts.append(click.style(text[first:last], fg="red", bold=True))
                    at = last
            parts.append(_style(text[at:end], self._styled, **style))
            yield _INDENT + "".join(parts)

    def _ranges(self, text: str) -> list[tuple[int, int]]:
        if self._width is None:
            return [(0, len(text))]
        return list(iter_lines(text, self._width - len(_INDENT)))

    def link(self, shown: str, target: str) -> str:
        """A link on one line: OSC 8, as its specification has it, where the screen has links."""
        if not self._styled:
            return _INDENT + neutral(shown)
        shown = neutral(shown)
        if self._width is not None:
            shown = shorten(shown, self._width - len(_INDENT))
        target = _NO_URI.sub(_percent, target)
        if len(target) > _LONGEST_LINK:
            return _INDENT + shown
        return f"{_INDENT}\x1b]8;;{target}\x1b\\{shown}\x1b]8;;\x1b\\"


def _percent(match: re.Match[str]) -> str:
    return "%" + match[0].encode("utf-8", "surrogatepass").hex("%").upper()


def format_advice(advice: Advice, *, styled: bool) -> str:
    """Tell who found nothing what is missing, what is near, and what comes closest."""
    lines = ["nothing found"]
    for missing in advice.missing:
        near = f"; near it: {', '.join(missing.near)}" if missing.near else ""
        lines.append(neutral(f"no paragraph holds {missing.text}{near}"))
    if advice.closest and not advice.missing:
        lines.append("each stands somewhere, but no paragraph holds all of it")
    if advice.closest:
        lines += ["", "closest:"]
        for hit in advice.closest:
            lines += ["", *_hit_lines(hit, _Screen(styled), {})]
    return "\n".join(lines)


def format_passage(passage: "Passage", *, styled: bool, width: int | None = None) -> str:
    """Give a whole post, the paragraph that was asked for marked with >."""
    screen = _Screen(styled, width)
    facts, page = passage.post, passage.file.facts
    lines = [*screen.lines(neutral(page.get("title") or passage.file.path), bold=True)]
    if byline := _byline(*map(facts.get, ("author", "headline", "votes", "published"))):
        lines += screen.lines(byline)
    if facts.get("url"):
        lines.append(screen.link(facts["url"], facts["url"]))
    for entry in passage.entries:
        is_asked = entry is passage.entry
        text = [row for line in entry.text.split("\n") for row in screen.lines(neutral(line))]
        lines += ["", *(f">{row[1:]}" if is_asked else row for row in text)]
    return "\n".join(lines)


def format_stats_json(stats: "Stats") -> str:
    """Give the numbers of an index as one JSON object."""
    return _json(asdict(stats), indent=2)


def format_stats(stats: "Stats") -> str:
    """Give the numbers of an index as text, months as bars."""
    kinds = ", ".join(_counted(number, kind) for kind, number in stats.kinds.items())
    lines = [
        f"{_counted(stats.pages, 'page')}, {_counted(stats.posts, 'post')}"
        f"{f' ({kinds})' if kinds else ''}, {_counted(stats.paragraphs, 'paragraph')}",
        f"{_counted(stats.authors, 'author')}, {_counted(stats.tags, 'tag')}",
    ]
    for title, counts in (
        ("sites", dict(list(stats.sites.items())[:10])),
        ("months", stats.months),
    ):
        if counts:
            most, width = max(counts.values()), max(map(columns, counts))
            lines += ["", title]
            for text, number in counts.items():
                bar = "█" * max(round(number / most * _BAR), 1)
                lines.append(f"  {neutral(text)}{' ' * (width - columns(text))}  {bar} {number:,}")
    return "\n".join(lines)


def _summary(results: Results) -> str:
    total = results.total
    match = "1 paragraph matches" if total == 1 else f"{total:,} paragraphs match"
    match = f"more than {match}" if results.partial else match
    return f"{_counted(len(results.hits), 'result')}; {match}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _bracketed(text: str, marks: Sequence[tuple[int, int]]) -> str:
    parts, at = [], 0
    for begin, end in marks:
        parts += [text[at:begin], "【", text[begin:end], "】"]
        at = end
    return "".join([*parts, text[at:]])


def _hit_lines(hit: Hit, screen: _Screen, around: Around) -> Iterator[str]:
    head = screen.lines(f"{hit.rank}. {neutral(hit.title)}", bold=True)
    yield next(head).replace(_INDENT, "", 1)
    yield from head
    if byline := _byline(hit.author, hit.headline, hit.votes, hit.published):
        yield from screen.lines(byline)
    before, behind = around.get(hit.rank, ((), ()))
    for entry in before:
        yield from screen.lines(neutral(entry.text), dim=True)
    yield from _snippet_lines(hit, screen)
    for entry in behind:
        yield from screen.lines(neutral(entry.text), dim=True)
    if hit.link and hit.url:
        yield screen.link(hit.url, hit.link)
    for reference in hit.references:
        parts = [f"[{reference.label}]", reference.title, reference.url]
        yield from screen.lines(neutral(" ".join(part for part in parts if part)))
    yield from screen.lines(f"{neutral(hit.path)}:{hit.line}{_more(hit)}", dim=True)
    for place in hit.also:
        yield from screen.lines(f"also {neutral(place.path)}:{place.line}", dim=True)


def _snippet_lines(hit: Hit, screen: _Screen) -> Iterator[str]:
    """The snippet; … stands where the paragraph goes on."""
    shown, marks = hit.snippet.text, []
    text = "" if hit.text.startswith(shown) else "…"
    at = 0
    for begin, end in hit.snippet.highlights:
        text += neutral(shown[at:begin])
        marked = neutral(shown[begin:end])
        marks.append((len(text), len(text) + len(marked)))
        text += marked
        at = end
    text += neutral(shown[at:]) + ("" if hit.text.endswith(shown) else "…")
    return screen.lines(text, marks)


def _more(hit: Hit) -> str:
    return f", {hit.more} more of this {hit.kind}" if hit.more else ""


def format_explanation(hit: Hit) -> str:
    """Tell how the score of a hit came about: one line for each part of it."""
    known = {part.name: part for part in (*PARTS, FIRST)}
    lines = [f"{hit.rank}. {neutral(hit.path)}:{hit.line}", f"   {neutral(hit.snippet.text)}"]
    for name, value in hit.parts.items():
        part = known[name]
        share = value / part.weight
        lines.append(f"{value:9.4f}  {name:8} = {part.weight:g} × {share:.4f}, {part.what}")
    return "\n".join([*lines, f"{hit.score:9.4f}  score"])


def _byline(
    author: str | None, headline: str | None, votes: int | None, published: str | None
) -> str:
    """Who wrote it, with how many votes, and when, as far as the page tells."""
    shown = None if votes is None else f"{votes:,} votes"
    parts = [author, headline, shown, published and published[:10]]
    return " · ".join(neutral(part) for part in parts if part)


def _style(text: str, styled: bool, **style: bool | str) -> str:
    return click.style(text, **style) if styled else text  # type: ignore[arg-type]


def format_report(report: "IndexReport") -> str:
    """Give what a run of indexing did as one line."""
    counts = {"page": report.pages, "post": report.posts, "paragraph": report.paragraphs}
    parts = [
        f"{', '.join(_counted(number, what) for what, number in counts.items())} indexed",
        f"{report.changed:,} changed" if report.changed else "",
        f"{report.moved:,} moved" if report.moved else "",
        f"{report.removed:,} removed" if report.removed else "",
        f"{report.unchanged:,} unchanged" if report.unchanged else "",
        f"{len(report.skipped):,} skipped" if report.skipped else "",
    ]
    return "; ".join(part for part in parts if part) + f"; {report.seconds:.1f} s"
