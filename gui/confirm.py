"""Asks before something is done that cannot be taken back at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.records import JobInfo
from gui.theme import set_role


def confirm(
    parent: QWidget,
    question: str,
    words: str,
    yes: str,
    then: Callable[[], None],
    no: str = "Cancel",
) -> None:
    """Ask without blocking; `then` is called where the user presses the button `yes`."""
    dialog = QMessageBox(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setIcon(QMessageBox.Icon.Question)
    dialog.setWindowTitle("Attune")
    dialog.setTextFormat(Qt.TextFormat.PlainText)
    dialog.setText(question)
    dialog.setInformativeText(words)
    do = dialog.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    set_role(do, "danger")
    keep = dialog.addButton(no, QMessageBox.ButtonRole.RejectRole)
    dialog.setDefaultButton(keep)
    dialog.setEscapeButton(keep)
    do.clicked.connect(then)
    dialog.open()


def confirm_cancel(parent: QWidget, job: JobInfo, then: Callable[[], None]) -> None:
    """Ask first where cancelling throws away what has taken long: what a tuning has learnt."""
    if job.kind != "finetune" or job.model_kind != "text" or job.state == "queued":
        then()
        return
    confirm(
        parent,
        "Throw this tuning away?",
        "What it learned so far is lost. To keep the best so far, stop it on the training page; to "
        "go on later, pause it or close the program.",
        "Throw it away",
        then,
        "Keep tuning",
    )
