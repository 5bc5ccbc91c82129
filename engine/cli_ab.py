"""The commands about two models that compete, and about the instant adapter."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from engine.cli_terminal import Json, as_json, finish, open_workspace, out, untagged
from engine.cli_tuning import GATE_REFUSED, print_verdict
from engine.records import TuneReport
from engine.requests import GetStatus
from engine.training_records import AbTest
from engine.training_requests import FitAdapter, GetAbTest, GetSuggestion, StartAbTest, StopAbTest

ab_app = typer.Typer(help="Let two models compete in your own searches.", no_args_is_help=True)


@ab_app.command("start")
def ab_start(first: str, second: str, json: Json = False) -> None:
    """Let two models compete, once both know the whole library; a running test is ended."""
    with open_workspace() as (workspace, _):
        workspace.bench.start_ab_test(StartAbTest(first, second))
        for job in workspace.get_status(GetStatus()).jobs:
            workspace.wait(job.id)
        _print(workspace.bench.get_ab_test(GetAbTest()), json)


@ab_app.command("status")
def ab_status(json: Json = False) -> None:
    """How far the running test is; how the last one ended where none runs."""
    with open_workspace() as (workspace, _):
        _print(workspace.bench.get_ab_test(GetAbTest()), json)


@ab_app.command("stop")
def ab_stop(json: Json = False) -> None:
    """End the running test and tell which model was preferred."""
    with open_workspace() as (workspace, _):
        _print(workspace.bench.stop_ab_test(StopAbTest()), json)


def _print(test: AbTest | None, json: bool) -> None:
    if as_json(json, test):
        return
    if test is None:
        out.print("No models have competed yet; begin with: ab start FIRST SECOND")
        return
    verdict = escape(test.verdict)
    out.print(f"[bold]{test.first}[/bold] against [bold]{test.second}[/bold]: {verdict}")
    if test.ended_at is not None and test.n_decided:
        low, high = test.ci
        out.print(
            f"{test.second} was preferred in {test.preference:.0%} of {test.n_decided:,} searches "
            f"(95 % interval {low:.0%} to {high:.0%})."
        )


def adapt(
    evalset: Annotated[str | None, typer.Option(help="Fit to a set's split instead.")] = None,
    split: Annotated[str, typer.Option(help="Its split.")] = "train",
    json: Json = False,
) -> None:
    """Fit the instant adapter to what you judged, behind the gate: seconds, nothing to encode."""
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.bench.fit_adapter(FitAdapter(evalset, split)))
        assert isinstance(report, TuneReport)
        if not as_json(json, untagged(report)):
            print_verdict(report)
    if not report.accepted:
        raise typer.Exit(GATE_REFUSED)


def suggest(json: Json = False) -> None:
    """Tell whether it is worth tuning now, and why."""
    with open_workspace() as (workspace, _):
        workspace.load()
        found = workspace.bench.get_suggestion(GetSuggestion())
        if as_json(json, found):
            return
        if found.kind == "none":
            out.print("Nothing to be gained by tuning now.")
            return
        what = "adapt" if found.kind == "adapter" else f"finetune --recipe {found.recipe}"
        out.print(f"{' '.join(found.reasons)} Begin with: {what}", markup=False)
