"""The commands about evaluation sets: made, judged elsewhere, frozen, written and read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli_terminal import (
    Json,
    as_json,
    finish,
    open_workspace,
    out,
    print_index_report,
    table,
    untagged,
)
from engine.errors import InvalidInput, NotFound
from engine.evaluation.set_files.formats import guess_format
from engine.evaluation_records import GRADED, RunReport, SetFormat, SetImport, SetOverview
from engine.evaluation_requests import (
    CreateEvalSet,
    ExportEvalSet,
    ExportRun,
    FreezeEvalSet,
    ImportQueries,
    ImportRun,
    MergeEvalSet,
    ReadEvalSet,
    RemoveRun,
    ShowEvalSet,
)
from engine.requests import ImportEvalSet, ListEvalSets
from engine.systems import parse_system
from engine.workspace import Workspace

evalset_app = typer.Typer(help="Evaluation sets.", no_args_is_help=True)


@evalset_app.command("create")
def evalset_create(
    name: str,
    guideline: Annotated[str, typer.Option(help="What makes a document relevant.")] = "",
    scale: Annotated[
        str, typer.Option(help="Names of the grades from 0 on, with commas between.")
    ] = ",".join(GRADED),
    dataset: Annotated[
        str | None, typer.Option(help="Over the documents of this set's dataset; else all yours.")
    ] = None,
    json: Json = False,
) -> None:
    """Make an empty set, over the whole library or a dataset."""
    with open_workspace() as (workspace, _):
        root_id = None if dataset is None else _dataset(workspace, dataset)
        grades = tuple(scale.split(","))
        made = workspace.judging.create_eval_set(CreateEvalSet(name, guideline, grades, root_id))
        _print_set(made, json)


@evalset_app.command("import")
def evalset_import(
    path: Path,
    name: Annotated[str, typer.Option(help="Name of the new set.")],
    judgments_only: Annotated[
        bool,
        typer.Option(
            "--judgments-only", help="Keep the documents with the set, out of the library."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Import a set: a BEIR or TREC folder, or a JSONL or CSV file.

    The corpus of a BEIR folder (corpus.jsonl, queries.jsonl, qrels/*.tsv, maybe pictures) joins the
    library and is searched, unless --judgments-only is given. What is in the other formats is kept
    with the set alone.
    """
    with open_workspace() as (workspace, bars):
        if path.is_dir() and not judgments_only and _joins_library(path):
            job = workspace.import_eval_set(ImportEvalSet(str(path.absolute()), name))
            print_index_report(workspace, finish(workspace, bars, job), json)
        else:
            read = workspace.judging.read_eval_set(ReadEvalSet(str(path.absolute()), name))
            _print_import(read, json)


