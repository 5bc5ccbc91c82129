from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import NotFound, StorageFull
from engine.evaluation_records import BINARY, PoolReport
from engine.evaluation_requests import GiveJudgment, NextTasks, Pool
from engine.events import Changed, Failed, Finished
from engine.requests import GetDocument, ListEvalSets, ListModels, RenderPage
from gui.pages.judging import JudgingPage
from gui.widgets.evalset_add_queries import AddQueriesDialog
from gui.widgets.evalset_pool import PoolDialog
from gui.widgets.judging_room import AWAY_S
from gui.widgets.judging_start import Begin
from tests.gui.judged_set import JudgedSet, task
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.drawn import draw
from tests.gui.pages.found import DOCUMENTS
from tests.gui.pages.samples import job
from tests.gui.pages.scripted_client import ScriptedClient

Key = Qt.Key
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Room:
    """A page with somebody at the keyboard."""

    def __init__(self, page: JudgingPage, client: ScriptedClient, judged: JudgedSet) -> None:
        self.page, self.client, self.judged = page, client, judged

    def press(self, *keys: Key | str, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Press keys one after the other, where the keyboard is."""
        for key in keys:
            target = self.focus()
            if isinstance(key, str):
                QTest.keyClicks(target, key)
            else:
                QTest.keyClick(target, key, modifiers or Qt.KeyboardModifier.NoModifier)
            self.client.settle()

    def focus(self) -> QWidget:
        """Where the keyboard is."""
        window = QApplication.activeModalWidget() or self.page.window()
        return window.focusWidget() or self.page.room

    @property
    def at(self) -> str:
        """The document at hand."""
        session = self.page.session
        return session.task.document if session and session.task else ""

    def grades(self, rater: str = "ann") -> list[int | None]:
        """What the engine knows."""
        said = (self.judged.given((p.query_id, p.document), rater) for p in self.judged.pairs)
        return [each.grade if each else None for each in said]


@pytest.fixture
def enter(open_page: OpenPage) -> Any:
    def enter(judged: JudgedSet, **begin: Any) -> Room:
        answers = judged.script() | begin.pop("answers", {})
        page, client = open_page(JudgingPage, answers)
        page.begin("houses", begin.pop("rater", "ann"), **begin)
        client.settle()
        return Room(page, client, judged)

    return enter


def houses(n_queries: int = 2, n_documents: int = 10) -> JudgedSet:
    return JudgedSet([task(q, d) for q in range(n_queries) for d in range(n_documents)])


def test_that_twenty_documents_are_judged_by_keys_alone(enter: Any) -> None:
    room = enter(houses())
    room.press(*[str(number % 4) for number in range(20)])
    assert room.grades() == [number % 4 for number in range(20)]
    assert room.page.states.currentWidget() is room.page.end
    assert room.page.room.progress.saved_words == "All saved"


def test_that_the_next_document_is_shown_before_the_judgment_is_saved(enter: Any) -> None:
    room = enter(houses())
    answers, room.client.script = room.client.script, dict(room.client.script)
    del room.client.script[GiveJudgment]  # it takes its time
    room.press("2", "1")
    assert room.at == "d0-2"
    assert room.page.room.progress.saved_words == "Saving…"
    assert room.grades() == [None] * 20
    assert answers is not room.client.script


def test_that_enter_goes_on_from_the_start(enter: Any) -> None:
    room = enter(houses())
    room.page.choose_set("houses")
    room.page.start.back.setFocus()  # as a window does that has just shown the page
    room.page.load()
    room.client.settle()
    room.press(Key.Key_Return)
    assert room.at == "d0-0"


def test_that_enter_before_the_set_is_known_begins_as_soon_as_it_is(enter: Any) -> None:
    room = enter(houses())
    room.page.choose_set("houses")
    QTest.keyClick(room.page.start.go, Key.Key_Return)
    room.client.settle()
    assert room.at == "d0-0"
    assert room.page.states.currentWidget() is room.page.room


def test_that_a_closing_window_waits_for_what_is_not_saved_yet(enter: Any) -> None:
    room = enter(houses())
    for key in (Key.Key_2, Key.Key_1, Key.Key_3):
        QTest.keyClick(room.focus(), key)  # faster than the engine answers
    assert room.page.session.saves.n_waiting > 1
    room.page.settle()
    assert room.grades()[:3] == [2, 1, 3]


def test_that_a_judgment_that_cannot_be_saved_comes_back(enter: Any) -> None:
    room = enter(houses())
    room.press("3")
    room.judged.refuse = StorageFull("Disk full", "There is no room left.", "Make some.")
    room.press("2")
    assert room.at == "d0-1"
    assert room.page.room.notice.words.startswith("Not saved: 1 judgment. Disk full")
    assert room.page.room.progress.saved_words == "1 not saved"
    assert not any(button.isChecked() for button in room.page.room.bar.grades)
    room.judged.refuse = None
    room.press("r")
    assert room.grades()[:3] == [3, 2, None]
    assert room.at == "d0-2"
    assert not room.page.room.notice.words
    assert room.page.room.progress.saved_words == "All saved"


def test_that_a_pair_that_was_not_saved_may_be_judged_anew(enter: Any) -> None:
    room = enter(houses())
    room.judged.refuse = StorageFull("Disk full", "There is no room left.")
    room.press("2")
    room.judged.refuse = None
    room.press("1")
    assert room.grades()[:2] == [1, None]
    assert not room.page.room.notice.words


def test_that_undo_goes_back_across_queries_and_what_is_typed_next_is_meant_for_it(
    enter: Any,
) -> None:
    room = enter(houses(2, 3))
    room.press("1", "1", "1", "1")
    assert room.at == "d1-1"
    room.press(Key.Key_Z, Key.Key_Z, modifiers=CONTROL)
    assert room.at == "d0-2"
    assert room.page.room.head.query == "boiler pressure 0"
    room.press(Key.Key_Z, modifiers=CONTROL | SHIFT)
    assert (room.at, room.grades()[:4]) == ("d0-2", [1, 1, 1, None])
    QTest.keyClick(room.page.room, Key.Key_Z, CONTROL)
    QTest.keyClicks(room.page.room, "3")  # before the engine has answered
    room.client.settle()
    assert room.grades()[:4] == [1, 1, 3, None]


def test_that_undo_reaches_what_was_judged_before_the_session(enter: Any) -> None:
    judged = houses()
    enter(judged).press("2", "2")
    room = enter(judged)
    room.press(Key.Key_Z, modifiers=CONTROL)
    assert room.at == "d0-1"
    room.press("0")
    assert room.at == "d0-2"
    room.press(Key.Key_Z, Key.Key_Z, Key.Key_Z, modifiers=CONTROL)
    assert room.grades() == [None] * 20


def test_that_flag_note_and_mark_stay_with_the_grade(enter: Any) -> None:
    room = enter(houses())
    room.press("f", Key.Key_Down, "m", "n")
    room.press("2, for the valve")
    room.press(Key.Key_Return)
    assert room.at == "d0-0"
    room.press("2")
    given = room.judged.given(("q0", "d0-0"))
    assert given is not None
    assert (given.grade, given.flagged, given.note) == (2, True, "2, for the valve")
    assert given.span_text == "Query 0 asks for the valve of house 0."
    assert room.judged.pairs[0].text[slice(*given.span)] == given.span_text
    assert room.page.room.progress.words.endswith("1 flagged")


def test_that_selected_text_is_what_is_marked(enter: Any) -> None:
    judged = houses()
    judged.pairs[0] = replace(judged.pairs[0], text="🔥 Boilers burn.", passages=())
    room = enter(judged)
    cursor = room.page.room.document.text.textCursor()
    cursor.setPosition(3)
    cursor.setPosition(10, cursor.MoveMode.KeepAnchor)
    room.page.room.document.text.setTextCursor(cursor)
    room.press("m")
    given = room.judged.given(("q0", "d0-0"))
    assert (given.span, given.span_text) == ((2, 9), "Boilers")
    room.press("m")
    assert room.judged.given(("q0", "d0-0")).span is None


def test_that_escape_leaves_a_note_as_it_was(enter: Any) -> None:
    room = enter(houses())
    room.press("n", "never mind", Key.Key_Escape, "1")
    assert room.judged.given(("q0", "d0-0")).note == ""
    assert room.at == "d0-1"


def test_that_skipped_ones_come_back_only_when_asked_for(enter: Any) -> None:
    room = enter(houses(1, 3))
    room.press("s", "1", "1")
    assert room.page.states.currentWidget() is room.page.end
    room.page.end.buttons["skipped"].click()
    room.client.settle()
    assert room.at == "d0-0"
    room.press("3")
    assert room.grades() == [3, 1, 1]
    assert "skipped" not in room.page.end.buttons


def test_that_flagged_ones_are_gone_through_again(enter: Any) -> None:
    room = enter(houses(2, 2))
    room.press("1", "f", "1", "1", "f", "1")
    room.press(Key.Key_Return)  # the first button
    assert room.at == "d0-1"
    room.press("2", "3")
    assert room.grades() == [1, 2, 1, 3]
    assert room.page.states.currentWidget() is room.page.end


def test_that_one_goes_back_and_forward(enter: Any) -> None:
    room = enter(houses())
    room.press("1", "1", Key.Key_Left, Key.Key_Backspace)
    assert room.at == "d0-0"
    assert room.page.room.bar.grades[1].isChecked()
    room.press("3")
    assert room.at == "d0-1"
    room.press(Key.Key_Right, Key.Key_Right)  # the last one has no grade yet
    assert room.at == "d0-2"
    assert room.grades()[:3] == [3, 1, None]


def test_that_a_key_held_down_judges_one_document(enter: Any) -> None:
    room = enter(houses())
    room.press("1")
    held = QKeyEvent(QEvent.Type.KeyPress, Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", True)
    QApplication.sendEvent(room.page.room, held)
    room.client.settle()
    assert room.at == "d0-1"


def test_that_grades_are_given_in_the_list(enter: Any) -> None:
    room = enter(houses(1, 4))
    room.press("l", "2", "0")
    assert room.grades() == [2, 0, None, None]
    assert [row[0] for row in room.page.room.list.rows] == ["2", "0", "·", "·"]
    room.press("l")
    assert room.page.room.list.isHidden()
    room.press(Key.Key_Right)
    assert room.at == "d0-2"


def test_that_a_scale_of_two_has_two_keys(enter: Any) -> None:
    judged = houses(1, 3)
    judged.scale = BINARY
    room = enter(judged)
    room.press("2", "1")
    assert room.grades() == [1, None, None]
    assert [button.text() for button in room.page.room.bar.grades] == [
        "0  Not relevant",
        "1  Relevant",
    ]


def test_that_blind_hides_what_betrays_the_system(enter: Any) -> None:
    room = enter(houses(), blind=True)
    assert room.page.room.document.place.isHidden()
    assert not room.page.room.document.place.text()
    seeing = enter(houses(), blind=False)
    assert seeing.page.room.document.place.text().startswith("/houses/0/0.txt")


def test_that_a_second_rater_sees_nothing_of_the_first(enter: Any) -> None:
    judged = houses(1, 3)
    enter(judged).press("3", "3", "3")
    room = enter(judged, rater="ben")
    assert room.at == "d0-0"
    assert not any(button.isChecked() for button in room.page.room.bar.grades)
    room.press("0")
    assert (room.grades("ben"), room.grades("ann")) == ([0, None, None], [3, 3, 3])


def test_that_time_stands_while_it_is_paused(enter: Any) -> None:
    room = enter(houses())
    room.page.room.clock.hold()
    now = [10.0]
    room.page.room.clock._now = lambda: now[0]
    room.page.room.clock.begin()
    now[0] += 4
    room.press("p")
    assert room.page.room.paused
    now[0] += 1000
    room.press("1")  # any key goes on, and judges nothing
    assert room.grades()[0] is None
    now[0] += 2
    room.press("1")
    assert room.judged.given(("q0", "d0-0")).seconds == 6


def test_that_the_guideline_is_one_key_away(enter: Any) -> None:
    room = enter(houses())
    assert room.page.room.head.folded
    room.press(Key.Key_F1)
    assert not room.page.room.head.folded
    room.press("g")
    assert room.page.room.head.folded


def test_that_more_is_fetched_before_it_is_needed(enter: Any) -> None:
    room = enter(houses(1, 20))
    room.press("1", "1", "1")
    asked = room.client.asked_for(NextTasks)
    assert len(asked) >= 2
    assert len(room.page.session.coming) >= 3


def test_that_nobody_is_left_at_a_dead_end(open_page: OpenPage) -> None:
    judged = JudgedSet([])
    page, client = open_page(JudgingPage, judged.script())
    client.settle()
    assert page.start.stands.text() == "This set has no queries yet."
    QTest.keyClick(page.start.go, Key.Key_Return)
    dialog = page.findChild(AddQueriesDialog)
    assert dialog is not None
    dialog.reject()
    judged.pairs = [task(0, 0)]
    page.load()
    client.settle()
    assert page.start.go.text() == "Begin"
    QTest.keyClick(page.start, Key.Key_Return)
    client.settle()
    assert page.session.task.document == "d0-0"


def test_that_without_a_set_one_is_made(open_page: OpenPage) -> None:
    script = JudgedSet([]).script() | {ListEvalSets: ()}
    page, _ = open_page(JudgingPage, script)
    assert page.states.currentWidget() is page._none


def test_that_the_rest_of_a_long_document_comes_when_its_end_is_reached(enter: Any) -> None:
    judged = houses(1, 2)
    whole = "A line of a long document.\n" * 1_500
    judged.pairs[0] = replace(judged.pairs[0], text=whole[:20_000], passages=())
    room = enter(judged)
    room.client.script[GetDocument] = lambda asked: replace(
        DOCUMENTS[0], id=asked.document_id, text=whole
    )
    view = room.page.room.document
    assert len(view.shown_text) == 20_000
    room.press(Key.Key_End)
    assert view.shown_text == whole
    assert view.text.toPlainText() == whole
    assert view.text.verticalScrollBar().value() < view.text.verticalScrollBar().maximum()


def test_that_a_picture_is_shown_and_the_next_is_fetched_ahead(enter: Any, qtbot: QtBot) -> None:
    judged = houses(1, 3)
    for number in (0, 1):
        judged.pairs[number] = replace(
            judged.pairs[number], media_type="image/jpeg", text="", passages=()
        )
    room = enter(judged, answers={RenderPage: draw})
    view = room.page.room.document.picture
    qtbot.waitUntil(lambda: view.image is not None)
    assert view.isVisible()
    assert {asked.document_id for asked in room.client.asked_for(RenderPage)} == {0, 1}
    room.press("m", "2")  # there is no passage to mark
    assert room.judged.given(("q0", "d0-0")).span is None


def test_that_a_picture_that_cannot_be_drawn_says_why(enter: Any) -> None:
    judged = houses(1, 2)
    judged.pairs[0] = replace(judged.pairs[0], media_type="image/jpeg", text="", passages=())
    gone = NotFound("The file is gone", "It is not there.", "Sync.")
    room = enter(judged, answers={RenderPage: gone})
    assert room.page.room.document.picture.why_not == "The file is gone. Sync."


def test_that_how_was_judged_is_remembered(open_page: OpenPage, tmp_path: Path) -> None:
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    page, client = open_page(JudgingPage, houses().script())
    page.start.choose(Begin("houses", "ben", "active", blind=False))
    page.remember(memory)
    memory.sync()
    other, client = open_page(JudgingPage, houses().script())
    other.recall(memory)
    client.settle()
    assert other.start.chosen == Begin("houses", "ben", "active", blind=False)


def test_that_a_note_begun_is_kept_with_its_own_pair(enter: Any) -> None:
    room = enter(houses())
    room.press("1", "n", "half a thou")
    room.page.session.undo()  # the pair before comes, whatever is being written
    room.client.settle()
    assert room.at == "d0-0"
    assert room.page.room.note.isHidden()
    assert room.judged.given(("q0", "d0-1")).note == "half a thou"


def test_that_the_last_judgment_can_be_taken_back_at_the_end(enter: Any) -> None:
    room = enter(houses(1, 2))
    room.press("1", "1")
    assert room.page.states.currentWidget() is room.page.end
    room.press(Key.Key_Z, modifiers=CONTROL)
    assert room.page.states.currentWidget() is room.page.room
    assert (room.at, room.grades()) == ("d0-1", [1, None])
    room.press("3")
    assert room.page.states.currentWidget() is room.page.end
    room.press(Key.Key_Backspace)
    assert room.at == "d0-1"


def test_that_the_clock_stands_while_another_window_is_looked_at(enter: Any) -> None:
    room = enter(houses())
    view, now = room.page.room, [10.0]
    view.clock._now = lambda: now[0]
    view.clock.begin()
    now[0] += 5
    view._hear_focus(Qt.ApplicationState.ApplicationInactive)
    now[0] += AWAY_S
    view._away.timeout.emit()
    now[0] += 5000
    assert view.paused
    view._hear_focus(Qt.ApplicationState.ApplicationActive)
    now[0] += 1
    room.press("2")
    assert room.judged.given(("q0", "d0-0")).seconds == 6


def test_that_nothing_pooled_leads_to_pooling_and_then_to_judging(open_page: OpenPage) -> None:
    judged = JudgedSet([], not_pooled=("q0",))
    pooling = job("evaluate", "Pooling")
    answers = judged.script() | {ListModels: (), Pool: pooling}
    page, client = open_page(JudgingPage, answers)
    assert page.start.go.text() == "Pool documents…"
    QTest.keyClick(page.start.go, Key.Key_Return)
    client.settle()
    dialog = page.findChild(PoolDialog)
    assert dialog is not None
    dialog.accept()
    client.settle()
    assert client.asked_for(Pool)[0].name == "houses"
    assert not page.start.go.isEnabled()
    judged.pairs = [task(0, 0)]
    client.tell(Finished(pooling.id, PoolReport("houses", 1, 0, 0.1)))
    client.settle()
    assert page.start.go.isEnabled()
    assert page.start.stands.text() == "1 of 1 left to judge, for 1 query."
    assert page.window().focusWidget() is page.start.go


def test_that_pooling_that_failed_says_so_and_can_be_tried_again(open_page: OpenPage) -> None:
    pooling = job("evaluate", "Pooling")
    answers = JudgedSet([], not_pooled=("q0",)).script() | {ListModels: (), Pool: pooling}
    page, client = open_page(JudgingPage, answers)
    page._pool(Pool("houses", ()))
    client.settle()
    client.tell(Failed(pooling.id, "No model", "There is no model to search with.", "Choose one."))
    client.settle()
    assert page.notice.words.startswith("No model")
    assert page.start.go.isEnabled()
    assert page.start.go.text() == "Pool documents…"


def test_that_news_of_a_set_do_not_take_the_keyboard_from_who_types(open_page: OpenPage) -> None:
    page, client = open_page(JudgingPage, houses().script())
    page.start.rater.setFocus()
    QTest.keyClicks(page.start.rater, "ben")
    client.tell(Changed("evalsets"))
    client.settle()
    assert page.window().focusWidget() is page.start.rater
