"""The commands about tuning: recipes, what one would take, tuning itself, going on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from engine import recipes
from engine.cli_terminal import Json, as_json, finish, open_workspace, out, table, tell, untagged
from engine.errors import InvalidInput
from engine.recipe import Recipe
from engine.records import ModelKind, TuneReport
from engine.requests import Finetune, GetSettings
from engine.training_records import EstimateReport
from engine.training_requests import (
    DiscardTuning,
    EstimateTuning,
    ListInterrupted,
    ListRecipes,
    RemoveRecipe,
    ResumeTuning,
    SaveRecipe,
)
from engine.workspace import Workspace

GATE_REFUSED = 3

recipes_app = typer.Typer(help="Recipes that models are tuned by.", no_args_is_help=True)


def finetune(
    evalset: Annotated[str | None, typer.Option(help="Tune on a set's split instead.")] = None,
    split: Annotated[str, typer.Option(help="Its split.")] = "train",
    kind: Annotated[ModelKind, typer.Option(help="text or image: which model.")] = "text",
    recipe: Annotated[
        str | None, typer.Option(help="Name of a recipe, or a file of one; see `recipes`.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the recipe's.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only tell what it would take.")
    ] = False,
    resume: Annotated[
        str | None,
        typer.Option(help="Go on with an interrupted tuning: its id, or `list` to see them."),
    ] = None,
    discard: Annotated[str | None, typer.Option(help="Throw an interrupted tuning away.")] = None,
    json: Json = False,
) -> None:
    """Tune the active model on your feedback and judgments, behind a gate.

    One for pictures is fitted to their captions, tags and names as well, and waits for you to
    activate it. Ctrl-C keeps the last checkpoint, from which `--resume` goes on.
    """
    with open_workspace() as (workspace, bars):
        if discard is not None:
            workspace.bench.discard_tuning(DiscardTuning(discard))
            if not as_json(json, {"discarded": discard}):
                out.print(f"The tuning {discard} was thrown away.")
            return
        if resume == "list":
            _list_interrupted(workspace, json)
            return
        wanted = _wanted(workspace, recipe, seed)
        if estimate:
            order = EstimateTuning(wanted, evalset, split)
            report = finish(workspace, bars, workspace.bench.estimate_tuning(order))
            assert isinstance(report, EstimateReport)
            _print_estimate(report, json)
            return
        if resume is not None:
            job = workspace.bench.resume_tuning(ResumeTuning(resume))
        else:
            asked = None if recipe is None and seed is None else wanted
            job = workspace.finetune(Finetune(evalset, split, kind, asked))
        try:
            report = finish(workspace, bars, job, resumable=kind == "text")
        except KeyboardInterrupt:
            tell(
                InvalidInput(
                    "Interrupted",
                    "What was learnt until the last checkpoint is kept, if training had begun.",
                    f"Go on with: finetune --resume {resume or job.id}",
                )
            )
            raise
        assert isinstance(report, TuneReport)
        if not as_json(json, untagged(report)):
            print_verdict(report)
            if kind == "image" and report.accepted:
                out.print(f"Put it to work with: models activate {report.model}")
    if not report.accepted:
        raise typer.Exit(GATE_REFUSED)


@recipes_app.command("list")
def recipes_list(json: Json = False) -> None:
    """The presets and your own recipes."""
    with open_workspace() as (workspace, _):
        _print_recipes(workspace.bench.list_recipes(ListRecipes()), json)


@recipes_app.command("show")
def recipes_show(name: str, json: Json = False) -> None:
    """Print a recipe as its file has it; with `--json` on one line."""
    with open_workspace() as (workspace, _):
        found = _named(workspace, name)
        if not (json and as_json(json, found)):
            typer.echo(recipes.in_json(found), nl=False)


@recipes_app.command("write")
def recipes_write(name: str, file: Path, json: Json = False) -> None:
    """Write a recipe to a new file, to edit it and tune with it."""
    with open_workspace() as (workspace, _):
        text = recipes.in_json(_named(workspace, name))
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise InvalidInput("The file exists", f"{file} is not written over.") from error
    except OSError as error:
        raise InvalidInput("The file cannot be written", f"{file}: {error.strerror}.") from error
    if not as_json(json, {"path": str(file.absolute())}):
        out.print(f"Tune with it: finetune --recipe {file}", markup=False)


@recipes_app.command("save")
def recipes_save(file: Path, json: Json = False) -> None:
    """Keep the recipe in a file under the name that stands in it."""
    with open_workspace() as (workspace, _):
        found = workspace.bench.save_recipe(SaveRecipe(recipes.read(file)))
        _print_recipes(found, json)


@recipes_app.command("remove")
def recipes_remove(name: str, json: Json = False) -> None:
    """Forget one of your own recipes."""
    with open_workspace() as (workspace, _):
        _print_recipes(workspace.bench.remove_recipe(RemoveRecipe(name)), json)


def _wanted(workspace: Workspace, recipe: str | None, seed: int | None) -> Recipe:
    """The recipe that is asked for, a file's where there is one of that name."""
    if recipe is None:
        found = _named(workspace, workspace.get_settings(GetSettings()).recipe)
    elif Path(recipe).is_file() or Path(recipe).suffix == ".json":
        found = recipes.read(Path(recipe))
    else:
        found = _named(workspace, recipe)
    return found if seed is None else msgspec.structs.replace(found, seed=seed)


def _named(workspace: Workspace, name: str) -> Recipe:
    return recipes.pick(workspace.bench.list_recipes(ListRecipes()), name)


def _list_interrupted(workspace: Workspace, json: bool) -> None:
    found = workspace.bench.list_interrupted(ListInterrupted())
    if as_json(json, found):
        return
    if not found:
        out.print("No tuning was interrupted.")
        return
    shown = table("Tuning", "Recipe", "Step", "Learns from")
    for each in found:
        shown.add_row(each.job, each.recipe, f"{each.step} of {each.n_steps or '?'}", each.source)
    out.print(shown)


def _print_recipes(found: tuple[Recipe, ...], json: bool) -> None:
    if as_json(json, found):
        return
    shown = table("Recipe", "Stages", "")
    for recipe in found:
        stages = ", ".join(f"{stage.loss} × {stage.epochs}" for stage in recipe.stages)
        shown.add_row(recipe.name, stages, recipe.about)
    out.print(shown)


def _print_estimate(report: EstimateReport, json: bool) -> None:
    told = report.estimate
    if as_json(json, told):
        return
    shown = table("Estimate", "")
    shown.add_row("From start to verdict", f"{told.seconds / 60:,.1f} min")
    shown.add_row("Of them, training", f"{told.training_s / 60:,.1f} min")
    shown.add_row("Memory", f"{told.memory_mb:,} MB")
    shown.add_row("Steps", f"{told.n_steps:,} over {told.n_pairs:,} pairs")
    shown.add_row("On", f"{told.device}{', bfloat16' if told.bf16 else ''}")
    for note in told.notes:
        shown.add_row("", note)
    out.print(shown)


def print_verdict(report: TuneReport) -> None:
    """Tell what the gate says, and how each of its tests went."""
    out.print(f"[bold]{report.model}[/bold] (from {report.base}): {escape(report.reason)}")
    for check in report.gate.checks:
        mark = "[green]passed[/green]" if check.passed else "[red]failed[/red]"
        out.print(f"  {mark}  {escape(f'{check.name}: {check.words}')}")
