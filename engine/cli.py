"""The headless commands: the same engine, without a window.

On a terminal they print for people, with progress bars; into a pipe, or with `--json`, one JSON
value. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the tuned model did not pass the gate,
4 the library is in use by another Attune, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from engine.errors import EngineError, WorkspaceLocked
from engine.events import Failed, Finished
from engine.places import default_workspace
from engine.progress_bars import ProgressBars
from engine.records import (
    BackupInfo,
    DoctorReport,
    EvaluationReport,
    ImportReport,
    IndexReport,
    JobInfo,
    Kind,
    Mode,
    ModelKind,
    SearchResult,
    SearchResults,
    TuneReport,
)
from engine.requests import (
    ActivateModel,
    CancelJob,
    Diagnose,
    DownloadModel,
    Evaluate,
    Finetune,
    GetSettings,
    GetStatus,
    ImportEvalSet,
    ImportModel,
    ListEvalSets,
    ListFailures,
    ListModels,
    ListPublishedModels,
    MakeBackup,
    RemoveModel,
    RollBackModel,
    Search,
    Sync,
)
from engine.storage.backup import every as backups_of
from engine.storage.library import restore_now
from engine.workspace import Workspace

FAILED, GATE_REFUSED, IN_USE, INTERRUPTED = 1, 3, 4, 130

app = typer.Typer(
    help="Search your own folders by words and by meaning, judge, measure, tune. Offline.",
    no_args_is_help=True,
    add_completion=False,
)
evalset_app = typer.Typer(help="Evaluation sets.", no_args_is_help=True)
models_app = typer.Typer(help="Models for passages and for pictures.", no_args_is_help=True)
app.add_typer(evalset_app, name="evalset")
app.add_typer(models_app, name="models")

_out = Console()
_err = Console(stderr=True)
_folder = default_workspace()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]
ModeOption = Annotated[Mode, typer.Option("--mode", help="How to search.")]


@app.callback()
def _workspace(
    workspace: Annotated[
        Path | None, typer.Option("--workspace", help="Folder that holds the library's state.")
    ] = None,
) -> None:
    global _folder
    if workspace is not None:
        _folder = workspace.expanduser().absolute()


@app.command()
def add(paths: list[Path], json: Json = False) -> None:
    """Remember folders (or single files) and index them."""
    with _open() as (workspace, bars):
        workspace.remember([str(path) for path in paths])
        report = _finish(workspace, bars, workspace.sync(Sync()))
        _print_index_report(workspace, report, json)


@app.command()
def sync(
    retry_failed: Annotated[bool, typer.Option(help="Try failed files again.")] = False,
    json: Json = False,
) -> None:
    """Bring the library up to date with its folders."""
    with _open() as (workspace, bars):
        report = _finish(workspace, bars, workspace.sync(Sync(retry_failed)))
        _print_index_report(workspace, report, json)


@app.command()
def status(json: Json = False) -> None:
    """Show counts, failures, index health and the active model."""
    with _open() as (workspace, _):
        now = workspace.get_status(GetStatus())
        failures = workspace.list_failures(ListFailures())
        if _as_json(json, {"status": now, "failures": failures}):
            return
        table = _table("Library", "")
        table.add_row("Folder of its state", now.workspace)
        table.add_row("Files", f"{now.n_files:,} ({now.n_failed:,} failed)")
        table.add_row("Documents", f"{now.n_documents:,}")
        table.add_row("Passages", f"{now.n_chunks:,}")
        for name, health in (("Keyword index", now.lexical), ("Meaning index", now.vectors)):
            table.add_row(
                name, f"{health.state}: {health.done:,} of {health.total:,} {health.note}"
            )
        table.add_row("Active model", now.active_model)
        if now.n_pictures:
            table.add_row("Pictures", f"{now.n_pictures:,} ({now.n_seen:,} looked at)")
            table.add_row("Active model for pictures", now.image_model)
        watching = workspace.get_settings(GetSettings()).watch
        table.add_row("Watching", "on, while the window is open" if watching else "off")
        table.add_row("On disk", f"{now.disk.total / 1e6:,.0f} MB")
        _out.print(table)
        for root in now.roots:
            away = "" if root.available else "  (away)"
            _out.print(f"{root.path}: {root.n_files:,} files, {root.n_failed:,} failed{away}")
        for failure in failures:
            _out.print(f"[red]{failure.reason}[/red]  {failure.path}  [dim]{failure.hint}[/dim]")


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
    with _open() as (workspace, _):
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
        if not _as_json(json, results_for_programs(found)):
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
    json: Json = False,
) -> None:
    """Measure retrieval on an evaluation set (`judgments` is the set of your own)."""
    with _open() as (workspace, bars):
        job = workspace.evaluate(Evaluate(name, split, mode, rerank, model))
        report = _finish(workspace, bars, job)
        assert isinstance(report, EvaluationReport)
        if _as_json(json, _untagged(report)):
            return
        table = _table(f"{report.set} / {report.split}", f"{report.mode}, {report.model}")
        table.add_row("Queries", str(report.n_queries))
        for measure, value in report.measures.items():
            table.add_row(measure, f"{value:.4f}")
        table.add_row(
            "Latency p50 / p95", f"{report.latency_ms.p50:.1f} / {report.latency_ms.p95:.1f} ms"
        )
        _out.print(table)


@app.command()
def finetune(
    evalset: Annotated[str | None, typer.Option(help="Tune on a set's split instead.")] = None,
    split: Annotated[str, typer.Option(help="Its split.")] = "train",
    kind: Annotated[ModelKind, typer.Option(help="text or image: which model.")] = "text",
    json: Json = False,
) -> None:
    """Tune the active model on your feedback and judgments, behind a gate.

    One for pictures is fitted to their captions, tags and names as well, and waits for you to
    activate it.
    """
    with _open() as (workspace, bars):
        report = _finish(workspace, bars, workspace.finetune(Finetune(evalset, split, kind)))
        assert isinstance(report, TuneReport)
        if not _as_json(json, _untagged(report)):
            _out.print(f"[bold]{report.model}[/bold] (from {report.base}): {report.reason}")
            if kind == "image" and report.accepted:
                _out.print(f"Put it to work with: models activate {report.model}")
    if not report.accepted:
        raise typer.Exit(GATE_REFUSED)


@app.command()
def backup(json: Json = False) -> None:
    """Copy the library's file: judgments, feedback, settings and texts."""
    with _open() as (workspace, _):
        made = workspace.make_backup(MakeBackup())
    if not _as_json(json, made):
        _print_backups((made,))


