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
        row.addWidget(IconLabel("database" if root.kind == "dataset" else "folder", "accent", 22))
        row.addLayout(names, 1)
        self._away = Pill("Away", "warning", _AWAY)
        row.addWidget(self._away)
        if root.kind == "dataset":
            row.addWidget(Pill("Dataset", "notice", "Imported with an evaluation set."))
        self._counts = QLabel()
        self._counts.setToolTip("Files of equal content are one document.")
        set_role(self._counts, "muted")
        row.addWidget(self._counts)
        self._failed = QPushButton()
        set_role(self._failed, "link")
        self._failed.setToolTip("Show the files that could not be read")
        self._failed.clicked.connect(self.asked_for_failures)
        row.addWidget(self._failed)
        row.addWidget(self._button("open-external", "Show in folder", self.asked_to_open))
        row.addWidget(self._button("remove", "Remove from the library…", self.asked_to_remove))
        self.show_root(root)

    def show_root(self, root: Root) -> None:
        """Show how the root stands now; it is the same root."""
        self.root = root
        documents = count(root.n_documents, "document")
        self._counts.setText(
            documents if root.kind == "dataset" else f"{count(root.n_files, 'file')} · {documents}"
        )
        self._away.setVisible(not root.available)
        self._failed.setText(f"{count(root.n_failed)} failed")
        self._failed.setVisible(bool(root.n_failed))

    def _button(self, icon_name: str, tooltip: str, signal: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setToolTip(tooltip)
        button.setAccessibleName(f"{tooltip}: {file_name(self.root.path)}")
        button.clicked.connect(lambda: signal.emit(self.root))
        return button
