"""The result at hand: what it is, the passage where it stands, why it was found, its labels."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.records import INSIDE, Document, Mode, Passage, SearchResult
from engine.requests import GetDocument
from gui.background import Engine, Pending
from gui.file_browser import is_file_path
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.describe_panel import DescribePanel
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.grade_bar import GradeBar
from gui.widgets.picture_bar import PictureBar
from gui.widgets.picture_row import LEAST_TEXT, shown_passages
from gui.widgets.preview_body import PreviewBody
from gui.widgets.set_chooser import SetChooser
from gui.widgets.why_panel import WhyPanel
from gui.wording import count, date_time, file_name, inside, language_name, size

_KEPT = 8
"""Documents whose text is remembered."""
_SETTLE_MS = 60
"""Waited before anything is fetched: who runs through the list with the arrow keys needs none."""


class Preview(QFrame):
    """Shows one result; its buttons ask the page, which knows the query."""

    open_asked = Signal()
    folder_asked = Signal()
    more_asked = Signal()
    """More pictures like this one."""
    condition_asked = Signal(str)
    """A condition to add to the query."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._result: SearchResult | None = None
        self._number = 0
        self._pending: Pending | None = None
        self._documents: OrderedDict[int, Document] = OrderedDict()
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._fetch)
        set_role(self, "surface")
        self.grade_bar = GradeBar()
        self.sets = SetChooser()
        self.body = PreviewBody(engine)
        self.picture = PictureBar()
        self.picture.condition_asked.connect(self.condition_asked)
        self.describe = DescribePanel()
        self.why = WhyPanel()
        self.why.hide()
        self._build()

    @property
    def passage(self) -> Passage | None:
        """The passage that is shown."""
        return self._passages[self._number] if self._passages else None

    @property
    def _passages(self) -> tuple[Passage, ...]:
        return shown_passages(self._result) if self._result is not None else ()

    @property
    def about(self) -> str:
        """What is said of the document."""
        return self._about.text()

    def show_result(self, result: SearchResult | None, mode: Mode) -> None:
        """Show a result; the same document keeps its place in the text."""
        before = self._result
        self._result = result
        self.setEnabled(result is not None)
        self.describe.show_result(result)
        if result is None:
            return
        self._show_head(result)
        self.picture.show_picture(result.picture)
        self._more.setVisible(result.picture is not None)
        self.why.explain(result, mode)
        self.grade_bar.show_labels(result.grade, result.thumb)
        same = before is not None and before.document_id == result.document_id
        if same and before is not None and before.passages == result.passages:
            if result.document_id not in self._documents:
                self._soon.start()  # it was forgotten meanwhile
            return
        self._number = 0
        self._show_passage()

    def forget(self) -> None:
        """Fetch texts anew: the library has changed."""
        self._documents.clear()
        self.body.forget()

    def step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) passage."""
        if self._result is not None and 0 <= self._number + by < len(self._passages):
            self._number += by
            self._show_passage()

    def _show_head(self, result: SearchResult) -> None:
        is_file = is_file_path(result.document)
        self._title.setText(result.title or file_name(result.document))
        place = inside(result.document)
        self._path.setText(place if is_file else f"Dataset document {result.document}")
        document = self._documents.get(result.document_id)
        if document is not None:
            self._show_about(document)
        else:
            known = is_file and result.modified_at
            self._about.setText(date_time(result.modified_at) if known else "")
        why_not = "" if is_file else "A document of a dataset has no file"
        file = "the file that it lies in" if INSIDE in result.document else "the file"
        for button, words in (
            (self._open, f"Open {file} (Enter)"),
            (self._folder, f"Show {file} in its folder (Ctrl+Enter)"),
        ):
            button.setEnabled(is_file)
            button.setToolTip(why_not or words)

    def _show_passage(self) -> None:
        assert self._result is not None
        passage, n_passages = self.passage, len(self._passages)
        self._navigation.setVisible(n_passages > 0)
        place = place_in_words(passage) if passage is not None else ""
        self._place.setText(
            "  ·  ".join(filter(None, (f"Passage {self._number + 1} of {n_passages}", place)))
        )
        self._previous.setEnabled(self._number > 0)
        self._next.setEnabled(self._number + 1 < n_passages)
        if self._pending is not None:
            self._pending.cancel()
        self.body.show_passage(self._result, passage)
        document = self._documents.get(self._result.document_id)
        if document is not None:
            self._show_document(document)
        self._soon.start()

    def _fetch(self) -> None:
        if self._result is None or not self.isVisible():
            return
        self.body.fetch()
        if self._result.document_id not in self._documents:
            request = GetDocument(self._result.document_id)
            self._pending = self._engine.ask(
                request, self._show_document, self._do_without, owner=self
            )

    def showEvent(self, event: object) -> None:
        """Fetch what was not fetched while it could not be seen."""
        super().showEvent(event)  # type: ignore[arg-type]
        if self._result is not None:
            self._soon.start()

    def _show_document(self, document: Document) -> None:
        self._documents[document.id] = document
        self._documents.move_to_end(document.id)
        while len(self._documents) > _KEPT:
            self._documents.popitem(last=False)
        if self._result is None or document.id != self._result.document_id:
            return
        self._show_about(document)
        self.body.show_document(document)

    def _show_about(self, document: Document) -> None:
        self.describe.show_document(document)
        self._about.setText("  ·  ".join(_about(document)))
        details = [f"{name}: {value}" for name, value in document.details.items()]
        self._about.setToolTip("\n".join([*document.paths[1:], *details]))

    def _do_without(self, error: EngineError) -> None:
        """The passage is shown already; what is missing is the text around it."""
        self._about.setText(error.title)

    def _build(self) -> None:
        self._title = ElidedLabel()
        set_role(self._title, "heading")
        self._path = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        set_role(self._path, "small")
        self._about = ElidedLabel()
        set_role(self._about, "small")
        self._open = QPushButton(icon("open-external"), " Open")
        self._open.clicked.connect(self.open_asked)
        self._folder = QPushButton(icon("folder-open"), " Show in folder")
        self._folder.clicked.connect(self.folder_asked)
        why = QPushButton(icon("info"), " Why this result")
        why.setCheckable(True)
        set_role(why, "quiet")
        why.toggled.connect(self.why.setVisible)
        self._more = QPushButton(icon("file-image"), " More like this")
        self._more.setToolTip("Pictures that look like this one (M in the results)")
        set_role(self._more, "quiet")
        self._more.clicked.connect(self.more_asked)
        # Beside the names, not below them: what is below wants all the height that there is.
        buttons = QGridLayout()
        buttons.setHorizontalSpacing(Space.S)
        buttons.setVerticalSpacing(0)
        buttons.addWidget(self._open, 0, 0)
        buttons.addWidget(self._folder, 0, 1)
        buttons.addWidget(self._more, 1, 0)
        buttons.addWidget(why, 1, 1, Qt.AlignmentFlag.AlignRight)
        names = QVBoxLayout()
        names.setSpacing(Space.XS)
        names.addWidget(self._title)
        names.addWidget(self._path)
        names.addWidget(self._about)
        names.addWidget(self.picture)
        names.addStretch()
        top = QHBoxLayout()
        top.setSpacing(Space.M)
        top.addLayout(names, 1)
        top.addLayout(buttons)
        above = QWidget()  # where room is short, the body gives way and not this
        above.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        head = QVBoxLayout(above)
        head.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        head.setSpacing(Space.XS)
        head.addLayout(top)
        head.addWidget(self.why)
        head.addWidget(self.describe)
        labels = QHBoxLayout()
        labels.addWidget(self.grade_bar)
        labels.addWidget(self.sets)
        labels.addWidget(self._build_navigation(), 1)
        head.addLayout(labels)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(above)
        column.addWidget(self.body, 1)

    def _build_navigation(self) -> QWidget:
        self._navigation = QWidget()
        self._place = ElidedLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_role(self._place, "small")
        self._previous = self._arrow("chevron-up", "Previous passage (Left)", -1)
        self._next = self._arrow("chevron-down", "Next passage (Right)", 1)
        row = QHBoxLayout(self._navigation)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._place, 1)
        row.addSpacing(Space.XS)
        row.addWidget(self._previous)
        row.addWidget(self._next)
        return self._navigation

    def _arrow(self, icon_name: str, words: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda: self.step(by))
        return button


def place_in_words(passage: Passage) -> str:
    """Where in its document a passage stands: `page 3`, `sheet Costs`."""
    return passage.place or ("" if passage.page is None else f"page {passage.page}")


def _about(document: Document) -> list[str]:
    """Who wrote it, when, in which language, and how large it is."""
    is_file = bool(document.paths) and is_file_path(document.paths[0])
    parts = [document.author]
    if document.created_at is not None:
        parts.append(date_time(document.created_at))
    elif is_file:
        parts.append(date_time(document.modified_at))
    parts.append(language_name(document.language) if document.language else "")
    if is_file:
        parts.append(size(document.size_bytes))
    if document.pages:
        parts.append(count(len(document.pages), document.unit or "page"))
    if len(document.paths) > 1:
        parts.append(f"in {len(document.paths)} places")
    if document.ocr_confidence is not None and len(document.text.strip()) >= LEAST_TEXT:
        parts.append(f"text read from a picture, {document.ocr_confidence:.0%} sure")
    return [part for part in parts if part]