@app.command()
def restore(name: Annotated[str | None, typer.Argument()] = None, json: Json = False) -> None:
    """Put a copy in the place of the library's file, also where that is damaged.

    The present file is copied before, or set aside. Without a name the copies are listed.
    """
    if name is None:
        copies = backups_of(_folder / "backups")
        if not _as_json(json, copies):
            _print_backups(copies)
        return
    restore_now(_folder, name)
    if not _as_json(json, {"restored": name}):
        _out.print(f"{name} is the library again. What was there before is kept beside it.")


@app.command()
def doctor(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build the indexes anew.")] = False,
    json: Json = False,
) -> None:
    """Check every store, and repair what can be repaired; exit code 1 where something is lost."""
    with _open() as (workspace, bars):
        report = _finish(workspace, bars, workspace.diagnose(Diagnose(rebuild)))
        assert isinstance(report, DoctorReport)
        if not _as_json(json, _untagged(report)):
            table = _table("Store", "State", "")
            for finding in report.findings:
                table.add_row(finding.store, finding.state, finding.text)
            _out.print(table)
    if any(finding.state == "damaged" for finding in report.findings):
        raise typer.Exit(FAILED)


@evalset_app.command("import")
def evalset_import(
    folder: Path,
    name: Annotated[str, typer.Option(help="Name of the new set.")],
    json: Json = False,
) -> None:
    """Import a folder in BEIR layout: corpus.jsonl, queries.jsonl, qrels/*.tsv, maybe pictures."""
    with _open() as (workspace, bars):
        job = workspace.import_eval_set(ImportEvalSet(str(folder.absolute()), name))
        report = _finish(workspace, bars, job)
        _print_index_report(workspace, report, json)


@evalset_app.command("list")
def evalset_list(json: Json = False) -> None:
    """List the evaluation sets."""
    with _open() as (workspace, _):
        sets = workspace.list_eval_sets(ListEvalSets())
        if _as_json(json, sets):
            return
        table = _table("Set", "Documents", "Splits")
        for info in sets:
            splits = ", ".join(f"{s.name} ({s.n_queries} queries)" for s in info.splits)
            table.add_row(info.name, f"{info.n_documents:,}", splits)
        _out.print(table)


@models_app.command("list")
def models_list(json: Json = False) -> None:
    """List the registered models, those for passages first."""
    with _open() as (workspace, _):
        models = workspace.list_models(ListModels())
        if _as_json(json, models):
            return
        table = _table("", "Model", "For", "From", "Dim", "Encoded", "Gate")
        for model in models:
            gate = model.gate.reason if model.gate else ""
            mark = "●" if model.active else ""
            table.add_row(
                mark,
                model.id,
                "passages" if model.kind == "text" else "pictures",
                model.base or model.origin,
                str(model.dim),
                f"{model.encoded:,}",
                gate,
            )
        _out.print(table)


@models_app.command("import")
def models_import(
    path: Path,
    architecture: Annotated[
        str | None,
        typer.Option(help="As open_clip calls it, where no configuration lies beside the file."),
    ] = None,
    json: Json = False,
) -> None:
    """Import a CLIP for pictures, a folder or checkpoint of open_clip's; `activate` it then."""
    with _open() as (workspace, bars):
        job = workspace.import_model(ImportModel(str(path.absolute()), architecture))
        _print_imported(_finish(workspace, bars, job), json)


