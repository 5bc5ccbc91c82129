"""The run log on a real library: what jobs did is kept, found, exported, and sent where asked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine import run_log
from engine.errors import InvalidInput, NotFound
from engine.events import Changed, Event, JobResult, Measured, Warned
from engine.jobs.job import Job
from engine.recipe import THOROUGH
from engine.records import EvaluationReport, IndexReport, JobKind, Latency
from engine.requests import Evaluate, Finetune
from engine.run_log import RunLog
from engine.settings import Settings
from engine.storage import model_registry, runs
from engine.storage.database import Database
from engine.storage.library import open_library
from engine.training_records import LlmServer, RunFilter, RunRecord
from engine.training_requests import Synthesize

FIGURES = EvaluationReport(
    "scifact", "test", "dense", "tiny", False, 30, {"nDCG@10": 0.62}, Latency(3.0, 5.0)
)
NOTHING_NEW = IndexReport(0, 0, 0, 0, 40, 0, 0, 0.1, 0.1)


class Engine:
    """A run log with jobs that run at once."""

    def __init__(self, folder: Path) -> None:
        self.library: Database = open_library(folder)
        self.settings = Settings()
        self.heard: list[Event] = []
        self.log = RunLog(self.library, lambda: self.settings, self.heard.append)

    def run(
        self,
        work: Callable[[Job], JobResult | None],
        asked: object = None,
        kind: JobKind = "evaluate",
        title: str = "Evaluating",
    ) -> str:
        def told(job: Job) -> JobResult | None:
            self.log.asked(job.info.id, asked)
            return work(job)

        job = Job(kind, title, self.log.tell)
        job.run(told)
        return job.info.id

    def every(self, wanted: RunFilter | None = None) -> tuple[RunRecord, ...]:
        with self.library.read() as connection:
            return runs.find(connection, wanted or RunFilter())

    def one(self, job: str) -> RunRecord:
        with self.library.read() as connection:
            return runs.load(connection, job)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    made.log.close()
    made.library.close()


def test_that_a_run_is_kept_with_what_was_asked_and_measured(engine: Engine) -> None:
    job = engine.run(lambda job: FIGURES, Evaluate("scifact", mode="dense"))
    kept = engine.one(job)
    assert (kept.state, kept.kind, kept.title) == ("finished", "evaluate", "Evaluating")
    assert kept.params["name"] == "scifact"
    assert kept.params["model"] == "tiny", "what was measured, though nobody named it"
    assert kept.metrics["nDCG@10"] == 0.62
    assert kept.metrics["latency_ms.p50"] == 3.0
    assert kept.ended_at is not None and kept.ended_at >= kept.began_at
    assert Changed("runs") in engine.heard


def test_that_a_recipe_is_kept_field_by_field(engine: Engine) -> None:
    job = engine.run(lambda job: None, Finetune(recipe=THOROUGH), kind="finetune")
    kept = engine.one(job).params
    assert kept["recipe"] == "Thorough"
    assert kept["stages.2.epochs"] == "3"
    assert kept["stages.1.origins"] == "title, heading, open, dwell"
    assert kept["held_out_share"] == str(THOROUGH.held_out_share)


def test_that_no_key_of_a_server_is_kept(engine: Engine) -> None:
    asked = Synthesize("llm", server=LlmServer(api_key="sesame-4711"))
    job = engine.run(lambda job: None, asked, kind="gather")
    assert "server.url" in engine.one(job).params
    assert b"sesame-4711" not in msgspec.json.encode(engine.one(job))


def test_that_curves_are_kept_thinned(engine: Engine) -> None:
    def work(job: Job) -> None:
        for step in range(9000):
            job.tell(Measured(job.info.id, "loss", step, 1 / (step + 1)))
        job.tell(Measured(job.info.id, "nDCG@10", 1.0, 0.5))

    kept = engine.one(engine.run(work, kind="finetune")).points
    loss = [point for point in kept if point.series == "loss"]
    assert len(loss) == 500
    assert (loss[0].step, loss[-1].step) == (0, 8999)
    assert [point.value for point in kept if point.series == "nDCG@10"] == [0.5]


def test_that_failures_and_cancelled_jobs_are_kept(engine: Engine) -> None:
    def fail(job: Job) -> None:
        raise InvalidInput("No such thing", "It is not there.")

    def stop(job: Job) -> None:
        job.cancel()
        job.checkpoint()

    failed, cancelled = engine.one(engine.run(fail)), engine.one(engine.run(stop))
    assert (failed.state, failed.message) == ("failed", "No such thing: It is not there.")
    assert cancelled.state == "cancelled"


def test_that_rounds_which_found_nothing_new_are_not_kept(engine: Engine) -> None:
    engine.run(lambda job: NOTHING_NEW, kind="index")
    assert engine.every() == ()
    engine.run(lambda job: msgspec.structs.replace(NOTHING_NEW, added=2), kind="index")
    assert [run.metrics["added"] for run in engine.every()] == [2]


def test_that_what_a_dead_engine_was_doing_is_marked_at_the_next_opening(engine: Engine) -> None:
    states: list[str] = []

    def reopen(job: Job) -> None:
        states.append(engine.one(job.info.id).state)
        RunLog(engine.library, lambda: engine.settings, engine.heard.append).close()
        states.append(engine.one(job.info.id).state)
        states.append(engine.one(job.info.id).message)

    engine.run(reopen, kind="finetune")
    assert states == ["running", "failed", "The program ended while this was running."]


def test_that_the_oldest_runs_make_room(engine: Engine) -> None:
    run = engine.one(engine.run(lambda job: None))
    with engine.library.write() as connection:
        for number in range(4):
            runs.put(connection, replace(run, job=str(number), began_at=float(number)))
        runs.thin_out(connection, 3)
    assert [kept.job for kept in engine.every()] == [run.job, "3", "2"]


def test_that_runs_are_found_by_kind_text_and_time(engine: Engine) -> None:
    first = engine.run(lambda job: FIGURES, Evaluate("scifact"), title="Evaluating scifact")
    second = engine.run(lambda job: None, Finetune(recipe=THOROUGH), "finetune", "Tuning")

    def found(wanted: RunFilter) -> list[str]:
        return [run.job for run in engine.every(wanted)]

    assert found(RunFilter(kinds=("finetune",))) == [second]
    assert found(RunFilter(text="SciFact")) == [first]
    assert found(RunFilter(text="thorough")) == [second]
    assert found(RunFilter(text="100%")) == []
    assert found(RunFilter(limit=1)) == [second]
    assert found(RunFilter(since=engine.one(second).began_at + 1)) == []
    with pytest.raises(NotFound):
        engine.one("nothing")


def test_that_the_newest_figures_of_a_model_are_kept(engine: Engine) -> None:
    with engine.library.write() as connection:
        model_registry.register(connection, "tiny")
    engine.run(lambda job: FIGURES)
    engine.run(lambda job: msgspec.structs.replace(FIGURES, measures={"nDCG@10": 0.7}))
    engine.run(lambda job: msgspec.structs.replace(FIGURES, model="gone"))
    engine.run(lambda job: msgspec.structs.replace(FIGURES, mode="lexical"))
    with engine.library.write() as connection:
        reached = runs.measured(connection, "tiny")
        assert runs.measured(connection, "gone") == ()
        model_registry.remove(connection, "tiny")
        assert runs.measured(connection, "tiny") == (), "they go with the model"
    assert [each.measures for each in reached] == [{"nDCG@10": 0.7}]


def test_that_runs_are_exported_as_csv_and_as_lines(engine: Engine) -> None:
    engine.run(lambda job: FIGURES, Evaluate("scifact"))
    engine.run(lambda job: None, Finetune(recipe=THOROUGH), "finetune", "Tuning, once")
    found = engine.every()
    lines = b"".join(run_log.as_lines(found)).splitlines()
    assert [msgspec.json.decode(line, type=RunRecord) for line in lines] == list(found)
    rows = list(csv.DictReader(b"".join(run_log.as_csv(found)).decode().splitlines()))
    assert [row["title"] for row in rows] == ["Tuning, once", "Evaluating"]
    assert rows[1]["metric nDCG@10"] == "0.62"
    assert rows[0]["param recipe"] == "Thorough"


def test_that_runs_go_to_mlflow_where_a_folder_is_named(engine: Engine, tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    store = tmp_path / "ml runs"
    engine.run(lambda job: FIGURES, Evaluate("scifact"))
    assert not store.exists()
    engine.settings = Settings(mlflow=str(store))
    engine.run(lambda job: FIGURES, Evaluate("scifact"))
    engine.run(lambda job: msgspec.structs.replace(NOTHING_NEW, added=2), kind="index")
    engine.log.close()
    assert [event for event in engine.heard if isinstance(event, Warned)] == []
    figures = list(store.rglob("metrics/nDCG at 10"))
    assert [file.read_text().split()[1] for file in figures] == ["0.62"]
    assert [file.read_text() for file in store.rglob("params/name")] == ["scifact"]


def test_that_a_server_that_is_away_is_warned_of_and_harms_nothing(engine: Engine) -> None:
    pytest.importorskip("mlflow")
    engine.settings = Settings(mlflow="http://127.0.0.1:9")  # discard: nobody listens
    job = engine.run(lambda job: FIGURES, Evaluate("scifact"))
    assert engine.one(job).state == "finished"
    engine.log.close()
    warned = [event for event in engine.heard if isinstance(event, Warned)]
    assert [event.title for event in warned] == ["The run was not written to MLflow"]
    assert "settings" in warned[0].hint
