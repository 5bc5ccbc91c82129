"""The gate's tests one by one: passed or not, what was measured and what was asked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.records import GateCheck
from gui.theme import Space
from gui.widgets.icon_label import IconLabel
from gui.widgets.wrapped_label import wrapped_label

_NAME_WIDTH = 200


class GateChecks(QWidget):
    """A row for each test; hidden where a verdict has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._checks: tuple[GateCheck, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, Space.XS, 0, 0)
        self._grid.setHorizontalSpacing(Space.S)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnMinimumWidth(1, _NAME_WIDTH)
        self._grid.setColumnStretch(2, 1)

    @property
    def words(self) -> str:
        """What is shown, a line a test."""
        return "\n".join(
            f"{'Passed' if check.passed else 'Failed'}: {check.name}. {check.words}"
            for check in self._checks
        )

    def show_checks(self, checks: tuple[GateCheck, ...]) -> None:
        """Show these tests in place of those before."""
        self.setVisible(bool(checks))
        if checks == self._checks:
            return
        self._checks = checks
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        top = Qt.AlignmentFlag.AlignTop
        for row, check in enumerate(checks):
            tone = "good" if check.passed else "danger"
            mark = IconLabel("check" if check.passed else "cancel", tone, 16)
            mark.setAccessibleName("Passed" if check.passed else "Failed")
            mark.setToolTip("Passed" if check.passed else "Failed")
            name, words = wrapped_label(), wrapped_label("small")
            name.setText(check.name)
            words.setText(check.words)
            self._grid.addWidget(mark, row, 0, top)
            self._grid.addWidget(name, row, 1, top)
            self._grid.addWidget(words, row, 2, top)
