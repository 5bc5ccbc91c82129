"""One training pair in full: what is asked, what answers it, what does not, and why it counts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.recipe import JUDGED
from engine.training_records import Negative, TrainingPair
from gui.file_browser import is_file_path
from gui.icons import icon
from gui.theme import Space, set_role
from gui.training.pair_words import (
    origin_in_words,
    problem_in_words,
    source_in_words,
    weight_in_words,
)
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.pill import Pill
from gui.widgets.wrapped_label import wrapped_label
from gui.wording import count, date_time, inside

_NEGATIVES = 10
"""Shown at most."""
_LONGEST = 3000
"""Characters of a passage that are shown."""


class PairDetails(QFrame):
    """Shows the pair at hand; what is done with it concerns all that are selected."""

    toggled = Signal()
    """Exclude what is selected, or take it in again."""
    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._pair: TrainingPair | None = None
        self._pills = QHBoxLayout()
        self._pills.setSpacing(Space.XS)
        self._problem = wrapped_label("warning")
        self._query = wrapped_label("heading")
        self._facts = wrapped_label("small")
        self._title = wrapped_label()
        self._place = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        set_role(self._place, "small")
        self._positive = wrapped_label()
        self._no_negatives = wrapped_label("small")
        self._negatives = QVBoxLayout()
        self._negatives.setSpacing(Space.M)
        self.toggle_button = QPushButton()
        self.toggle_button.clicked.connect(self.toggled)
        self.open_button = QPushButton(icon("open-external"), " Open")
        self.open_button.clicked.connect(self.open_asked)
        self._build()
        self.show_pair(None, 0)

    def show_pair(self, pair: TrainingPair | None, n_selected: int) -> None:
        """Show a pair; the button speaks of all that are selected."""
        self.setEnabled(pair is not None)
        self._content.setVisible(pair is not None)
        self._nothing.setVisible(pair is None)
        if pair is None:
            self._pair = None
            return
        n = f" {count(n_selected)}" if n_selected > 1 else ""
        self.toggle_button.setText(f"Include{n}" if pair.excluded else f"Exclude{n}")
        self.toggle_button.setToolTip(
            "Let the model learn it again (Space)"
            if pair.excluded
            else "Do not let the model learn it; judgments and thumbs stay (Space)"
        )
        if pair == self._pair:
            return
        self._pair = pair
        self._show_head(pair)
        is_file = bool(pair.document) and is_file_path(pair.document)
        self._title.setText(pair.title)
        self._title.setVisible(bool(pair.title))
        place = pair.document if is_file or not pair.document else f"Document {pair.document}"
        self._place.setText(inside(place) or "Its document has left the library")
        self._positive.setText(_shortened(pair.positive) or "The whole document was judged.")
        self.open_button.setEnabled(is_file and pair.document_id is not None)
        self.open_button.setToolTip(
            "Open the file (Enter)" if is_file else "A document of a dataset has no file"
        )
        self._show_negatives(pair.negatives)
        self._area.verticalScrollBar().setValue(0)

    @property
    def words(self) -> str:
        """What it says of the pair."""
        labels = (self._problem, self._query, self._facts, self._title, self._place, self._positive)
        said = [label.text() for label in (*labels, self._no_negatives) if not label.isHidden()]
        for row in self._content.findChildren(_NegativeRow):
            said += [label.text() for label in row.findChildren(QLabel)]
        return "" if self._pair is None else "\n".join(said)

    def _show_head(self, pair: TrainingPair) -> None:
        _empty(self._pills)
        self._pills.addWidget(Pill(origin_in_words(pair.origin)))
        if word := problem_in_words(pair):
            self._pills.addWidget(Pill(word, "warning"))
        self._pills.addStretch()
        self._problem.setText(pair.problem)
        self._problem.setVisible(bool(pair.problem))
        self._query.setText(pair.query)
        weight = f"weight {weight_in_words(pair.weight)}"
        graded = pair.origin in JUDGED  # what was opened or made has a grade for the trainer alone
        facts = [f"Grade {pair.grade}", weight] if graded else [weight.capitalize()]
        if pair.at:
            facts.append(date_time(pair.at))
        self._facts.setText("  ·  ".join(facts))

    def _show_negatives(self, negatives: tuple[Negative, ...]) -> None:
        _empty(self._negatives)
        self._no_negatives.setVisible(not negatives)
        self._not_heading.setText(
            f"Does not answer it ({count(len(negatives))})" if negatives else "Does not answer it"
        )
        for negative in negatives[:_NEGATIVES]:
            self._negatives.addWidget(_NegativeRow(negative))
        if len(negatives) > _NEGATIVES:
            more = wrapped_label("small")
            more.setText(f"And {count(len(negatives) - _NEGATIVES)} more.")
            self._negatives.addWidget(more)

    def _build(self) -> None:
        self._not_heading = _heading("")
        self._no_negatives.setText(
            "Nothing yet: other pairs' passages stand in. Hard negatives, under More data, "
            "teach finer differences."
        )
        self._content = QWidget()
        inner = QVBoxLayout(self._content)
        inner.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        inner.setSpacing(Space.XS)
        inner.addLayout(self._pills)
        inner.addWidget(self._problem)
        for part in (
            self._query,
            self._facts,
            _heading("Answers it"),
            self._title,
            self._place,
            self._positive,
            self._not_heading,
            self._no_negatives,
        ):
            inner.addWidget(part)
        inner.addLayout(self._negatives)
        inner.addStretch()
        self._nothing = wrapped_label("muted")
        self._nothing.setText("Select a pair to see all of it.")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        holder = QWidget()
        both = QVBoxLayout(holder)
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self._content)
        both.addWidget(self._nothing)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(holder)
        for ground in (holder, self._area.viewport()):
            ground.setAutoFillBackground(False)  # the card's shows
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.toggle_button)
        buttons.addWidget(self.open_button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._area, 1)
        column.addLayout(buttons)


class _NegativeRow(QFrame):
    def __init__(self, negative: Negative) -> None:
        super().__init__()
        set_role(self, "sunken")
        source = wrapped_label("small")
        words = source_in_words(negative.source)
        source.setText(f"{words[0].upper()}{words[1:]}")
        title, text = wrapped_label(), wrapped_label("muted")
        title.setText(negative.title or inside(negative.document))
        title.setVisible(bool(title.text()))
        text.setText(_shortened(negative.text))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        column.setSpacing(2)
        for label in (source, title, text):
            column.addWidget(label)


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    set_role(label, "muted")
    label.setContentsMargins(0, Space.M, 0, 0)
    return label


def _shortened(text: str) -> str:
    """A passage as far as it is shown."""
    text = text.strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _empty(layout: QHBoxLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
