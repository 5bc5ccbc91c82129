"""The commands that gather more to train on: hard negatives, made queries, the cross-encoder's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli_terminal import Json, as_json, finish, open_workspace, out, untagged
from engine.errors import InvalidInput
from engine.requests import GetSettings
from engine.training_records import (
    DistillReport,
    LlmServer,
    MadeBy,
    MiningReport,
    SynthesisReport,
)
from engine.training_requests import Distill, MineNegatives, Synthesize
from engine.workspace import Workspace

_EvalSet = Annotated[str | None, typer.Option(help="Over an evaluation set, else the library.")]
_Split = Annotated[str, typer.Option(help="The set's split.")]


def mine(
    evalset: _EvalSet = None,
    split: _Split = "train",
    depth: Annotated[int, typer.Option(min=1, help="How deep in either ranking.")] = 100,
    margin: Annotated[
        float, typer.Option(help="By how much a hard negative scores below the positive.")
    ] = 1.0,
    per_query: Annotated[int, typer.Option(min=1, help="Hard negatives a query.")] = 5,
    json: Json = False,
) -> None:
    """Look for hard negatives of what was judged, checked by the cross-encoder."""
    request = MineNegatives(evalset, split, depth, margin, per_query)
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.bench.mine_negatives(request))
        assert isinstance(report, MiningReport)
        if not as_json(json, untagged(report)):
            out.print(
                f"{report.n_queries:,} queries: {report.n_hard:,} hard negatives, "
                f"{report.n_doubtful:,} doubtful, {report.n_false:,} left out as answers,"
                f" in {report.seconds:.0f} s"
            )


def synthesize(
    by: Annotated[MadeBy, typer.Option(help="What the queries are made of.")] = "title",
    passages: Annotated[int, typer.Option(min=1, help="At most so many passages.")] = 500,
    per_passage: Annotated[int, typer.Option(min=1, help="Queries of each.")] = 1,
    round_trip: Annotated[
        int, typer.Option(min=0, help="Keep what finds its passage among so many; 0 keeps all.")
    ] = 10,
    url: Annotated[str | None, typer.Option(help="A language model's server, for llm.")] = None,
    model: Annotated[str | None, typer.Option(help="As the server calls it.")] = None,
    prompt: Annotated[Path | None, typer.Option(help="File with {passage} and {n} in it.")] = None,
    evalset: _EvalSet = None,
    json: Json = False,
) -> None:
    """Make queries from passages, and keep those that find their passage."""
    with open_workspace() as (workspace, bars):
        server = _server(workspace, url, model, prompt)
        request = Synthesize(by, passages, per_passage, round_trip, server, evalset)
        report = finish(workspace, bars, workspace.bench.synthesize(request))
        assert isinstance(report, SynthesisReport)
        if as_json(json, untagged(report)):
            return
        if not report.n_made:
            out.print("Nothing new: what such queries can be made of has them already.")
            return
        out.print(f"{report.n_kept:,} of {report.n_made:,} kept in {report.seconds:.0f} s")
        for query, passage in report.examples[:5]:
            shown = " ".join(passage.split())[:100]
            out.print(f"{query}  →  {shown}", markup=False)


def distill(
    queries: Annotated[int, typer.Option(min=1, help="At most so many queries.")] = 300,
    per_query: Annotated[int, typer.Option(min=1, help="Negatives of each.")] = 8,
    evalset: _EvalSet = None,
    split: _Split = "train",
    json: Json = False,
) -> None:
    """Have the cross-encoder label passages for queries that nobody judged."""
    request = Distill(queries, per_query, evalset, split)
    with open_workspace() as (workspace, bars):
        report = finish(workspace, bars, workspace.bench.distill(request))
        assert isinstance(report, DistillReport)
        if not as_json(json, untagged(report)):
            out.print(
                f"{report.n_queries:,} queries with {report.n_pairs:,} scored negatives"
                f" in {report.seconds:.0f} s"
            )


def _server(
    workspace: Workspace, url: str | None, model: str | None, prompt: Path | None
) -> LlmServer:
    """The server in the settings, but for what the command names."""
    known = workspace.get_settings(GetSettings()).llm
    try:
        text = known.prompt if prompt is None else prompt.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "The prompt cannot be read", f"{prompt}: {error}.", "Name a text file in UTF-8."
        ) from None
    other = url is not None and url != known.url
    return LlmServer(
        url=url or known.url,
        # A model and a key belong to the server that they were set for.
        model=("" if other else known.model) if model is None else model,
        prompt=text,
        api_key="" if other else known.api_key,
    )
