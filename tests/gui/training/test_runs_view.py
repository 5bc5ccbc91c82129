from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput, NotFound
from engine.training_records import CurvePoint, RunFilter, RunRecord
from engine.training_requests import ExportRuns, GetRun, ListRuns
from gui.training.run_words import main_figure, name_in_words, number_in_words
from gui.training.runs_view import RunsView
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.scripted_client import ScriptedClient

NOW = time.time()
TUNED = RunRecord(
    "j1",
    "finetune",
    "Tuning all-MiniLM-L6-v2",
    "finished",
    NOW - 400,
    NOW - 100,
    {"recipe": "Balanced", "stages.1.learning_rate": "5e-05", "gate.measure": "nDCG@10"},
    {"gate.before": 0.652, "gate.after": 0.701, "gate.n_queries": 41.0},
    ("tuned-2",),
    "On 41 held-out queries it answers better.",
)
RUNNING = RunRecord("j2", "gather", "Mining", "running", NOW - 10, None, {}, {}, ())
EXPORTED = RunRecord(
    "j3",
    "export",
    "Export",
    "finished",
    NOW - 900,
    NOW - 880,
    {},
    {},
    (str(Path("there").absolute()),),
)
RUNS = (RUNNING, TUNED, EXPORTED)
POINTS = (CurvePoint("loss", 1, 2.0), CurvePoint("nDCG@10", 1, 0.7), CurvePoint("loss", 2, 1.5))


def get(request: GetRun) -> RunRecord:
    run = next(run for run in RUNS if run.job == request.job)
    return replace(run, points=POINTS) if run is TUNED else run


def open_view(
    open_page: OpenPage, script: dict[Any, Any] | None = None
) -> tuple[RunsView, ScriptedClient]:
    view, client = open_page(RunsView, {ListRuns: RUNS, GetRun: get, **(script or {})})
    view.load()
    client.settle()
    return view, client


def select(view: RunsView, client: ScriptedClient, run: RunRecord) -> None:
    view.table.selectRow(view.table.visible_records.index(run))
    client.settle()


def test_that_a_run_is_shown_with_all_that_is_kept_of_it(open_page: OpenPage) -> None:
    view, client = open_view(open_page)
    assert view.details.isHidden()
    select(view, client, TUNED)
    words = view.details.words
    assert "On 41 held-out queries it answers better." in words
    assert "took 5 min" in words
    assert "Stage › 1 › learning rate: 5e-05" in words
    assert "Gate › queries: 41" in words
    assert "Made: tuned-2" in words
    assert [curve.points for curve in view.details.curves.curves] == [
        ((1.0, 2.0), (2.0, 1.5)),
        ((1.0, 0.7),),
    ]
    assert view.details.folder_button.isHidden()  # a model is no path
    select(view, client, EXPORTED)
    assert view.details.folder_button.isVisible()
    assert not view.details.curves.curves
    view.details.closed.emit()
    assert view.details.isHidden()


def test_that_a_run_that_ended_is_shown_anew(open_page: OpenPage) -> None:
    view, client = open_view(open_page)
    select(view, client, RUNNING)
    ended = replace(RUNNING, state="cancelled", ended_at=NOW)
    client.script |= {ListRuns: (ended, TUNED), GetRun: ended}
    view.load()
    client.settle()
    assert "Cancelled" in view.details.words
    assert view.table.selected == [ended]
    client.script[ListRuns] = (TUNED,)
    view.load()
    client.settle()
    assert view.details.isHidden()


def test_that_filters_are_asked_of_the_engine(open_page: OpenPage, qtbot: QtBot) -> None:
    view, client = open_view(open_page)
    view.filters.kind.setCurrentIndex(view.filters.kind.findData("evaluate"))
    assert client.asked_for(ListRuns)[-1].filter == RunFilter(kinds=("evaluate",))
    view.filters.since.setCurrentIndex(1)
    since = client.asked_for(ListRuns)[-1].filter.since
    assert since is not None and abs(time.time() - 86_400 - since) < 60
    view.filters.text.setText("scifact")
    qtbot.waitUntil(lambda: client.asked_for(ListRuns)[-1].filter.text == "scifact")


def test_that_no_run_at_all_and_none_that_fits_are_told_apart(open_page: OpenPage) -> None:
    view, client = open_view(open_page, {ListRuns: ()})
    assert view.nothing.isVisible()
    view.filters.kind.setCurrentIndex(1)
    client.settle()
    assert not view.nothing.isVisible()
    assert "No run fits" in view.said.text()
    assert not view.export_button.isEnabled()


def test_that_what_is_listed_is_exported(open_page: OpenPage) -> None:
    view, client = open_view(open_page, {ExportRuns: lambda request: request.path})
    view.filters.kind.setCurrentIndex(view.filters.kind.findData("finetune"))
    view.export("/tmp/runs.csv")
    client.settle()
    assert client.asked_for(ExportRuns) == [
        ExportRuns("/tmp/runs.csv", RunFilter(kinds=("finetune",)))
    ]
    assert "/tmp/runs.csv" in view.notice.words


def test_that_what_goes_wrong_is_told(open_page: OpenPage) -> None:
    refusal = InvalidInput("Not a kind of file", "It ends in .txt.", "Choose another.")
    view, client = open_view(open_page, {ExportRuns: refusal, GetRun: NotFound("Gone", "Gone.")})
    view.export("/tmp/runs.txt")
    client.settle()
    assert "Choose another." in view.notice.words
    view.notice.hide()
    select(view, client, TUNED)
    assert view.details.isHidden()
    assert not view.notice.isVisible()


def test_that_the_figure_that_says_most_is_chosen() -> None:
    assert main_figure(TUNED) == "nDCG@10 0.652 → 0.701"
    assert main_figure(replace(TUNED, metrics={"R@100": 0.9, "nDCG@10": 0.65})) == "nDCG@10 0.650"
    assert main_figure(replace(TUNED, metrics={"n_queries": 3.0, "n_kept": 1.0})) == "1 pair"
    assert main_figure(replace(TUNED, metrics={"added": 1200.0})) == "1,200 files added"
    assert main_figure(RUNNING) == ""


def test_that_names_and_numbers_are_said_as_people_do() -> None:
    assert name_in_words("evalset") == "Evaluation set"
    assert name_in_words("nDCG@10, my_run") == "nDCG@10, my_run"
    assert number_in_words(41.0) == "41"
    assert number_in_words(0.65178) == "0.6518"
    assert number_in_words(312.26) == "312.3"
