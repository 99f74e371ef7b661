"""The command that makes and updates an index."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ..errors import IndexLockedError, WenduanError
from ..locating import scheme_of
from ..neutralizing import neutral
from ..walking import LEADS_OUT
from .options import INDEX, configuration, is_terminal, print_changes

if TYPE_CHECKING:
    from ..engines import Engine
    from ..indexing import IndexReport, Progress
    from .watching import Watch


# Reasons for which a file is left out that are no fault: a folder may hold what is no page.
_HARMLESS = frozenset({"empty", "no page in it"})


@click.command("index")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path())
@INDEX
@click.option("--rebuild", is_flag=True, help="Forget what the index holds, and build it anew.")
@click.option(
    "--userdict",
    metavar="FILE",
    help="More words to cut text by, one a line as in jieba; fixed when the index is made.",
)
@click.option(
    "--follow-links",
    is_flag=True,
    help="Follow symbolic links that lead out of the given folders.",
)
@click.option("--dry-run", is_flag=True, help="Only tell which files would be read or removed.")
@click.option(
    "--watch",
    is_flag=True,
    help="Go on: index what changes, until Ctrl-C; needs the extra `watch`.",
)
def index_command(
    paths: tuple[str, ...],
    location: str,
    rebuild: bool,
    userdict: str | None,
    follow_links: bool,
    dry_run: bool,
    watch: bool,
) -> None:
    """Index the pages in files and folders; run it again after changes.

    Without PATH, the folders that wenduan.toml names. Files that cannot be read are named on
    standard error, and end the run with 2.
    """
    from ..engines.opening import open_engine

    gc.enable()
    config = configuration()
    if not paths:
        _check_folders(config.folders)
        paths = config.folders
    if not paths:
        raise click.UsageError("nothing to index; give a PATH, or name folders in wenduan.toml")
    if dry_run:
        _tell(paths, location, rebuild, follow_links)
        return
    _check_whoosh()
    watching = _load_watch() if watch else None
    engine = open_engine(
        location,
        create=True,
        rebuild=rebuild,
        userdict=userdict or config.userdict,
        opensearch=config.opensearch,
    )
    try:
        run = _Run(engine, follow_links)
        if watching:
            _watch(run, paths, location, watching)
        is_fine = run.index(paths)
    except KeyboardInterrupt:
        if scheme_of(location) is None or rebuild:
            raise
        click.echo(
            "interrupted; what was fed is there, run the same command again to go on", err=True
        )
        sys.exit(130)
    finally:
        engine.close()
    if not is_fine:
        sys.exit(2)


def _check_folders(folders: Sequence[str]) -> None:
    """Raise WenduanError for a folder of wenduan.toml that is not there.

    Who names a path that is gone wants its pages forgotten; a disk may just not be mounted.
    """
    for folder in folders:
        if not os.path.exists(folder):
            raise WenduanError(
                f"{folder}, which wenduan.toml names, is not there; to forget its pages run:"
                f" wenduan index {folder}"
            )


class _Run:
    """Runs of indexing by one engine, and what they say."""

    def __init__(self, engine: "Engine", follow_links: bool) -> None:
        self._engine, self._follow_links = engine, follow_links
        self._skipped: set[str] = set()

    def index(self, paths: Sequence[str]) -> bool:
        """Index and report; tells whether all could be read."""
        report = self._index(paths)
        self._report(report)
        return all(error.reason in {*_HARMLESS, LEADS_OUT} for error in report.skipped)

    def update(self, paths: Sequence[str]) -> None:
        """Index, and report what is new since the run before."""
        report = self._index(paths)
        skipped = [error for error in report.skipped if str(error) not in self._skipped]
        if skipped or report.pages or report.changed or report.moved or report.removed:
            self._report(replace(report, skipped=skipped))
        self._skipped = {str(error) for error in report.skipped}

    def _index(self, paths: Sequence[str]) -> "IndexReport":
        from ..indexing import index_files

        with _progress() as progress:
            return index_files(self._engine, paths, progress, follow_links=self._follow_links)

    def _report(self, report: "IndexReport") -> None:
        from .. import printer

        for error in report.skipped:
            click.echo(neutral(f"skipped {error}"), err=True)
        for warning in report.warnings:
            click.echo(neutral(f"warning {warning}"), err=True)
        click.echo(printer.format_report(report))
        self._skipped = {str(error) for error in report.skipped}


def _tell(paths: Sequence[str], location: str, rebuild: bool, follow_links: bool) -> None:
    """Print what indexing would do: a line a file, + new, ~ changed, > moved, - gone."""
    from ..engines.opening import open_engine
    from ..errors import IndexMissingError
    from ..indexing import known_files, look

    known = {}
    if not rebuild:
        try:
            engine = open_engine(location, opensearch=configuration().opensearch)
            known = known_files(engine)
            engine.close()
        except IndexMissingError:
            # All is new then.
            known = {}
    found = look(paths, known, follow_links=follow_links)
    rows = [("+", state.path) for state in found.new]
    rows += [("~", state.path) for state in found.changed]
    rows += [(">", f"{old} -> {state.path}") for old, state in found.moved]
    rows += [("-", path) for path in found.gone]
    print_changes(rows, found.unreadable)
    unchanged = len(found.unchanged) + len(found.touched)
    click.echo(f"{len(rows):,} files would be read or removed; {unchanged:,} unchanged", err=True)


def _load_watch() -> "Watch":
    """What waits for changes; raises WenduanError where it is not installed."""
    try:
        from watchfiles import watch
    except ImportError as error:
        raise WenduanError(
            '--watch needs watchfiles; install wenduan with ".[watch]" or "wenduan[watch]"'
        ) from error
    return watch


def _watch(run: "_Run", paths: Sequence[str], location: str, watch: "Watch") -> None:
    """Index whatever changes below some paths, until Ctrl-C."""
    from .watching import keep_indexed

    # Where another process is writing, the first run of the watch waits for its end.
    with suppress(IndexLockedError):
        run.index(paths)
    click.echo("watching; Ctrl-C ends it", err=True)
    try:
        folder = location if scheme_of(location) is None else None
        keep_indexed(run.update, paths, folder, watch)
    except KeyboardInterrupt:
        click.echo("watching ended; the index is as it was reported last", err=True)
        sys.exit(130)


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


def _check_whoosh() -> None:
    """Raise WenduanError where two packages that share the name `whoosh` overwrite each other."""
    import importlib.metadata

    found = []
    for name in ("whoosh3", "whoosh-reloaded", "whoosh"):
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(name)
    if len(found) > 1:
        raise WenduanError(
            f"{' and '.join(found)} overwrite each other; run: pip uninstall -y {' '.join(found)}"
            " && pip install whoosh3"
        )
