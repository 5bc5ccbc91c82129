"""Describes many pictures at once: one caption for all, tags to add, tags to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.records import Facet, SearchResult
from gui.theme import Space, set_role
from gui.widgets.describe_tags import DescribeTags
from gui.wording import count

_WIDTH = 520
_TAGS_HEIGHT = 150


class DescribeDialog(QDialog):
    """What is not touched stays as it is on each picture."""

    given = Signal(object, tuple, tuple)
    """A caption for all or None to leave them, tags to add, tags to remove."""

    def __init__(
        self, n_pictures: int, tags: Sequence[Facet], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._boxes: dict[str, tuple[QCheckBox, Qt.CheckState]] = {}
        self.setWindowTitle(f"Describe {count(n_pictures, 'picture')}")
        self.setMinimumWidth(_WIDTH)
        self.caption = QLineEdit()
        self.caption.setAccessibleName("Caption for all")
        self.caption.setMaxLength(1000)
        self.replaces = QCheckBox("Replace the captions")
        self.replaces.setToolTip("Left empty, it takes the captions away")
        self.tags = DescribeTags()
        self.tags.offer(tags)
        self._had = QLabel("Looking at the tags that they have…")
        set_role(self._had, "muted")
        self._list = QVBoxLayout()
        self._list.setSpacing(Space.XS)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self._buttons.addButton("Describe", QDialogButtonBox.ButtonRole.AcceptRole)
        set_role(self.save, "primary")
        self._build(n_pictures)
        self.caption.textEdited.connect(lambda _: self.replaces.setChecked(True))
        self.replaces.toggled.connect(lambda _: self._show_what_changes())
        self.tags.added.connect(lambda tag: self._show_added((*self.tags.tags, tag)))
        self.tags.removed.connect(
            lambda tag: self._show_added(tuple(t for t in self.tags.tags if t != tag))
        )
        self.tags.field.textChanged.connect(lambda _: self._show_what_changes())
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self._show_what_changes()

    @property
    def boxes(self) -> dict[str, QCheckBox]:
        """A box for each tag that any of the pictures has."""
        return {tag: box for tag, (box, _) in self._boxes.items()}

    @property
    def change(self) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
        """Caption or None, tags to add, tags to remove."""
        caption = " ".join(self.caption.text().split()) if self.replaces.isChecked() else None
        changed = {
            tag: box.checkState()
            for tag, (box, before) in self._boxes.items()
            if box.checkState() != before
        }
        more = [tag for tag, state in changed.items() if state == Qt.CheckState.Checked]
        less = [tag for tag, state in changed.items() if state == Qt.CheckState.Unchecked]
        added = tuple(dict.fromkeys((*self.tags.tags, *more)))
        return caption, added, tuple(tag for tag in less if tag not in added)

    def show_pictures(self, results: Sequence[SearchResult], n_pictures: int) -> None:
        """Show the tags that all or some of the pictures have; some is neither on nor off."""
        having = Counter(tag for result in results for tag in _tags(result))
        self._had.setText(
            "Tags that they have. A dash: only some have it, and it stays so." if having else ""
        )
        self._had.setVisible(bool(having))
        if len(results) < n_pictures and having:
            self._had.setText(f"Tags that the first {count(len(results))} of them have")
        for tag, n in having.most_common():
            some = n < n_pictures
            before = Qt.CheckState.PartiallyChecked if some else Qt.CheckState.Checked
            box = QCheckBox(f"{tag}   {count(n)}".replace("&", "&&"))
            box.setTristate(some)
            box.setCheckState(before)
            box.checkStateChanged.connect(lambda _: self._show_what_changes())
            self._boxes[tag] = (box, before)
            self._list.insertWidget(self._list.count() - 1, box)
        self._area.setVisible(bool(having))

    def accept(self) -> None:
        """Say what is wanted; a tag that is typed but not yet added is meant, too."""
        self.tags.take()
        if any(part not in (None, ()) for part in self.change):
            self.given.emit(*self.change)
        super().accept()

    def _show_added(self, tags: tuple[str, ...]) -> None:
        self.tags.show_tags(tags)
        self._show_what_changes()

    def _show_what_changes(self) -> None:
        changes = any(part not in (None, ()) for part in self.change)
        self.save.setEnabled(changes or bool(self.tags.field.text().strip()))
        leaves = "Each keeps the caption that it has"
        takes = "The captions are taken away"
        self.caption.setPlaceholderText(takes if self.replaces.isChecked() else leaves)

    def _build(self, n_pictures: int) -> None:
        heading = QLabel(f"Describe {count(n_pictures, 'picture')}")
        set_role(heading, "heading")
        words = QLabel("Captions and tags are found at once. One undo takes all of it back.")
        words.setWordWrap(True)
        set_role(words, "muted")
        inside = QWidget()
        self._list.addStretch()
        inside.setLayout(self._list)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setMaximumHeight(_TAGS_HEIGHT)
        self._area.setWidget(inside)
        self._area.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.S)
        for widget in (heading, words, QLabel("Caption"), self.caption, self.replaces):
            column.addWidget(widget)
        column.addSpacing(Space.S)
        for part in (QLabel("Add tags"), self.tags, self._had, self._area):
            column.addWidget(part)
        column.addStretch()
        column.addWidget(self._buttons)


def _tags(result: SearchResult) -> tuple[str, ...]:
    return result.picture.tags if result.picture is not None else ()
