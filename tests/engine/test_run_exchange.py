"""Runs of other systems on a real workspace: imported, pooled from, compared, written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import ComparisonReport, PoolReport, RunInfo, RunReport, System
from engine.evaluation_requests import (
    Compare,
    ExplainQuery,
    ExportEvalSet,
    ExportRun,
    ImportRun,
    ListTasks,
    Pool,
    ReadEvalSet,
    RemoveQueries,
    RemoveRun,
    ShowEvalSet,
)
from engine.events import Failed, Finished
from engine.records import JobInfo
from engine.requests import RemoveRoot
from engine.workspace import Workspace
from tests.engine.beir_folder import imported, write_beir

CORPUS = {
    "a": "Feed the sourdough starter with flour and water.",
    "b": "Bake the loaf in a hot oven.",
    "c d%": "Oil the bicycle chain.",
}
QUERIES = {"q": "sourdough", "r 1": "bicycle"}
QRELS = {"q": {"a": 1}, "r 1": {"c d%": 1, "b": 0}}
RUN = (
    b"q Q0 a 1 12.50 bm25\nq\tQ0\tb\t2\t1e1\tbm25\nq Q0 gone 3 9 bm25\nr%201 Q0 c%20d%25 1 3 bm25\n"
)
OUTSIDE = System(run="bm25")


@pytest.fixture
def workspace(prepared_minilm: Path, tmp_path: Path) -> Iterator[Workspace]:
    beir = write_beir(tmp_path / "beir", CORPUS, QUERIES, QRELS)
    with imported(tmp_path / "library", prepared_minilm, beir) as opened:
        yield opened


def take_in(
    workspace: Workspace, tmp_path: Path, content: bytes = RUN, run: str | None = None
) -> RunInfo:
    file = tmp_path / "bm25.run"
    file.write_bytes(content)
    return workspace.judging.import_run(ImportRun("check", str(file), run))


def result(workspace: Workspace, job: JobInfo) -> object:
    end = workspace.wait(job.id)
    assert isinstance(end, Finished), end
    return end.result


def written(
    workspace: Workspace, tmp_path: Path, system: System, split: str | None = None
) -> bytes:
    asked = ExportRun("check", system, str(tmp_path / "out" / "x.run"), split)
    report = result(workspace, workspace.judging.export_run(asked))
    assert isinstance(report, RunReport)
    content = Path(report.path).read_bytes()
    assert report.n_lines == len(content.splitlines())
    return content


def test_that_a_run_is_kept_under_its_tag_and_told(workspace: Workspace, tmp_path: Path) -> None:
    made = take_in(workspace, tmp_path)
    assert made == RunInfo("bm25", n_queries=2, n_lines=4, n_outside=1)
    take_in(workspace, tmp_path, run="mine too")
    overview = workspace.judging.show_eval_set(ShowEvalSet("check"))
    assert [run.name for run in overview.runs] == ["bm25", "mine too"]


def test_that_nothing_is_kept_of_a_run_with_a_wrong_line(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=r"line 5: the set has no query “x”"):
        take_in(workspace, tmp_path, RUN + b"x Q0 a 1 1 bm25\n")
    assert workspace.judging.show_eval_set(ShowEvalSet("check")).runs == ()


def test_that_a_name_is_had_once(workspace: Workspace, tmp_path: Path) -> None:
    take_in(workspace, tmp_path)
    with pytest.raises(InvalidInput, match="holds a run"):
        take_in(workspace, tmp_path)
    workspace.judging.remove_run(RemoveRun("check", "bm25"))
    assert take_in(workspace, tmp_path).name == "bm25"
    with pytest.raises(NotFound):
        workspace.judging.remove_run(RemoveRun("check", "other"))


def test_that_a_run_is_not_mistaken_for_a_system(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="way of searching"):
        take_in(workspace, tmp_path, run="Hybrid, reranked")


def test_that_a_file_that_is_not_there_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        workspace.judging.import_run(ImportRun("check", str(tmp_path / "none.run")))


def test_that_an_imported_run_is_written_to_the_byte(workspace: Workspace, tmp_path: Path) -> None:
    take_in(workspace, tmp_path)
    assert written(workspace, tmp_path, OUTSIDE) == RUN
    assert written(workspace, tmp_path, OUTSIDE, "test") == RUN
    workspace.judging.remove_queries(RemoveQueries("check", ("q",)))
    assert written(workspace, tmp_path, OUTSIDE) == RUN.splitlines(keepends=True)[3]


def test_that_a_systems_run_measures_the_same_when_it_comes_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    content = written(workspace, tmp_path, System("dense"), "test")
    assert b"r%201 Q0 c%20d%25 1 " in content
    assert {line.split()[5].split(b"_")[0] for line in content.splitlines()} == {b"Meaning"}
    take_in(workspace, tmp_path, content, "back")
    systems = System("dense"), System(run="back")
    report = result(workspace, workspace.judging.compare(Compare("check", systems)))
    assert isinstance(report, ComparisonReport)
    first, second = report.systems
    assert second.name == "back"
    assert second.per_query == first.per_query
    assert (second.latency_p50_ms, second.latency_p95_ms) == (None, None)


def test_that_a_run_is_pooled_from_but_for_documents_nothing_is_known_of(
    workspace: Workspace, tmp_path: Path
) -> None:
    take_in(workspace, tmp_path)
    report = result(workspace, workspace.judging.pool(Pool("check", (OUTSIDE,))))
    assert isinstance(report, PoolReport)
    assert (report.added, report.outside) == (3, 1)
    tasks = workspace.judging.list_tasks(ListTasks("check", "ann", "q"))
    assert {task.document for task in tasks} == {"a", "b"}


def test_that_a_run_is_explained(workspace: Workspace, tmp_path: Path) -> None:
    take_in(workspace, tmp_path)
    told = workspace.judging.explain_query(ExplainQuery("check", "q", (OUTSIDE, System("lexical"))))
    assert [(each.document, each.rank, each.grade) for each in told.answers["bm25"]] == [
        ("a", 1, 1),
        ("b", 2, None),
        ("gone", 3, None),
    ]


def test_that_a_run_is_measured_where_no_document_can_be_searched(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = str(tmp_path / "check.jsonl")
    workspace.judging.export_eval_set(ExportEvalSet("check", path, "jsonl"))
    overview = workspace.judging.show_eval_set(ShowEvalSet("check"))
    assert overview.root_id is not None
    workspace.remove_root(RemoveRoot(overview.root_id))
    workspace.judging.read_eval_set(ReadEvalSet(path, "check"))
    take_in(workspace, tmp_path)
    asked = Compare("check", (OUTSIDE,), measures=("RR@10",))
    report = result(workspace, workspace.judging.compare(asked))
    assert isinstance(report, ComparisonReport)
    assert report.systems[0].measures == {"RR@10": 1.0}
    assert written(workspace, tmp_path, OUTSIDE) == RUN
    job = workspace.judging.export_run(ExportRun("check", System("lexical"), str(tmp_path / "y")))
    assert isinstance(workspace.wait(job.id), Failed)


def test_that_a_run_that_is_not_there_is_told(workspace: Workspace) -> None:
    end = workspace.wait(workspace.judging.compare(Compare("check", (OUTSIDE,))).id)
    assert isinstance(end, Failed)
    assert "bm25" in end.message
