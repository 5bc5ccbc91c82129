"""How far a rater is, at what pace, and whether all of it is saved."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from engine.evaluation_records import JudgingProgress
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.wording import count, duration


class JudgingProgressLine(QWidget):
    """A bar, and a line of what was done and what is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Judged so far")
        self._who = ElidedLabel()
        self._words = QLabel()
        self._saved = QLabel()
        for label in (self._who, self._words, self._saved):
            set_role(label, "small")
        self._saved_role = "small"
        line = QHBoxLayout()
        line.setSpacing(Space.L)
        line.addWidget(self._who, 1)
        line.addWidget(self._words)
        line.addWidget(self._saved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(line)
        column.addWidget(self.bar)

    @property
    def words(self) -> str:
        """What it says of the progress."""
        return self._words.text()

    @property
    def saved_words(self) -> str:
        """What it says of saving."""
        return self._saved.text()

    def show_who(self, words: str) -> None:
        """Say who judges what."""
        self._who.setText(words)

    def show_progress(self, progress: JudgingProgress) -> None:
        """Show how far it is."""
        self.bar.setMaximum(max(1, progress.n_total))
        self.bar.setValue(progress.n_done)
        parts = [f"{count(progress.n_done)} of {count(progress.n_total)}"]
        if progress.seconds_each is not None:
            parts.append(f"{pace(progress.seconds_each)} each")
        if progress.seconds_left and progress.n_done < progress.n_total:
            parts.append(f"about {duration(progress.seconds_left)} left")
        if progress.n_flagged:
            parts.append(f"{count(progress.n_flagged)} flagged")
        if progress.n_skipped:
            parts.append(f"{count(progress.n_skipped)} skipped")
        self._words.setText("  ·  ".join(parts))

    def show_saved(self, n_waiting: int, n_refused: int) -> None:
        """Show whether all that was said is on the disk."""
        if n_refused:
            role, words = "danger", f"{count(n_refused)} not saved"
        elif n_waiting:
            role, words = "small", "Saving…"
        else:
            role, words = "small", "All saved"
        if role != self._saved_role:
            self._saved_role = role
            set_role(self._saved, role)
        self._saved.setText(words)


def pace(seconds: float) -> str:
    """Time for one judgment: `7 s`, `0.8 s`."""
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)
