"""Checks every store of the library, and says what was found and repaired."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError, EngineGone
from engine.events import Failed, Finished, JobEvent
from engine.records import DoctorReport, Finding, JobInfo
from engine.requests import Diagnose
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import explanation
from gui.widgets.icon_label import IconLabel
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.wording import count, duration

_WIDTH = 600
_REPORT_HEIGHT = 460
_ICONS = {
    "sound": ("check", "good"),
    "repaired": ("refresh", "warning"),
    "damaged": ("error", "danger"),
}
_STATES = {"sound": "Sound", "repaired": "Repaired", "damaged": "Damaged"}


class DoctorDialog(QDialog):
    """First the choice, then the progress, then the findings. Closed, the check goes on."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Check the library")
        self.setMinimumWidth(_WIDTH)
        self._engine = engine
        self._report: DoctorReport | None = None
        self._watch = JobWatch(engine, (), self)
        self._watch.ended.connect(self._end)
        self.notice = Notice()
        self.job_card = JobCard(self._watch, pausable=False)
        self.rebuild = QCheckBox("Build the indexes anew, whatever their state")
        self._choice = self._build_choice()
        self._findings = QGridLayout()
        self._area = self._build_area()
        self.check_button = QPushButton("Check")
        set_role(self.check_button, "primary")
        self.check_button.setDefault(True)
        self.check_button.clicked.connect(self.check)
        self.copy_button = QPushButton(icon("copy"), "Copy")
        self.copy_button.setToolTip("Copy the findings as text")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.words))
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(self.check_button)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        for widget in (self._choice, self.notice, self.job_card):
            column.addWidget(widget)
        column.addWidget(self._area, 1)
        column.addStretch()
        column.addLayout(buttons)
        self._area.hide()
        self.copy_button.hide()
        self.check_button.setFocus()

    @property
    def words(self) -> str:
        """The findings as text."""
        findings = self._report.findings if self._report else ()
        return "\n".join(f"{f.store}: {_STATES[f.state]}. {f.text}" for f in findings)

    def check(self) -> None:
        """Begin."""
        self.check_button.setEnabled(False)
        self.notice.hide()
        request = Diagnose(self.rebuild.isChecked())
        self._engine.ask(request, self._begin, self._refused, owner=self)

    def _begin(self, info: JobInfo) -> None:
        self._choice.hide()
        self.check_button.hide()
        self._watch.follow(info)

    def _refused(self, error: EngineError) -> None:
        self.check_button.setEnabled(True)
        if not isinstance(error, EngineGone):
            self.notice.say_failure(error)

    def _end(self, _: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=DoctorReport() as report):
                self._show(report)
            case Failed():
                self._start_over()
                self.notice.say_failure(end)
            case _:
                self._start_over()

    def _start_over(self) -> None:
        self._choice.show()
        self.check_button.show()
        self.check_button.setEnabled(True)

    def _show(self, report: DoctorReport) -> None:
        self._report = report
        states = [finding.state for finding in report.findings]
        took = f"It took {duration(report.seconds)}."
        if n_damaged := states.count("damaged"):
            self.notice.say("danger", f"{count(n_damaged, 'store')} could not be repaired", took)
        elif n_repaired := states.count("repaired"):
            self.notice.say("good", f"{count(n_repaired, 'store')} repaired; all is well now", took)
        else:
            self.notice.say("good", "All is well", took)
        for row, finding in enumerate(report.findings):
            self._add(row, finding)
        self._findings.setRowStretch(len(report.findings), 1)
        self._area.show()
        self.copy_button.show()
        self.resize(self.width(), max(self.height(), _REPORT_HEIGHT))

    def _add(self, row: int, finding: Finding) -> None:
        name, color = _ICONS[finding.state]
        store = QLabel(finding.store)
        set_role(store, "heading")
        state = QLabel(_STATES[finding.state])
        set_role(state, color)
        words = explanation(finding.text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.addWidget(store)
        head.addStretch()
        head.addWidget(state)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(words)
        top = Qt.AlignmentFlag.AlignTop
        self._findings.addWidget(IconLabel(name, color), row, 0, top)
        self._findings.addLayout(column, row, 1)

    def _build_choice(self) -> QWidget:
        choice = QWidget()
        heading = QLabel("Check every store of the library")
        set_role(heading, "heading")
        words = QLabel(
            "What is damaged is repaired where that is possible. Your judgments, your models and "
            "the files themselves are not changed, and you can go on searching."
        )
        words.setWordWrap(True)
        column = QVBoxLayout(choice)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for widget in (
            heading,
            words,
            self.rebuild,
            explanation(
                "Slower: the keyword and meaning indexes are built from the texts and vectors "
                "that the library holds. Files are not read again."
            ),
        ):
            column.addWidget(widget)
        return choice

    def _build_area(self) -> QScrollArea:
        inside = QWidget()
        inside.setLayout(self._findings)
        self._findings.setContentsMargins(0, 0, Space.M, 0)
        self._findings.setHorizontalSpacing(Space.M)
        self._findings.setVerticalSpacing(Space.L)
        self._findings.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        return area
