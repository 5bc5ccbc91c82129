"""Writes a model to a folder: for which programs, and where to."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QRadioButton, QVBoxLayout, QWidget

from engine.records import ModelInfo
from engine.training_records import ExportReport
from engine.training_requests import ExportModel
from gui.theme import Space
from gui.widgets.card import explanation
from gui.widgets.form_dialog import FormDialog
from gui.wording import count, size

_FORMATS = (
    (
        "sentence-transformers",
        "&Sentence-transformers",
        "For Python programs, for tuning it elsewhere and for sharing it: weights as safetensors, "
        "with tokenizer and a model card.",
    ),
    (
        "onnx",
        "&ONNX",
        "For searching in other programs and languages: a graph in full precision and a smaller, "
        "quicker one in int8, each checked.",
    ),
)
_INSET = 26  # under a radio button's words
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


class ExportModelDialog(FormDialog):
    """Asks for the format, then where to."""

    given = Signal(object)
    """An ExportModel without its path."""

    def __init__(self, model: ModelInfo, parent: QWidget) -> None:
        super().__init__(
            f"Export “{model.name}”",
            "It is written to a folder of its own, and what was written is read back and compared.",
            "Choose where…",
            parent,
        )
        self._model = model
        self.formats: dict[str, QRadioButton] = {}
        choices = QWidget()
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        for key, name, words in _FORMATS:
            self.formats[key] = button = QRadioButton(name)
            button.setAccessibleDescription(words)
            said = explanation(words)
            said.setContentsMargins(_INSET, 0, 0, Space.S)
            column.addWidget(button)
            column.addWidget(said)
        column.addStretch()
        compressed = model.origin == "bundled"
        self.formats["onnx" if compressed else "sentence-transformers"].setChecked(True)
        self.put(choices, 1)
        self.accepted.connect(lambda: self.given.emit(self.request))

    @property
    def request(self) -> ExportModel:
        """What was chosen, without a path."""
        if self.formats["onnx"].isChecked():
            return ExportModel(self._model.id, "", "onnx")
        return ExportModel(self._model.id, "")


def ask_where(window: QWidget, request: ExportModel, then: Callable[[ExportModel], None]) -> None:
    """Let the user name a new folder; `then` is called with the filled request."""
    dialog = QFileDialog(window, "Export to a new folder")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, "Folder name:")
    dialog.selectFile(_NOT_IN_NAMES.sub("-", f"{request.model}-{request.format}"))
    dialog.fileSelected.connect(lambda path: then(msgspec.structs.replace(request, path=path)))
    dialog.open()


def exported_in_words(report: ExportReport) -> str:
    """Where it is, what of, and how near it comes to the model."""
    files = ", ".join(report.files[:6])
    if len(report.files) > 6:
        files += f" and {count(len(report.files) - 6)} more"
    lines = [
        report.path,
        f"{count(len(report.files), 'file')}, {size(report.size_bytes)}: {files}",
        f"Its vectors agree with the model's: the smallest cosine is {report.agreement:.5f}.",
    ]
    if report.ndcg:
        reached = ", ".join(f"{variant} {value:.3f}" for variant, value in report.ndcg.items())
        lines.append(f"nDCG@10 on general knowledge: {reached}.")
    return "\n".join(lines)
