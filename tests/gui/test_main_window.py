from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import WAY_BACK, LibraryUnreadable, WorkspaceLocked, WorkspaceUnusable
from engine.evaluation_requests import ShowEvalSet
from engine.events import Cancelled, Changed, Failed, Finished, Progress, Started, Warned
from engine.records import BackupInfo, EvalSetInfo, GateReport, JobInfo, TuneReport
from engine.requests import (
    AddRoots,
    CancelJob,
    ChangeSettings,
    GetSettings,
    GetStatus,
    ListBackups,
    ListEvalSets,
    ListFailures,
    ListModels,
    PauseJob,
    RestoreBackup,
    ResumeJob,
    Search,
    Sync,
    Undo,
)
from engine.settings import Settings
from engine.training_records import Suggestion
from engine.training_requests import GetSuggestion
from gui.background import Engine, OnEvent, OnState
from gui.main_window import (
    EVALUATION,
    JUDGING,
    LIBRARY,
    MODELS,
    PROBLEMS,
    SEARCH,
    SETTINGS,
    TRAINING,
    MainWindow,
)
from gui.pages.training import TrainingPage
from gui.theme import Theme, is_dark
from gui.widgets.evalset_view import COMPARE
from tests.gui.pages.evaluation_samples import overview
from tests.gui.pages.found import LIBRARY as SCRIPT
from tests.gui.pages.samples import FAILURES, ROOTS, job, status
from tests.gui.pages.scripted_client import Script, ScriptedClient

Opened = tuple[MainWindow, ScriptedClient]
Open = Callable[..., Opened]
INDEXING = job("index", "Indexing the library")
TUNING = job("finetune", "Tuning the model")


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    before = qapp.styleSheet(), qapp.palette()
    dressed = Theme(qapp)
    yield dressed
    dressed.deleteLater()
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])


@pytest.fixture
def opened(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Open:
    """Opens a window over a script; what windows remember is shared by those of one test."""

    def open_over(script: Script | None = None, *, ready: bool = True) -> Opened:
        clients: list[ScriptedClient] = []

        def connect(on_event: OnEvent, on_state: OnState) -> ScriptedClient:
            every = SCRIPT | {ListFailures: (), Sync: INDEXING} | dict(script or {})
            clients.append(ScriptedClient(every, on_event, on_state))
            return clients[0]

        memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
        engine = Engine(connect)
        window = MainWindow(engine, theme, memory, tmp_path)
        engine.setParent(window)
        qtbot.addWidget(window, before_close_func=_let_close)
        window.show()
        if ready:
            clients[0].become("ready", None)
        clients[0].settle()
        return window, clients[0]

    return open_over


def _let_close(window: MainWindow) -> None:
    window._close_anyway = True


def begin(client: ScriptedClient, info: JobInfo) -> None:
    """Let a job start."""
    client.tell(Started(info))
    client.settle()


def drop(window: MainWindow, *urls: QUrl) -> None:
    """Drop something onto the window."""
    mime = QMimeData()
    mime.setUrls(list(urls))
    common = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, *common)
    enter.setAccepted(False)
    window.dragEnterEvent(enter)
    if enter.isAccepted():
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, *common))


# Pages


