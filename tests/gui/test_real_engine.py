"""The window over a real engine process: from a folder to a judged result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.client import EngineClient
from engine.evaluation_records import GivenJudgment, System
from engine.evaluation_requests import (
    AddQueries,
    CreateEvalSet,
    FreezeEvalSet,
    GiveJudgment,
    NextTasks,
    Pool,
)
from engine.records import Label
from engine.requests import AddRoots, GetStatus, Judge, ListLabels, MakeBackup
from gui.background import Engine
from gui.main_window import EVALUATION, JUDGING, MainWindow
from gui.theme import Theme
from gui.widgets.evalset_view import COMPARE

_PATIENCE_MS = 60_000


@pytest.fixture
def client(library_folder: Path) -> Iterator[list[EngineClient]]:
    """Where the client is put once it is connected; it is closed at the end."""
    clients: list[EngineClient] = []
    yield clients
    for opened in clients:
        opened.close()


@pytest.fixture
def window(
    qtbot: QtBot,
    qapp: QApplication,
    client: list[EngineClient],
    library_folder: Path,
    tmp_path: Path,
) -> Iterator[MainWindow]:
    """A window whose engine is ready, with two notes indexed."""
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "boiler.txt").write_text("When the boiler loses pressure, open the filling valve.")
    (notes / "tea.txt").write_text("🍵 Green tea steeps for two minutes at 80 degrees.")

    def connect(*callbacks: object) -> EngineClient:
        client.append(partial(EngineClient, library_folder)(*callbacks))  # type: ignore[arg-type]
        return client[0]

    before = qapp.styleSheet(), qapp.palette()
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    engine = Engine(connect)
    shown = MainWindow(engine, Theme(qapp), memory, library_folder)
    engine.setParent(shown)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitUntil(lambda: engine.state == "ready", timeout=_PATIENCE_MS)
    with qtbot.waitSignal(shown.watch.ended, timeout=_PATIENCE_MS):
        engine.ask(AddRoots((str(notes),)), lambda _: None, owner=shown)
    yield shown
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])


def test_that_a_folder_is_searched_judged_undone_and_survives_the_engine(
    window: MainWindow, client: list[EngineClient], qtbot: QtBot
) -> None:
    page = window.search

    def results() -> list[str]:
        answer = page.model.answer
        return [Path(found.document).name for found in answer.results] if answer else []

    def grade() -> int | None:
        return page.list.current.grade if page.list.current else -1

    QTest.keyClicks(page.bar.field, "green te")
    qtbot.waitUntil(lambda: results()[:1] == ["tea.txt"], timeout=_PATIENCE_MS)
    QTest.keyClick(page.bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.preview.body.text.marked[1:] != [], timeout=_PATIENCE_MS)
    assert page.preview.body.text.marked[0].startswith("🍵 Green tea")

    page.list.setFocus()
    QTest.keyClicks(page.list, "3")
    qtbot.waitUntil(lambda: bool(page.labelling.undo_words), timeout=_PATIENCE_MS)
    assert grade() == 3
    page.labelling.undo()
    qtbot.waitUntil(lambda: not page.labelling.undo_words, timeout=_PATIENCE_MS)
    assert grade() is None

    pid = client[0].engine_pid
    assert pid is not None
    psutil.Process(pid).kill()
    qtbot.waitUntil(lambda: "being restarted" in window.banner.words, timeout=_PATIENCE_MS)
    qtbot.waitUntil(lambda: window.engine.state == "ready", timeout=_PATIENCE_MS)
    page.bar.ask("boiler pressure")
    qtbot.waitUntil(lambda: results()[:1] == ["boiler.txt"], timeout=_PATIENCE_MS)
    assert not window.banner.words


def test_that_a_damaged_library_is_restored_in_the_window(
    window: MainWindow, client: list[EngineClient], library_folder: Path, qtbot: QtBot
) -> None:
    page, asked = window.search, client[0].ask
    page.bar.ask("green tea")
    qtbot.waitUntil(lambda: page.model.rowCount() > 0, timeout=_PATIENCE_MS)
    assert page.list.current is not None
    asked(Judge("green tea", page.list.current.document_id, 3, "Green tea")).result(60)
    asked(MakeBackup()).result(60)
    pid = client[0].engine_pid
    assert pid is not None
    engine = psutil.Process(pid)
    engine.suspend()  # so that it writes nothing over what is damaged now
    (library_folder / "library.db-wal").unlink(missing_ok=True)
    (library_folder / "library.db").write_bytes(b"no database at all" * 500)
    engine.kill()
    qtbot.waitUntil(lambda: window.is_closed, timeout=_PATIENCE_MS)
    assert window.recovery.words.startswith("The library is damaged")
    qtbot.waitUntil(window.recovery.restore.isEnabled, timeout=_PATIENCE_MS)

    window.recovery.restore.click()
    qtbot.waitUntil(lambda: window.engine.state == "ready", timeout=_PATIENCE_MS)
    assert not window.is_closed
    assert window.banner.words.startswith("The library is that of")
    labels: list[Label] = []
    window.engine.ask(ListLabels(), labels.extend, owner=window)
    qtbot.waitUntil(lambda: bool(labels), timeout=_PATIENCE_MS)
    assert [(label.query, label.value) for label in labels] == [("green tea", 3)]
    assert (library_folder / "library.db.damaged-1").exists()
    page.bar.ask("boiler pressure")
    qtbot.waitUntil(lambda: "boiler" in str(page.list.current), timeout=_PATIENCE_MS)


def test_that_a_set_is_made_pooled_judged_frozen_and_compared(
    window: MainWindow, client: list[EngineClient], qtbot: QtBot
) -> None:
    window.go_to(EVALUATION)
    page: Any = window.page(EVALUATION)
    keywords = (System("lexical"),)

    def until(met: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(met()), timeout=_PATIENCE_MS)

    # Until they can be found, not only until they are there.
    until(lambda: client[0].ask(GetStatus()).result(timeout=30).lexical.done == 2)
    page._create(CreateEvalSet("kitchen", "What helps at once."))
    until(lambda: page.view.overview)
    page._change(AddQueries("kitchen", ("boiler pressure", "green tea")))
    until(lambda: len(page.view.overview.queries) == 2)
    page._start(Pool("kitchen", keywords))
    until(lambda: page.view.overview.n_holes)

    page.view.judge_button.click()
    until(lambda: window.current == JUDGING)
    tasks = client[0].ask(NextTasks("kitchen", "Ines", n=5)).result(timeout=30)
    for task in tasks:
        given = GivenJudgment(task.query_id, task.document, "Ines", 3)
        client[0].ask(GiveJudgment("kitchen", given)).result(timeout=30)
    window.go_to(EVALUATION)
    until(lambda: not page.view.overview.n_holes)
    assert page.view.coverage.words == "Everything that was pooled is judged."

    version = client[0].ask(FreezeEvalSet("kitchen", "first")).result(timeout=30)
    until(lambda: page.view.overview.versions == (version,))
    page.view.views.choose(COMPARE)
    compare = page.view.compare
    compare.systems.choose(keywords)
    compare.version.setCurrentIndex(1)
    compare.compare_button.click()
    until(lambda: compare.view)
    assert compare.view.report.version == 1
    assert compare.view.report.systems[0].measures["nDCG@10"] == 1.0
    compare.view.queries.selectRow(0)
    until(lambda: compare.explanation.answers(0))
    assert compare.explanation.answers(0)[0].grade == 3
