"""One evaluation set: how it stands, what can be done with it, and views of what is in it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.evaluation_records import JUDGMENTS, SetOverview
from gui.background import Engine
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.evalset_agreement import AgreementPanel
from gui.widgets.evalset_compare import ComparePanel
from gui.widgets.evalset_coverage import Coverage, set_in_words, version_in_words
from gui.widgets.evalset_queries import QueriesPanel
from gui.widgets.evalset_thumbs import ThumbsPanel
from gui.widgets.switched_views import SwitchedViews

QUERIES, COMPARE, AGREEMENT, THUMBS = range(4)


class SetView(QWidget):
    """A heading with the ways on, the coverage, and the queries, comparisons and raters."""

    left = Signal()
    """Back to all sets."""
    judge_asked = Signal()
    pool_asked = Signal()
    freeze_asked = Signal()
    edit_asked = Signal()
    raters_asked = Signal()
    export_asked = Signal()
    merge_asked = Signal()
    run_import_asked = Signal()
    run_export_asked = Signal()
    remove_asked = Signal()

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overview: SetOverview | None = None
        self.queries = QueriesPanel()
        self.compare = ComparePanel(engine)
        self.agreement = AgreementPanel(engine)
        self.thumbs = ThumbsPanel(engine)
        self.coverage = Coverage()
        self.guideline = QLabel()
        self.guideline.setWordWrap(True)
        self.guideline.setTextFormat(Qt.TextFormat.PlainText)
        self.guideline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self.guideline, "muted")
        card = Card()
        card.body.addWidget(self.coverage)
        card.body.addWidget(self.guideline)
        self.views = SwitchedViews(
            (
                ("Queries", self.queries),
                ("Compare", self.compare),
                ("Agreement", self.agreement),
                ("Thumbs", self.thumbs),
            )
        )
        self.views.chosen.connect(self._load_view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._build_top())
        column.addWidget(card)
        column.addWidget(self.views)

    @property
    def next_step(self) -> QWidget:
        """What the keyboard is for first: what the set lacks, or what is to be seen of it."""
        overview = self.overview
        if self.views.current == COMPARE and self.compare.compare_button.isEnabled():
            return self.compare.compare_button
        if overview is None or self.views.current not in (QUERIES, COMPARE):
            return self.views.button
        if not overview.queries:
            return self.queries.first_button
        if overview.n_holes:
            return self.judge_button
        return self.judge_button if overview.grades else self.pool_button

    def show_set(self, overview: SetOverview) -> None:
        """Show a set as it stands now."""
        self.overview = overview
        self._name.setText(set_in_words(overview.name))
        self._version.setText(version_in_words(overview))
        self._version.setToolTip(_versions(overview))
        self.guideline.setText(overview.guideline)
        self.guideline.setVisible(bool(overview.guideline))
        self.coverage.show_coverage(overview)
        self.queries.show_queries(overview)
        judgeable = overview.n_holes or overview.grades
        self.judge_button.setEnabled(bool(judgeable))
        self.judge_button.setToolTip(
            "Judge what was pooled" if judgeable else "Pool first: there is nothing to judge yet"
        )
        for button in (self.pool_button, self.freeze_button):
            button.setEnabled(bool(overview.queries))
        self.freeze_button.setToolTip(
            "Make a version that never changes, so that measures can be compared"
            if overview.changed or not overview.versions
            else "Nothing has changed since the newest version"
        )
        self._remove.setEnabled(overview.name != JUDGMENTS)
        self._load_view(self.views.current)

    def _load_view(self, view: int) -> None:
        if self.overview is None:
            return
        if view == COMPARE:
            self.compare.show_set(self.overview)
        elif view == AGREEMENT:
            self.agreement.show_set(self.overview)
        elif view == THUMBS:
            self.thumbs.show_set(self.overview)

    def _build_top(self) -> QVBoxLayout:
        back = QPushButton(icon("chevron-left"), "All sets")
        set_role(back, "link")
        back.clicked.connect(self.left)
        back.setShortcut("Alt+Left")
        back.setToolTip("Back to all sets (Alt+Left)")
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        set_role(self._name, "title")
        self._version = QLabel()
        set_role(self._version, "small")
        self.judge_button = QPushButton("Judge…")
        set_role(self.judge_button, "primary")
        self.pool_button = QPushButton("Pool…")
        self.pool_button.setToolTip("Collect what is to be judged from what systems find")
        self.freeze_button = QPushButton("Freeze…")
        self.more = QPushButton("More ▾")
        self.more.setAccessibleName("More for this set")
        self.more.setMenu(self._build_menu())
        for button, signal in (
            (self.judge_button, self.judge_asked),
            (self.pool_button, self.pool_asked),
            (self.freeze_button, self.freeze_asked),
        ):
            button.clicked.connect(signal)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._version)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addLayout(words, 1)
        for button in (self.judge_button, self.pool_button, self.freeze_button, self.more):
            row.addWidget(button)
        top = QVBoxLayout()
        top.setSpacing(Space.XS)
        top.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        top.addLayout(row)
        return top

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)

        def add(words: str, tooltip: str, do: Callable[[], None]) -> None:
            action = menu.addAction(words)
            action.setToolTip(tooltip)
            action.triggered.connect(lambda: do())

        add("&Edit the guideline…", "Its name, guideline and grades", self.edit_asked.emit)
        add("&Assign raters…", "Share the queries among raters", self.raters_asked.emit)
        add("E&xport…", "Write it to files", self.export_asked.emit)
        add("&Merge…", "Take in what others judged elsewhere", self.merge_asked.emit)
        menu.addSeparator()
        add(
            "&Import a run…",
            "What another system finds, as a TREC run, to be pooled from and compared",
            self.run_import_asked.emit,
        )
        add("Ex&port a run…", "What a system finds, as a TREC run", self.run_export_asked.emit)
        menu.addSeparator()
        add("&Remove…", "Delete the set with its judgments", self.remove_asked.emit)
        self._remove = menu.actions()[-1]
        return menu


def _versions(overview: SetOverview) -> str:
    lines = [
        f"Version {v.number}: {v.n_queries:,} queries, {v.n_judgments:,} judgments"
        f"{f', {v.note}' if v.note else ''}\nsha256 {v.sha256[:16]}…"
        for v in reversed(overview.versions)
    ]
    return "\n".join(lines)
