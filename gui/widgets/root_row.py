"""One folder of the library, with what was found below it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.records import Root
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.icon_label import IconLabel
from gui.widgets.pill import Pill
from gui.wording import count, file_name

_AWAY = (
    "This folder cannot be seen now, as with a drive that is not plugged in; it stays searchable."
)


class RootRow(QFrame):
    """A root: its name and path, counts, whether it can be seen, and ways to open or remove it."""

    asked_to_open = Signal(object)
    asked_to_remove = Signal(object)
    asked_for_failures = Signal()

    def __init__(self, root: Root, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.root = root
        dataset = root.kind == "dataset"
        name = ElidedLabel(file_name(root.path))
        set_role(name, "heading")
        path = ElidedLabel(root.path, Qt.TextElideMode.ElideMiddle)
        set_role(path, "small")
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(name)
        names.addWidget(path)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.XS, 0, Space.XS)
        row.setSpacing(Space.M)
        row.addWidget(IconLabel("database" if dataset else "folder", "accent", 22))
        row.addLayout(names, 1)
        if not root.available:
            row.addWidget(Pill("Away", "warning", _AWAY))
        if dataset:
            row.addWidget(Pill("Dataset", "notice", "Imported with an evaluation set."))
        row.addWidget(_counts(root))
        if root.n_failed:
            failed = QPushButton(f"{count(root.n_failed)} failed")
            set_role(failed, "link")
            failed.setToolTip("Show the files that could not be read")
            failed.clicked.connect(self.asked_for_failures)
            row.addWidget(failed)
        row.addWidget(self._button("open-external", "Show in folder", self.asked_to_open))
        row.addWidget(self._button("remove", "Remove from the library…", self.asked_to_remove))

    def _button(self, icon_name: str, tooltip: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setToolTip(tooltip)
        button.setAccessibleName(f"{tooltip}: {file_name(self.root.path)}")
        button.clicked.connect(lambda: signal.emit(self.root))
        return button


def _counts(root: Root) -> QLabel:
    if root.kind == "dataset":
        label = QLabel(count(root.n_documents, "document"))
    else:
        label = QLabel(f"{count(root.n_files, 'file')} · {count(root.n_documents, 'document')}")
    label.setToolTip("Files of equal content are one document.")
    set_role(label, "muted")
    return label
