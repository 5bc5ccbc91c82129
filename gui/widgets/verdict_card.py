"""What the gate found about a tuned model: better by how much, how sure, and what follows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.records import GateReport, ModelKind
from gui.theme import Space, colors, set_role
from gui.widgets.gain_words import signed
from gui.widgets.gate_checks import GateChecks
from gui.widgets.icon_label import IconLabel
from gui.widgets.wrapped_label import wrapped_label


class VerdictCard(QFrame):
    """The gate's verdict; hidden until there is one."""

    asked_for_models = Signal()
    """The user wants to see the models."""
    asked_to_use = Signal()
    """The user wants to put the model to work."""
    dismissed = Signal()
    """The user does not want it now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("check", "good", 24)
        self._title = wrapped_label("title")
        self._figures = wrapped_label("heading")
        self._sureness = wrapped_label("muted")
        self._reason = wrapped_label()
        self._interval = _Interval()
        self.checks = GateChecks()
        self._notes = wrapped_label("small")
        self.buttons = QHBoxLayout()
        """Room for what can be done about it."""
        self.buttons.setSpacing(Space.S)
        self.buttons.setContentsMargins(0, Space.S, 0, 0)
        self._to_models = QPushButton("Show in Models")
        self._to_models.clicked.connect(self.asked_for_models)
        self.use_button = QPushButton("Use it")
        set_role(self.use_button, "primary")
        self.use_button.clicked.connect(self.asked_to_use)
        self.not_now_button = QPushButton("Not now")
        self.not_now_button.clicked.connect(self.dismissed)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._reason)
        words.addSpacing(Space.XS)
        words.addWidget(self._figures)
        words.addWidget(self._interval)
        words.addWidget(self._sureness)
        words.addWidget(self.checks)
        words.addWidget(self._notes)
        words.addLayout(self.buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self._to_models, self.not_now_button, self.use_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_verdict(
        self,
        model: str,
        gate: GateReport,
        *,
        in_use: bool,
        kind: ModelKind = "text",
        notes: str = "",
        overruled: str = "",
    ) -> None:
        """Show the verdict on a model, by its name; `notes` are its maker's.

        `overruled` is why the user put it to work in spite of the gate.

        A model for pictures is not put to work by itself: that is offered here.
        """
        tone = "good" if gate.accepted else "warning"
        set_role(self, tone)
        self._icon.show_icon("check" if gate.accepted else "warning", tone)
        if gate.accepted:
            found = "is better, and is in use now" if in_use else "is better than its base"
        elif overruled:
            found = "was refused, and is in use as you wanted" if in_use else "was refused"
            notes = f"You set the verdict aside: {overruled}"
        else:
            found = "was refused; the model in use stays"
        self._title.setText(f"“{model}” {found}")
        self._reason.setText(gate.reason)
        self._figures.setText(figures_in_words(gate))
        self._sureness.setText(sureness_in_words(gate, kind))
        self.checks.show_checks(gate.checks)
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        offered = kind == "image" and gate.accepted and not in_use
        self._to_models.setVisible(kind == "text")
        self.use_button.setVisible(offered)
        self.not_now_button.setVisible(offered)
        self._interval.show_interval(gate, kind)
        self.show()

    @property
    def words(self) -> str:
        """What it says; empty while it is hidden."""
        labels = (self._title, self._reason, self._figures, self._sureness, self._notes)
        said = (label.text() for label in labels if label.text())
        return "" if self.isHidden() else "\n".join((*said, self.checks.words)).strip()


def figures_in_words(gate: GateReport) -> str:
    """Before and after: `nDCG@10 0.652 → 0.701 (+0.049)`."""
    difference = gate.after - gate.before
    return f"{gate.measure} {gate.before:.3f} → {gate.after:.3f} ({signed(difference)})"


def sureness_in_words(gate: GateReport, kind: ModelKind = "text") -> str:
    """How sure the difference is."""
    held_out = "queries" if kind == "text" else "pictures"
    low, high = gate.ci
    p = "p < 0.001" if gate.p < 0.001 else f"p = {gate.p:.3f}"
    return (
        f"95 % confidence interval of the difference {signed(low)} to {signed(high)}, {p}, "
        f"on {gate.n_queries} held-out {held_out}"
    )


class _Interval(QWidget):
    """The confidence interval of the difference, against no difference at all."""

    def __init__(self) -> None:
        super().__init__()
        self._gate: GateReport | None = None
        self.setFixedHeight(22)
        self.setMaximumWidth(420)

    def show_interval(self, gate: GateReport, kind: ModelKind) -> None:
        self._gate = gate
        self.setToolTip("The bar is the confidence interval; the upright line is no difference.")
        self.setAccessibleName(sureness_in_words(gate, kind))
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._gate is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now, (low, high) = colors(), self._gate.ci
        reach = max(abs(low), abs(high), 1e-6) * 1.15
        middle, half = self.height() / 2, self.width() / 2

        def at(difference: float) -> float:
            return half + difference / reach * (half - 6)

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.border))
        painter.drawRoundedRect(QRectF(0, middle - 1, self.width(), 2), 1, 1)
        tone = QColor(now.good if self._gate.accepted else now.warning)
        bar = QColor(tone)
        bar.setAlphaF(0.45)
        painter.setBrush(bar)
        painter.drawRoundedRect(QRectF(at(low), middle - 4, at(high) - at(low), 8), 4, 4)
        painter.setBrush(tone)
        mean = at(self._gate.after - self._gate.before)
        painter.drawEllipse(QRectF(mean - 6, middle - 6, 12, 12))
        painter.setBrush(QColor(now.text))
        painter.drawRect(QRectF(half - 0.75, 1, 1.5, self.height() - 2))
