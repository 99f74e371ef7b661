"""The commands that search: results in the form that is asked for."""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import WenduanError
from ..neutralizing import neutral
from .options import (
    ALL,
    COLOR,
    INDEX,
    LIMIT,
    QUERY,
    SORT,
    Words,
    is_styled,
    is_terminal,
    open_configured,
)
from .streams import print_json, print_names

if TYPE_CHECKING:
    from ..searching import Index, Results

# Options that choose a form of output; only one of them goes with a search.
_FORMS = ("json", "jsonl", "template", "count", "files", "open", "explained")


@click.command("search", cls=Words)
@QUERY
@INDEX
@LIMIT
@click.option("--offset", default=0, type=click.IntRange(0), metavar="N", help="Leave out so many.")
@SORT
@ALL
@click.option(
    "--context",
    default=0,
    type=click.IntRange(0),
    metavar="N",
    help="Show so many paragraphs around each result, of the same post.",
)
@click.option("--json", "json", is_flag=True, help="Print one JSON object.")
@click.option("--jsonl", "jsonl", is_flag=True, help="Print a JSON object for each result.")
@click.option(
    "--format",
    "template",
    metavar="TEMPLATE",
    help="Print each result so: '{path}:{line}: {text}'; names are those of --json.",
)
@click.option("--count", is_flag=True, help="Print how many paragraphs match.")
@click.option("--files", is_flag=True, help="Print the paths of all files that match.")
@click.option(
    "--open",
    "open",
    type=click.IntRange(1),
    metavar="N",
    help="Open the source of result N, or its file.",
)
@click.option("--explain-query", "explained", is_flag=True, help="Show how a query is understood.")
@COLOR
def search_command(query: str, location: str, color: str, **options: Any) -> None:
    """Find paragraphs: words apart need all, "quoted" ones stay together, a sentence asks.

    Also: a | b, -without, (…), begin*, author:, title:, tag:, site:, kind:, in:, votes:>100,
    comments:, after:2023-01, before:, saved:<90d, has:reference; 作者： and the like too.

    Ends with 0 if something is found, 1 if nothing, 2 on an error.
    """
    forms = [form for form in _FORMS if options[form]]
    if len(forms) > 1:
        names = {"template": "format", "explained": "explain-query"}
        raise click.UsageError(
            f"{' and '.join(f'--{names.get(form, form)}' for form in forms)} do not go together"
        )
    with open_configured(location) as index:
        found = _print(index, query, forms[0] if forms else "text", is_styled(color), options)
    sys.exit(0 if found else 1)


def _print(index: "Index", query: str, form: str, styled: bool, options: dict[str, Any]) -> bool:
    """Search and print; tells whether anything was found."""
    from .. import printer

    if form == "explained":
        click.echo("\n".join(map(neutral, index.outline(query))))
        return True
    if form == "files":
        paths, partial = index.find_paths(query)
        _tell_partial(partial)
        print_names(paths)
        return bool(paths)
    results = _run(index, query, form, options)
    _tell_partial(results.partial)
    if form == "count":
        click.echo(results.total)
    elif form == "json":
        print_json(printer.format_json(results))
    elif form == "jsonl":
        print_json(printer.format_jsonl(results), nl=False)
    elif form == "template":
        click.echo(printer.format_template(results, options["template"]), nl=False)
    elif form == "open":
        return _open(results, options["open"])
    else:
        _show(index, results, options["context"], styled)
    return bool(results.hits)


def _tell_partial(partial: bool) -> None:
    """Say that a search has stopped early; what it found goes to the output all the same."""
    if partial:
        click.echo(
            "the query asks for too much at once, so part of the index was not searched and more "
            "may match; ask for fewer words, beginnings or quotations",
            err=True,
        )


def _run(index: "Index", query: str, form: str, options: dict[str, Any]) -> "Results":
    limit = max(options["limit"], options["open"] or 0)
    return index.run(
        query,
        1 if form == "count" else limit,
        sort=options["sort"],
        grouped=not options["everything"],
        offset=0 if form in ("count", "open") else options["offset"],
    )


def _show(index: "Index", results: "Results", context: int, styled: bool) -> None:
    from .. import printer

    if not results.total:
        click.echo(printer.format_advice(index.advise(results.query), styled=styled), err=True)
        return
    if not results.hits:
        click.echo(f"no more results; {results.total} paragraphs match", err=True)
        return
    around = {}
    if context:
        passages = index.passages_of(results.hits)
        rows = zip(results.hits, passages, strict=True)
        around = {hit.rank: row.around(context) for hit, row in rows}
    width = screen_width()
    page_out(printer.format_results(results, styled=styled, around=around, width=width), styled)


def screen_width() -> int | None:
    """Columns of the terminal that output goes to, None where it goes elsewhere."""
    return _screen_size()[0] if is_terminal(sys.stdout) else None


def _screen_size() -> tuple[int, int]:
    # Takes as long to load as a search, and a pipe needs none of it.
    from shutil import get_terminal_size

    return get_terminal_size()


def page_out(text: str, styled: bool) -> None:
    """Print a text; by a pager where it is longer than the terminal."""
    if is_terminal(sys.stdout) and text.count("\n") + 2 > _screen_size()[1]:
        try:
            click.echo_via_pager(text, color=styled)
        except ValueError as error:
            raise click.UsageError(f"$PAGER is no command: {error}") from error
    else:
        click.echo(text, color=styled)


def _open(results: "Results", rank: int) -> bool:
    """Open the source of a result: its address, or the file where there is none."""
    hit = next((hit for hit in results.hits if hit.rank == rank), None)
    if hit is None:
        click.echo(f"nothing found at rank {rank}; {results.total} paragraphs match", err=True)
        return False
    # Links are made of http and https addresses alone; a path begins with its root, so that it is
    # neither an option nor an address. click.launch hands it over as one argument, to no shell.
    target = hit.link or _file_to_open(hit.path)
    if click.launch(target):
        raise WenduanError(f"{target}: no program opens it; install xdg-open, or open it yourself")
    return True


def _file_to_open(path: str) -> str:
    """The file of a page, or the archive that it stands in.

    Nothing but what may be indexed: who can write to the index could name a program.
    """
    from ..walking import SUFFIXES

    found = whole = os.path.abspath(path)
    while not os.path.isfile(found):
        found, before = os.path.dirname(found), found
        if found == before:
            raise WenduanError(f"{whole}: it is not there any more; run wenduan index again")
    if os.path.splitext(found)[1].lower() not in SUFFIXES:
        raise WenduanError(f"{found}: no kind of page, so it is not opened; open it yourself")
    return found


@click.command("explain", cls=Words)
@QUERY
@INDEX
@click.option(
    "--hit",
    "rank",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Which result of the search, from 1.",
)
@SORT
@ALL
def explain_command(query: str, location: str, rank: int, sort: str, everything: bool) -> None:
    """Tell how the score of a result came about, part by part.

    Ends with 1 if the search has no such result.
    """
    from .. import printer

    with open_configured(location) as index:
        results = index.run(query, rank, sort=sort, grouped=not everything)
    if len(results.hits) < rank:
        click.echo(f"nothing found at rank {rank}; {results.total} paragraphs match", err=True)
        sys.exit(1)
    click.echo(printer.format_explanation(results.hits[-1]))
