"""The ways of searching, to be chosen from with check boxes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from engine.evaluation_records import RunInfo, System
from engine.records import ModelInfo

_SYSTEM = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 28
_ROWS_SHOWN = 7


def offered_systems(models: Sequence[ModelInfo]) -> list[tuple[System, str]]:
    """Every way of searching with these models, with its name; that of the active model first."""
    offered = [
        (System("lexical"), "Keywords"),
        (System("lexical", rerank=True), "Keywords, reranked"),
    ]
    texts = [model for model in models if model.kind == "text"]
    for model in sorted(texts, key=lambda model: (not model.active, -model.created_at)):
        of = f" · {model.name} (in use)" if model.active else f" · {model.name}"
        offered += [
            (System("dense", model.id), f"Meaning{of}"),
            (System("hybrid", model.id), f"Hybrid{of}"),
            (System("hybrid", model.id, rerank=True), f"Hybrid, reranked{of}"),
        ]
    return offered


def offered_runs(runs: Sequence[RunInfo]) -> list[tuple[System, str]]:
    """The imported runs as systems, with their names."""
    return [(System(run=run.name), f"{run.name} · imported run") for run in runs]


class SystemsList(QListWidget):
    """A check box for each; keywords and what the active model does are chosen at first."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: Sequence[ModelInfo] | None = None
        self._runs: Sequence[RunInfo] = ()
        self._offered: list[tuple[System, str]] = []
        self.setAccessibleName("Systems")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemChanged.connect(self.changed)

    def show_models(self, models: Sequence[ModelInfo]) -> None:
        """Offer the systems of these models; what was chosen stays chosen."""
        self._models = models
        self._offer(models)

    def show_runs(self, runs: Sequence[RunInfo]) -> None:
        """Offer a set's imported runs as well; what was chosen stays chosen."""
        self._runs = runs
        if self._models is not None:
            self._offer(self._models)

    def _offer(self, models: Sequence[ModelInfo]) -> None:
        offered = offered_systems(models) + offered_runs(self._runs)
        if offered == self._offered:
            return
        active = next((model.id for model in models if model.active and model.kind == "text"), None)
        first = [System("lexical"), System("dense", active), System("hybrid", active)]
        wanted = self.systems if self._offered else first
        self._offered = offered
        self.blockSignals(True)
        self.clear()
        for system, name in offered:
            item = QListWidgetItem(name)
            item.setData(_SYSTEM, system)
            item.setToolTip(name)
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            chosen = system in wanted
            item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        self.setFixedHeight(min(len(offered), _ROWS_SHOWN) * _ROW_HEIGHT + 4)
        self.changed.emit()

    @property
    def systems(self) -> tuple[System, ...]:
        """Those that are chosen."""
        items = (self.item(row) for row in range(self.count()))
        return tuple(
            item.data(_SYSTEM) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def choose(self, systems: Sequence[System]) -> None:
        """Choose exactly these."""
        for row in range(self.count()):
            chosen = self.item(row).data(_SYSTEM) in systems
            self.item(row).setCheckState(
                Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
            )
