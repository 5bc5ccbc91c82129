"""What each key means in the judging room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_Key = Qt.Key
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_NONE = Qt.KeyboardModifier.NoModifier

_MOVES: dict[int, str] = {
    _Key.Key_Up: "up",
    _Key.Key_Down: "down",
    _Key.Key_Space: "page down",
    _Key.Key_PageDown: "page down",
    _Key.Key_PageUp: "page up",
    _Key.Key_Home: "home",
    _Key.Key_End: "end",
}
_ACTIONS: dict[int, str] = {
    _Key.Key_S: "skip",
    _Key.Key_F: "flag",
    _Key.Key_N: "note",
    _Key.Key_M: "mark",
    _Key.Key_L: "list",
    _Key.Key_G: "guideline",
    _Key.Key_F1: "guideline",
    _Key.Key_P: "pause",
    _Key.Key_R: "again",
    _Key.Key_Left: "back",
    _Key.Key_Backspace: "back",
    _Key.Key_Right: "forward",
    _Key.Key_Escape: "leave",
}


def meaning(event: QKeyEvent, n_grades: int) -> str | int | None:
    """The name of an action, or a grade; None where a key means nothing.

    Only moving about in the document is repeated while a key is held down: a digit that is held is
    no judgment of twenty documents, and means the empty action.
    """
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers == _SHIFT and event.key() == _Key.Key_Space:
        return "page up"
    if modifiers == _NONE and event.key() in _MOVES:
        return _MOVES[_Key(event.key())]
    once = _once(event, modifiers, n_grades)
    return "" if once is not None and event.isAutoRepeat() else once


def is_modifier(event: QKeyEvent) -> bool:
    """Whether a key is pressed only to be held with another."""
    return event.key() in (_Key.Key_Shift, _Key.Key_Control, _Key.Key_Alt, _Key.Key_Meta)


def _once(event: QKeyEvent, modifiers: Qt.KeyboardModifier, n_grades: int) -> str | int | None:
    key, text = event.key(), event.text()
    if key == _Key.Key_Z and modifiers in (_CONTROL, _CONTROL | _SHIFT):
        return "redo" if modifiers & _SHIFT else "undo"
    if key == _Key.Key_Y and modifiers == _CONTROL:
        return "redo"
    if modifiers not in (_NONE, _SHIFT):
        return None
    if text == "?":
        return "keys"
    if text.isdecimal():
        return int(text) if int(text) < n_grades else None
    return _ACTIONS.get(key)
