"""How commands reach the library and print: for people on a terminal, else one JSON value."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from engine.errors import EngineError
from engine.events import Failed, Finished
from engine.places import default_workspace
from engine.progress_bars import ProgressBars
from engine.records import Failure, IndexReport, JobInfo
from engine.requests import CancelJob, ListFailures
from engine.workspace import Workspace

out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)
_folder = default_workspace()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]


def use_folder(folder: Path) -> None:
    """Have commands work on the library whose state is in this folder."""
    global _folder
    _folder = folder.expanduser().absolute()


def folder() -> Path:
    """Where the library's state is."""
    return _folder


@contextmanager
def open_workspace() -> Iterator[tuple[Workspace, ProgressBars]]:
    """The workspace, with its progress shown on a terminal."""
    with ProgressBars(_err) as bars, Workspace(_folder, bars.show) as workspace:
        yield workspace, bars
        try:
            workspace.back_up_if_due()
        except EngineError as error:
            tell(error)  # what the command was asked for is done


def finish(
    workspace: Workspace, bars: ProgressBars, job: JobInfo, *, resumable: bool = False
) -> Any:
    """Wait for a job; returns its result, or ends the command as the job ended.

    Ctrl-C cancels it, but for one that is resumable: that is interrupted as the workspace closes,
    and keeps what it needs to go on.
    """
    try:
        end = workspace.wait(job.id)
    except KeyboardInterrupt:
        if resumable:
            raise
        workspace.cancel_job(CancelJob(job.id))
        workspace.wait(job.id)
        raise
    bars.stop()
    match end:
        case Finished(result=result):
            return result
        case Failed(title=title, message=message, hint=hint):
            raise EngineError(title, message, hint)
    raise KeyboardInterrupt


def as_json(wanted: bool, value: object) -> bool:
    """Print as JSON where it is wanted or nobody watches; whether it was."""
    if not wanted and out.is_terminal:
        return False
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
    return True


def untagged(report: msgspec.Struct) -> dict[str, Any]:
    """A report as JSON has it, without the name of its kind."""
    return {name: getattr(report, name) for name in report.__struct_fields__}


def print_index_report(workspace: Workspace, report: object, json: bool) -> None:
    """What indexing did, and the files that failed."""
    assert isinstance(report, IndexReport)
    failures = workspace.list_failures(ListFailures())
    if as_json(json, untagged(report) | {"failures": failures}):
        return
    out.print(
        f"{report.added:,} added, {report.changed:,} changed, {report.moved:,} moved, "
        f"{report.removed:,} removed, {report.unchanged:,} unchanged, {report.failed:,} failed; "
        f"{report.encoded:,} passages encoded in {report.seconds:.1f} s"
    )
    for failure in failures[:20]:
        print_failure(failure)


def print_failure(failure: Failure) -> None:
    """Tell of a file that could not be read."""
    reason, path, hint = map(escape, (failure.reason, failure.path, failure.hint))
    out.print(f"[red]{reason}[/red]  {path}  [dim]{hint}[/dim]")


class PlainTable:
    """A table of texts that are shown as they are: what is in brackets is no mark-up."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._table = Table(box=None, pad_edge=False)
        for heading in headings:
            self._table.add_column(Text(heading), overflow="fold")

    def add_row(self, *cells: str) -> None:
        """Add a row of as many cells as there are headings."""
        self._table.add_row(*map(Text, cells))

    def __rich__(self) -> Table:
        """What is printed."""
        return self._table


def table(*headings: str) -> PlainTable:
    """A plain table that is still empty."""
    return PlainTable(headings)


def tell(error: EngineError) -> None:
    """Print an error beside the output."""
    said = escape(f"{error.message} {error.hint}".rstrip())
    # Into a pipe without line breaks, so that a program finds a path whole.
    _err.print(
        f"[bold red]{escape(error.title)}.[/bold red] {said}", soft_wrap=not _err.is_terminal
    )
