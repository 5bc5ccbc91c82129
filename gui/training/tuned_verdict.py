"""The verdict on a tuned model, what changed by it, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError, EngineGone
from engine.records import ModelInfo, TuneReport
from engine.requests import RollBackModel
from engine.training_records import ModelDetails
from engine.training_requests import GetModelDetails, Overrule
from gui.background import Engine
from gui.error_dialog import show_error
from gui.theme import Space
from gui.training.changed_queries import ChangedQueries
from gui.widgets.overrule_dialog import OverruleDialog
from gui.widgets.verdict_card import VerdictCard


class TunedVerdict(QWidget):
    """A verdict card with its buttons, over the queries that changed; hidden until there is one."""

    models_wanted = Signal()
    """The user wants to see the models."""
    rolled_back = Signal(object)
    """The ModelInfo that is in use again."""
    overruling = Signal(object)
    """The JobInfo that puts a refused model to work."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._model = ""
        self.card = VerdictCard()
        self.card.asked_for_models.connect(self.models_wanted)
        self.changes = ChangedQueries(engine)
        self.changes_button = QPushButton("Queries that changed")
        self.changes_button.setCheckable(True)
        self.changes_button.setToolTip("Which got better and which worse, before and after")
        self.changes_button.toggled.connect(self._toggle_changes)
        self.back_button = QPushButton("Roll back")
        self.back_button.setToolTip("Return to the model before, at once")
        self.back_button.clicked.connect(self.roll_back)
        self.use_button = QPushButton("Use it anyway…")
        self.use_button.clicked.connect(self.ask_why)
        for button in (self.changes_button, self.back_button, self.use_button):
            self.card.buttons.addWidget(button)
        self.card.buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.L)
        column.addWidget(self.card)
        column.addWidget(self.changes)
        self.hide()

    @property
    def words(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.card.words

    def show_report(self, report: TuneReport) -> None:
        """Show what came of the tuning that has just ended."""
        self._begin(report.model)
        self.card.show_verdict(report.model, report.gate, in_use=report.accepted)
        self._show_buttons(in_use=report.accepted, refused=not report.accepted)

    def show_model(self, info: ModelInfo, *, can_roll_back: bool) -> None:
        """Show the verdict on a model of the list."""
        assert info.gate is not None
        self._begin(info.id)
        self.card.show_verdict(info.name, info.gate, in_use=info.active, overruled=info.overruled)
        self._show_buttons(
            in_use=info.active and can_roll_back,
            refused=not info.gate.accepted and not info.active,
        )

    def show_changes(self) -> None:
        """Show the queries that changed."""
        self.changes_button.setChecked(True)

    def roll_back(self) -> None:
        """Return to the model before."""
        self.back_button.setEnabled(False)
        self._engine.ask(RollBackModel(), self.rolled_back.emit, self._refuse, owner=self)

    def ask_why(self) -> None:
        """Let the user say why the model is to be used in spite of the verdict."""
        dialog = OverruleDialog(self)
        dialog.given.connect(self._overrule)
        dialog.open()

    def _begin(self, model: str) -> None:
        if model != self._model:
            self._model = model
            self.changes_button.setChecked(False)
        self.show()

    def _show_buttons(self, *, in_use: bool, refused: bool) -> None:
        self.back_button.setVisible(in_use)
        self.back_button.setEnabled(True)
        self.use_button.setVisible(refused)
        self.use_button.setEnabled(True)

    def _toggle_changes(self, on: bool) -> None:
        self.changes.hide()
        if on:
            self._engine.ask(
                GetModelDetails(self._model), self._show_details, self._refuse, owner=self
            )

    def _show_details(self, details: ModelDetails) -> None:
        if details.info.id == self._model and self.changes_button.isChecked():
            self.changes.show_details(details)
            self.changes.show()

    def _overrule(self, reason: str) -> None:
        self.use_button.setEnabled(False)
        request = Overrule(self._model, reason)
        self._engine.ask(request, self.overruling.emit, self._refuse, owner=self)

    def _refuse(self, error: EngineError) -> None:
        self.back_button.setEnabled(True)
        self.use_button.setEnabled(True)
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)
