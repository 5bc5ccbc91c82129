"""The commands about models, for passages and for pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli_terminal import Json, as_json, finish, open_workspace, out, table, untagged
from engine.records import ImportReport, ModelKind
from engine.requests import (
    ActivateModel,
    DownloadModel,
    ImportModel,
    ListModels,
    ListPublishedModels,
    RemoveModel,
    RollBackModel,
)

models_app = typer.Typer(help="Models for passages and for pictures.", no_args_is_help=True)


@models_app.command("list")
def models_list(json: Json = False) -> None:
    """List the registered models, those for passages first."""
    with open_workspace() as (workspace, _):
        models = workspace.list_models(ListModels())
        if as_json(json, models):
            return
        shown = table("", "Model", "For", "From", "Dim", "Encoded", "Gate")
        for model in models:
            gate = model.gate.reason if model.gate else ""
            mark = "●" if model.active else ""
            shown.add_row(
                mark,
                model.id,
                "passages" if model.kind == "text" else "pictures",
                model.base or model.origin,
                str(model.dim),
                f"{model.encoded:,}",
                gate,
            )
        out.print(shown)


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
    with open_workspace() as (workspace, bars):
        job = workspace.import_model(ImportModel(str(path.absolute()), architecture))
        _print_imported(finish(workspace, bars, job), json)


@models_app.command("published")
def models_published(json: Json = False) -> None:
    """List models for pictures that can be downloaded; asks nothing of the network."""
    with open_workspace() as (workspace, _):
        models = workspace.list_published_models(ListPublishedModels())
        if as_json(json, models):
            return
        shown = table("Architecture", "Tag", "MB", "Licence", "")
        for model in models:
            size = f"{model.size_bytes / 1e6:,.0f}"
            shown.add_row(model.architecture, model.tag, size, model.licence, model.about)
        out.print(shown)


@models_app.command("download")
def models_download(architecture: str, tag: str, json: Json = False) -> None:
    """Download a published model for pictures and import it; the one use of the network."""
    with open_workspace() as (workspace, bars):
        job = workspace.download_model(DownloadModel(architecture, tag))
        _print_imported(finish(workspace, bars, job), json)


@models_app.command("activate")
def models_activate(model: str, json: Json = False) -> None:
    """Encode the library, or its pictures, with a model, then switch to it."""
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.activate_model(ActivateModel(model)))
        if not as_json(json, untagged(report)):
            out.print(f"{model} is active.")


@models_app.command("rollback")
def models_rollback(
    kind: Annotated[ModelKind, typer.Option(help="Of which kind of model.")] = "text",
    json: Json = False,
) -> None:
    """Return to the model that was active before."""
    with open_workspace() as (workspace, _):
        model = workspace.roll_back_model(RollBackModel(kind))
        if not as_json(json, model):
            out.print(f"{model.id} is active again.")


@models_app.command("remove")
def models_remove(model: str, json: Json = False) -> None:
    """Delete a model that is neither at work, nor another one's base."""
    with open_workspace() as (workspace, _):
        workspace.remove_model(RemoveModel(model))
        if not as_json(json, {"removed": model}):
            out.print(f"{model} was removed.")


def _print_imported(report: object, json: bool) -> None:
    assert isinstance(report, ImportReport)
    if not as_json(json, untagged(report)):
        out.print(
            f"[bold]{report.model}[/bold] was imported in {report.seconds:.0f} s; its vectors are"
            f" those of torch to {report.agreement:.0e}. Put it to work with: models activate"
            f" {report.model}"
        )
