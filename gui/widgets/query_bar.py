"""The query and how it is searched: mode, balance, reranking."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from engine.records import Mode
from engine.settings import Settings
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.condition_completer import ConditionCompleter
from gui.widgets.elided_label import ElidedLabel

MODES: tuple[tuple[Mode, str, str], ...] = (
    ("hybrid", "Hybrid", "By words and by meaning together (Alt+1)"),
    ("lexical", "Keywords", "By the words themselves (Alt+2)"),
    ("dense", "Meaning", "By what is meant, in whatever words (Alt+3)"),
)
_TYPING_MS = 80
_STEPS = 20


class QueryBar(QWidget):
    """What is typed and chosen; says when there is something to search for."""

    typed = Signal()
    """The query changed, and typing has paused for a moment."""
    entered = Signal()
    """The query is finished."""
    options_changed = Signal()
    """Mode, balance or reranking was changed by the user."""
    rerank_turned_on = Signal()
    down = Signal()
    """The user wants to go into the results."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self.typed)
        self._sliding = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._sliding.timeout.connect(self.options_changed)
        self.field = self._build_field()
        self.filters = QPushButton(icon("filter"), " Filters")
        self.filters.setCheckable(True)
        self.filters.setToolTip("Search only some folders, types or times (Ctrl+Shift+F)")
        set_role(self.filters, "quiet")
        options = self._build_options()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.field)
        column.addLayout(options)
        self._show_balance()

    @property
    def query(self) -> str:
        """What is searched for, without blanks around it."""
        return self.field.text().strip()

    @property
    def mode(self) -> Mode:
        """How it is searched."""
        return MODES[self._modes.checkedId()][0]

    @property
    def balance(self) -> float:
        """Share of meaning in hybrid search, 0 to 1."""
        return self._slider.value() / _STEPS

    @property
    def rerank(self) -> bool:
        """Whether the best results are put in order by the reranker."""
        return self._rerank.isChecked()

    def show_settings(self, settings: Settings) -> None:
        """Begin with what the settings say."""
        for number, (mode, _, _) in enumerate(MODES):
            if mode == settings.mode:
                self._modes.button(number).setChecked(True)
        for control in (self._slider, self._rerank):
            control.blockSignals(True)
        self._slider.setValue(round(settings.balance * _STEPS))
        self._rerank.setChecked(settings.rerank)
        for control in (self._slider, self._rerank):
            control.blockSignals(False)
        self._show_balance()

    def choose_mode(self, mode: Mode) -> None:
        """Search another way."""
        number = next(n for n, (name, _, _) in enumerate(MODES) if name == mode)
        if self._modes.checkedId() != number:
            self._modes.button(number).setChecked(True)
            self._mode_chosen()

    def ask(self, query: str) -> None:
        """Put a query into the field, as if it had been typed and entered."""
        self.field.setText(query)
        self._enter()

    def advise(self, words: str) -> None:
        """Say whether reranking helps; empty says nothing."""
        self._advice.setText(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the field into the results, Escape empties it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.down.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _build_field(self) -> QLineEdit:
        field = QLineEdit()
        set_role(field, "query")
        field.setPlaceholderText("Search your library")
        field.setAccessibleName("Search query")
        field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        clear = QAction(icon("cancel"), "Clear (Esc)", field)
        clear.triggered.connect(field.clear)
        field.addAction(clear, QLineEdit.ActionPosition.TrailingPosition)
        clear.setVisible(False)
        field.textChanged.connect(lambda text: clear.setVisible(bool(text)))
        field.textChanged.connect(lambda _: self._typing.start())
        field.returnPressed.connect(self._enter)
        field.installEventFilter(self)
        self.conditions = ConditionCompleter(field)
        return field

    def _build_options(self) -> QHBoxLayout:
        group = QFrame()
        set_role(group, "segments")
        inside = QHBoxLayout(group)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.setSpacing(2)
        self._modes = QButtonGroup(self)
        for number, (_, name, tooltip) in enumerate(MODES):
            button = QPushButton(name)
            button.setCheckable(True)
            button.setToolTip(tooltip)
            set_role(button, "segment")
            self._modes.addButton(button, number)
            inside.addWidget(button)
        self._modes.button(0).setChecked(True)
        self._modes.idClicked.connect(lambda _: self._mode_chosen())
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setValue(_STEPS // 2)
        self._slider.setFixedWidth(120)
        self._slider.setAccessibleName("Balance between words and meaning")
        self._slider.valueChanged.connect(self._slide)
        self._balance = QWidget()
        slide = QHBoxLayout(self._balance)
        slide.setContentsMargins(0, 0, 0, 0)
        for widget in (QLabel("Words"), self._slider, QLabel("Meaning")):
            slide.addWidget(widget)
            if isinstance(widget, QLabel):
                set_role(widget, "small")
        self._rerank = QCheckBox("Rerank")
        self._rerank.setToolTip("Let a slower model read the best results again and reorder them")
        self._rerank.toggled.connect(self._rerank_toggled)
        self._advice = ElidedLabel()
        set_role(self._advice, "small")
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        for part in (group, self._balance, self._rerank):
            row.addWidget(part)
        row.addWidget(self._advice, 1)
        row.addWidget(self.filters)
        return row

    def _enter(self) -> None:
        self._typing.stop()
        self.entered.emit()

    def _mode_chosen(self) -> None:
        self._show_balance()
        self.options_changed.emit()

    def _slide(self) -> None:
        self._show_balance()
        self._sliding.start()

    def _rerank_toggled(self, on: bool) -> None:
        self._advice.setText("")
        self.options_changed.emit()
        if on:
            self.rerank_turned_on.emit()

    def _show_balance(self) -> None:
        self._balance.setVisible(self.mode == "hybrid")
        share = round(self.balance * 100)
        self._slider.setToolTip(f"{100 - share} % words, {share} % meaning")
