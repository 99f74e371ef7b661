"""The command that makes and updates an index."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import WenduanError
from .options import INDEX, is_terminal

if TYPE_CHECKING:
    from ..indexing import Progress


@click.command("index")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@INDEX
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
    from .. import printer
    from ..engines.whoosh_engine import WhooshEngine
    from ..indexing import index_files

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
    return _Bar() if is_terminal(sys.stderr) else nullcontext()


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
