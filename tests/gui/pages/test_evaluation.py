from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput, NotFound, StorageFull
from engine.evaluation_records import JUDGMENTS, PoolReport, System
from engine.evaluation_requests import (
    AddQueries,
    AssignRaters,
    ChangeEvalSet,
    CreateEvalSet,
    EstimatePool,
    ExportEvalSet,
    FreezeEvalSet,
    ListSearchHistory,
    MergeEvalSet,
    MoveQueries,
    Pool,
    ReadEvalSet,
    RemoveEvalSet,
    RemoveQueries,
    ShowEvalSet,
)
from engine.events import Changed, Failed, Finished, Progress
from engine.records import EvalSetInfo, SplitInfo
from engine.requests import GetStatus, ImportEvalSet, ListEvalSets, ListModels
from gui.pages.evaluation import EvaluationPage
from gui.widgets.evalset_add_queries import AddQueriesDialog
from gui.widgets.evalset_coverage import next_step
from gui.widgets.evalset_export import ExportDialog
from gui.widgets.evalset_form import SetForm
from gui.widgets.evalset_import import ImportDialog
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.evalset_raters import AssignDialog
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.evaluation_samples import (
    EMPTY,
    ESTIMATE,
    IMPORTED_SET,
    LONG,
    OWN,
    QUERIES,
    VERSION,
    overview,
)
from tests.gui.pages.samples import MODELS, job, status

SETS = {made.name: made for made in (overview(), EMPTY, OWN)}
INFOS = tuple(EvalSetInfo(name, None, 0, (SplitInfo("test", 3, 43),)) for name in SETS)
POOLING = job("evaluate", "Pooling for archive")


def show(request: ShowEvalSet) -> Any:
    """As an engine answers for a set."""
    return SETS.get(request.name) or NotFound("No such set", "It was removed.")


SCRIPT = {GetStatus: status(), ListModels: MODELS, ListEvalSets: INFOS, ShowEvalSet: show}


def dialog_of(page: QWidget, kind: type[Any]) -> Any:
    """The one dialog of a kind that is open."""
    return next(found for found in page.findChildren(kind) if found.isVisible())


def opened(open_page: OpenPage, script: dict[Any, Any] | None = None) -> tuple[Any, Any]:
    """The page with a set open."""
    page, client = open_page(EvaluationPage, SCRIPT | (script or {}))
    page.open_set("archive")
    client.settle()
    return page, client


def test_that_sets_are_listed_with_what_is_judged(open_page: OpenPage) -> None:
    page, _ = open_page(EvaluationPage, SCRIPT)
    shown = [row.overview.name for row in page.sets.rows]
    assert shown == ["archive", LONG, JUDGMENTS]
    assert page.sets.rows[2].open_button.accessibleName() == "Open My judgments"
    assert not page.sets.nothing.isVisible()
    page.sets.rows[0].open_button.click()
    assert page.view.isVisible()
    assert "7 pairs not judged" in page.view.coverage.words


def test_that_without_sets_it_says_what_to_do(open_page: OpenPage) -> None:
    page, _ = open_page(EvaluationPage, SCRIPT | {ListEvalSets: ()})
    assert page.sets.nothing.isVisible()
    assert page.new_button.isVisible()


