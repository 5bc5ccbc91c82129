"""A dialog that asks for a few values, then does one thing with them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Space, set_role

_WIDTH = 520


class FormDialog(QDialog):
    """A heading, words, fields with their names, and the button that does it; opened by `open`."""

    def __init__(
        self, heading: str, words: str, button: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(heading.replace("…", ""))
        self.setMinimumWidth(_WIDTH)
        self.finished.connect(self.deleteLater)
        title = QLabel(heading)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        set_role(title, "heading")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        self.body.setSpacing(Space.M)
        self.body.addWidget(title)
        if words:
            said = QLabel(words)
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setWordWrap(True)
            set_role(said, "muted")
            self.body.addWidget(said)
        self.fields = QFormLayout()
        self.fields.setSpacing(Space.M)
        self.fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.body.addLayout(self.fields)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.do: QPushButton = self._buttons.addButton(
            button, QDialogButtonBox.ButtonRole.AcceptRole
        )
        set_role(self.do, "primary")
        self.do.setToolTip("Ctrl+Enter")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.body.addWidget(self._buttons)
        self.do.setDefault(True)  # in vain before the dialog has it

    def add(self, name: str, field: QWidget, words: str = "") -> None:
        """One row; `&` in the name marks its key."""
        label = QLabel(name)
        label.setBuddy(field)
        field.setAccessibleName(name.replace("&", ""))
        if words:
            field.setToolTip(words)
            field.setAccessibleDescription(words)
        self.fields.addRow(label, field)

    def put(self, widget: QWidget, stretch: int = 0) -> None:
        """Add something between the fields and the buttons."""
        self.body.insertWidget(self.body.count() - 1, widget, stretch)

    def showEvent(self, event: QShowEvent) -> None:
        """The first field has the keyboard: the buttons, which are older, would have it else."""
        super().showEvent(event)
        if self.focusWidget() in (None, *self._buttons.buttons()):
            self._first_field().setFocus()

    def _first_field(self) -> QWidget:
        field = self.do.nextInFocusChain()
        while field is not None and field is not self.do:
            if _takes_keys(field):
                return field
            field = field.nextInFocusChain()
        return self.do

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """With Ctrl, Enter does it from a field of several lines too."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.do.click()
        else:
            super().keyPressEvent(event)


def _takes_keys(widget: QWidget) -> bool:
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and widget.isVisible() and widget.isEnabled()
