"""Brings queries into a set: typed, pasted, of a file, or searched for before."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation_requests import AddQueries, ImportQueries, ListSearchHistory
from gui.background import Engine
from gui.icons import icon
from gui.widgets.card import explanation
from gui.widgets.form_dialog import FormDialog
from gui.widgets.switched_views import SwitchedViews
from gui.wording import count

_HEIGHT = 240
_ROW_HEIGHT = 28
_TYPED, _HISTORY = range(2)
_NEWEST = 200


class AddQueriesDialog(FormDialog):
    """Lines of text, or searches with a check box each."""

    given = Signal(object)
    """An AddQueries or an ImportQueries."""

    def __init__(
        self, engine: Engine, name: str, history: bool = False, parent: QWidget | None = None
    ) -> None:
        """`history` shows the searches at once."""
        super().__init__("Add queries", "Those that are there already are left out.", "Add", parent)
        self._engine, self._name = engine, name
        self.lines = QPlainTextEdit()
        self.lines.setPlaceholderText("One query a line")
        self.lines.setAccessibleName("Queries, one a line")
        self.lines.setTabChangesFocus(True)
        self.lines.textChanged.connect(self._count)
        self.file_button = QPushButton(icon("file-table"), "From a file…")
        self.file_button.setToolTip("CSV, TSV, JSONL, or text with a query a line")
        self.file_button.clicked.connect(self._choose_file)
        self.ways = SwitchedViews(
            (("Type or paste", self._build_typed()), ("From your searches", self._build_history()))
        )
        self.split = QLineEdit("test")
        self.put(self.ways, 1)
        self.add("S&plit", self.split, "Systems are measured on one split at a time")
        self.ways.chosen.connect(self._turn)
        self.split.textChanged.connect(self._count)
        self.accepted.connect(lambda: self.given.emit(self.request))
        if history:
            self.ways.choose(_HISTORY)
        (self.searches if history else self.lines).setFocus()
        self._count()

    @property
    def texts(self) -> tuple[str, ...]:
        """The queries that would be added."""
        if self.ways.current == _HISTORY:
            items = (self.searches.item(row) for row in range(self.searches.count()))
            return tuple(i.text() for i in items if i.checkState() == Qt.CheckState.Checked)
        lines = (line.strip() for line in self.lines.toPlainText().splitlines())
        return tuple(line for line in lines if line)

    @property
    def request(self) -> AddQueries:
        """What is asked of the engine."""
        origin = "history" if self.ways.current == _HISTORY else "typed"
        return AddQueries(self._name, self.texts, self.split.text().strip(), origin)  # type: ignore[arg-type]

    def import_file(self, path: str) -> None:
        """Take a file's queries instead."""
        self.given.emit(ImportQueries(self._name, path, self.split.text().strip() or "test"))
        self.reject()

    def _build_typed(self) -> QWidget:
        typed = QWidget()
        row = QHBoxLayout()
        row.addWidget(explanation("A query a line; Ctrl+Enter adds them."), 1)
        row.addWidget(self.file_button)
        column = QVBoxLayout(typed)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.lines)
        column.addLayout(row)
        self.lines.setFixedHeight(_HEIGHT)
        return typed

    def _build_history(self) -> QWidget:
        self.searches = QListWidget()
        self.searches.setAccessibleName("Your searches")
        self.searches.setFixedHeight(_HEIGHT)
        self.searches.itemChanged.connect(self._count)
        self.nothing = explanation(
            "No searches are remembered. Settings says whether they are kept."
        )
        self.nothing.hide()
        self.all = QCheckBox("&All of them")
        self.all.toggled.connect(self._check_all)
        self.n_sampled = QSpinBox()
        self.n_sampled.setRange(1, 1000)
        self.n_sampled.setValue(50)
        self.n_sampled.setAccessibleName("How many searches are drawn")
        self.draw = QPushButton("&Draw at random")
        self.draw.setToolTip("A random sample says more of how you search than what comes to mind")
        self.draw.clicked.connect(
            lambda: self._load(ListSearchHistory(self.n_sampled.value(), sample=True), True)
        )
        row = QHBoxLayout()
        row.addWidget(self.all)
        row.addStretch()
        row.addWidget(self.n_sampled)
        row.addWidget(self.draw)
        history = QWidget()
        column = QVBoxLayout(history)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.searches, self.nothing):
            column.addWidget(widget)
        column.addLayout(row)
        return history

    def _turn(self, way: int) -> None:
        if way == _HISTORY and not self.searches.count():
            self._load(ListSearchHistory(_NEWEST), False)
        self._count()

    def _load(self, request: ListSearchHistory, chosen: bool) -> None:
        def show(searches: tuple[str, ...]) -> None:
            self.nothing.setVisible(not searches)
            self.searches.clear()
            for text in searches:
                item = QListWidgetItem(text)
                item.setToolTip(text)
                item.setSizeHint(QSize(0, _ROW_HEIGHT))
                item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
                self.searches.addItem(item)
            self._count()

        self._engine.ask(request, show, owner=self)

    def _check_all(self, checked: bool) -> None:
        state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
        for row in range(self.searches.count()):
            self.searches.item(row).setCheckState(state)

    def _count(self) -> None:
        n = len(self.texts)
        self.do.setText(f"Add {count(n, 'query', 'queries')}" if n else "Add")
        self.do.setEnabled(bool(n and self.split.text().strip()))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Queries of a file")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilter("Queries (*.csv *.tsv *.jsonl *.txt);;All files (*)")
        dialog.fileSelected.connect(self.import_file)
        dialog.open()