def test_that_a_set_is_made_with_grades_of_ones_own(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = replace(EMPTY, name="mine")
    monkeypatch.setitem(SETS, "mine", made)
    page, client = open_page(EvaluationPage, SCRIPT | {CreateEvalSet: made})
    page.new_button.click()
    form = dialog_of(page, SetForm)
    assert not form.do.isEnabled()
    form.name.setText(" mine ")
    form.scale.setCurrentIndex(2)
    assert not form.do.isEnabled()
    form.own.setText("Wrong, Right")
    form.over.setCurrentIndex(1)
    form.do.click()
    client.settle()
    assert client.asked_for(CreateEvalSet) == [CreateEvalSet("mine", "", ("Wrong", "Right"), 3)]
    assert page.view.isVisible()
    assert page.view.queries.nothing.isVisible()


def test_that_a_judged_set_keeps_its_scale(open_page: OpenPage) -> None:
    page, client = opened(open_page, {ChangeEvalSet: lambda r: overview(r.new_name)})
    page.view.edit_asked.emit()
    form = dialog_of(page, SetForm)
    assert not form.scale.isEnabled()
    form.name.setText("archives")
    form.guideline.setPlainText("Only what names the lake.")
    form.do.click()
    client.settle()
    assert client.asked_for(ChangeEvalSet) == [
        ChangeEvalSet("archive", "archives", "Only what names the lake.", None)
    ]
    assert page.view.overview.name == "archives"


def test_that_removing_says_what_is_lost(open_page: OpenPage) -> None:
    page, client = opened(open_page, {RemoveEvalSet: None})
    page.view.remove_asked.emit()
    box = dialog_of(page, QMessageBox)
    assert "4 queries, 43 judged pairs and 1 version" in box.informativeText()
    assert not client.asked_for(RemoveEvalSet)
    next(button for button in box.buttons() if button.text() == "Remove the set").click()
    client.settle()
    assert client.asked_for(RemoveEvalSet) == [RemoveEvalSet("archive")]
    assert page.sets.isVisible()


def test_that_a_frozen_version_is_told_with_its_hash(open_page: OpenPage) -> None:
    page, client = opened(open_page, {FreezeEvalSet: VERSION})
    page.view.freeze_button.click()
    asked = dialog_of(page, QInputDialog)
    asked.setTextValue("first")
    asked.accept()
    client.settle()
    assert client.asked_for(FreezeEvalSet) == [FreezeEvalSet("archive", "first")]
    assert "Version 1 is frozen" in page.notice.words
    assert "5f5f5f" in page.notice.words


def test_that_queries_with_holes_and_without_anything_relevant_stand_out(
    open_page: OpenPage,
) -> None:
    page, _ = opened(open_page)
    queries = page.view.queries
    assert len(queries.table.visible_records) == 4
    queries.kind.setCurrentIndex(1)
    assert [query.id for query in queries.table.visible_records] == ["2", "4"]
    queries.kind.setCurrentIndex(2)
    assert [query.id for query in queries.table.visible_records] == ["3"]
    queries.kind.setCurrentIndex(0)
    queries.filter.setText("train")
    assert [query.id for query in queries.table.visible_records] == ["3"]


def test_that_lines_are_added_as_queries(open_page: OpenPage) -> None:
    page, client = opened(open_page, {AddQueries: overview()})
    page.view.queries.add_button.click()
    dialog = dialog_of(page, AddQueriesDialog)
    assert not dialog.do.isEnabled()
    dialog.lines.setPlainText(" ice cover \n\nspring mixing\n")
    assert dialog.do.text() == "Add 2 queries"
    dialog.do.click()
    client.settle()
    assert client.asked_for(AddQueries) == [
        AddQueries("archive", ("ice cover", "spring mixing"), "test", "typed")
    ]
    assert "2 were there already" in page.notice.words


def test_that_a_random_sample_of_searches_is_added(open_page: OpenPage) -> None:
    searches = ("boiler pressure", "green tea")
    page, client = opened(open_page, {ListSearchHistory: searches, AddQueries: overview()})
    page.view.queries.history_asked.emit()
    client.settle()
    dialog = dialog_of(page, AddQueriesDialog)
    assert dialog.texts == ()
    dialog.n_sampled.setValue(2)
    dialog.draw.click()
    client.settle()
    assert client.asked_for(ListSearchHistory)[-1] == ListSearchHistory(2, sample=True)
    dialog.searches.item(0).setCheckState(Qt.CheckState.Unchecked)
    dialog.do.click()
    client.settle()
    assert client.asked_for(AddQueries) == [
        AddQueries("archive", ("green tea",), "test", "history")
    ]


def test_that_selected_queries_are_moved_and_removed(open_page: OpenPage) -> None:
    page, client = opened(open_page, {MoveQueries: overview(), RemoveQueries: overview()})
    queries = page.view.queries
    assert not queries.remove_button.isEnabled()
    queries.table.selectRow(0)
    queries.moved.emit(queries.selected_ids, "train")
    queries.table.setFocus()
    QTest.keyClick(queries.table, Qt.Key.Key_Delete)
    box = dialog_of(page, QMessageBox)
    assert "20 judged pairs" in box.informativeText()
    next(button for button in box.buttons() if button.text() == "Remove").click()
    client.settle()
    assert client.asked_for(MoveQueries) == [MoveQueries("archive", ("1",), "train")]
    assert client.asked_for(RemoveQueries) == [RemoveQueries("archive", ("1",))]


def test_that_a_pool_says_its_cost_before_it_is_made(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = opened(open_page, {EstimatePool: ESTIMATE, Pool: POOLING})
    page.view.pool_button.click()
    dialog = dialog_of(page, PoolDialog)
    qtbot.waitUntil(lambda: "320 new pairs: 53 min" in dialog.cost.text())
    dialog.budget.setValue(60)
    qtbot.waitUntil(lambda: "60 new pairs: 10 min" in dialog.cost.text())
    dialog.systems.choose(())
    assert not dialog.do.isEnabled()
    systems = (System("lexical"), System("hybrid", MODELS[0].id, rerank=True))
    dialog.systems.choose(systems)
    dialog.do.click()
    client.settle()
    assert client.asked_for(Pool) == [Pool("archive", systems, 10, 60)]
    client.tell(Progress(POOLING.id, "Searching", 3, 12, "queries", 2.0, 4.5))
    client.tell(Finished(POOLING.id, PoolReport("archive", 60, 12, 4.0)))
    qtbot.waitUntil(lambda: "60 pairs to judge" in page.notice.words)


def test_that_a_failed_job_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = opened(open_page, {EstimatePool: ESTIMATE, Pool: POOLING})
    page._start(Pool("archive", (System(),)))
    client.settle()
    client.tell(Failed(POOLING.id, "Not prepared", "The model is not there.", "Activate it."))
    qtbot.waitUntil(lambda: page.notice.words.startswith("Not prepared"))


def test_that_judging_is_asked_of_the_window(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = opened(open_page)
    with qtbot.waitSignal(page.judge_asked) as asked:
        page.view.judge_button.click()
    assert asked.args == ["archive"]


def test_that_nothing_is_judged_before_something_is_pooled(open_page: OpenPage) -> None:
    page, client = opened(open_page)
    page.open_set(LONG)
    client.settle()
    assert not page.view.judge_button.isEnabled()
    assert "Pool first" in page.view.judge_button.toolTip()


def test_that_after_judging_the_next_step_is_shown(open_page: OpenPage) -> None:
    page, client = open_page(EvaluationPage, SCRIPT)
    page.go_on("archive", "compare")
    client.settle()
    assert page.view.views.current == 1
    page.go_on("archive", "freeze")
    assert dialog_of(page, QInputDialog)


def test_that_queries_are_shared_among_raters(open_page: OpenPage) -> None:
    page, client = opened(open_page, {AssignRaters: overview()})
    page.view.raters_asked.emit()
    dialog = dialog_of(page, AssignDialog)
    assert dialog.raters.text() == "Ines, Jonas"
    dialog.raters.setText("Ines, , Mira,Ines")
    dialog.overlap.setValue(30)
    dialog.do.click()
    client.settle()
    assert client.asked_for(AssignRaters) == [AssignRaters("archive", ("Ines", "Mira"), 0.3)]


def test_that_a_file_is_imported_and_malformed_lines_are_told(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    malformed = InvalidInput("Lines cannot be read", "Line 3: no grade.\nLine 7: no query.", "")
    page, client = open_page(EvaluationPage, SCRIPT | {ReadEvalSet: malformed})
    path = str(tmp_path / "old.jsonl")
    page.files.bring_in(path)
    dialog = dialog_of(page, ImportDialog)
    assert not dialog.joins.isVisible()
    dialog.do.click()
    client.settle()
    assert client.asked_for(ReadEvalSet) == [ReadEvalSet(path, "old")]
    assert "Line 3: no grade.\nLine 7: no query." in page.notice.words
    client.script[ReadEvalSet] = IMPORTED_SET
    monkeypatch.setitem(SETS, "old", overview("old"))
    page.files.bring_in(path)
    dialog_of(page, ImportDialog).do.click()
    client.settle()
    assert "50 queries and 800 judgments" in page.notice.words
    assert page.view.overview.name == "old"


def test_that_a_folder_with_documents_offers_to_add_them(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page, client = open_page(EvaluationPage, SCRIPT | {ImportEvalSet: POOLING})
    (tmp_path / "corpus.jsonl").write_text("")
    page.files.bring_in(str(tmp_path))
    dialog_of(page, ImportDialog).do.click()
    assert client.asked_for(ImportEvalSet) == [ImportEvalSet(str(tmp_path), tmp_path.name)]


def test_that_a_version_of_one_rater_is_exported(open_page: OpenPage) -> None:
    page, client = opened(open_page, {ExportEvalSet: lambda request: request.path})
    page.view.export_asked.emit()
    dialog = dialog_of(page, ExportDialog)
    dialog.version.setCurrentIndex(1)
    dialog.rater.setCurrentIndex(2)
    request = dialog.request
    assert request == ExportEvalSet("archive", "", "jsonl", 1, "Jonas")
    page.files.write(request, "/tmp/archive.jsonl")
    client.settle()
    assert client.asked_for(ExportEvalSet)[0].path == "/tmp/archive.jsonl"
    assert page.notice.words == "Exported\n/tmp/archive.jsonl"


def test_that_a_dropped_file_is_imported(open_page: OpenPage, tmp_path: Path) -> None:
    page, _ = open_page(EvaluationPage, SCRIPT)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "old.csv"))])
    common = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *common)
    enter.setAccepted(False)
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *common))
    assert dialog_of(page, ImportDialog).name.text() == "old"


