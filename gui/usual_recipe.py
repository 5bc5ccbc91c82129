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
    done: Callable[[Settings], None],
    failed: Callable[[EngineError], None] | None,
    owner: QObject,
) -> None:
    """Have one click tune with the recipe of a name; `done` is told the settings that result.

    They are read anew first: another page may have changed them.
    """

    def change(settings: Settings) -> None:
        changed = replace(settings, recipe=name)
        engine.ask(ChangeSettings(changed), done, failed, owner=owner)

    engine.ask(GetSettings(), change, failed, owner=owner)
