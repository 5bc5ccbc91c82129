"""Says once, where pictures are searched, which model looks at them and what would find more."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from engine.events import Changed, Event
from engine.records import Kind, ModelInfo
from engine.requests import ListModels
from gui.background import Engine
from gui.widgets.notice import Notice

_KEY = "search/model_hint"


class ModelHint(Notice):
    """Hidden but where pictures alone are searched with the built-in model, until dismissed."""

    models_asked = Signal()
    """The user wants to see the models."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._is_over = False
        self._kind: Kind = "both"
        self._model: ModelInfo | None = None
        self._asked = False
        self.dismissed.connect(self._end)
        self.acted.connect(self._end)
        self.acted.connect(self.models_asked)
        engine.event_heard.connect(self._hear)

    def show_kind(self, kind: Kind) -> None:
        """What is searched for now."""
        self._kind = kind
        if kind == "image" and not self._asked and not self._is_over:
            self._asked = True
            self._engine.ask(ListModels(), self._show_models, self._ask_later, owner=self)
        self._show()

    def remember(self, memory: QSettings) -> None:
        """Keep that it was read."""
        memory.setValue(_KEY, not self._is_over)

    def recall(self, memory: QSettings) -> None:
        """Whether it is still to be read."""
        self._is_over = not bool(memory.value(_KEY, True, bool))

    def _show_models(self, models: tuple[ModelInfo, ...]) -> None:
        active = (model for model in models if model.kind == "image" and model.active)
        self._model = next(active, None)
        self._show()

    def _ask_later(self, _: EngineError) -> None:
        self._asked = False

    def _show(self) -> None:
        model = self._model
        if self._is_over or self._kind != "image" or model is None or model.origin != "bundled":
            self.hide()
        elif self.isHidden():
            self.say(
                "notice",
                f"The built-in model looks at your pictures: {model.name}",
                "It knows a thousand everyday things, and finds what looks alike. A CLIP model"
                " understands whole descriptions and finds more; it is yours to add.",
                "See models",
            )

    def _end(self) -> None:
        self._is_over = True
        self.hide()

    def _hear(self, event: Event) -> None:
        if isinstance(event, Changed) and event.what == "models":
            self._asked = False
            self.show_kind(self._kind)