def test_that_a_merge_tells_what_was_new_and_what_differs(open_page: OpenPage) -> None:
    merged = replace(IMPORTED_SET, merged=5, same=2, conflicts=("Query 2, Minutes: 1, not 2",))
    page, client = opened(open_page, {MergeEvalSet: merged})
    page.files.merge("archive", "/tmp/back.jsonl")
    client.settle()
    assert client.asked_for(MergeEvalSet) == [MergeEvalSet("archive", "/tmp/back.jsonl")]
    assert "5 judgments new, 2 there already" in page.notice.words
    assert "Query 2, Minutes: 1, not 2" in page.notice.words


def test_that_a_set_that_is_gone_leads_back_to_all(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = opened(open_page)
    client.script[ShowEvalSet] = NotFound("No such set", "It was removed.")
    client.tell(Changed("evalsets"))
    qtbot.waitUntil(page.sets.isVisible)


def test_that_the_open_set_is_remembered(open_page: OpenPage, tmp_path: Path) -> None:
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    page, _ = opened(open_page)
    page.view.views.choose(2)
    page.remember(memory)

    def again(engine: Any) -> EvaluationPage:
        made = EvaluationPage(engine)
        made.recall(memory)
        return made

    other, _ = open_page(again, SCRIPT)
    assert other.view.isVisible()
    assert other.view.overview.name == "archive"
    assert other.view.views.current == 2


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_that_each_view_leaves_room_for_a_narrow_window(open_page: OpenPage, number: int) -> None:
    page, client = opened(open_page)
    page.view.views.choose(number)
    page.resize(770, 500)
    client.settle()
    assert page.area.horizontalScrollBar().maximum() == 0


def test_that_the_arrow_keys_go_from_view_to_view(open_page: OpenPage) -> None:
    page, _ = opened(open_page)
    views = page.view.views
    first = next(b for b in views.findChildren(QPushButton) if b.text() == "Queries")
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert views.current == 1
    assert page.view.compare.isVisible()
    assert not page.view.queries.isVisible()


def test_that_what_a_set_needs_next_is_said() -> None:
    judged = overview(n_holes=0, n_without_relevant=0)
    unpooled = replace(QUERIES[0], n_pooled=0)
    said = [
        next_step(made)[0]
        for made in (
            overview(queries=()),
            overview(grades={}, n_holes=0),
            overview(),
            overview(n_holes=0),
            judged,
            replace(judged, queries=(unpooled,)),
        )
    ]
    assert [words.split()[0] for words in said] == [
        "Add", "Nothing", "7", "1", "Everything", "The",
    ]  # fmt: skip


def test_that_a_set_that_cannot_be_shown_keeps_no_other_from_it(open_page: OpenPage) -> None:
    def fail(request: ShowEvalSet) -> Any:
        if request.name == LONG:
            return StorageFull("The disk is full", "Nothing could be read.", "Make room.")
        return SETS[request.name]

    page, _ = open_page(EvaluationPage, SCRIPT | {ShowEvalSet: fail})
    assert [row.overview.name for row in page.sets.rows] == ["archive", JUDGMENTS]
    assert "The disk is full" in page.notice.words
