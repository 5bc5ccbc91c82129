"""How far a set is judged, at a glance."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.evaluation_records import JUDGMENTS, SetOverview
from gui.theme import Space, set_role
from gui.widgets.stacked_bar import Share, StackedBar
from gui.widgets.stat import Stat
from gui.wording import count, date

_STATS_ABREAST = 3
OWN_JUDGMENTS = "My judgments"
"""What the set of the user's own judgments of searches is called."""


def set_in_words(name: str) -> str:
    """A set's name as it is shown."""
    return OWN_JUDGMENTS if name == JUDGMENTS else name


def version_in_words(overview: SetOverview) -> str:
    """Which version there is: `Version 2 (14 Mar), changed since`."""
    if not overview.versions:
        return "No version frozen yet"
    newest = overview.versions[-1]
    words = f"Version {newest.number} ({date(newest.frozen_at)})"
    return f"{words}, changed since" if overview.changed else words


def counts_in_words(overview: SetOverview) -> str:
    """How much there is: `50 queries · 420 of 500 pairs judged · Version 1 (Today)`."""
    judged = sum(overview.grades.values())
    pairs = f"{count(judged)} of {count(judged + overview.n_holes, 'pair')} judged"
    queries = count(len(overview.queries), "query", "queries")
    return f"{queries} · {pairs} · {version_in_words(overview)}"


def shares(overview: SetOverview) -> tuple[Share, ...]:
    """The grades from the highest down, then what is not judged."""
    grades = [
        Share(
            f"{grade} · {name}",
            overview.grades.get(grade, 0),
            count(overview.grades.get(grade, 0)),
            "Pairs with this grade in force",
        )
        for grade, name in enumerate(overview.scale)
    ]
    holes = Share(
        "Not judged",
        overview.n_holes,
        count(overview.n_holes),
        "Pooled pairs without a grade",
        missing=True,
    )
    return (*reversed(grades), holes)


class Coverage(QWidget):
    """Numbers, the grades as a bar, and what should be done next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stats = {
            "queries": Stat("queries"),
            "judged": Stat("pairs judged", "Pairs of query and document with a grade in force"),
            "holes": Stat("not judged", "Pooled pairs without a grade"),
            "without": Stat(
                "nothing relevant",
                "Judged queries for which nothing relevant was found: no system can do well "
                "on them",
            ),
            "raters": Stat("raters"),
        }
        numbers = QGridLayout()
        numbers.setHorizontalSpacing(Space.XL)
        numbers.setVerticalSpacing(Space.M)
        for place, stat in enumerate(self._stats.values()):
            numbers.addWidget(stat, place // _STATS_ABREAST, place % _STATS_ABREAST)
        self._bar = StackedBar()
        self._next = QLabel()
        self._next.setWordWrap(True)
        self._next.setTextFormat(Qt.TextFormat.PlainText)
        left = QVBoxLayout()
        left.addLayout(numbers)
        left.addStretch()
        row = QHBoxLayout()
        row.setSpacing(2 * Space.XL)
        row.addLayout(left)
        row.addWidget(self._bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(row)
        column.addWidget(self._next)

    def show_coverage(self, overview: SetOverview) -> None:
        """Show a set's coverage."""
        for name, number in (
            ("queries", len(overview.queries)),
            ("judged", sum(overview.grades.values())),
            ("holes", overview.n_holes),
            ("without", overview.n_without_relevant),
            ("raters", len(overview.raters)),
        ):
            self._stats[name].show_number(number)
        self._bar.show_shares(shares(overview))
        words, tone = next_step(overview)
        self._next.setText(words)
        set_role(self._next, tone)

    @property
    def words(self) -> str:
        """What should be done next."""
        return self._next.text()


def next_step(overview: SetOverview) -> tuple[str, str]:
    """What to do about a set, and the role of the label that says so."""
    if not overview.queries:
        return "Add queries to begin with: fifty or more that people really ask.", "muted"
    if not overview.grades and not overview.n_holes:
        return "Nothing is pooled yet: “Pool…” collects what is to be judged.", "muted"
    if overview.n_holes:
        return (
            f"{count(overview.n_holes, 'pair')} not judged: measures treat them as not relevant, "
            "and say how many they were.",
            "warning",
        )
    if overview.n_without_relevant:
        queries = count(overview.n_without_relevant, "query", "queries")
        return f"{queries} without a relevant document: pool deeper, or take them out.", "warning"
    if not any(query.n_pooled for query in overview.queries):
        return "The judgments came with the set; “Pool…” finds what they leave out.", "muted"
    return "Everything that was pooled is judged.", "good"
