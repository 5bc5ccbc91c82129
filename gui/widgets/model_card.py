"""One registered model: what it is, how far the library is encoded with it, and the gate's word."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.records import ModelInfo
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.widgets.pill import Pill
from gui.widgets.verdict_card import figures_in_words, sureness_in_words
from gui.wording import count, date, date_time, size


class ModelCard(Card):
    """A model, with the button that puts it to work."""

    asked_to_activate = Signal(str)

    def __init__(
        self,
        model: ModelInfo,
        parent_name: str,
        n_chunks: int,
        *,
        busy: bool,
        parent: QWidget | None = None,
    ) -> None:
        """`parent_name` is of the model it was tuned from; `busy` while another is activated."""
        super().__init__(parent=parent)
        self.model = model
        self.body.setSpacing(Space.S)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body.addLayout(self._build_top(parent_name, busy=busy))
        facts = explanation(facts_in_words(model))
        facts.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(facts)
        self.body.addLayout(self._build_encoded())
        self.show_encoded(model.encoded, n_chunks)
        if model.gate is not None:
            self.body.addLayout(_gate(model))
        if model.notes:
            notes = explanation(model.notes)
            notes.setTextFormat(Qt.TextFormat.PlainText)
            self.body.addWidget(notes)

    def _build_top(self, parent_name: str, *, busy: bool) -> QHBoxLayout:
        model = self.model
        name = ElidedLabel(model.name, Qt.TextElideMode.ElideMiddle)
        set_role(name, "heading")
        name.setToolTip(f"{model.name}\nId: {model.id}\nAdded {date_time(model.created_at)}")
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(name, 1)
        if model.origin == "tuned":
            words = f"Tuned from {parent_name}" if parent_name else "Tuned"
            top.addWidget(Pill("Tuned", "notice", words))
        else:
            top.addWidget(Pill("Bundled", "notice", "Comes with the program"))
        if model.previous:
            top.addWidget(Pill("Previous", "notice", "Rolling back returns to it"))
        if model.active:
            top.addWidget(Pill("In use", "good", "Its vectors are searched now"))
            return top
        self.activate = QPushButton("Activate")
        self.activate.setAccessibleName(f"Activate {model.name}")
        refused = model.gate is not None and not model.gate.accepted
        self.activate.setEnabled(not busy and not refused)
        self.activate.setToolTip(
            "The gate refused it: it was not better on held-out queries"
            if refused
            else "Another model is being activated"
            if busy
            else "Encode the library with it, then switch to it; searching goes on meanwhile"
        )
        self.activate.clicked.connect(lambda: self.asked_to_activate.emit(model.id))
        top.addWidget(self.activate)
        return top

    def show_encoded(self, encoded: int, n_chunks: int) -> None:
        """Show how many of the library's passages have a vector of this model."""
        self._bar.setMaximum(max(n_chunks, 1))
        self._bar.setValue(min(encoded, n_chunks))
        self._encoded.setText(f"{count(encoded)} of {count(n_chunks, 'passage')} encoded")

    def _build_encoded(self) -> QHBoxLayout:
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._bar.setAccessibleName(f"Passages encoded with {self.model.name}")
        self._encoded = QLabel()
        set_role(self._encoded, "small")
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._bar)
        row.addWidget(self._encoded)
        row.addStretch()
        return row


def facts_in_words(model: ModelInfo) -> str:
    """Dimensions, precision, length, size and age on one line."""
    facts = [f"{model.dim} dimensions", f"passages up to {count(model.max_tokens)} tokens"]
    if model.variant:
        facts.append(model.variant)
    if model.size_bytes:
        facts.append(size(model.size_bytes))
    if model.origin == "tuned":
        facts.append(f"tuned {date(model.created_at)}")
    return " · ".join(facts)


def _gate(model: ModelInfo) -> QHBoxLayout:
    gate = model.gate
    assert gate is not None
    tone = "good" if gate.accepted else "warning"
    words = ElidedLabel(
        f"{'Accepted' if gate.accepted else 'Refused'}: {figures_in_words(gate)} · "
        f"{sureness_in_words(gate)}"
    )
    set_role(words, tone)
    words.setToolTip(f"{gate.reason}\n{sureness_in_words(gate)}")
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(IconLabel("check" if gate.accepted else "warning", tone, 16))
    row.addWidget(words, 1)
    return row
