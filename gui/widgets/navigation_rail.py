"""The rail at the window's left that leads to its pages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from gui.icons import icon
from gui.theme import Space, set_role

_WIDTH = 88


class NavigationRail(QFrame):
    """One button a page; exactly one is checked."""

    chosen = Signal(int)
    """The number of a page, from 0."""

    def __init__(self, pages: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`pages` are titles and icon names."""
        super().__init__(parent)
        set_role(self, "rail")
        self.setFixedWidth(_WIDTH)
        self._buttons = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.M, Space.S, Space.M)
        column.setSpacing(Space.XS)
        for number, (title, icon_name) in enumerate(pages):
            button = QToolButton()
            button.setText(title)
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(24, 24))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setCheckable(True)
            button.setFixedSize(_WIDTH - 2 * Space.S, 60)
            button.setToolTip(f"{title} (Ctrl+{number + 1})")
            set_role(button, "rail")
            self._buttons.addButton(button, number)
            column.addWidget(button)
        column.addStretch()
        self._buttons.idClicked.connect(self.chosen)

    def show_chosen(self, number: int) -> None:
        """Mark a page as the one that is shown."""
        self._buttons.button(number).setChecked(True)
