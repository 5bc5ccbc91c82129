"""The headless commands: the same engine, without a window.

On a terminal they print for people, with progress bars; into a pipe, or with `--json`, one JSON
value. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the tuned model did not pass the gate,
4 the library is in use by another Attune, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from engine import cli_ab, cli_comparing, cli_gathering, cli_tuning
from engine.cli_evalsets import evalset_app
from engine.cli_models import models_app
from engine.cli_runs import runs_app
from engine.cli_terminal import (
    Json,
    as_json,
    finish,
    folder,
    open_workspace,
    out,
    print_failure,
    print_index_report,
    table,
    tell,
    untagged,
    use_folder,
)
from engine.cli_training import trainset_app
from engine.cli_tuning import recipes_app
from engine.errors import EngineError, WorkspaceLocked
from engine.records import (
    BackupInfo,
    DoctorReport,
    EvaluationReport,
    Kind,
    Mode,
    SearchResult,
    SearchResults,
)
from engine.requests import (
    Diagnose,
    Evaluate,
    GetSettings,
    GetStatus,
    ListFailures,
    MakeBackup,
    Search,
    Sync,
)
from engine.storage.backup import every as backups_of
from engine.storage.library import restore_now

FAILED, IN_USE, INTERRUPTED = 1, 4, 130

app = typer.Typer(
    help="Search your own folders by words and by meaning, judge, measure, tune. Offline.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(evalset_app, name="evalset")
app.add_typer(models_app, name="models")
app.add_typer(runs_app, name="runs")
app.add_typer(trainset_app, name="trainset")
app.add_typer(recipes_app, name="recipes")
app.command()(cli_tuning.finetune)
app.add_typer(cli_ab.ab_app, name="ab")
app.command()(cli_ab.adapt)
app.command()(cli_ab.suggest)
app.command()(cli_comparing.pool)
app.command()(cli_comparing.agree)
app.command()(cli_gathering.mine)
app.command()(cli_gathering.synthesize)
app.command()(cli_gathering.distill)

ModeOption = Annotated[Mode, typer.Option("--mode", help="How to search.")]


@app.callback()
def _workspace(
    workspace: Annotated[
        Path | None, typer.Option("--workspace", help="Folder that holds the library's state.")
    ] = None,
) -> None:
    if workspace is not None:
        use_folder(workspace)


@app.command()
def add(paths: list[Path], json: Json = False) -> None:
    """Remember folders (or single files) and index them."""
    with open_workspace() as (workspace, bars):
        workspace.remember([str(path) for path in paths])
        report = finish(workspace, bars, workspace.sync(Sync()))
        print_index_report(workspace, report, json)


@app.command()
def sync(
    retry_failed: Annotated[bool, typer.Option(help="Try failed files again.")] = False,
    json: Json = False,
) -> None:
    """Bring the library up to date with its folders."""
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.sync(Sync(retry_failed)))
        print_index_report(workspace, report, json)


@app.command()
def status(json: Json = False) -> None:
    """Show counts, failures, index health and the active model."""
    with open_workspace() as (workspace, _):
        now = workspace.get_status(GetStatus())
        failures = workspace.list_failures(ListFailures())
        if as_json(json, {"status": now, "failures": failures}):
            return
        shown = table("Library", "")
        shown.add_row("Folder of its state", now.workspace)
        shown.add_row("Files", f"{now.n_files:,} ({now.n_failed:,} failed)")
        shown.add_row("Documents", f"{now.n_documents:,}")
        shown.add_row("Passages", f"{now.n_chunks:,}")
        for name, health in (("Keyword index", now.lexical), ("Meaning index", now.vectors)):
            shown.add_row(
                name, f"{health.state}: {health.done:,} of {health.total:,} {health.note}"
            )
        shown.add_row("Active model", now.active_model)
        if now.n_pictures:
            shown.add_row("Pictures", f"{now.n_pictures:,} ({now.n_seen:,} looked at)")
            shown.add_row("Active model for pictures", now.image_model)
        watching = workspace.get_settings(GetSettings()).watch
        shown.add_row("Watching", "on, while the window is open" if watching else "off")
        shown.add_row("On disk", f"{now.disk.total / 1e6:,.0f} MB")
        out.print(shown)
        for root in now.roots:
            away = "" if root.available else "  (away)"
            files = f"{root.n_files:,} files, {root.n_failed:,} failed{away}"
            out.print(f"{root.path}: {files}", markup=False)
        for failure in failures:
            print_failure(failure)


@app.command()
def search(
    query: Annotated[str, typer.Argument()] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Results.")] = 10,
    mode: ModeOption = "hybrid",
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Rerank with the cross-encoder.")
    ] = False,
    under: Annotated[Path | None, typer.Option(help="Only below this folder.")] = None,
    type: Annotated[list[str] | None, typer.Option(help="Only this extension.")] = None,
    kind: Annotated[Kind, typer.Option(help="Documents of any kind, or of this alone.")] = "both",
    image: Annotated[Path | None, typer.Option(help="Pictures that look like this one.")] = None,
    weight: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of the words beside a picture.")
    ] = None,
    json: Json = False,
) -> None:
    """Search the library by words, by a picture, or by both."""
    with open_workspace() as (workspace, _):
        workspace.load()
        found = workspace.search(
            Search(
                query=query,
                k=k,
                mode=mode,
                rerank=rerank,
                under=str(under.absolute()) if under else None,
                types=tuple(type or ()),
                kind=kind,
                image=str(image.absolute()) if image else None,
                weight=weight,
            )
        )
        if not as_json(json, results_for_programs(found)):
            _print_results(found)


@app.command()
def evaluate(
    name: str,
    split: Annotated[str, typer.Option(help="Split of the set.")] = "test",
    mode: ModeOption = "hybrid",
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Rerank with the cross-encoder.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="Id of a model; else the active one.")] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="A system to compare, instead: hybrid, dense:MODEL, hybrid+rerank …"),
    ] = None,
    json: Json = False,
) -> None:
    """Measure retrieval on an evaluation set (`judgments` is the set of your own).

    `--compare`, given for each of several systems, measures them all and tells them apart.
    """
    if compare:
        cli_comparing.compare(name, split, compare, json=json)
        return
    with open_workspace() as (workspace, bars):
        job = workspace.evaluate(Evaluate(name, split, mode, rerank, model))
        report = finish(workspace, bars, job)
        assert isinstance(report, EvaluationReport)
        if as_json(json, untagged(report)):
            return
        shown = table(f"{report.set} / {report.split}", f"{report.mode}, {report.model}")
        shown.add_row("Queries", str(report.n_queries))
        for measure, value in report.measures.items():
            shown.add_row(measure, f"{value:.4f}")
        shown.add_row(
            "Latency p50 / p95", f"{report.latency_ms.p50:.1f} / {report.latency_ms.p95:.1f} ms"
        )
        out.print(shown)


@app.command()
def backup(json: Json = False) -> None:
    """Copy the library's file: judgments, feedback, settings and texts."""
    with open_workspace() as (workspace, _):
        made = workspace.make_backup(MakeBackup())
    if not as_json(json, made):
        _print_backups((made,))


