"""The command: arguments in, printing out, nothing else.

Each command loads what it needs when it runs: the rest would take longer to load than a search
takes, and Ctrl-C while it loads is Ctrl-C like any other.
"""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .errors import WenduanError

if TYPE_CHECKING:
    from .indexing import Progress

_INDEX = click.option(
    "--index",
    "location",
    default="index",
    envvar="WENDUAN_INDEX",
    show_default="./index, or $WENDUAN_INDEX",
    metavar="DIR",
    help="Folder of the index.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="wenduan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Search saved Chinese pages: each paragraph of each answer, with its source link."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command("index")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@_INDEX
@click.option("--rebuild", is_flag=True, help="Forget what the index holds, and build it anew.")
@click.option(
    "--userdict",
    metavar="FILE",
    help="More words to cut text by, one a line as in jieba; fixed when the index is made.",
)
def index_command(
    paths: tuple[str, ...], location: str, rebuild: bool, userdict: str | None
) -> None:
    """Index the pages in files and folders; run it again after changes.

    Files that cannot be read are named on standard error, and end the run with 2.
    """
    from . import printer
    from .engines.whoosh_engine import WhooshEngine
    from .indexing import index_files

    _check_whoosh()
    engine = WhooshEngine(location, create=True, rebuild=rebuild, userdict=userdict)
    try:
        with _progress() as progress:
            report = index_files(engine, paths, progress)
    finally:
        engine.close()
    for error in report.skipped:
        click.echo(f"skipped {error}", err=True)
    for warning in report.warnings:
        click.echo(f"warning {warning}", err=True)
    click.echo(printer.format_report(report))
    # A folder may hold what was never meant to be a page.
    if any(error.reason not in {"empty", "no page in it"} for error in report.skipped):
        sys.exit(2)


def _progress() -> AbstractContextManager["Progress | None"]:
    return _Bar() if sys.stderr.isatty() else nullcontext()


class _Bar:
    """A progress bar on standard error that leaves no trace."""

    def __enter__(self) -> "Progress":
        return self._show

    def _show(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="reading", file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    _bar: Any = None

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            # Clear the line, and show the cursor that the bar has hidden.
            click.echo("\r\x1b[K\x1b[?25h", nl=False, err=True)


_SORT = click.option(
    "--sort",
    default="relevance",
    show_default=True,
    type=click.Choice(["relevance", "votes", "date"]),
    help="Which come first: the best, those with most votes, or the newest.",
)
_ALL = click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Show all paragraphs of a post, and all copies of one text.",
)


@cli.command("search")
@click.argument("query")
@_INDEX
@click.option(
    "-n",
    "limit",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="How many results to show.",
)
@_SORT
@_ALL
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def search_command(
    query: str, location: str, limit: int, sort: str, everything: bool, as_json: bool
) -> None:
    """Find paragraphs: words apart need all, "quoted" ones stay together, a sentence asks.

    Ends with 0 if something is found, 1 if nothing, 2 on an error.
    """
    from . import printer
    from .searching import open_index

    with open_index(location) as index:
        results = index.run(query, limit, sort=sort, grouped=not everything)
    if as_json:
        click.echo(printer.format_json(results))
    elif results.hits:
        styled = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        click.echo(printer.format_results(results, styled=styled), color=styled)
    else:
        click.echo("nothing found", err=True)
    sys.exit(0 if results.hits else 1)


@cli.command("explain")
@click.argument("query")
@_INDEX
@click.option(
    "--hit",
    "rank",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Which result of the search, from 1.",
)
@_SORT
@_ALL
def explain_command(query: str, location: str, rank: int, sort: str, everything: bool) -> None:
    """Tell how the score of a result came about, part by part.

    Ends with 1 if the search has no such result.
    """
    from . import printer
    from .searching import open_index

    with open_index(location) as index:
        hits = index.search(query, rank, sort=sort, grouped=not everything)
    if len(hits) < rank:
        click.echo(f"nothing found at rank {rank}", err=True)
        sys.exit(1)
    click.echo(printer.format_explanation(hits[-1]))


@cli.command("read")
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
    from . import printer
    from .pages import Page, iter_pages
    from .scanner import list_files

    if summary:
        files, errors = list_files([path])
    else:
        files, errors = [path], []
    pages: list[Page] = []
    for file in files:
        for found in iter_pages(file):
            if isinstance(found, Page):
                pages.append(found)
            else:
                errors.append(found)
            if summary and pages:
                click.echo(printer.format_summary(pages.pop()))
    if pages:
        click.echo(printer.format_pages(pages))
    for error in errors:
        click.echo(f"wenduan: {error}", err=True)
    if errors:
        sys.exit(2)


def main() -> None:
    """Run the command; an error of ours is one line, Ctrl-C ends with 130."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        _fail(f"{error.format_message()} See: wenduan --help")
    except WenduanError as error:
        _fail(str(error))
    except BrokenPipeError:
        # Who reads our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'the system says'}: {error.strerror}")
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; the index is as it was before", err=True)
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    """Say on one line what went wrong, and end with 2."""
    click.echo(f"wenduan: {' '.join(message.split())}", err=True)
    sys.exit(2)


def _check_whoosh(distribution: Callable[[str], Any] | None = None) -> None:
    """Raise WenduanError where two packages that share the name `whoosh` overwrite each other."""
    import importlib.metadata

    distribution = distribution or importlib.metadata.distribution
    found = []
    for name in ("whoosh3", "whoosh-reloaded", "whoosh"):
        try:
            distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(name)
    if len(found) > 1:
        raise WenduanError(
            f"{' and '.join(found)} overwrite each other; run: pip uninstall -y {' '.join(found)}"
            " && pip install whoosh3"
        )
