"""Which recipe one click tunes with, changed from wherever recipes are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from engine.errors import EngineError
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from gui.background import Engine


def make_usual(
    engine: Engine,
    name: str,
    done: Callable[[], None],
    failed: Callable[[EngineError], None],
    owner: QObject,
) -> None:
    """Have one click tune with the recipe of a name; the settings are read anew first."""

    def change(settings: Settings) -> None:
        changed = replace(settings, recipe=name)
        engine.ask(ChangeSettings(changed), lambda _: done(), failed, owner=owner)

    engine.ask(GetSettings(), change, failed, owner=owner)
