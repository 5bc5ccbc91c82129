"""A choice among models for texts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QWidget

from engine.records import ModelInfo
from gui.widgets.wheel_guard import WheelGuard


class ModelChoice(QComboBox):
    """Their names; the data of each row is its id."""

    def __init__(
        self, models: Sequence[ModelInfo] = (), chosen: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setMinimumContentsLength(18)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setAccessibleName("Model")
        WheelGuard(self).guard(self)
        self.show_models(models, chosen)

    @property
    def chosen(self) -> str:
        """The id of the model that is shown; empty where there is none."""
        return str(self.currentData() or "")

    def show_models(self, models: Sequence[ModelInfo], chosen: str = "") -> None:
        """Offer these; what is chosen stays where it is still there, else it is `chosen`."""
        wanted = self.chosen or chosen
        with QSignalBlocker(self):
            self.clear()
            for model in models:
                self.addItem(model.name, model.id)
                place = self.count() - 1
                self.setItemData(place, model.name, Qt.ItemDataRole.ToolTipRole)
            self.choose(wanted)
        self.setToolTip(self.currentText())

    def choose(self, model_id: str) -> None:
        """Show a model, where it is offered."""
        place = self.findData(model_id)
        if place >= 0:
            self.setCurrentIndex(place)
        self.setToolTip(self.currentText())
