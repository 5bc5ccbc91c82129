"""One registered model: what it is, how far the library is encoded with it, and the gate's word."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from engine.records import ModelInfo, ModelKind
from gui.theme import Space, set_role
from gui.widgets.card import Card, explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.widgets.pill import Pill
from gui.widgets.verdict_card import figures_in_words, sureness_in_words
from gui.wording import count, date_time, date_within, size

WHAT_IS_ENCODED: dict[ModelKind, str] = {"text": "passage", "image": "picture"}
_ORIGINS = {
    "bundled": ("Bundled", "Comes with the program"),
    "imported": ("Imported", "You brought it here"),
}


class ModelCard(Card):
    """A model, with the buttons that put it to work, try it and remove it."""

    asked_to_activate = Signal(str)
    asked_to_try = Signal(object)
    """The `ModelInfo`."""
    asked_to_remove = Signal(object)
    """The `ModelInfo`."""
    asked_for_details = Signal(object)
    """The `ModelInfo`."""

    def __init__(
        self,
        model: ModelInfo,
        parent_name: str,
        total: int,
        *,
        busy: bool,
        is_base: bool,
        parent: QWidget | None = None,
    ) -> None:
        """`parent_name` is of the model it was tuned from; `busy` while another is activated.

        `total` is how many there are to encode; `is_base` whether another was tuned from it.
        """
        super().__init__(parent=parent)
        self.model = model
        self.body.setSpacing(Space.S)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body.addLayout(self._build_top(parent_name, busy=busy, is_base=is_base))
        facts = explanation(facts_in_words(model))
        facts.setTextFormat(Qt.TextFormat.PlainText)
        self.body.addWidget(facts)
        self.body.addLayout(self._build_encoded())
        self.show_encoded(model.encoded, total)
        if model.gate is not None:
            self.body.addLayout(_gate(model))
        if model.overruled:
            overruled = explanation(f"Used in spite of the gate: “{model.overruled}”")
            overruled.setTextFormat(Qt.TextFormat.PlainText)
            self.body.addWidget(overruled)
        if model.notes:
            notes = explanation(model.notes)
            notes.setTextFormat(Qt.TextFormat.PlainText)
            self.body.addWidget(notes)

    def _build_top(self, parent_name: str, *, busy: bool, is_base: bool) -> QHBoxLayout:
        model = self.model
        name = ElidedLabel(model.name, Qt.TextElideMode.ElideMiddle)
        set_role(name, "heading")
        name.setToolTip(f"{model.name}\nId: {model.id}\nAdded {date_time(model.created_at)}")
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(name, 1)
        if model.origin == "tuned":
            done = "Tuned" if model.kind == "text" else "Fitted"
            words = f"{done} from {parent_name}" if parent_name else done
            top.addWidget(Pill(done, "notice", words))
        else:
            top.addWidget(Pill(_ORIGINS[model.origin][0], "notice", _ORIGINS[model.origin][1]))
        if model.adapter:
            words = "It turns queries; passages keep the vectors of its base"
            top.addWidget(Pill("Adapter", "notice", words))
        if model.previous:
            top.addWidget(Pill("Previous", "notice", "Rolling back returns to it"))
        if model.active:
            top.addWidget(Pill("In use", "good", "Its vectors are searched now"))
        if model.kind == "text":
            self.details = QPushButton("Details")
            set_role(self.details, "quiet")
            self.details.setAccessibleName(f"Details of {model.name}")
            self.details.setToolTip("How it came about, what it reached, what can be done with it")
            self.details.clicked.connect(lambda: self.asked_for_details.emit(model))
            top.addWidget(self.details)
        elif not model.active:
            self.trial = QPushButton("Try…")
            set_role(self.trial, "quiet")
            self.trial.setAccessibleName(f"Try {model.name}")
            self.trial.setToolTip("Compare it with the model in use, on ten of your pictures")
            self.trial.clicked.connect(lambda: self.asked_to_try.emit(model))
            top.addWidget(self.trial)
        self.remove = self._build_remove(busy=busy, is_base=is_base)
        top.addWidget(self.remove)
        if not model.active:
            top.addWidget(self._build_activate(busy=busy))
        return top

    def _build_remove(self, *, busy: bool, is_base: bool) -> QPushButton:
        model = self.model
        kept = (
            "It comes with the program and stays"
            if model.origin == "bundled"
            else "It is in use; put another to work first"
            if model.active
            else "Another model was made from it; remove that one first"
            if is_base and model.kind == "image"
            else "Rolling back returns to it; put a third model to work first"
            if model.previous and model.kind == "text"
            else "Another model is being activated"
            if busy
            else ""
        )
        remove = QPushButton("Remove…")
        set_role(remove, "quiet")
        remove.setAccessibleName(f"Remove {model.name}")
        remove.setEnabled(not kept)
        remove.setToolTip(kept or f"Delete it from this computer: {size(model.size_bytes)}")
        remove.clicked.connect(lambda: self.asked_to_remove.emit(model))
        return remove

    def _build_activate(self, *, busy: bool) -> QPushButton:
        model = self.model
        self.activate = QPushButton("Activate")
        self.activate.setAccessibleName(f"Activate {model.name}")
        refused = model.gate is not None and not model.gate.accepted and not model.overruled
        self.activate.setEnabled(not busy and not refused)
        self.activate.setToolTip(
            "The gate refused it; its details say why, and how it can be used all the same"
            if refused and model.kind == "text"
            else "The gate refused it: it was not better on held-out queries"
            if refused
            else "Another model is being activated"
            if busy
            else "Encode the library with it, then switch to it; searching goes on meanwhile"
        )
        self.activate.clicked.connect(lambda: self.asked_to_activate.emit(model.id))
        return self.activate

    def show_encoded(self, encoded: int, total: int) -> None:
        """Show how many of the library's passages or pictures have a vector of this model."""
        self._bar.setMaximum(max(total, 1))
        self._bar.setValue(min(encoded, total))
        noun = WHAT_IS_ENCODED[self.model.kind]
        self._encoded.setText(f"{count(encoded)} of {count(total, noun)} encoded")

    def _build_encoded(self) -> QHBoxLayout:
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        noun = WHAT_IS_ENCODED[self.model.kind].capitalize()
        self._bar.setAccessibleName(f"{noun}s encoded with {self.model.name}")
        self._encoded = QLabel()
        set_role(self._encoded, "small")
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._bar)
        row.addWidget(self._encoded)
        row.addStretch()
        return row


