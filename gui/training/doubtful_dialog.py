"""Decides, one after another, whether doubtful passages answer their queries."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.training_records import DoubtfulNegative
from engine.training_requests import ListDoubtful, ReviewNegative
from gui.background import Engine
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.notice import Notice
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import count, inside

_SIZE = (900, 560)
_AT_ONCE = 500


class DoubtfulDialog(QDialog):
    """The passage that is known to answer beside the one in doubt; 1, 2 and 0 decide."""

    closed = Signal()
    """Something may have been decided."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Doubtful passages")
        self.resize(*_SIZE)
        self.finished.connect(self.closed)
        self.finished.connect(self.deleteLater)
        self._engine = engine
        self._doubtful: tuple[DoubtfulNegative, ...] = ()
        self._at = 0
        self._loaded = False
        self.notice = Notice()
        self._question = wrapped_label("title")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._place = QLabel()
        set_role(self._place, "small")
        self._known = _Side("Answers it, as you said")
        self._other = _Side("Does this answer it too?")
        self.answers_button = QPushButton("1  It answers")
        self.answers_button.setToolTip("It is never taught as wrong (1)")
        self.not_button = QPushButton("2  It does not")
        self.not_button.setToolTip("It is taught as a hard negative (2)")
        self.undo_button = QPushButton("0  Undo")
        self.undo_button.setToolTip("Back to the one before (0 or Backspace)")
        self.close_button = QPushButton("Close")
        self._build()
        self._show()

    @property
    def current(self) -> DoubtfulNegative | None:
        """The one at hand; None where all are decided."""
        return self._doubtful[self._at] if self._at < len(self._doubtful) else None

    @property
    def words(self) -> str:
        """What it says."""
        sides = (self._known.words, self._other.words) if self.current is not None else ()
        return "\n".join((self._question.text(), self._place.text(), *sides))

    def load(self) -> None:
        """Ask which there are."""

        def show(doubtful: tuple[DoubtfulNegative, ...]) -> None:
            self._doubtful, self._at, self._loaded = doubtful, 0, True
            self._show()

        def fail(error: EngineError) -> None:
            self._progress.hide()
            self.notice.say_failure(error)

        self._engine.ask(ListDoubtful(_AT_ONCE), show, fail, owner=self)

    def decide(self, answers: bool) -> None:
        """Say whether it answers, and go on to the next."""
        if (doubtful := self.current) is not None:
            self._at += 1
            self._send(doubtful, answers)

    def take_back(self) -> None:
        """Go back to the one before, which is undecided again."""
        if self._at:
            self._at -= 1
            self._send(self._doubtful[self._at], None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that decide."""
        match event.key():
            case Qt.Key.Key_1:
                self.decide(True)
            case Qt.Key.Key_2:
                self.decide(False)
            case Qt.Key.Key_0 | Qt.Key.Key_Backspace:
                self.take_back()
            case _:
                super().keyPressEvent(event)

    def _send(self, doubtful: DoubtfulNegative, answers: bool | None) -> None:
        at = self._doubtful.index(doubtful)

        def fail(error: EngineError) -> None:
            self._at = min(self._at, at)  # it is not decided: it is asked about again
            self._show()
            self.notice.say_failure(error)

        self.notice.hide()
        self._show()
        request = ReviewNegative(doubtful.id, answers)
        self._engine.ask(request, lambda _: None, fail, owner=self)

    def _show(self) -> None:
        doubtful, n = self.current, len(self._doubtful)
        for part in (self._known, self._other, self.answers_button, self.not_button):
            part.setVisible(doubtful is not None)
        self.undo_button.setVisible(n > 0)
        self.undo_button.setEnabled(self._at > 0)
        self._progress.setVisible(n > 0 or not self._loaded)
        self._progress.setRange(0, n)  # 0 of 0 is busy
        self._progress.setValue(self._at)
        self._done.setVisible(doubtful is None and self._loaded)
        if doubtful is None:
            self._question.setText("" if not self._loaded else "Nothing is in doubt any more")
            decided = f"You decided {count(n)}." if n else "All were decided before."
            self._place.setText("" if not self._loaded else decided)
            self.close_button.setFocus()
            return
        self.setFocus()
        self._question.setText(f"“{doubtful.query}”")
        self._place.setText(f"{count(self._at + 1)} of {count(n)}")
        self._known.show_passage("", "", doubtful.positive)
        self._other.show_passage(doubtful.title, inside(doubtful.document), doubtful.text)

    def _build(self) -> None:
        self._done = wrapped_label("muted")
        self._done.setText(
            "What does not answer is taught as a hard negative from the next tuning on."
        )
        self.answers_button.clicked.connect(lambda: self.decide(True))
        self.not_button.clicked.connect(lambda: self.decide(False))
        self.undo_button.clicked.connect(self.take_back)
        self.close_button.clicked.connect(self.accept)
        for button in (
            self.answers_button,
            self.not_button,
            self.undo_button,
            self.close_button,
        ):
            button.setAutoDefault(False)
        sides = QHBoxLayout()
        sides.setSpacing(Space.M)
        sides.addWidget(self._known, 1)
        sides.addWidget(self._other, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.answers_button)
        buttons.addWidget(self.not_button)
        buttons.addWidget(self.undo_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self._question)
        column.addWidget(self._progress)
        column.addWidget(self._place)
        column.addWidget(self._done)
        column.addWidget(self.notice)
        column.addLayout(sides, 1)
        column.addLayout(buttons)


class _Side(QFrame):
    """A passage with a heading, scrolled where it is long."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        set_role(self, "card")
        above = QLabel(heading)
        set_role(above, "muted")
        self._title, self._place = ElidedLabel(), ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        set_role(self._title, "heading")
        set_role(self._place, "small")
        self._text = wrapped_label()
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._text)
        for ground in (self._text, area.viewport()):
            ground.setAutoFillBackground(False)  # the card's shows
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        column.setSpacing(Space.XS)
        for part in (above, self._title, self._place):
            column.addWidget(part)
        column.addWidget(area, 1)

    @property
    def words(self) -> str:
        """Title, place and text."""
        return "\n".join(label.text() for label in (self._title, self._place, self._text))

    def show_passage(self, title: str, place: str, text: str) -> None:
        """Show a passage."""
        for label, words in ((self._title, title), (self._place, place)):
            label.setText(words)
            label.setVisible(bool(words))
        self._text.setText(text.strip())
