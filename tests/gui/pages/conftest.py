"""Opens pages over an engine that answers from a script."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.background import Engine
from tests.gui.pages.scripted_client import Script, ScriptedClient

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

OpenPage = Callable[[Callable[[Engine], Any], Script], tuple[Any, ScriptedClient]]


@pytest.fixture
def open_page(qtbot: QtBot) -> OpenPage:
    """Shows a page over a scripted engine; returns both once the page has loaded."""

    def open_over(make: Callable[[Engine], Any], script: Script) -> tuple[Any, ScriptedClient]:
        clients: list[ScriptedClient] = []

        def connect(on_event: Any, on_state: Any) -> ScriptedClient:
            clients.append(ScriptedClient(script, on_event, on_state))
            return clients[0]

        engine = Engine(connect)
        page: QWidget = make(engine)
        engine.setParent(page)
        qtbot.addWidget(page)
        page.resize(1060, 700)
        page.show()
        clients[0].settle()
        return page, clients[0]

    return open_over
