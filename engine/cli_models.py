"""The commands about models, for passages and for pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from engine.cli_terminal import Json, as_json, finish, open_workspace, out, table, untagged
from engine.model_comparison import in_words
from engine.model_exchange import is_text_model
from engine.records import ImportReport, ModelInfo, ModelKind
from engine.requests import (
    ActivateModel,
    DownloadModel,
    ImportModel,
    ListModels,
    ListPublishedModels,
    RemoveModel,
    RollBackModel,
)
from engine.training_records import ExportReport
from engine.training_requests import (
    CompareModels,
    DeleteModel,
    ExportModel,
    GetModelDetails,
    ImportTextModel,
    Overrule,
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
            mark = "●" if model.active else ""
            shown.add_row(
                mark,
                model.id,
                "passages" if model.kind == "text" else "pictures",
                model.base or model.origin,
                str(model.dim),
                f"{model.encoded:,}",
                _verdict(model),
            )
        out.print(shown)


@models_app.command("import")
def models_import(
    path: Path,
    name: Annotated[str | None, typer.Option(help="Of a model for texts.")] = None,
    architecture: Annotated[
        str | None,
        typer.Option(
            help="Of a CLIP, as open_clip calls it, where no configuration lies beside the file."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Import a model for texts or a CLIP for pictures; `activate` it then.

    One for texts is a folder in the layout of sentence-transformers with safetensors, or one that
    `export` wrote; a CLIP is a folder or checkpoint of open_clip's.
    """
    source = str(path.absolute())
    with open_workspace() as (workspace, bars):
        if is_text_model(path):
            job = workspace.bench.import_text_model(ImportTextModel(source, name))
        else:
            job = workspace.import_model(ImportModel(source, architecture))
        _print_imported(finish(workspace, bars, job), json)


@models_app.command("export")
def models_export(
    model: str,
    path: Path,
    format: Annotated[
        Literal["sentence-transformers", "onnx"], typer.Option(help="What to write it as.")
    ] = "sentence-transformers",
    json: Json = False,
) -> None:
    """Write a model for texts to a new folder, with a description of how it came about."""
    with open_workspace() as (workspace, bars):
        job = workspace.bench.export_model(ExportModel(model, str(path.absolute()), format))
        report = finish(workspace, bars, job)
        assert isinstance(report, ExportReport)
        if as_json(json, untagged(report)):
            return
        ndcg = ", ".join(f"{name} {value:.4f}" for name, value in report.ndcg.items())
        out.print(
            f"[bold]{model}[/bold] was written to {escape(report.path)}"
            f" ({report.size_bytes / 1e6:,.0f} MB) in {report.seconds:.0f} s. Least cosine with its"
            f" exact vectors: {report.agreement:.5f}. nDCG@10 on general knowledge: {ndcg}."
        )


@models_app.command("show")
def models_show(model: str, json: Json = False) -> None:
    """Tell all that is known of a model for texts."""
    with open_workspace() as (workspace, _):
        told = workspace.bench.get_model_details(GetModelDetails(model))
        if as_json(json, told):
            return
        shown = table(told.info.name, "")
        for name, words in in_words(told):
            shown.add_row(name, words)
        shown.add_row("Vectors on disk", f"{told.vectors_bytes / 1e6:,.1f} MB")
        shown.add_row("Tuned from it", ", ".join(told.dependents) or "none")
        for name, words in (
            ("The gate", told.info.gate.reason if told.info.gate else ""),
            ("Notes", told.notes),
            ("Put to work in spite of the gate", told.info.overruled),
        ):
            if words:
                shown.add_row(name, words)
        out.print(shown)
        if told.measured:
            reached = table("Set", "Search", "Measures")
            for on in told.measured:
                how = f"{on.mode}, reranked" if on.reranked else on.mode
                values = ", ".join(f"{name} {value:.4f}" for name, value in on.measures.items())
                reached.add_row(f"{on.set} / {on.split}", how, values)
            out.print(reached)


@models_app.command("compare")
def models_compare(first: str, second: str, json: Json = False) -> None:
    """Put two models for texts beside each other: what differs, and what both measured."""
    with open_workspace() as (workspace, _):
        both = workspace.bench.compare_models(CompareModels(first, second))
        if as_json(json, both):
            return
        shown = table("", both.first.info.name, both.second.info.name)
        for field in both.fields:
            shown.add_row(field.name, field.first, field.second)
        for on in both.measures:
            shown.add_row(f"{on.measure} on {on.on}", f"{on.first:.4f}", f"{on.second:.4f}")
        out.print(shown)


@models_app.command("overrule")
def models_overrule(model: str, reason: str, json: Json = False) -> None:
    """Put a model to work although the gate refused it; the reason is kept with it."""
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.bench.overrule(Overrule(model, reason)))
        if not as_json(json, untagged(report)):
            out.print(f"{model} is active, in spite of the gate.")


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


@models_app.command("delete")
def models_delete(
    model: str,
    dependents: Annotated[
        bool, typer.Option("--dependents", help="Also the models that were tuned from it.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete a model that is neither at work nor needed, with its vectors."""
    with open_workspace() as (workspace, _):
        if dependents:
            workspace.bench.delete_model(DeleteModel(model, dependents))
        else:
            workspace.remove_model(RemoveModel(model))
        if not as_json(json, {"deleted": model}):
            out.print(f"{model} was deleted.")


def _verdict(model: ModelInfo) -> str:
    """The gate's, in a few words; `show` tells more."""
    gate = model.gate
    if gate is None:
        return ""
    said = "passed" if gate.accepted else "overruled" if model.overruled else "refused"
    return f"{said}: {gate.measure} {gate.before:.3f} → {gate.after:.3f}"


def _print_imported(report: object, json: bool) -> None:
    assert isinstance(report, ImportReport)
    if not as_json(json, untagged(report)):
        out.print(
            f"[bold]{report.model}[/bold] was imported in {report.seconds:.0f} s; its vectors are"
            f" those of torch to {report.agreement:.0e}. Put it to work with: models activate"
            f" {report.model}"
        )
