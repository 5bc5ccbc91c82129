"""Comparing systems on a small set whose answers are known."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.evaluation.significance import randomisation_p
from engine.evaluation_records import ComparisonReport, System
from engine.evaluation_requests import Compare, FreezeEvalSet
from engine.events import Failed, Finished
from engine.records import EvaluationReport
from engine.requests import Evaluate
from engine.systems import in_words, parse_system
from engine.workspace import Workspace
from tests.engine.beir_folder import imported

CHECK_SET = Path(__file__).parents[2] / "resources" / "check_set"
LEXICAL, DENSE, HYBRID = System("lexical"), System("dense"), System()
ASKED = Compare("check", (LEXICAL, DENSE, HYBRID), measures=("nDCG@10", "nDCG'@10", "Judged@10"))


@pytest.fixture(scope="module")
def workspace(
    prepared_minilm: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("comparing")
    beir = folder / "beir"
    (beir / "qrels").mkdir(parents=True)
    shutil.copy(CHECK_SET / "corpus.jsonl", beir)
    shutil.copy(CHECK_SET / "queries.jsonl", beir)
    shutil.copy(CHECK_SET / "qrels.tsv", beir / "qrels" / "test.tsv")
    with imported(folder / "library", prepared_minilm, beir) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(workspace: Workspace) -> ComparisonReport:
    return compared(workspace, ASKED)


def compared(workspace: Workspace, asked: Compare) -> ComparisonReport:
    end = workspace.wait(workspace.judging.compare(asked).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, ComparisonReport)
    return end.result


def test_that_each_system_has_the_figures_that_measuring_it_alone_gives(
    workspace: Workspace, report: ComparisonReport
) -> None:
    assert [each.name for each in report.systems] == ["Keywords", "Meaning", "Hybrid"]
    for figures in report.systems:
        job = workspace.evaluate(Evaluate("check", "test", figures.system.mode))
        end = workspace.wait(job.id)
        assert isinstance(end, Finished)
        assert isinstance(end.result, EvaluationReport)
        assert figures.measures["nDCG@10"] == end.result.measures["nDCG@10"]
        p50, p95 = figures.latency_p50_ms, figures.latency_p95_ms
        assert p50 is not None and p95 is not None and p50 <= p95
        assert figures.per_query["nDCG@10"].keys() == report.queries.keys()
    assert report.n_queries == len(report.queries) > 10


def test_that_every_two_systems_are_told_apart_on_each_measure(report: ComparisonReport) -> None:
    assert len(report.differences) == 9
    for each in report.differences:
        before, after = (
            list(report.systems[number].per_query[each.measure].values())
            for number in (each.first, each.second)
        )
        gains = [two - one for one, two in zip(before, after, strict=True)]
        assert each.gain == pytest.approx(sum(gains) / len(gains))
        assert (each.wins, each.losses) == (sum(g > 0 for g in gains), sum(g < 0 for g in gains))
        assert each.wins + each.ties + each.losses == report.n_queries
        assert each.p == randomisation_p(before, after)
        assert each.p <= each.p_holm <= min(1.0, 3 * each.p)
        assert each.ci[0] <= each.gain <= each.ci[1]
        assert (each.effect > 0) == (each.gain > 0)
    smallest = min((d for d in report.differences if d.measure == "nDCG@10"), key=lambda d: d.p)
    assert smallest.p_holm == pytest.approx(min(1.0, 3 * smallest.p))


def test_that_a_version_is_measured_as_it_was_frozen(workspace: Workspace) -> None:
    frozen = workspace.judging.freeze_eval_set(FreezeEvalSet("check"))
    before = compared(workspace, replace_with(version=frozen.number))
    with workspace._parts.library.write() as connection:
        connection.execute("UPDATE qrels SET grade = 0 WHERE grade = 1")
    now = compared(workspace, replace_with())
    again = compared(workspace, replace_with(version=frozen.number))
    assert (before.version, again.version, now.version) == (1, 1, None)
    assert again.systems[0].per_query == before.systems[0].per_query
    assert now.systems[0].measures != before.systems[0].measures


def replace_with(version: int | None = None) -> Compare:
    return Compare("check", (LEXICAL,), version=version, measures=("nDCG@10", "AP"))


@pytest.mark.parametrize(
    "asked",
    [
        Compare("check", ()),
        Compare("check", (LEXICAL, LEXICAL)),
        Compare("check", (LEXICAL,), measures=("nothing",)),
        Compare("check", (LEXICAL,), measures=()),
        Compare("check", (LEXICAL,), split="dev"),
        Compare("check", (LEXICAL,), version=7),
        Compare("other", (LEXICAL,)),
    ],
)
def test_that_what_cannot_be_compared_is_refused(workspace: Workspace, asked: Compare) -> None:
    end = workspace.wait(workspace.judging.compare(asked).id)
    assert isinstance(end, Failed)
    assert end.title != "Unexpected error"


@pytest.mark.parametrize(
    ("notation", "system", "name"),
    [
        ("hybrid", HYBRID, "Hybrid"),
        ("lexical+rerank", replace(LEXICAL, rerank=True), "Keywords, reranked"),
        ("dense:bge-small", replace(DENSE, model="bge-small"), "Meaning (bge-small)"),
        ("hybrid+rerank:m", System(model="m", rerank=True), "Hybrid (m), reranked"),
    ],
)
def test_that_a_system_has_a_notation_and_a_name(notation: str, system: System, name: str) -> None:
    assert parse_system(notation) == system
    assert in_words(system) == name


@pytest.mark.parametrize("notation", ["", "fast", "lexical:m", "dense:", "hybrid+"])
def test_that_what_is_no_system_is_refused(notation: str) -> None:
    with pytest.raises(InvalidInput):
        parse_system(notation)
