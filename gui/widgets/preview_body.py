"""A passage where it stands: on its page, in its picture, in its table, or in its text."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError, EngineGone
from engine.records import Document, PageImage, Passage, SearchResult
from engine.requests import RenderPage
from gui.background import Engine, Pending
from gui.file_browser import is_file_path
from gui.icons import icon
from gui.table_rows import table_rows
from gui.theme import Space, set_role
from gui.widgets.document_view import DocumentView
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.mail_head import MailHead
from gui.widgets.page_view import PageView
from gui.widgets.picture_row import LEAST_TEXT
from gui.widgets.rows_view import RowsView

Form = Literal["page", "rows", "text"]
_LEAST_HEIGHT = 60
"""Pixels; it scrolls, and what is told above it does not."""

_KEPT = 6
"""Pages that are remembered."""
_WORDS = 16
"""Words of the query that are marked."""
_MAIL = ("message/rfc822", "application/vnd.ms-outlook")


class PreviewBody(QWidget):
    """Shows a passage in the form that suits its document; the user may switch to the text."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._result: SearchResult | None = None
        self._passage: Passage | None = None
        self._document: Document | None = None
        self._number = 1
        self._to_marks = True
        self._prefers_text = False
        self._pending: Pending | None = None
        self._pages: OrderedDict[RenderPage, PageImage] = OrderedDict()
        self._cannot: dict[int, str] = {}  # documents that cannot be drawn, and why
        self.text = DocumentView()
        self.page = PageView()
        self.rows = RowsView()
        self.mail = MailHead()
        self._build()
        self.page.width_changed.connect(self.fetch)
        self.page.turned.connect(self.turn)

    @property
    def form(self) -> Form:
        """How the passage is shown."""
        return "text" if self._prefers_text else self._best_form()

    @property
    def place(self) -> str:
        """Which page is shown, of how many."""
        return self._place.text()

    @property
    def why_not(self) -> str:
        """Why there is no page to look at; empty where there is, or none is expected."""
        return "" if self._why_not.isHidden() else self._why_not.text()

    def show_passage(self, result: SearchResult, passage: Passage | None) -> None:
        """Show a passage as far as it is known; `fetch` asks for its page."""
        before = self._result
        self._result, self._passage = result, passage
        if before is None or before.document_id != result.document_id:
            self._document = None
            self.page.wait("Drawing the page…")
            self.text.show_alone(passage)
        on_page = _page_of_words(self._document, passage) if self._document is not None else None
        self._number = on_page or (passage.page if passage else None) or 1
        self._to_marks = True
        self._show()

    def show_document(self, document: Document) -> None:
        """Show the passage in its document."""
        if self._result is not None and document.id == self._result.document_id:
            first_time = self._document is None
            self._document = document
            if first_time and (number := _page_of_words(document, self._passage)):
                self._to_marks = self._to_marks or number != self._number
                self._number = number
            self._show()
            self.fetch()

    def fetch(self) -> None:
        """Ask for the page as it is wanted now."""
        request = self._request()
        if request is None or not self.isVisible():
            return
        if self._pending is not None:
            self._pending.cancel()
        if request in self._pages:
            self._show_page(request, self._pages[request])
            return
        self._pending = self._engine.ask(
            request,
            lambda image: self._show_page(request, image),
            lambda error: self._do_without(request, error),
            owner=self,
        )

    def forget(self) -> None:
        """Fetch pages anew: the library has changed."""
        self._pages.clear()
        self._cannot.clear()

    def turn(self, by: int) -> None:
        """Go to the next page (1) or the previous one (-1)."""
        image = self.page.image
        if self.form != "page" or image is None or not 1 <= self._number + by <= image.n_pages:
            return
        self._number += by
        self._to_marks = False
        self._show_place(image.n_pages)
        self.page.verticalScrollBar().setValue(0)
        self.fetch()

    def switch(self) -> None:
        """From the page to the text, or back."""
        if self._best_form() != "text":
            self._choose_text(not self._prefers_text)

    def _best_form(self) -> Form:
        result = self._result
        if result is None:
            return "text"
        document = self._document
        if _is_drawable(result, self._media_type) and result.document_id not in self._cannot:
            return "page"
        return "rows" if document is not None and document.unit == "row" else "text"

    @property
    def _media_type(self) -> str:
        """Of the document; what is nearly the same as a result has it only once it is here."""
        known = self._result.media_type if self._result is not None else ""
        return known or (self._document.media_type if self._document is not None else "")

    def _request(self) -> RenderPage | None:
        if self._result is None or self.form != "page":
            return None
        marked: tuple[str, ...] = ()
        if (passage := self._passage) is not None:
            words = dict.fromkeys(passage.text[start:end] for start, end in passage.highlights)
            marked = (passage.text, *list(words)[:_WORDS])
        return RenderPage(self._result.document_id, self._number, self.page.wanted_width, marked)

    def _show(self) -> None:
        """Show what there is in the form that is wanted."""
        assert self._result is not None
        document, passage, best = self._document, self._passage, self._best_form()
        form = self.form
        if form == "rows" and document is not None and passage is not None:
            rows = table_rows(document, passage)
            if rows is None:
                form = best = "text"
            else:
                self.rows.show_rows(rows)
        if form == "text":
            if document is None:
                self.text.show_alone(passage)
            elif passage is None:
                self.text.setPlainText(document.text)
            else:
                self.text.show_in(document.id, document.text, passage)
        is_mail = self._media_type in _MAIL
        self.mail.show_details(document.details if document is not None and is_mail else {})
        self._show_bar(best, form)
        self._stack.setCurrentWidget({"page": self.page, "rows": self.rows}.get(form, self.text))

    def _show_bar(self, best: Form, form: Form) -> None:
        why_not = self._cannot.get(self._result.document_id, "") if self._result else ""
        self._why_not.setText(why_not)
        self._why_not.setVisible(bool(why_not))
        self._bar.setVisible(best != "text" or bool(why_not))
        self._forms.setVisible(best != "text" and not self._is_wordless())
        is_picture = self._media_type.startswith("image/")
        named = "Picture" if is_picture else "Page"
        self._as_page.setText("Table" if best == "rows" else named)
        (self._as_text if form == "text" else self._as_page).setChecked(True)
        self._turning.setVisible(form == "page")
        self._zooming.setVisible(form == "page")

    def _is_wordless(self) -> bool:
        """Whether it is a picture of which no text is known, so that there is none to look at."""
        picture = self._result.picture if self._result is not None else None
        has_text = self._document is not None and len(self._document.text.strip()) >= LEAST_TEXT
        return picture is not None and self._passage is None and not has_text

    def _show_page(self, request: RenderPage, image: PageImage) -> None:
        self._pages[request] = image
        self._pages.move_to_end(request)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        if self._result is None or request != self._request():
            return
        self.page.show_image(
            image,
            is_picture=self._media_type.startswith("image/"),
            to_marks=self._to_marks,
        )
        self._to_marks = False
        self._show_place(image.n_pages)

    def _do_without(self, request: RenderPage, error: EngineError) -> None:
        """The text is shown instead; that the engine is gone is told by the window."""
        if not isinstance(error, EngineGone):
            words = f"{error.title}. {error.hint}" if error.hint else f"{error.title}."
            self._cannot[request.document_id] = words
        if self._result is not None and request.document_id == self._result.document_id:
            self._show()

    def _show_place(self, n_pages: int) -> None:
        self._place.setText(f"{self._number} of {n_pages}")
        self._turning.setVisible(n_pages > 1)
        self._before.setEnabled(self._number > 1)
        self._after.setEnabled(self._number < n_pages)

    def _choose_text(self, text: bool) -> None:
        self._prefers_text = text
        self._to_marks = True
        if self._result is not None:
            self._show()
            self.fetch()

    def _zoom(self, steps: int) -> None:
        if self.form == "page":
            self.page.zoom_by(steps)
            self._size.setText(f"{self.page.zoom:.0%}")

    def _build(self) -> None:
        self._bar = QFrame()
        set_role(self._bar, "viewbar")
        self._forms = self._build_forms()
        self._why_not = ElidedLabel()
        set_role(self._why_not, "small")
        self._turning = self._build_turning()
        self._zooming = self._build_zooming()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(Space.L, Space.XS, Space.M, Space.XS)
        row.setSpacing(Space.M)
        row.addWidget(self._forms)
        row.addWidget(self._why_not, 1)
        row.addStretch()
        row.addWidget(self._turning)
        row.addWidget(self._zooming)
        self._stack = QStackedWidget()
        self._stack.setMinimumHeight(_LEAST_HEIGHT)
        for view in (self.text, self.page, self.rows):
            self._stack.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._bar, self.mail):
            column.addWidget(part)
        column.addWidget(self._stack, 1)
        self._bar.hide()

    def _build_forms(self) -> QFrame:
        forms = QFrame()
        set_role(forms, "segments")
        self._as_page, self._as_text = QPushButton("Page"), QPushButton("Text")
        group = QButtonGroup(self)
        row = QHBoxLayout(forms)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for button, text, words in (
            (self._as_page, False, "As it looks (Ctrl+T)"),
            (self._as_text, True, "What was read from it (Ctrl+T)"),
        ):
            button.setCheckable(True)
            button.setToolTip(words)
            set_role(button, "segment")
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(lambda _=False, text=text: self._choose_text(text))
        self._shortcut("Ctrl+T", self.switch)
        return forms

    def _build_turning(self) -> QWidget:
        self._place = QLabel()
        set_role(self._place, "small")
        self._before = _button("chevron-left", "Previous page (Ctrl+Page Up)")
        self._after = _button("chevron-right", "Next page (Ctrl+Page Down)")
        for button, by, keys in ((self._before, -1, "Ctrl+PgUp"), (self._after, 1, "Ctrl+PgDown")):
            button.clicked.connect(lambda _=False, by=by: self.turn(by))
            self._shortcut(keys, lambda by=by: self.turn(by))
        return _row(self._before, self._place, self._after)

    def _build_zooming(self) -> QWidget:
        self._size = QPushButton("100%")
        self._size.setToolTip("Fit the width (Ctrl+0)")
        set_role(self._size, "link")
        smaller = _button("minus", "Smaller (Ctrl+-)")
        larger = _button("add", "Larger (Ctrl++)")
        for button, by, keys in (
            (smaller, -1, ("Ctrl+-",)),
            (self._size, 0, ("Ctrl+0",)),
            (larger, 1, ("Ctrl++", "Ctrl+=")),
        ):
            button.clicked.connect(lambda _=False, by=by: self._zoom(by))
            for key in keys:
                self._shortcut(key, lambda by=by: self._zoom(by))
        return _row(smaller, self._size, larger)

    def _shortcut(self, keys: str, do: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(do)


def _page_of_words(document: Document, passage: Passage | None) -> int | None:
    """The page of a passage's first marked word: a passage may begin on the page before."""
    if passage is None or document.unit != "page" or not passage.highlights:
        return None
    at = passage.start + passage.highlights[0][0]
    return next((page.number for page in document.pages if page.start <= at < page.end), None)


def _is_drawable(result: SearchResult, media_type: str) -> bool:
    """Whether a result's document has pages to look at."""
    has_pages = media_type == "application/pdf" or media_type.startswith("image/")
    return has_pages and is_file_path(result.document)


def _button(icon_name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(16, 16))
    button.setToolTip(words)
    button.setAccessibleName(words)
    return button


def _row(*widgets: QWidget) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    for widget in widgets:
        row.addWidget(widget)
    return whole
