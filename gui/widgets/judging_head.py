"""What is judged against: the query, large, and the set's guideline, which can be folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.text_direction import direction_of
from gui.theme import Space, set_role

_LONGEST = 400
"""Characters of a query that are shown; all of it is in the tooltip."""
_LARGE, _MEDIUM = 70, 160
"""Characters of a query up to which it is shown in that size."""
_GUIDELINE_HEIGHT = 140


class JudgingHead(QWidget):
    """Shows a query above what it was asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query = QLabel()
        self._query.setTextFormat(Qt.TextFormat.PlainText)
        self._query.setWordWrap(True)
        self._query.setAccessibleName("The query")
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self.guideline = QScrollArea()
        self.guideline.setFrameShape(QFrame.Shape.NoFrame)
        self.guideline.setWidgetResizable(True)
        self.guideline.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.guideline.setWidget(self._words)
        self.guideline.setAccessibleName("The guideline")
        frame = QFrame()
        set_role(frame, "notice")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.guideline)
        self._frame = frame
        frame.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._query)
        column.addWidget(frame)

    @property
    def query(self) -> str:
        """The query that is shown."""
        return self._query.text()

    def show_query(self, query: str) -> None:
        """Show a query, the larger the shorter it is."""
        shown = query if len(query) <= _LONGEST else query[:_LONGEST].rstrip() + " …"
        if shown == self._query.text():
            return
        n = len(query)
        size = "display" if n <= _LARGE else "title" if n <= _MEDIUM else "heading"
        if self._query.property("role") != size:
            set_role(self._query, size)
        self._query.setLayoutDirection(direction_of(query))
        self._query.setText(shown)
        self._query.setToolTip(query if shown != query else "")

    def show_guideline(self, guideline: str) -> None:
        """Take a set's guideline; it is seen once it is unfolded."""
        words = (
            guideline
            or "This set has no guideline. Write one on its page: what does each grade mean?"
        )
        self._words.setText(words)
        self._words.setLayoutDirection(direction_of(words))

    def fold(self, folded: bool) -> None:
        """Hide the guideline, or show it."""
        self._frame.setVisible(not folded)
        self._fit()

    @property
    def folded(self) -> bool:
        """Whether the guideline is hidden."""
        return self._frame.isHidden()

    def resizeEvent(self, event: object) -> None:
        """Give the guideline the height that it needs, within limits."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        needed = self._words.heightForWidth(max(1, self.width()))
        least = self._words.fontMetrics().height() + 2 * Space.S
        self._frame.setFixedHeight(min(max(needed, least), _GUIDELINE_HEIGHT))
