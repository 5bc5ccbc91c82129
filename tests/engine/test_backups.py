"""The daily copy: made by itself, made known, and told of where it cannot be made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import backups
from engine.backups import Backups
from engine.errors import EngineError, WorkspaceUnusable
from engine.settings import Settings
from engine.storage import settings
from engine.storage.database import Database
from engine.storage.library import open_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "_FIRST_LOOK_S", 0.01)
    monkeypatch.setattr(backups, "_LOOK_EVERY_S", 0.01)


def test_that_a_copy_is_made_by_itself_and_only_once_a_day(
    library: Database, tmp_path: Path
) -> None:
    made = threading.Event()
    kept = Backups(tmp_path, made.set, lambda error: None)
    kept.start()
    assert made.wait(10)
    with library.write() as connection:
        settings.save(connection, Settings(results=7))
    assert kept.make_if_due() is None
    kept.close()
    assert [copy.reason for copy in kept.every()] == ["scheduled"]


def test_that_trouble_with_the_daily_copy_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"damaged" * 1000)
    told: list[EngineError] = []
    looked = threading.Event()

    def tell(error: EngineError) -> None:
        told.append(error)
        threading.Timer(0.3, looked.set).start()

    kept = Backups(tmp_path, lambda: None, tell)
    kept.start()
    assert looked.wait(10)
    kept.close()
    (error,) = told
    assert isinstance(error, WorkspaceUnusable)
    assert "doctor" in error.hint
