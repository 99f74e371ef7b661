"""The commands that look at what is there: pages, posts, and what the index holds."""

import gc
import sys

import click

from ..neutralizing import neutral
from .options import (
    COLOR,
    INDEX,
    LIMIT,
    PLACE,
    configuration,
    is_styled,
    open_configured,
    print_changes,
)
from .searching import page_out, screen_width
from .streams import has_reader, print_json


@click.command("show")
@PLACE
@INDEX
@COLOR
def show_command(place: tuple[str, int], location: str, color: str) -> None:
    """Print the post around a place of a file, as results name it."""
    from .. import printer

    styled = is_styled(color)
    with open_configured(location) as index:
        passage = index.passage(*place)
    page_out(printer.format_passage(passage, styled=styled, width=screen_width()), styled)


@click.command("similar")
@PLACE
@INDEX
@LIMIT
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@COLOR
def similar_command(
    place: tuple[str, int], location: str, limit: int, as_json: bool, color: str
) -> None:
    """Find paragraphs that say what the one at a place of a file says.

    Ends with 1 if there is none.
    """
    from .. import printer

    with open_configured(location) as index:
        results = index.similar(*place, limit)
    if as_json:
        print_json(printer.format_json(results))
    elif results.hits:
        styled = is_styled(color)
        page_out(printer.format_results(results, styled=styled, width=screen_width()), styled)
    sys.exit(0 if results.hits else 1)


@click.command("stats")
@INDEX
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stats_command(location: str, as_json: bool) -> None:
    """Print what the index holds, in numbers."""
    from .. import printer

    with open_configured(location) as index:
        stats = index.stats()
    if as_json:
        print_json(printer.format_stats_json(stats))
    else:
        click.echo(printer.format_stats(stats))


@click.command("check")
@INDEX
def check_command(location: str) -> None:
    """Check the index: whether it is what was written, and its pages against the files they are of.

    Ends with 1 if pages have changed since, 2 if the index is damaged; says what to do.
    """
    from ..engines.opening import open_engine
    from ..indexing import known_files, look

    engine = open_engine(location, opensearch=configuration().opensearch)
    try:
        size, seen = engine.verify(), engine.checked
        known = known_files(engine)
        # Only what the index knows: where else to look is for wenduan index to be told.
        found = look(list(known), known)
    finally:
        engine.close()
    click.echo(f"{size:,} bytes {seen}; {len(known):,} files are indexed")
    rows = [("~", state.path) for state in found.changed] + [("-", path) for path in found.gone]
    print_changes(rows, found.unreadable)
    if rows:
        command = "wenduan index" if configuration().folders else "wenduan index PATH"
        click.echo(
            f"{len(rows):,} files have changed or are gone; bring the index up to date with:"
            f" {command}",
            err=True,
        )
    # Their pages stay as they are: to index again would change nothing.
    kept = {error.path for error in found.unreadable}.difference(found.gone)
    if kept:
        click.echo(f"{len(kept):,} files cannot be read now; let this user read them", err=True)
    if rows or kept:
        sys.exit(1)


@click.command("list")
@click.argument("what", type=click.Choice(["authors", "tags", "sites", "titles"]))
@INDEX
def list_command(what: str, location: str) -> None:
    """Print all authors (with their posts), tags, sites or titles (with their pages), counted.

    Ends with 1 if there is none.
    """
    with open_configured(location) as index:
        counts = index.count(what.removesuffix("s"))
    for text, number in counts.items():
        click.echo(f"{number}\t{neutral(' '.join(text.split()))}")
    sys.exit(0 if counts else 1)


@click.command("read")
@click.argument("path", metavar="FILE", type=click.Path())
@click.option(
    "--summary",
    is_flag=True,
    help="Print one line a page: saver, kind, posts, paragraphs, warnings. FILE may be a folder.",
)
def read_command(path: str, summary: bool) -> None:
    """Print how a saved page is read, as JSON: posts, paragraphs, and the lines left out.

    A file of several pages, such as an archive, gives one JSON object a line. What cannot be
    read is named on standard error, and ends the run with 2.
    """
    from .. import printer
    from ..pages import Page, iter_pages
    from ..scanner import list_files

    gc.enable()
    if summary:
        files, errors = list_files([path])
    else:
        files, errors = [path], []
    pages: list[Page] = []
    for file in files:
        if not has_reader():
            break
        for found in iter_pages(file):
            if isinstance(found, Page):
                pages.append(found)
            else:
                errors.append(found)
            if summary and pages:
                click.echo(printer.format_summary(pages.pop()))
    if pages:
        print_json(printer.format_pages(pages))
    for error in errors:
        click.echo(neutral(f"wenduan: {error}"), err=True)
    if errors:
        sys.exit(2)