def test_that_keys_lead_to_every_page(opened: Open) -> None:
    window, client = opened()
    for number, key in enumerate((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        client.settle()
        assert window.current == number
    window.rail._buttons.button(SETTINGS).click()
    assert window.current == SETTINGS


def test_that_the_library_leads_to_what_could_not_be_read(opened: Open) -> None:
    window, client = opened({ListFailures: FAILURES})
    window.go_to(LIBRARY)
    client.settle()
    library = window.page(LIBRARY)
    next(b for b in library.findChildren(QPushButton) if b.text() == "Show them").click()
    assert window.current == PROBLEMS


def test_that_trouble_of_no_job_is_told_over_every_page(opened: Open) -> None:
    window, client = opened()
    client.tell(Warned("", "The backup was not made", "The disk is full.", "Free some space."))
    client.settle()
    assert window.banner.words == "The backup was not made\nThe disk is full. Free some space."


def test_that_the_verdict_on_a_tuned_model_leads_to_the_models(opened: Open) -> None:
    window, _ = opened()
    window.go_to(TRAINING)
    page = window.page(TRAINING)
    assert isinstance(page, TrainingPage)
    page.tune_view.verdict.card.asked_for_models.emit()
    assert window.current == MODELS


def test_that_ctrl_l_leads_to_the_query_from_anywhere(opened: Open) -> None:
    window, client = opened()
    window.go_to(MODELS)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    client.settle()
    assert window.current == SEARCH
    assert window.search.bar.field.hasFocus()


def test_that_a_window_opens_as_the_last_was_left(opened: Open) -> None:
    first, client = opened()
    first.resize(860, 640)  # the screen that is drawn into memory has 800 × 800
    first.go_to(MODELS)
    first.search.preview.hide()
    client.settle()
    first.close()
    second, _ = opened()
    assert second.height() == 640
    assert second.current == MODELS
    assert second.search.preview.isHidden()


def test_that_a_spoiled_memory_does_not_keep_the_window_from_opening(
    opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "memory.ini").write_text("theme=mauve\n[window]\npage=x\ngeometry=@ByteArray(x)\n")
    window, _ = opened()
    assert window.current == SEARCH


# The engine's state


def test_that_a_restart_is_told_until_it_is_over(opened: Open) -> None:
    window, client = opened()
    client.become("restarting", None)
    client.settle()
    assert "being restarted" in window.banner.words
    assert window.status.words == "Restarting…"
    client.become("ready", None)
    client.settle()
    assert not window.banner.words
    assert "was restarted" in window.status.words


def test_that_a_second_window_is_refused_in_words(opened: Open) -> None:
    window, client = opened(ready=False)
    refusal = WorkspaceLocked("Another window uses this library", "Attune is open.", "Close it.")
    client.become("refused", refusal)
    client.settle()
    assert window.recovery.isVisible()
    assert window.recovery.words == "Another window uses this library\nAttune is open.\nClose it."
    assert not client.asked_for(ListBackups)
    assert not window.menus.undo.isEnabled()
    window.recovery.again.click()
    client.settle()
    assert window.status.words == "Starting…"
    client.become("ready", None)
    client.settle()
    assert not window.recovery.isVisible()
    assert window.menus.undo.isEnabled()


BACKUPS = (
    BackupInfo("library-000003-x-asked.db", 1.79e9, "asked", 48_000_000, 112),
    BackupInfo("library-000002-x-scheduled.db", 1.78e9, "scheduled", 47_000_000, 96),
)
DAMAGED = LibraryUnreadable(
    "The library is damaged",
    "library.db is damaged: file is not a database.",
    f"{WAY_BACK} 9 October 2026 with the command: restore library-000003-x-asked.db",
)


def test_that_a_damaged_library_is_put_back_from_the_newest_backup(opened: Open) -> None:
    window, client = opened({ListBackups: BACKUPS, RestoreBackup: None})
    client.become("refused", DAMAGED)
    client.settle()
    view = window.recovery
    assert view.words == f"{DAMAGED.title}\n{DAMAGED.message}"
    assert view.table.selected == [BACKUPS[0]]
    view.restore.click()
    assert not view.restore.isEnabled()
    client.settle()
    assert client.asked_for(RestoreBackup) == [RestoreBackup(BACKUPS[0].name)]
    client.become("starting", None)
    client.become("ready", None)
    client.settle()
    assert not window.is_closed
    assert window.banner.words.startswith("The library is that of 2")


def test_that_a_backup_that_cannot_be_put_back_leaves_the_choice_of_another(opened: Open) -> None:
    trouble = WorkspaceUnusable("The backup is damaged", "It cannot be put back.", "Choose another")
    window, client = opened({ListBackups: BACKUPS, RestoreBackup: trouble})
    client.become("refused", DAMAGED)
    client.settle()
    view = window.recovery
    view.restore.click()
    client.settle()
    assert view.notice.words == "The backup is damaged\nIt cannot be put back. Choose another"
    client.script[RestoreBackup] = None
    view.table.selectRow(1)
    view.restore.click()
    client.settle()
    assert client.asked_for(RestoreBackup)[-1] == RestoreBackup(BACKUPS[1].name)


def test_that_a_damaged_library_without_backups_says_how_to_begin_anew(opened: Open) -> None:
    window, client = opened({ListBackups: ()})
    client.become("refused", DAMAGED)
    client.settle()
    view = window.recovery
    assert view.card.isHidden()
    assert not view.none.isHidden()
    assert view.again.isEnabled()


# The status bar


def test_that_the_status_bar_shows_how_far_indexing_is(opened: Open) -> None:
    window, client = opened()
    begin(client, INDEXING)
    client.tell(Progress(INDEXING.id, "Reading files", 1204, 5183, "files", 140.0, 180.0))
    client.settle()
    shown = "Reading files 1,204 of 5,183 files · 140 files/s · About 3 min left"
    assert window.status.words.endswith(shown)
    client.tell(Cancelled(INDEXING.id))
    client.settle()
    assert shown not in window.status.words


def test_that_indexing_can_be_paused_resumed_and_cancelled(opened: Open) -> None:
    window, client = opened({PauseJob: None, ResumeJob: None, CancelJob: None})
    begin(client, INDEXING)
    for _ in range(2):
        window.status._pause.click()
        client.settle()
    window.status._cancel.click()
    controls = [type(r) for r in client.asked if isinstance(r, PauseJob | ResumeJob | CancelJob)]
    assert controls == [PauseJob, ResumeJob, CancelJob]


def test_that_a_job_that_began_before_the_window_is_shown(opened: Open) -> None:
    window, _ = opened({GetStatus: status(ROOTS, (INDEXING,))})
    assert "Indexing the library" in window.status.words


def test_that_a_failed_job_is_told_on_other_pages(opened: Open) -> None:
    window, client = opened()
    begin(client, INDEXING)
    client.tell(Failed(INDEXING.id, "The disk is full", "Nothing was lost.", "Make room."))
    client.settle()
    assert window.banner.words.startswith("The disk is full\n")
    window.banner.acted.emit()
    assert window.current == LIBRARY
    assert not window.banner.words


def test_that_the_traceback_of_a_failed_job_stays_out_of_the_banner(opened: Open) -> None:
    window, client = opened()
    begin(client, INDEXING)
    client.tell(Failed(INDEXING.id, "Unexpected error", "KeyError: 7", "Traceback (most recent"))
    client.settle()
    assert "KeyError" in window.banner.words
    assert "Traceback" not in window.banner.words


def test_that_a_tuned_model_is_announced(opened: Open) -> None:
    window, client = opened()
    gate = GateReport("nDCG@10", 0.61, 0.68, (0.02, 0.11), 0.01, 40, True, "Better by 0.07.")
    report = TuneReport("tuned-1", "all-minilm-l6-v2", True, "Better by 0.07.", gate, 300)
    begin(client, TUNING)
    client.tell(Finished(TUNING.id, report))
    client.settle()
    assert window.banner.words == "The model was tuned\nBetter by 0.07."


def test_that_a_fit_to_pictures_is_announced_as_an_offer(opened: Open) -> None:
    window, client = opened()
    gate = GateReport("nDCG@10", 0.31, 0.44, (0.08, 0.18), 0.001, 90, True, "Better by 0.13.")
    fitting = replace(TUNING, model_kind="image")
    begin(client, fitting)
    client.tell(Finished(fitting.id, TuneReport("fitted-1", "built-in", True, "Better.", gate, 3)))
    client.settle()
    assert "waits for you to use it" in window.banner.words


# Closing


def test_that_closing_while_tuning_asks_first(opened: Open) -> None:
    window, client = opened()
    begin(client, TUNING)
    window.close()
    assert window.isVisible()
    dialog = window.findChild(QMessageBox)
    assert isinstance(dialog, QMessageBox)
    stop = next(b for b in dialog.buttons() if b.text() == "Interrupt and close")
    stop.click()
    assert not window.isVisible()


def test_that_closing_while_indexing_asks_nothing(opened: Open) -> None:
    window, client = opened()
    begin(client, INDEXING)
    window.close()
    assert not window.isVisible()


# Menus, dropping


def test_that_what_is_dropped_on_any_page_is_added(opened: Open) -> None:
    window, client = opened({AddRoots: ROOTS[:1]})
    drop(window, QUrl("https://example.org/x"))
    assert not client.asked_for(AddRoots)
    drop(window, QUrl.fromLocalFile("/tmp/papers"), QUrl("https://example.org/x"))
    assert client.asked_for(AddRoots) == [AddRoots(("/tmp/papers",))]
    assert window.current == LIBRARY


def test_that_no_two_actions_share_a_key(opened: Open) -> None:
    window, _ = opened()
    keys = [key.toString() for action in window.actions() for key in action.shortcuts()]
    for menu in window.menuBar().actions():
        inside = menu.menu()
        actions = inside.actions() if inside is not None else []  # type: ignore[attr-defined]
        keys += [key.toString() for action in actions for key in action.shortcuts()]
    assert len(keys) > 15
    assert len(keys) == len(set(keys))


def test_that_the_theme_is_chosen_kept_and_followed(opened: Open, theme: Theme) -> None:
    window, client = opened()
    window.choose_theme("dark")
    client.settle()
    assert is_dark()
    assert client.asked_for(ChangeSettings) == [ChangeSettings(Settings(theme="dark"))]
    client.script[GetSettings] = Settings(theme="light")
    client.tell(Changed("settings"))
    client.settle()
    assert not is_dark()


def test_that_ctrl_z_in_the_results_undoes_a_label_and_in_the_field_typing(opened: Open) -> None:
    window, client = opened()
    window.search.bar.ask("oxygen")
    client.settle()
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window.search.bar.field, Qt.Key.Key_Z, ctrl)
    client.settle()
    assert not client.asked_for(Undo)
    window.search.list.setFocus()
    QTest.keyClick(window.search.list, Qt.Key.Key_Z, ctrl)
    client.settle()
    assert client.asked_for(Undo)


def test_that_the_menu_says_what_is_undone(opened: Open) -> None:
    window, client = opened()
    assert window.menus.undo.isEnabled(), "labels of earlier days can be undone too"
    window.search.bar.ask("oxygen")
    client.settle()
    window.search.list.setFocus()
    QTest.keyClicks(window.search.list, "2")
    client.settle()
    assert window.menus.undo.text() == "&Undo grade 3 on “It”"
    assert not window.menus.redo.isEnabled()


def test_that_alt_and_a_digit_choose_how_to_search(opened: Open) -> None:
    window, client = opened()
    window.search.bar.ask("oxygen")
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    client.settle()
    assert client.asked_for(Search)[-1].mode == "dense"


def test_that_a_set_is_judged_from_its_page_and_leads_back_to_it(opened: Open) -> None:
    archive = overview("archive")
    sets = (EvalSetInfo("archive", None, 0, ()),)
    window, client = opened({ListEvalSets: sets, ShowEvalSet: archive, ListModels: ()})
    window.go_to(EVALUATION)
    client.settle()
    evaluation: Any = window.page(EVALUATION)
    evaluation.open_set("archive")
    client.settle()
    evaluation.view.judge_button.click()
    client.settle()
    assert window.current == JUDGING
    assert window.rail._buttons.checkedId() == EVALUATION
    judging: Any = window.page(JUDGING)
    judging.next_asked.emit("archive", "compare")
    client.settle()
    assert window.current == EVALUATION
    assert evaluation.view.views.current == COMPARE
    evaluation.show_all()
    window.go_to(JUDGING)
    judging.set_asked.emit("archive")
    client.settle()
    assert window.current == EVALUATION
    assert evaluation.view.isVisible()


def test_that_comparing_models_is_on_the_evaluation_page(opened: Open) -> None:
    window, client = opened({ListModels: (), ListEvalSets: ()})
    window.go_to(MODELS)
    models: Any = window.page(MODELS)
    models.compare_button.click()
    client.settle()
    assert window.current == EVALUATION


def test_that_the_window_opens_on_the_set_that_was_being_judged(opened: Open) -> None:
    script = {
        ListEvalSets: (EvalSetInfo("archive", None, 0, ()),),
        ShowEvalSet: overview("archive"),
        ListModels: (),
    }
    first, client = opened(script)
    first.go_to(EVALUATION)
    page: Any = first.page(EVALUATION)
    page.open_set("archive")
    client.settle()
    page.view.judge_button.click()
    client.settle()
    first.close()
    second, client = opened(script)
    client.settle()
    assert second.current == EVALUATION
    again: Any = second.page(EVALUATION)
    assert again.view.overview.name == "archive"


def test_that_tuning_is_suggested_only_while_nothing_is_searched_for(opened: Open) -> None:
    worth_it = Suggestion("tune", ("62 searches were judged.",), "Balanced", 62)
    window, client = opened({GetSuggestion: worth_it})
    window.tuning_hint.ask()
    client.settle()
    assert window.tuning_hint.isVisible()
    window.search.bar.ask("lake")
    client.settle()
    assert not window.tuning_hint.isVisible()
    window.tuning_hint.acted.emit()
    assert window.current == TRAINING