def facts_in_words(model: ModelInfo) -> str:
    """Dimensions, length, precision, size, licence and age on one line."""
    facts = [f"{model.dim} dimensions"]
    if model.max_tokens:
        what = "passages" if model.kind == "text" else "words"
        facts.append(f"{what} up to {count(model.max_tokens)} tokens")
    if model.variant:
        facts.append(model.variant)
    if model.size_bytes:
        facts.append(size(model.size_bytes))
    if model.licence:
        facts.append(f"licence: {model.licence}")
    if model.origin != "bundled":
        done = "tuned" if model.kind == "text" else "fitted"
        day = date_within(model.created_at)
        facts.append(f"{done if model.origin == 'tuned' else 'added'} {day}")
    return " · ".join(facts)


def _gate(model: ModelInfo) -> QHBoxLayout:
    gate = model.gate
    assert gate is not None
    tone = "good" if gate.accepted else "warning"
    words = ElidedLabel(
        f"{'Accepted' if gate.accepted else 'Refused'}: {figures_in_words(gate)} · "
        f"{sureness_in_words(gate, model.kind)}"
    )
    set_role(words, tone)
    words.setToolTip(f"{gate.reason}\n{sureness_in_words(gate, model.kind)}")
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(IconLabel("check" if gate.accepted else "warning", tone, 16))
    row.addWidget(words, 1)
    return row
