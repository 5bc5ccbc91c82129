from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from gui import file_browser


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system was asked to open; it is Linux here, and opens anything."""
    asked: list[str] = []

    def open_url(url: QUrl) -> bool:
        asked.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    monkeypatch.setattr("sys.platform", "linux")
    return asked


def test_that_a_file_opens_in_its_program(tmp_path: Path, opened: list[str]) -> None:
    (tmp_path / "a #1 é.pdf").touch()
    assert file_browser.open_file(str(tmp_path / "a #1 é.pdf"))
    assert [Path(path) for path in opened] == [tmp_path / "a #1 é.pdf"]


@pytest.mark.parametrize("name", ["run.sh", "RUN.BAT", "a.js", "b.desktop"])
def test_that_a_program_is_shown_and_never_started(
    tmp_path: Path, opened: list[str], name: str
) -> None:
    (tmp_path / name).touch()
    assert file_browser.open_file(str(tmp_path / name))
    assert [Path(path) for path in opened] == [tmp_path]


def test_that_a_file_that_is_gone_opens_nothing(tmp_path: Path, opened: list[str]) -> None:
    assert not file_browser.open_file(str(tmp_path / "gone.pdf"))
    assert not file_browser.show_in_folder(str(tmp_path / "gone" / "gone.pdf"))
    assert not opened


def test_that_an_id_of_a_dataset_is_no_path() -> None:
    assert not file_browser.is_file_path("4983")
    assert not file_browser.is_file_path("dataset:4983")
    assert file_browser.is_file_path("/home/ines/a.pdf")
