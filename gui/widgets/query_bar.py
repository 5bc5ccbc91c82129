"""The query, words and a picture, and how it is searched: kind, mode, balance, reranking."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.records import Kind, Mode
from engine.settings import Settings
from gui.icons import icon
from gui.picture_query import PictureQuery
from gui.theme import Space, set_role
from gui.widgets.balance_slider import BalanceSlider
from gui.widgets.condition_completer import ConditionCompleter
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.picture_chip import PictureChip
from gui.widgets.segments import Segments

KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("both", "All", "Documents and pictures (Alt+4)"),
    ("text", "Texts", "All but pictures (Alt+5)"),
    ("image", "Pictures", "Pictures alone: by what they show and what is written on them (Alt+6)"),
)
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("hybrid", "Hybrid", "By words and by meaning together (Alt+1)"),
    ("lexical", "Keywords", "By the words themselves (Alt+2)"),
    ("dense", "Meaning", "By what is meant, in whatever words (Alt+3)"),
)
_TYPING_MS = 80
_ABOUT_FIELD = (
    "What to look for. A minus before a word leaves it out: lake -winter. Conditions may stand"
    " along: type:pdf, after:2024; F1 lists them. A picture can be dropped or pasted here."
)
_NO_PICTURES = "There are no pictures in the library"
_BY_LOOK = "A picture is looked for by its look, and with words by all that is known of pictures"


class QueryBar(QWidget):
    """What is typed and chosen; says when there is something to search for."""

    typed = Signal()
    """The query changed, and typing has paused for a moment."""
    entered = Signal()
    """The query is finished."""
    options_changed = Signal()
    """Kind, mode, a balance or reranking was changed by the user."""
    picture_changed = Signal()
    """The user took the picture away, or another is asked with."""
    choice_asked = Signal()
    """The user wants to choose a picture file."""
    grid_toggled = Signal(bool)
    """Pictures are to be shown in a grid, or in a list."""
    rerank_turned_on = Signal()
    down = Signal()
    """The user wants to go into the results."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self.typed)
        self._aside = ""
        self._has_pictures = False
        self.field = self._build_field()
        self.chip = PictureChip()
        self.chip.unwanted.connect(self.take_picture_away)
        self.choose = self._build_choice()
        self.filters = QPushButton(icon("filter"), " Filters")
        self.filters.setCheckable(True)
        self.filters.setToolTip("Search only some folders, types or times (Ctrl+Shift+F)")
        set_role(self.filters, "quiet")
        self.grid = QToolButton()
        self.grid.setIcon(icon("grid"))
        self.grid.setCheckable(True)
        self.grid.setToolTip("Pictures side by side, or in a list (Ctrl+G)")
        self.grid.setAccessibleName("Show pictures in a grid")
        self.grid.toggled.connect(self.grid_toggled)
        self._kind: Kind = "both"
        self._kinds = Segments([(name, tip) for _, name, tip in KINDS], "Search for")
        self._kinds.chosen.connect(lambda number: self.choose_kind(KINDS[number][0]))
        options = self._build_options()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        asked = QHBoxLayout()
        asked.setSpacing(Space.S)
        asked.addWidget(self.chip)
        asked.addWidget(self.field, 1)
        asked.addWidget(self.choose)
        asked.addWidget(self._kinds)
        column.addLayout(asked)
        column.addLayout(options)
        self._show_options()

    @property
    def query(self) -> str:
        """What is searched for, without blanks around it."""
        return self.field.text().strip()

    @property
    def picture(self) -> PictureQuery | None:
        """What the results are to look like, if that is asked."""
        return self.chip.picture

    @property
    def kind(self) -> Kind:
        """What is searched for."""
        if self.picture is not None:
            return "image"
        return self._kind if self._has_pictures else "both"

    @property
    def chosen_kind(self) -> Kind:
        """What the switch stands at, whether there are pictures or not."""
        return self._kind

    @property
    def mode(self) -> Mode:
        """How it is searched; beside a picture by all ways."""
        return "hybrid" if self.picture is not None else MODES[self._modes.number][0]

    @property
    def balance(self) -> float:
        """Share of meaning in hybrid search, 0 to 1."""
        return self._balance.share

    @property
    def weight(self) -> float:
        """Share of the words beside a picture, 0 to 1."""
        return self._weight.share

    @property
    def rerank(self) -> bool:
        """Whether the best results are put in order by the reranker, which reads texts only."""
        return self._rerank.isChecked() and self.kind != "image"

    def show_settings(self, settings: Settings) -> None:
        """Begin with what the settings say."""
        self._modes.show_chosen([mode for mode, _, _ in MODES].index(settings.mode))
        self._balance.show_share(settings.balance)
        with QSignalBlocker(self._rerank):
            self._rerank.setChecked(settings.rerank)
        self._show_options()

    def show_pictures(self, n_pictures: int) -> None:
        """Offer to search pictures where the library has any."""
        self._has_pictures = n_pictures > 0
        self._show_options()

    def choose_mode(self, mode: Mode) -> None:
        """Search another way."""
        number = [name for name, _, _ in MODES].index(mode)
        if self.picture is None and self._modes.number != number:
            self._modes.show_chosen(number)
            self._change()

    def choose_kind(self, kind: Kind) -> None:
        """Search for something else."""
        if self.picture is None and self._kind != kind:
            self._kind = kind
            self._change()

    def ask_with(self, picture: PictureQuery, *, alone: bool = False) -> None:
        """Search with a picture; `alone` puts the words aside until the picture is taken away."""
        if self.picture is None:
            self._aside = ""
            self._weight.show_share(0.5)
        if alone and self.query:
            self._aside = self._aside or self.query
            self._show_words("")
        self._show_picture(picture)

    def take_picture_away(self) -> None:
        """Search with the words alone: those put aside, where there are no others."""
        if self.picture is None:
            return
        if not self.query:
            self._show_words(self._aside)
        self._aside = ""
        self._show_picture(None)
        self.field.setFocus()

    def ask(self, query: str) -> None:
        """Put a query into the field, as if it had been typed and entered."""
        self.field.setText(query)
        self._enter()

    def advise(self, words: str) -> None:
        """Say whether reranking helps; empty says nothing."""
        self._advice.setText(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads into the results; Escape empties the field, then takes the picture away."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
                self.down.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
            leaves = event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace)
            if leaves and not self.field.text() and self.picture is not None:
                self.take_picture_away()
                return True
        return super().eventFilter(watched, event)

    def _build_field(self) -> QLineEdit:
        field = QLineEdit()
        set_role(field, "query")
        field.setPlaceholderText("Search your library")
        field.setAccessibleName("Search query")
        field.setToolTip(_ABOUT_FIELD)
        field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        clear = QAction(icon("cancel"), "Clear (Esc)", field)
        clear.triggered.connect(field.clear)
        field.addAction(clear, QLineEdit.ActionPosition.TrailingPosition)
        clear.setVisible(False)
        field.textChanged.connect(lambda text: clear.setVisible(bool(text)))
        field.textChanged.connect(lambda _: self._type())
        field.returnPressed.connect(self._enter)
        field.installEventFilter(self)
        self.conditions = ConditionCompleter(field)
        return field

    def _build_choice(self) -> QToolButton:
        choose = QToolButton()
        choose.setIcon(icon("file-image"))
        choose.setIconSize(QSize(20, 20))
        choose.setAccessibleName("Search with a picture")
        choose.clicked.connect(self.choice_asked)
        return choose

    def _build_options(self) -> QHBoxLayout:
        self._modes = Segments([(name, tip) for _, name, tip in MODES], "Search by")
        self._modes.chosen.connect(lambda _: self._change())
        self._balance = BalanceSlider("Words", "Meaning")
        self._weight = BalanceSlider("Picture", "Words")
        for slider in (self._balance, self._weight):
            slider.changed.connect(self.options_changed)
        self._rerank = QCheckBox("Rerank")
        self._rerank.toggled.connect(self._rerank_toggled)
        self._advice = ElidedLabel()
        set_role(self._advice, "small")
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        for part in (self._modes, self._balance, self._weight, self._rerank):
            row.addWidget(part)
        row.addWidget(self._advice, 1)
        row.addWidget(self.grid)
        row.addWidget(self.filters)
        return row

    def _type(self) -> None:
        self._show_options()
        self._typing.start()

    def _enter(self) -> None:
        self._typing.stop()
        self.entered.emit()

    def _change(self) -> None:
        self._show_options()
        self.options_changed.emit()

    def _rerank_toggled(self, on: bool) -> None:
        self._advice.setText("")
        self.options_changed.emit()
        if on:
            self.rerank_turned_on.emit()

    def _show_words(self, words: str) -> None:
        """Put words into the field; nothing is asked yet."""
        self.field.setText(words)
        self._typing.stop()

    def _show_picture(self, picture: PictureQuery | None) -> None:
        self.chip.show_picture(picture)
        self._show_options()
        self.picture_changed.emit()

    def _show_options(self) -> None:
        """Offer what can be chosen just now, and say why the rest cannot."""
        by_look = self.picture is not None
        shown: Kind = "image" if by_look else self._kind if self._has_pictures else "both"
        self._kinds.show_chosen([kind for kind, _, _ in KINDS].index(shown))
        nothing = "" if self._has_pictures else _NO_PICTURES
        self._kinds.offer("A picture finds pictures" if by_look else nothing)
        self._modes.offer(_BY_LOOK if by_look else "")
        self._balance.setVisible(not by_look and self.mode == "hybrid")
        self._weight.setVisible(by_look and bool(self.query))
        self.grid.setVisible(shown == "image")
        self._rerank.setEnabled(shown != "image")
        self._rerank.setToolTip(
            "Let a slower model read the best results again and reorder them"
            if shown != "image"
            else "The reranker reads texts, and only pictures are searched for"
        )
        self.choose.setEnabled(self._has_pictures)
        self.choose.setToolTip(nothing or "Search with a picture… (Ctrl+Shift+P)")
        self.field.setPlaceholderText(
            "Add words, as “but in red”" if by_look else "Search your library"
        )
