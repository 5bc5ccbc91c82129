"""The last step to a CLIP model: it orders some of the user's own pictures by the user's words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.records import ModelInfo, SearchResult
from engine.requests import GetResults, ListModels, ListPictures, TryModel
from gui.background import Engine, Pending
from gui.clip_walk.picture_strip import PictureStrip
from gui.icons import icon
from gui.theme import Space, set_role
from gui.thumbnails import Thumbnails
from gui.widgets.card import explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.notice import Notice
from gui.wording import count, duration, file_name

_TRIED = 10
_REST_MS = 600
"""After the last key, before the models are asked."""


class TrialStep(QWidget):
    """Ten pictures in the order of one model, and in that of the model in use."""

    title = "Try it on your pictures"
    changed = Signal()

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._every: tuple[int, ...] = ()
        self._round = 0
        self._tried: tuple[int, ...] = ()
        self._is_new = True  # the pictures: the time that looking at them takes is measured
        self._model = ""
        self._present = ""
        self._pending: list[Pending] = []
        self._thumbnails = Thumbnails(engine, self)
        self._soon = QTimer(self, interval=_REST_MS, singleShot=True)
        self._soon.timeout.connect(self.compare)
        self.field = QLineEdit()
        self.field.setPlaceholderText("What one of them shows, such as: a dog on a beach")
        self.field.setAccessibleName("Words to order the pictures by")
        self.field.setClearButtonEnabled(True)
        self.field.textEdited.connect(lambda _: self._soon.start())
        self.field.returnPressed.connect(self.compare)
        self.other_button = QPushButton(icon("refresh"), "Other pictures")
        self.other_button.setAutoDefault(False)
        self.other_button.clicked.connect(self.take_others)
        self.new = PictureStrip(self._thumbnails, _TRIED)
        self.old = PictureStrip(self._thumbnails, _TRIED)
        self._new_name, self._old_name = ElidedLabel(), ElidedLabel()
        self._new_state, self._old_state = QLabel(), QLabel()
        self.notice = Notice()
        self.estimate = explanation("")
        self._nothing = EmptyState(
            "file-image",
            "There are no pictures to try it on",
            "Pictures of the folders in your library are taken, once they are indexed. You can "
            "put the model to work all the same.",
        )
        self._comparison = QWidget()
        self._build()

    def begin(self, model: str) -> None:
        """Try a model, by its id."""
        self._model = model
        self.notice.hide()
        self.estimate.setText(
            "Putting it to work means to look at every picture once, in the background; the "
            "present model answers meanwhile, and you can return to it at any time."
        )
        self._engine.ask(ListModels(), self._name_models, self._tell, owner=self)
        self._engine.ask(ListPictures(), self._take_pictures, self._tell, owner=self)

    def compare(self) -> None:
        """Order the pictures by the words, by both models."""
        self._soon.stop()
        for pending in self._pending:
            pending.cancel()
        self._pending.clear()
        self.notice.hide()
        query = self.field.text().strip()
        if not query or not self._tried:
            for state in (self._new_state, self._old_state):
                state.clear()
            return
        for model, strip, state in (
            (self._model, self.new, self._new_state),
            (self._present, self.old, self._old_state),
        ):
            if model:
                state.setText("Looking…")
                show = partial(self._show_fits, model, self._tried, strip, state, time.monotonic())
                request = TryModel(model, query, self._tried)
                self._pending.append(self._engine.ask(request, show, self._tell, owner=self))

    def take_others(self) -> None:
        """Take ten other pictures, spread over the library."""
        step = max(1, len(self._every) // _TRIED)
        start = self._round * (_TRIED if step == 1 else 1)
        places = [(start + number * step) % len(self._every) for number in range(_TRIED)]
        self._round += 1
        self._tried = tuple(dict.fromkeys(self._every[place] for place in places))
        self._is_new = True
        for strip in (self.new, self.old):
            strip.show_order(self._tried)
        self._engine.ask(GetResults(self._tried), self._name_pictures, lambda _: None, owner=self)
        self.compare()

    def _build(self) -> None:
        query = QHBoxLayout()
        query.setSpacing(Space.S)
        query.addWidget(self.field, 1)
        query.addWidget(self.other_button)
        inside = QVBoxLayout(self._comparison)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(Space.S)
        inside.addWidget(
            explanation(
                "Say what one of these pictures shows. Both models then order them by how well "
                "they fit your words."
            )
        )
        inside.addLayout(query)
        for name, state, strip in (
            (self._new_name, self._new_state, self.new),
            (self._old_name, self._old_state, self.old),
        ):
            set_role(name, "heading")
            set_role(state, "small")
            row = QHBoxLayout()
            row.setSpacing(Space.M)
            row.addWidget(name, 1)
            row.addWidget(state)
            inside.addSpacing(Space.S)
            inside.addLayout(row)
            inside.addWidget(strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.notice)
        column.addWidget(self._comparison)
        column.addWidget(self._nothing, 1)
        column.addWidget(self.estimate)
        column.addStretch()
        self._comparison.hide()
        self._nothing.hide()

    def _name_models(self, models: tuple[ModelInfo, ...]) -> None:
        mine = next((model for model in models if model.id == self._model), None)
        active = next((model for model in models if model.kind == "image" and model.active), None)
        self._present = active.id if active else ""
        name = mine.name if mine else self._model
        self._new_name.setText(f"As “{name}” sees it, the best first")
        self._old_name.setText(f"As “{active.name}” sees it, which is in use now" if active else "")
        self.new.setAccessibleName(f"The order by {name}")
        self.old.setAccessibleName(f"The order by {active.name}" if active else "")

    def _take_pictures(self, document_ids: tuple[int, ...]) -> None:
        self._every = document_ids
        self._comparison.setVisible(bool(document_ids))
        self._nothing.setVisible(not document_ids)
        self.other_button.setVisible(len(document_ids) > _TRIED)
        if document_ids:
            self.take_others()
            self.field.setFocus()

    def _name_pictures(self, results: tuple[SearchResult, ...]) -> None:
        names = {one.document_id: one.title or file_name(one.document) for one in results}
        for strip in (self.new, self.old):
            strip.name(names)

    def _show_fits(
        self,
        model: str,
        tried: tuple[int, ...],
        strip: PictureStrip,
        state: QLabel,
        asked_at: float,
        fits: tuple[float, ...],
    ) -> None:
        state.clear()
        strip.show_order(by_fit(tried, fits))
        if model == self._model and self._is_new:
            self._is_new = False
            self._tell_estimate((time.monotonic() - asked_at) / len(tried))

    def _tell_estimate(self, seconds_each: float) -> None:
        n_pictures = len(self._every)
        seconds = max(1.0, seconds_each * n_pictures)
        self.estimate.setText(
            f"Putting it to work means to look at all {count(n_pictures, 'picture')} once: about "
            f"{duration(seconds)} on this computer, in the background. The present model answers "
            "meanwhile, and you can return to it at any time."
        )

    def _tell(self, error: EngineError) -> None:
        for state in (self._new_state, self._old_state):
            state.clear()
        words = "\n".join(part for part in (error.message, error.hint) if part)
        self.notice.say("danger", error.title, words)


def by_fit(document_ids: Sequence[int], fits: Sequence[float]) -> list[int]:
    """The documents by how well they fit, the best first; equals keep their order."""
    paired = sorted(zip(fits, document_ids, strict=True), key=lambda pair: -pair[0])
    return [document for _, document in paired]
