"""How much of the disk models take, and which could go where that is too much."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.records import ModelInfo
from engine.spare_models import spare_models
from gui.theme import Space, set_role
from gui.widgets.icon_label import IconLabel
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import size

_MB = 1_000_000
_NAMED = 3


class DiskLine(QWidget):
    """One line; hidden until it is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("disk", "muted", 16)
        self._words = wrapped_label("small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def show_use(self, n_bytes: int, budget_mb: int, models: Iterable[ModelInfo]) -> None:
        """Say how much is taken of what the settings allow."""
        over = n_bytes > budget_mb * _MB
        words = f"Models take {size(n_bytes)} of the {size(budget_mb * _MB)} that they may."
        if over:
            words = f"{words} {_way_out(spare_models(models))}"
        self._icon.show_icon("warning" if over else "disk", "warning" if over else "muted")
        set_role(self._words, "warning" if over else "small")
        self._words.setText(words)
        self.show()


def _way_out(refused: list[ModelInfo]) -> str:
    if not refused:
        return "Remove some that you no longer need, or allow more in Settings, under Tuning."
    named = ", ".join(f"“{one.name}” ({size(one.size_bytes)})" for one in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    return f"These could go, since the gate refused them and nothing uses them: {named}{more}."
