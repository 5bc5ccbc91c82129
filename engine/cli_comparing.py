"""The commands that pool for judging, tell how far raters agree, and compare systems."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from engine.cli_terminal import Json, as_json, finish, open_workspace, out, table, untagged
from engine.evaluation_records import Agreement, ComparisonReport, PoolReport, SystemFigures
from engine.evaluation_requests import Compare, GetAgreement, ListDisagreements, Pool
from engine.systems import parse_system

_SYSTEM = "hybrid, dense or lexical, maybe +rerank, maybe :MODEL; or run:NAME; repeatable."
_POOLED = ("lexical", "dense", "hybrid")


def pool(
    name: str,
    system: Annotated[list[str] | None, typer.Option(help=_SYSTEM)] = None,
    depth: Annotated[int, typer.Option(help="Documents of each system.")] = 10,
    budget: Annotated[int | None, typer.Option(min=0, help="At most so many new pairs.")] = None,
    json: Json = False,
) -> None:
    """Add what systems find first for a set's queries to what is to be judged."""
    systems = tuple(map(parse_system, system or _POOLED))
    with open_workspace() as (workspace, bars):
        job = workspace.judging.pool(Pool(name, systems, depth, budget))
        report = finish(workspace, bars, job)
        assert isinstance(report, PoolReport)
        if not as_json(json, untagged(report)):
            out.print(
                f"{report.added:,} pairs added to what is to be judged in {report.set};"
                f" {report.known:,} of those found have a grade.",
                markup=False,
            )
            if report.outside:
                out.print(f"{report.outside:,} were left out: nothing is known of their documents.")


def agree(name: str, json: Json = False) -> None:
    """Tell how far a set's raters agree, and on how many pairs they do not."""
    with open_workspace() as (workspace, _):
        told = workspace.judging.get_agreement(GetAgreement(name))
        apart = workspace.judging.list_disagreements(ListDisagreements(name))
        if not as_json(json, {"agreement": told, "disagreements": apart}):
            _print_agreement(told)
            settled = sum(each.settled is not None for each in apart)
            out.print(f"Graded differently: {len(apart):,}, of them settled: {settled:,}.")


def compare(name: str, split: str, notations: Sequence[str], *, json: bool) -> None:
    """Measure systems on a set's split and print what tells them apart."""
    systems = tuple(map(parse_system, notations))
    with open_workspace() as (workspace, bars):
        job = workspace.judging.compare(Compare(name, systems, split))
        report = finish(workspace, bars, job)
        assert isinstance(report, ComparisonReport)
        if not as_json(json, untagged(report)):
            _print_comparison(report)


def _print_comparison(report: ComparisonReport) -> None:
    version = "" if report.version is None else f"@{report.version}"
    measures = list(report.systems[0].measures)
    shown = table(f"{report.set}{version} / {report.split}", *measures, "p50 / p95 ms")
    for figures in report.systems:
        shown.add_row(figures.name, *_values(figures, measures))
    out.print(shown)
    out.print(f"{report.n_queries:,} queries")
    headings = ("Gain", "95 %", "p", "p (Holm)", "Effect", "Wins", "Ties", "Losses")
    apart = table("Measure", "Systems", *headings)
    for each in report.differences:
        first, second = (report.systems[number].name for number in (each.first, each.second))
        apart.add_row(
            each.measure,
            f"{first} → {second}",
            f"{each.gain:+.4f}",
            f"{each.ci[0]:+.4f} to {each.ci[1]:+.4f}",
            f"{each.p:.4f}",
            f"{each.p_holm:.4f}",
            f"{each.effect:+.2f}",
            *map(str, (each.wins, each.ties, each.losses)),
        )
    if report.differences:
        out.print(apart)


def _values(figures: SystemFigures, measures: Sequence[str]) -> list[str]:
    p50, p95 = figures.latency_p50_ms, figures.latency_p95_ms
    latency = "–" if p50 is None or p95 is None else f"{p50:.1f} / {p95:.1f}"
    return [*(f"{figures.measures[measure]:.4f}" for measure in measures), latency]


def _print_agreement(told: Agreement) -> None:
    shown = table("Raters", "Pairs", "Equal", "Kappa", "Weighted kappa")
    for pair in told.pairs:
        shown.add_row(
            f"{pair.first}, {pair.second}",
            f"{pair.n_items:,}",
            f"{pair.percent:.0%}",
            _with_interval(pair.kappa, pair.kappa_ci),
            _with_interval(pair.weighted_kappa, pair.weighted_kappa_ci),
        )
    out.print(shown)
    alpha = _with_interval(told.alpha, told.alpha_ci)
    out.print(f"Krippendorff's alpha on {told.n_items:,} pairs: {alpha}")
    for rater, by in told.bias.items():
        out.print(f"{rater} grades {by:+.2f} beside the others.", markup=False)


def _with_interval(value: float, interval: tuple[float, float]) -> str:
    if math.isnan(value):
        return "cannot be told"
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"
