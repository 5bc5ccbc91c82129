"""Runs of other systems on the evaluation page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.evaluation_records import PoolReport, RunInfo, RunReport, System
from engine.evaluation_requests import (
    Compare,
    EstimatePool,
    ExportRun,
    ImportRun,
    Pool,
    ShowEvalSet,
)
from engine.events import Finished
from engine.requests import GetStatus, ListEvalSets, ListModels
from gui.pages.evaluation import EvaluationPage
from gui.widgets.evalset_comparison import ComparisonView
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.evalset_run import NameRunDialog, RunDialog
from gui.widgets.evalset_view import COMPARE
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.evaluation_samples import ESTIMATE, comparison, overview
from tests.gui.pages.samples import MODELS, job, status

BM25 = RunInfo("bm25", 2, 200, 3)
OUTSIDE = System(run="bm25")
WRITING = job("evaluate", "Writing a run for archive")
SCRIPT = {
    GetStatus: status(),
    ListModels: MODELS,
    ListEvalSets: (),
    ShowEvalSet: overview(runs=(BM25,)),
    EstimatePool: ESTIMATE,
    Compare: WRITING,
    Pool: WRITING,
    ExportRun: WRITING,
    ImportRun: BM25,
}


def opened(open_page: OpenPage, script: dict[Any, Any] | None = None) -> tuple[Any, Any]:
    """The page with a set that holds a run, comparing."""
    page, client = open_page(EvaluationPage, SCRIPT | (script or {}))
    page.open_set("archive")
    page.view.views.choose(COMPARE)
    client.settle()
    return page, client


def take_run(page: Any, client: Any, name: str = "") -> None:
    """Import a run under a name."""
    page.files.take_run("archive", "/tmp/x.run")
    dialog = page.findChild(NameRunDialog)
    dialog.run.setText(name)
    dialog.do.click()
    client.settle()


def test_that_an_imported_run_is_told(open_page: OpenPage) -> None:
    page, client = opened(open_page)
    take_run(page, client)
    assert client.asked_for(ImportRun) == [ImportRun("archive", "/tmp/x.run")]
    assert "“bm25” was imported" in page.notice.words
    assert "2 queries with 200 documents" in page.notice.words
    assert "3 documents only the id" in page.notice.words


def test_that_a_refused_run_names_its_lines(open_page: OpenPage) -> None:
    refused = InvalidInput("The run cannot be read", "x.run, line 3: it has 4 columns", "Mend it.")
    page, client = opened(open_page, {ImportRun: refused})
    take_run(page, client, "mine ")
    assert client.asked_for(ImportRun) == [ImportRun("archive", "/tmp/x.run", "mine")]
    assert "line 3" in page.notice.words


def test_that_a_run_is_compared_like_a_system(open_page: OpenPage) -> None:
    page, client = opened(open_page)
    panel = page.view.compare
    assert OUTSIDE not in panel.systems.systems
    panel.systems.choose((System("lexical"), OUTSIDE))
    panel.compare_button.click()
    assert client.asked_for(Compare)[0].systems == (System("lexical"), OUTSIDE)
    client.settle()


def test_that_the_runs_offered_are_those_of_the_set(open_page: OpenPage) -> None:
    page, client = opened(open_page)
    panel = page.view.compare
    chosen = panel.systems.systems
    assert len(chosen) == 3
    panel.systems.choose((*chosen, OUTSIDE))
    panel.show_set(overview("other"))
    assert panel.systems.systems == chosen
    client.settle()


def test_that_a_run_is_pooled_from(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = opened(open_page)
    page.pool()
    dialog = page.findChild(PoolDialog)
    dialog.systems.choose((OUTSIDE,))
    dialog.do.click()
    client.settle()
    assert client.asked_for(Pool)[0].systems == (OUTSIDE,)
    client.tell(Finished(WRITING.id, PoolReport("archive", 4, 2, 0.1, outside=5)))
    qtbot.waitUntil(lambda: "5 were left out" in page.notice.words)


def test_that_no_time_is_told_of_an_imported_run(qtbot: QtBot) -> None:
    report = comparison()
    imported = replace(report.systems[0], latency_p50_ms=None, latency_p95_ms=None)
    view = ComparisonView(
        msgspec.structs.replace(report, systems=(imported, report.systems[1])), "archive"
    )
    qtbot.addWidget(view)
    model = view.systems.model()
    last = model.columnCount() - 1
    assert [model.index(row, last).data() for row in range(2)] == ["–", "31 / 70"]


@pytest.mark.parametrize(("row", "split"), [(0, None), (1, "test"), (2, "train")])
def test_that_a_run_is_written(
    open_page: OpenPage, qtbot: QtBot, row: int, split: str | None
) -> None:
    page, client = opened(open_page)
    page.view.run_export_asked.emit()
    dialog = page.findChild(RunDialog)
    assert dialog.system.findText("bm25 · imported run") == dialog.system.count() - 1
    dialog.system.setCurrentIndex(dialog.system.count() - 1)
    dialog.split.setCurrentIndex(row)
    assert dialog.request == ExportRun("archive", OUTSIDE, "", split)
    page.files.run_asked.emit(ExportRun("archive", OUTSIDE, "/tmp/x.run", split))
    client.settle()
    assert client.asked_for(ExportRun)[0].path == "/tmp/x.run"
    client.tell(Finished(WRITING.id, RunReport("archive", "/tmp/x.run", "bm25", 2, 200)))
    qtbot.waitUntil(lambda: page.notice.words == "200 lines of bm25 written\n/tmp/x.run")