@evalset_app.command("export")
def evalset_export(
    name: str,
    path: Path,
    form: Annotated[SetFormat, typer.Option("--format", help="A folder for beir and trec.")],
    version: Annotated[int | None, typer.Option(help="A frozen one; else as it stands.")] = None,
    rater: Annotated[
        str | None, typer.Option(help="Only what this rater is to judge, to be merged back.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a set to a folder or a file."""
    with open_workspace() as (workspace, _):
        written = workspace.judging.export_eval_set(
            ExportEvalSet(name, str(path.absolute()), form, version, rater)
        )
        if not as_json(json, {"path": written}):
            out.print(f"Written to {written}.", markup=False)


@evalset_app.command("merge")
def evalset_merge(name: str, path: Path, json: Json = False) -> None:
    """Take in a JSONL or CSV file of what others judged; the newer of two judgments stands."""
    with open_workspace() as (workspace, _):
        merged = workspace.judging.merge_eval_set(MergeEvalSet(name, str(path.absolute())))
        _print_import(merged, json)


@evalset_app.command("import-run")
def evalset_import_run(
    name: str,
    path: Path,
    run: Annotated[str | None, typer.Option(help="What it is called; else by its tag.")] = None,
    json: Json = False,
) -> None:
    """Keep a TREC run of another system with a set, to be pooled from and compared as run:NAME."""
    with open_workspace() as (workspace, _):
        made = workspace.judging.import_run(ImportRun(name, str(path.absolute()), run))
        if not as_json(json, made):
            out.print(
                f"{made.name}: {made.n_lines:,} lines for {made.n_queries:,} queries;"
                f" of {made.n_outside:,} documents only the ids are known",
                markup=False,
            )


@evalset_app.command("export-run")
def evalset_export_run(
    name: str,
    path: Path,
    system: Annotated[str, typer.Option(help="As --compare has it: hybrid, run:NAME and so on.")],
    split: Annotated[str | None, typer.Option(help="Of its queries; else all.")] = None,
    json: Json = False,
) -> None:
    """Write what a system finds for a set's queries as a TREC run."""
    asked = ExportRun(name, parse_system(system), str(path.absolute()), split)
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.judging.export_run(asked))
        assert isinstance(report, RunReport)
        if not as_json(json, untagged(report)):
            out.print(
                f"{report.system}: {report.n_lines:,} lines written to {report.path}.",
                markup=False,
            )


@evalset_app.command("remove-run")
def evalset_remove_run(name: str, run: str, json: Json = False) -> None:
    """Forget an imported run; what was pooled from it stays."""
    with open_workspace() as (workspace, _):
        _print_set(workspace.judging.remove_run(RemoveRun(name, run)), json)


@evalset_app.command("add-queries")
def evalset_add_queries(
    name: str,
    path: Path,
    split: Annotated[str, typer.Option(help="For those of which the file names none.")] = "test",
    json: Json = False,
) -> None:
    """Add the queries of a CSV, TSV, JSONL or text file; those that are there stay."""
    with open_workspace() as (workspace, _):
        request = ImportQueries(name, str(path.absolute()), split)
        _print_set(workspace.judging.import_queries(request), json)


@evalset_app.command("freeze")
def evalset_freeze(
    name: str, note: Annotated[str, typer.Option(help="What it is for.")] = "", json: Json = False
) -> None:
    """Make a version that never changes; `evaluate NAME@2` measures the second."""
    with open_workspace() as (workspace, _):
        version = workspace.judging.freeze_eval_set(FreezeEvalSet(name, note))
        if not as_json(json, version):
            out.print(f"{name}@{version.number}: {version.n_judgments:,} judgments", markup=False)


@evalset_app.command("show")
def evalset_show(name: str, json: Json = False) -> None:
    """Show a set: queries, grades, raters, versions."""
    with open_workspace() as (workspace, _):
        _print_set(workspace.judging.show_eval_set(ShowEvalSet(name)), json)


@evalset_app.command("list")
def evalset_list(json: Json = False) -> None:
    """List the evaluation sets."""
    with open_workspace() as (workspace, _):
        sets = workspace.list_eval_sets(ListEvalSets())
        if as_json(json, sets):
            return
        shown = table("Set", "Documents", "Splits")
        for info in sets:
            splits = ", ".join(f"{s.name} ({s.n_queries} queries)" for s in info.splits)
            shown.add_row(info.name, f"{info.n_documents:,}", splits)
        out.print(shown)


def _joins_library(folder: Path) -> bool:
    """Whether a folder is a dataset, or what its import should say is missing of one."""
    try:
        return guess_format(folder) == "beir"
    except InvalidInput:
        return True


def _dataset(workspace: Workspace, name: str) -> int:
    """The root of a set's dataset."""
    for info in workspace.list_eval_sets(ListEvalSets()):
        if info.name == name and info.root_id is not None:
            return info.root_id
    raise NotFound(
        "No such dataset",
        f"No set “{name}” is over a dataset.",
        "`evalset list` tells what there is.",
    )


def _print_set(overview: SetOverview, json: bool) -> None:
    if as_json(json, overview):
        return
    shown = table(overview.name, "")
    judged = sum(overview.grades.values())
    shown.add_row("Queries", f"{len(overview.queries):,}")
    shown.add_row("Judged pairs", f"{judged:,} ({overview.n_holes:,} still to judge)")
    for grade, n in overview.grades.items():
        known = 0 <= grade < len(overview.scale)
        shown.add_row(overview.scale[grade] if known else f"Grade {grade}", f"{n:,}")
    shown.add_row("Without a relevant document", f"{overview.n_without_relevant:,}")
    shown.add_row("Raters", ", ".join(overview.raters))
    for version in overview.versions:
        shown.add_row(f"Version {version.number}", f"{version.sha256[:12]} {version.note}")
    for run in overview.runs:
        shown.add_row(f"Run {run.name}", f"{run.n_queries:,} queries, {run.n_lines:,} lines")
    out.print(shown)


def _print_import(read: SetImport, json: bool) -> None:
    if as_json(json, read):
        return
    out.print(
        f"{read.set}: {read.n_queries:,} queries, {read.n_judgments:,} judgments, "
        f"{read.n_documents:,} documents with their text, {read.n_outside:,} not in the library; "
        f"{read.merged:,} new, {read.same:,} the same",
        markup=False,
    )
    for conflict in read.conflicts:
        out.print(conflict, markup=False)
