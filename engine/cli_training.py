"""The commands about training data: what there is, looked at and written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from engine.cli_terminal import Json, as_json, open_workspace, out, table
from engine.errors import InvalidInput
from engine.recipe import Origin
from engine.training_records import (
    ORIGINS,
    PairFilter,
    PairPage,
    Problem,
    TrainingOverview,
    TrainingPair,
)
from engine.training_requests import ExportPairs, GetTrainingOverview, ListPairs

trainset_app = typer.Typer(help="What there is to train on.", no_args_is_help=True)

EvalsetOption = Annotated[
    str | None, typer.Option(help="Train on a set's split instead of your own feedback.")
]
SplitOption = Annotated[str, typer.Option(help="Its split.")]

_TOLD = 60
"""Characters of a text in a table."""


@trainset_app.command("build")
def trainset_build(
    evalset: EvalsetOption = None, split: SplitOption = "train", json: Json = False
) -> None:
    """Gather what there is to train on; tell how much, how good it is, and its hash."""
    with open_workspace() as (workspace, _):
        found = workspace.bench.get_training_overview(GetTrainingOverview(evalset, split))
        if not as_json(json, found):
            _print_overview(found)


@trainset_app.command("show")
def trainset_show(
    evalset: EvalsetOption = None,
    split: SplitOption = "train",
    text: Annotated[str, typer.Option(help="In query, title or passage.")] = "",
    origin: Annotated[list[str] | None, typer.Option(help="Only from there; repeatable.")] = None,
    problem: Annotated[
        list[str] | None, typer.Option(help="Only with this problem; repeatable.")
    ] = None,
    topic: Annotated[
        int | None, typer.Option(help="Only about this topic, by its number in `build`.")
    ] = None,
    excluded: Annotated[
        bool | None, typer.Option("--excluded/--included", help="Only those left out, or not.")
    ] = None,
    order: Annotated[
        Literal["newest", "query", "weight", "origin"], typer.Option(help="What comes first.")
    ] = "newest",
    offset: Annotated[int, typer.Option(min=0, help="Skip so many.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Show so many.")] = 50,
    json: Json = False,
) -> None:
    """List pairs."""
    wanted = PairFilter(
        text,
        _among(Origin, origin),
        _among(Problem, problem),
        topic,
        excluded,
        order,
    )
    with open_workspace() as (workspace, _):
        page = workspace.bench.list_pairs(ListPairs(evalset, split, wanted, offset, limit))
        if not as_json(json, page):
            _print_pairs(page)


@trainset_app.command("export")
def trainset_export(
    path: Path, evalset: EvalsetOption = None, split: SplitOption = "train", json: Json = False
) -> None:
    """Write the pairs that would be trained on as JSON lines."""
    with open_workspace() as (workspace, _):
        written = workspace.bench.export_pairs(ExportPairs(str(path), evalset, split))
        if not as_json(json, {"path": written}):
            out.print(f"Written to {written}", markup=False)


def _among(kind: Any, given: list[str] | None) -> tuple[Any, ...]:
    """The names, if a Literal has them; raises InvalidInput. Options that repeat take texts."""
    known = get_args(kind)
    for name in given or ():
        if name not in known:
            raise InvalidInput("No such kind", f"“{name}” is none of: {', '.join(known)}.")
    return tuple(given or ())


def _print_overview(found: TrainingOverview) -> None:
    shown = table("From", "Pairs", "Queries", "Weight")
    for each in found.origins:
        shown.add_row(
            ORIGINS[each.origin], f"{each.n_pairs:,}", f"{each.n_queries:,}", f"{each.weight:,.1f}"
        )
    shown.add_row("All", f"{found.n_pairs:,}", f"{found.n_queries:,}", "")
    out.print(shown)
    if found.topics:
        about = table("", "Topic", "Passages", "Pairs")
        for number, topic in enumerate(found.topics):
            about.add_row(str(number), topic.words, f"{topic.n_passages:,}", f"{topic.n_pairs:,}")
        out.print(about)
    left_out = [f"{n:,} {problem}" for problem, n in found.problems.items()]
    if found.n_excluded:
        left_out.append(f"{found.n_excluded:,} excluded")
    if left_out:
        out.print(f"Problems: {', '.join(left_out)}")
    if found.n_doubtful:
        out.print(f"{found.n_doubtful:,} mined negatives wait to be looked at.")
    out.print(f"{found.n_judged_queries:,} queries were judged, which alone can test a model.")
    out.print(f"[bold]Quality {found.score} of 100[/bold]")
    for sentence in found.missing:
        out.print(f"  {sentence}", markup=False)
    out.print(f"SHA-256 {found.hash}")


def _print_pairs(page: PairPage) -> None:
    shown = table("From", "Query", "Document", "Passage", "Weight", "Not", "")
    for pair in page.pairs:
        shown.add_row(
            ORIGINS[pair.origin],
            _shortened(pair.query),
            _shortened(pair.title or pair.document),
            _shortened(pair.positive),
            f"{pair.weight:.2f}",
            str(len(pair.negatives)),
            ", ".join(_marks(pair)),
        )
    out.print(shown)
    out.print(f"{len(page.pairs):,} shown of {page.n_found:,} that fit, of {page.n_total:,}.")


def _marks(pair: TrainingPair) -> list[str]:
    return [*(["excluded"] if pair.excluded else []), *pair.problems]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TOLD else line[: _TOLD - 1] + "…"
