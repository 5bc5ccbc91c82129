"""Whether the best results are reranked, and whether that helps here."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from engine.errors import EngineError
from engine.records import RerankAdvice
from engine.requests import AdviseReranking
from gui.background import Engine
from gui.widgets.card import Card
from gui.widgets.notice import Notice

_ASK = "Does it help here?"


class RerankingCard(Card):
    """The choice, and a measurement of it on demand."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            "Reranking",
            "A second model reads the query and each of the best passages together. It is slower, "
            "and often better.",
            parent,
        )
        self._engine = engine
        self.rerank = QCheckBox("Rerank the best results")
        self.ask_button = QPushButton(_ASK)
        self.ask_button.setToolTip("Measure it on the results that you judged yourself")
        self.ask_button.clicked.connect(self._ask)
        self.advice = Notice()
        row = QHBoxLayout()
        row.addWidget(self.rerank)
        row.addStretch()
        row.addWidget(self.ask_button)
        self.body.addLayout(row)
        self.body.addWidget(self.advice)

    def _ask(self) -> None:
        self.ask_button.setEnabled(False)
        self.ask_button.setText("Measuring…")
        self.advice.hide()
        self._engine.ask(AdviseReranking(), self._show, self._do_without, owner=self)

    def _show(self, advice: RerankAdvice) -> None:
        self._ready()
        if advice.helps:
            self.advice.say("good", "Reranking helps here", advice.reason)
        else:
            self.advice.say("notice", "No gain from reranking here", advice.reason)

    def _do_without(self, error: EngineError) -> None:
        self._ready()
        words = " ".join(part for part in (error.message, error.hint) if part)
        self.advice.say("warning", error.title, words)

    def _ready(self) -> None:
        self.ask_button.setEnabled(True)
        self.ask_button.setText(_ASK)
