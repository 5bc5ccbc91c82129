"""The first step to a CLIP model: which one, from a table or from files on this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.records import PublishedModel
from gui.clip_walk.source import LocalModel, Source, local_model
from gui.icons import icon
from gui.theme import Space, set_role
from gui.widgets.card import explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.record_table import Column, RecordTable
from gui.wording import size

_COLUMNS: tuple[Column[PublishedModel], ...] = (
    Column("Model", lambda model: model.architecture, 210),
    Column("Weights", lambda model: model.tag, 170),
    Column(
        "Download",
        lambda model: size(model.size_bytes),
        96,
        key=lambda model: model.size_bytes,
        right=True,
    ),
    Column("Licence", lambda model: model.licence, 120),
    Column("Good for", lambda model: model.about),
)


class ChoiceStep(QWidget):
    """A table of published models, and the ways to one's own files."""

    title = "Choose a model"
    changed = Signal()
    """Something else is chosen."""
    settled = Signal()
    """The choice is made, and the user wants to go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._local: LocalModel | None = None
        self.table: RecordTable[PublishedModel] = RecordTable(_COLUMNS, "Published models")
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(self._take_row)
        self.table.model().modelReset.connect(self.changed)
        self.table.doubleClicked.connect(lambda _: self.settled.emit())
        self.file_button = QPushButton(icon("file"), "From a file…")
        self.file_button.setToolTip("A checkpoint: safetensors, .pt, .bin")
        self.file_button.clicked.connect(self._choose_file)
        self.folder_button = QPushButton(icon("folder"), "From a folder…")
        self.folder_button.setToolTip("A folder with open_clip_config.json and weights")
        self.folder_button.clicked.connect(self._choose_folder)
        self._local_name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        set_role(self._local_name, "heading")
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for button in (self.folder_button, self.file_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addWidget(self._local_name, 1)
        own = QLabel("Or take one that is on this computer already; you can also drop it here.")
        set_role(own, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(
            explanation(
                "A CLIP model knows pictures and words alike, so that “a red boat at sunset” finds "
                "such a picture though nobody described it. Larger ones find better and take "
                "longer."
            )
        )
        column.addWidget(self.table, 1)
        column.addWidget(own)
        column.addLayout(row)
        self.setAcceptDrops(True)

    @property
    def chosen(self) -> Source | None:
        """What is chosen."""
        return self._local or next(iter(self.table.selected), None)

    def show_published(self, models: tuple[PublishedModel, ...]) -> None:
        """Offer models for download."""
        self.table.show_records(models)

    def take(self, path: str) -> None:
        """Choose what lies at a path, and go on."""
        self.table.clearSelection()
        self._local = local_model(path)
        self._local_name.setText(path)
        self.changed.emit()
        self.settled.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file or folder."""
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Choose what was dropped."""
        event.acceptProposedAction()
        self.take(event.mimeData().urls()[0].toLocalFile())

    def _take_row(self) -> None:
        if self.table.selected:
            self._local = None
            self._local_name.clear()
        self.changed.emit()

    def _choose_file(self) -> None:
        dialog = self._dialog("Choose a checkpoint file", QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            ["Checkpoints (*.safetensors *.pt *.pth *.bin *.ckpt)", "All files (*)"]
        )
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = self._dialog("Choose the model's folder", QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self.take)
        return dialog
