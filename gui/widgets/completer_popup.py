"""The list below a field that completes what is typed, dressed like the menus."""

from __future__ import annotations

from PySide6.QtWidgets import QCompleter, QStyledItemDelegate

from gui.theme import set_role


def dress_popup(completer: QCompleter) -> None:
    """Give a completer's list room and rounded rows; its own delegate knows no stylesheet."""
    popup = completer.popup()
    if popup is not None:
        popup.setItemDelegate(QStyledItemDelegate(popup))
        set_role(popup, "offers")
