"""Opens what was found in other programs, and says where that cannot be."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.records import SearchResult
from gui.file_browser import file_on_disk, is_file_path, open_file, show_in_folder


class HandingOver(QObject):
    """Hands results over to the system."""

    said = Signal(str)
    """A short sentence for the status bar."""
    opened = Signal(object)
    """The SearchResult whose file was opened."""

    def open(self, result: SearchResult | None) -> None:
        """Open its file, or the file that it lies in."""
        if result is not None and self.open_document(result.document):
            self.opened.emit(result)

    def open_document(self, document: str) -> bool:
        """Open a document's file by its place; False where that cannot be, which is said."""
        return self._hand_over(
            document, open_file, "Nothing on this computer opens it, or it is gone"
        )

    def show_in_folder(self, result: SearchResult | None) -> None:
        """Show its file in its folder."""
        if result is not None:
            self._hand_over(result.document, show_in_folder, "Its folder is not there any more")

    def show_place(self, path: str) -> None:
        """Show another place of a result in its folder."""
        if not show_in_folder(file_on_disk(path)):
            self.said.emit(f"Its folder is not there any more: {path}")

    def _hand_over(self, document: str, how: Callable[[str], bool], failed: str) -> bool:
        if not is_file_path(document):
            self.said.emit("A document of a dataset has no file")
            return False
        if not how(file_on_disk(document)):
            self.said.emit(f"{failed}: {file_on_disk(document)}")
            return False
        return True