@app.command()
def restore(name: Annotated[str | None, typer.Argument()] = None, json: Json = False) -> None:
    """Put a copy in the place of the library's file, also where that is damaged.

    The present file is copied before, or set aside. Without a name the copies are listed.
    """
    if name is None:
        copies = backups_of(folder() / "backups")
        if not as_json(json, copies):
            _print_backups(copies)
        return
    restore_now(folder(), name)
    if not as_json(json, {"restored": name}):
        out.print(f"{name} is the library again. What was there before is kept beside it.")


@app.command()
def doctor(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the indexes anew.")] = False,
    json: Json = False,
) -> None:
    """Check every store, and repair what can be repaired; exit code 1 where something is lost."""
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.diagnose(Diagnose(rebuild)))
        assert isinstance(report, DoctorReport)
        if not as_json(json, untagged(report)):
            shown = table("Store", "State", "")
            for finding in report.findings:
                shown.add_row(finding.store, finding.state, finding.text)
            out.print(shown)
    if any(finding.state == "damaged" for finding in report.findings):
        raise typer.Exit(FAILED)


def run() -> int:
    """Run the command line; returns the exit code."""
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except EngineError as error:
        tell(error)
        return IN_USE if isinstance(error, WorkspaceLocked) else FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except typer.Exit as end:
        return end.exit_code
    except Exception as error:
        if show := getattr(error, "show", None):  # wrong usage, as click words it
            show()
            return int(getattr(error, "exit_code", 2))
        raise


def results_for_programs(found: SearchResults) -> dict[str, Any]:
    """Search results as the commands print them in JSON."""
    return {
        "query": found.query,
        "mode": found.mode,
        "model": found.model,
        "took_ms": round(found.took_ms, 2),
        "notice": found.notice,
        "results": [_result_for_programs(result) for result in found.results],
    }


def _result_for_programs(result: SearchResult) -> dict[str, Any]:
    return {
        "rank": result.rank,
        "document": result.document,
        "title": result.title,
        "picture": result.picture,
        "score": result.score,
        "scores": result.scores,
        "passages": [
            {"text": p.text, "start": p.start, "end": p.end, "page": p.page}
            for p in result.passages
        ],
    }


def _print_results(found: SearchResults) -> None:
    for result in found.results:
        title, document = escape(result.title), escape(result.document)
        out.print(f"[bold]{result.rank}. {title}[/bold]  [dim]{document}[/dim]")
        for passage in result.passages[:1]:
            page = f"p. {passage.page}: " if passage.page else ""
            out.print(f"   {page}{' '.join(passage.text.split())[:240]}", markup=False)
    if not found.results:
        out.print("Nothing was found.")
    notice = escape(found.notice)
    out.print(f"[dim]{len(found.results)} results in {found.took_ms:.0f} ms {notice}[/dim]")


def _print_backups(copies: Sequence[BackupInfo]) -> None:
    shown = table("Backup", "Made", "Reason", "Size", "Judgments and thumbs")
    for copy in copies:
        made = datetime.fromtimestamp(copy.at).strftime("%Y-%m-%d %H:%M")
        size = f"{copy.size_bytes / 1e6:,.1f} MB"
        shown.add_row(copy.name, made, copy.reason, size, f"{copy.n_labels:,}")
    out.print(shown)
