"""What the user can set about tuning, and about what is remembered for it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSpinBox, QWidget

from engine.errors import EngineError, EngineGone
from engine.settings import Settings
from engine.training_requests import ForgetVisits
from gui.background import Engine
from gui.confirm import confirm
from gui.theme import Space
from gui.widgets.card import Card
from gui.widgets.form import add, form
from gui.widgets.notice import Notice

_LEAST_MB, _MOST_MB = 500, 1_000_000


class TuningSettings(Card):
    """The part of the settings' form that is about tuning."""

    changed = Signal()
    """The user changed something."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Tuning",
            "How the model learns from you. All of it stays on this computer, unless you name a "
            "server below.",
            parent,
        )
        self._engine = engine
        self.notice = Notice()
        self.suggest = QCheckBox("Say when it is worth tuning")
        self.auto = QCheckBox("Tune without being asked")
        self.searches = QCheckBox("Remember what is searched for")
        self.visits = QCheckBox("Remember what is opened and read")
        self.forget_button = QPushButton("Forget what was opened and read…")
        self.forget_button.clicked.connect(self._ask_to_forget)
        self.budget = QSpinBox()
        self.budget.setRange(_LEAST_MB, _MOST_MB)
        self.budget.setSingleStep(500)
        self.budget.setSuffix(" MB")
        self.budget.setKeyboardTracking(False)
        self.budget.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        self.mlflow = QLineEdit()
        self.mlflow.setPlaceholderText("None")
        self.mlflow.setClearButtonEnabled(True)
        self._told = ""
        self.body.addWidget(self.notice)
        self._lay_out()
        for box in (self.suggest, self.auto, self.visits):
            box.clicked.connect(lambda _: self.changed.emit())
        self.searches.clicked.connect(self._change_searches)
        self.budget.valueChanged.connect(self.changed)
        self.mlflow.editingFinished.connect(self._change_mlflow)

    @property
    def fields(self) -> tuple[QWidget, ...]:
        """What can be changed."""
        return self.suggest, self.auto, self.searches, self.visits, self.budget, self.mlflow

    def chosen(self, settings: Settings) -> Settings:
        """The settings with what is chosen here."""
        return replace(
            settings,
            suggest_tuning=self.suggest.isChecked(),
            auto_tune=self.auto.isChecked(),
            keep_searches=self.searches.isChecked(),
            keep_visits=self.visits.isChecked(),
            models_budget_mb=self.budget.value(),
            mlflow=self._told,
        )

    def fill(self, settings: Settings) -> None:
        """Show what is in force."""
        self.suggest.setChecked(settings.suggest_tuning)
        self.auto.setChecked(settings.auto_tune)
        self.searches.setChecked(settings.keep_searches)
        self.visits.setChecked(settings.keep_visits)
        with QSignalBlocker(self.budget):
            self.budget.setValue(settings.models_budget_mb)
        if settings.mlflow != self._told or not self.mlflow.hasFocus():  # it is being typed
            self._told = settings.mlflow
            self.mlflow.setText(settings.mlflow)

    def _lay_out(self) -> None:
        rows = form(self)
        add(
            rows,
            "Suggestions",
            self.suggest,
            "On the search page, once enough was judged since the last tuning.",
        )
        add(
            rows,
            "By itself",
            self.auto,
            "When it is worth it, and the computer has nothing else to do. The tests decide as "
            "ever whether the new model is used, and you are told; you can roll back.",
        )
        add(
            rows,
            "Searches",
            self.searches,
            "Queries of evaluation sets can be drawn from them, and training data made.",
        )
        add(
            rows,
            "Visits",
            self.visits,
            "Weak signs of what answers a query, to learn from beside your judgments. They never "
            "count in a measurement.",
        )
        rows.addWidget(self.forget_button, rows.rowCount(), 1)
        add(
            rows,
            "Room for models",
            self.budget,
            "With more on the disk, the models page says which could go. None goes by itself.",
        )
        add(
            rows,
            "MLflow",
            self.mlflow,
            "Folder or address of an MLflow server, such as http://127.0.0.1:5000. Settings, "
            "measures and curves of tunings and evaluations are sent there as well, and no "
            "documents. Needs the package mlflow-skinny beside Attune.",
        )

    def _change_mlflow(self) -> None:
        told = self.mlflow.text().strip()
        if told != self._told:
            self._told = told
            self.changed.emit()

    def _change_searches(self, on: bool) -> None:
        if on:
            self.changed.emit()
            return
        self.searches.setChecked(True)
        confirm(
            self,
            "Forget what was searched for?",
            "What was remembered so far is forgotten at once. Judgments and evaluation sets stay.",
            "Forget",
            self._forget_searches,
        )

    def _forget_searches(self) -> None:
        self.searches.setChecked(False)
        self.changed.emit()

    def _ask_to_forget(self) -> None:
        confirm(
            self,
            "Forget what was opened and read?",
            "Pairs for training that came of it go as well. Judgments and thumbs stay.",
            "Forget",
            self._forget_visits,
        )

    def _forget_visits(self) -> None:
        def told(_: None) -> None:
            self.notice.say("good", "What was opened and read is forgotten")

        self.notice.hide()
        self._engine.ask(ForgetVisits(), told, self._refuse, owner=self)

    def _refuse(self, error: EngineError) -> None:
        if not isinstance(error, EngineGone):  # that is told by the window
            self.notice.say_failure(error)
