"""Opens the window over a workspace, and ends the engine when it is closed."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from traceback import format_exception
from types import TracebackType

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine.client import EngineClient
from engine.errors import EngineBug
from gui.background import Engine
from gui.error_dialog import show_error
from gui.icons import program_icon
from gui.main_window import MainWindow
from gui.theme import Theme


def run(workspace: Path) -> int:
    """Show the window until it is closed; returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Attune")
    app.setDesktopFileName("attune")
    app.setWindowIcon(program_icon())
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's loop would not hear Ctrl+C
    sys.excepthook = _show_bug
    memory = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Attune", "Attune")
    engine = Engine(partial(EngineClient, workspace))
    window = MainWindow(engine, Theme(app), memory, workspace)
    window.show()
    code = app.exec()
    engine.close()
    return code


def _show_bug(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """A fault of the window itself: told like one of the engine, and the window goes on."""
    sys.__excepthook__(kind, error, traceback)
    if isinstance(error, Exception):
        what = f"{kind.__name__}: {error}"
        details = "".join(format_exception(kind, error, traceback))
        show_error(EngineBug("Unexpected error", what, details), QApplication.activeWindow())
