from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import EngineBug, InvalidInput
from gui.error_dialog import show_error


def test_that_only_a_bug_shows_a_traceback(qtbot: QtBot) -> None:
    bug = show_error(EngineBug("Unexpected error", "ValueError: seven", "Traceback: line 7"))
    usual = show_error(InvalidInput("Empty query", "There is nothing to search for.", "Type."))
    for dialog in (bug, usual):
        qtbot.addWidget(dialog)
    assert bug.detailedText() == "Traceback: line 7"
    assert "Traceback" not in bug.informativeText()
    assert usual.detailedText() == ""


def test_that_the_same_error_is_not_piled_up(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    error = InvalidInput("Empty query", "There is nothing to search for.")
    assert show_error(error, window) is show_error(error, window)
    show_error(InvalidInput("Another", "Something else."), window)
    assert len([d for d in window.findChildren(QMessageBox) if d.isVisible()]) == 2


def test_that_markup_in_an_error_is_shown_as_it_is(qtbot: QtBot) -> None:
    dialog = show_error(InvalidInput("<b>bold</b>", "<img src=x>"))
    qtbot.addWidget(dialog)
    assert dialog.textFormat() == dialog.textFormat().PlainText
