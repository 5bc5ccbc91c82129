"""The tags of a picture, each with a way to take it away, and a field for another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QToolButton, QWidget

from engine.records import Facet
from gui.icons import icon
from gui.theme import set_role
from gui.widgets.completer_popup import dress_popup
from gui.widgets.flow_layout import FlowLayout

_FIELD_WIDTH = 120
_LONGEST = 40
"""Characters of a tag that are shown."""


class DescribeTags(QWidget):
    """Shows tags and says which are added or taken away; showing the outcome is its owner's."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tags: tuple[str, ...] = ()
        self._from_file: tuple[str, ...] = ()
        self._chips: list[QWidget] = []
        self._names = QStringListModel(self)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Add a tag")
        self.field.setAccessibleName("Add a tag")
        self.field.setToolTip("Enter or a comma adds it")
        self.field.setFixedWidth(_FIELD_WIDTH)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._cut_at_comma)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        # After the field has taken over what was chosen: only then can it be emptied.
        completer.activated.connect(lambda _: QTimer.singleShot(0, self.take))
        self.field.setCompleter(completer)
        dress_popup(completer)
        self._flow = FlowLayout(self)
        self._flow.addWidget(self.field)

    @property
    def tags(self) -> tuple[str, ...]:
        """What is shown, but for what comes from the file."""
        return self._tags

    def offer(self, tags: Sequence[Facet]) -> None:
        """Complete what is typed to tags that there are already."""
        self._names.setStringList([tag.value for tag in tags])

    def show_tags(self, tags: tuple[str, ...], from_file: tuple[str, ...] = ()) -> None:
        """Show the user's tags, and those that the file carries."""
        if (tags, from_file) == (self._tags, self._from_file):
            return
        self._tags, self._from_file = tags, from_file
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        given = {tag.casefold() for tag in tags}
        greyed = [tag for tag in from_file if tag.casefold() not in given]
        self._chips = [self._chip(tag) for tag in tags] + [_greyed(tag) for tag in greyed]
        for number, chip in enumerate(self._chips):
            self._flow.insert_widget(number, chip)
            chip.show()
        self.updateGeometry()

    def take(self) -> None:
        """Add the tag that is typed, if it is not among them."""
        tag = " ".join(self.field.text().split()).strip(",; ")
        self.field.clear()
        if tag and tag.casefold() not in {other.casefold() for other in self._tags}:
            self.added.emit(tag)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter adds, Escape empties the field; Backspace in it, when empty, goes to a tag."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and watched is self.field and self.field.text():
                self.take()  # a dialog shall not take it as its own
                return True
            last = self._chips[len(self._tags) - 1] if self._tags else None
            back = event.key() == Qt.Key.Key_Backspace and not self.field.text()
            if back and watched is self.field and last is not None:
                last.setFocus(Qt.FocusReason.BacktabFocusReason)
                return True
            if watched is not self.field and event.key() in (
                Qt.Key.Key_Delete,
                Qt.Key.Key_Backspace,
            ):
                self._remove(str(watched.property("tag")))
                return True
        return super().eventFilter(watched, event)

    def _cut_at_comma(self, text: str) -> None:
        if "," in text:
            self.take()

    def _remove(self, tag: str) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.removed.emit(tag)

    def _chip(self, tag: str) -> QToolButton:
        chip = QToolButton()
        set_role(chip, "tag")
        chip.setProperty("tag", tag)
        chip.setText(_short(tag))
        chip.setIcon(icon("cancel"))
        chip.setIconSize(QSize(12, 12))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the × after the name
        chip.setToolTip(f"Take away the tag “{tag}”")
        chip.setAccessibleName(f"Tag {tag}: take away")
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.installEventFilter(self)
        chip.clicked.connect(lambda: self._remove(tag))
        return chip


def _greyed(tag: str) -> QLabel:
    label = QLabel(_short(tag))
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, "file-tag")
    label.setToolTip(f"“{tag}” comes from the file")
    return label


def _short(tag: str) -> str:
    return tag if len(tag) <= _LONGEST else f"{tag[: _LONGEST - 1]}…"
