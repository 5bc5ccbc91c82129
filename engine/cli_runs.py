"""The commands about the run log: what jobs did, listed, shown and written to files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.cli_terminal import Json, as_json, open_workspace, out, table
from engine.training_records import RunFilter, RunRecord
from engine.training_requests import ExportRuns, GetRun, ListRuns

runs_app = typer.Typer(help="What was run: indexing, tuning, measuring.", no_args_is_help=True)

_KindOption = Annotated[
    list[str] | None, typer.Option("--kind", help="finetune, evaluate, index …; repeatable.")
]
_TextOption = Annotated[
    str, typer.Option("--text", help="In the title, a parameter or what was made.")
]
_LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")]


@runs_app.command("list")
def runs_list(
    kind: _KindOption = None, text: _TextOption = "", limit: _LimitOption = 50, json: Json = False
) -> None:
    """List jobs that were run, the newest first."""
    with open_workspace() as (workspace, _):
        wanted = RunFilter(kinds=tuple(kind or ()), text=text, limit=limit)
        runs = workspace.bench.list_runs(ListRuns(wanted))
        if as_json(json, runs):
            return
        shown = table("Run", "Began", "What", "State", "Took", "nDCG@10")
        for run in runs:
            ndcg = run.metrics.get("nDCG@10", run.metrics.get("gate.after"))
            shown.add_row(
                run.job,
                _at(run.began_at),
                run.title,
                run.state,
                _took(run),
                "" if ndcg is None else f"{ndcg:.4f}",
            )
        out.print(shown)


@runs_app.command("show")
def runs_show(job: str, json: Json = False) -> None:
    """Show one run: what was asked, what was measured and what it made."""
    with open_workspace() as (workspace, _):
        run = workspace.bench.get_run(GetRun(job))
        if as_json(json, run):
            return
        shown = table(run.title, f"{run.state}, {_at(run.began_at)}")
        shown.add_row("Took", _took(run))
        for name, words in run.params.items():
            shown.add_row(name, words)
        for name, value in run.metrics.items():
            shown.add_row(name, f"{value:,.4f}".rstrip("0").rstrip("."))
        for made in run.artefacts:
            shown.add_row("Made", made)
        if run.message:
            shown.add_row("", run.message)
        out.print(shown)


@runs_app.command("export")
def runs_export(
    path: Path,
    kind: _KindOption = None,
    text: _TextOption = "",
    limit: _LimitOption = 5000,
    json: Json = False,
) -> None:
    """Write runs to a file, as CSV or JSON lines by its name."""
    with open_workspace() as (workspace, _):
        wanted = RunFilter(kinds=tuple(kind or ()), text=text, limit=limit)
        written = workspace.bench.export_runs(ExportRuns(str(path.absolute()), wanted))
        if not as_json(json, {"path": written}):
            out.print(f"The runs were written to {written}.", markup=False)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _took(run: RunRecord) -> str:
    return "" if run.ended_at is None else f"{run.ended_at - run.began_at:,.1f} s"