@models_app.command("published")
def models_published(json: Json = False) -> None:
    """List models for pictures that can be downloaded; asks nothing of the network."""
    with _open() as (workspace, _):
        models = workspace.list_published_models(ListPublishedModels())
        if _as_json(json, models):
            return
        table = _table("Architecture", "Tag", "MB", "Licence", "")
        for model in models:
            size = f"{model.size_bytes / 1e6:,.0f}"
            table.add_row(model.architecture, model.tag, size, model.licence, model.about)
        _out.print(table)


@models_app.command("download")
def models_download(architecture: str, tag: str, json: Json = False) -> None:
    """Download a published model for pictures and import it; the one use of the network."""
    with _open() as (workspace, bars):
        job = workspace.download_model(DownloadModel(architecture, tag))
        _print_imported(_finish(workspace, bars, job), json)


@models_app.command("activate")
def models_activate(model: str, json: Json = False) -> None:
    """Encode the library, or its pictures, with a model, then switch to it."""
    with _open() as (workspace, bars):
        report = _finish(workspace, bars, workspace.activate_model(ActivateModel(model)))
        if not _as_json(json, _untagged(report)):
            _out.print(f"{model} is active.")


@models_app.command("rollback")
def models_rollback(
    kind: Annotated[ModelKind, typer.Option(help="Of which kind of model.")] = "text",
    json: Json = False,
) -> None:
    """Return to the model that was active before."""
    with _open() as (workspace, _):
        model = workspace.roll_back_model(RollBackModel(kind))
        if not _as_json(json, model):
            _out.print(f"{model.id} is active again.")


@models_app.command("remove")
def models_remove(model: str, json: Json = False) -> None:
    """Delete a model that is neither at work, nor another one's base."""
    with _open() as (workspace, _):
        workspace.remove_model(RemoveModel(model))
        if not _as_json(json, {"removed": model}):
            _out.print(f"{model} was removed.")


def run() -> int:
    """Run the command line; returns the exit code."""
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except EngineError as error:
        _tell(error)
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


@contextmanager
def _open() -> Iterator[tuple[Workspace, ProgressBars]]:
    """The workspace, with its progress shown on a terminal."""
    with ProgressBars(_err) as bars, Workspace(_folder, bars.show) as workspace:
        yield workspace, bars
        try:
            workspace.back_up_if_due()
        except EngineError as error:
            _tell(error)  # what the command was asked for is done


def _finish(workspace: Workspace, bars: ProgressBars, job: JobInfo) -> Any:
    """Wait for a job; returns its result, or ends the command as the job ended."""
    try:
        end = workspace.wait(job.id)
    except KeyboardInterrupt:
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


def _as_json(wanted: bool, value: object) -> bool:
    """Print as JSON where it is wanted or nobody watches; whether it was."""
    if not wanted and _out.is_terminal:
        return False
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()
    return True


def _untagged(report: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def _print_index_report(workspace: Workspace, report: object, json: bool) -> None:
    assert isinstance(report, IndexReport)
    failures = workspace.list_failures(ListFailures())
    if _as_json(json, _untagged(report) | {"failures": failures}):
        return
    _out.print(
        f"{report.added:,} added, {report.changed:,} changed, {report.moved:,} moved, "
        f"{report.removed:,} removed, {report.unchanged:,} unchanged, {report.failed:,} failed; "
        f"{report.encoded:,} passages encoded in {report.seconds:.1f} s"
    )
    for failure in failures[:20]:
        _out.print(f"[red]{failure.reason}[/red]  {failure.path}  [dim]{failure.hint}[/dim]")


def _print_imported(report: object, json: bool) -> None:
    assert isinstance(report, ImportReport)
    if not _as_json(json, _untagged(report)):
        _out.print(
            f"[bold]{report.model}[/bold] was imported in {report.seconds:.0f} s; its vectors are"
            f" those of torch to {report.agreement:.0e}. Put it to work with: models activate"
            f" {report.model}"
        )


def _print_results(found: SearchResults) -> None:
    for result in found.results:
        _out.print(f"[bold]{result.rank}. {result.title}[/bold]  [dim]{result.document}[/dim]")
        for passage in result.passages[:1]:
            page = f"p. {passage.page}: " if passage.page else ""
            _out.print(f"   {page}{' '.join(passage.text.split())[:240]}", markup=False)
    if not found.results:
        _out.print("Nothing was found.")
    _out.print(f"[dim]{len(found.results)} results in {found.took_ms:.0f} ms {found.notice}[/dim]")


def _print_backups(copies: Sequence[BackupInfo]) -> None:
    table = _table("Backup", "Made", "Reason", "Size", "Judgments and thumbs")
    for copy in copies:
        made = datetime.fromtimestamp(copy.at).strftime("%Y-%m-%d %H:%M")
        size = f"{copy.size_bytes / 1e6:,.1f} MB"
        table.add_row(copy.name, made, copy.reason, size, f"{copy.n_labels:,}")
    _out.print(table)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _tell(error: EngineError) -> None:
    _err.print(f"[bold red]{error.title}.[/bold red] {error.message} {error.hint}")
