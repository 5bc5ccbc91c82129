from __future__ import annotations

from pytestqt.qtbot import QtBot

from gui.models.disk_line import DiskLine
from tests.gui.pages.samples import BUNDLED, REFUSED_MODEL


def test_that_what_models_take_is_told_and_what_could_go_when_it_is_too_much(qtbot: QtBot) -> None:
    line = DiskLine()
    qtbot.addWidget(line)
    line.show_use(640_000_000, 5000, (BUNDLED, REFUSED_MODEL))
    assert line.words == "Models take 640.0 MB of the 5.0 GB that they may."
    line.show_use(6_000_000_000, 5000, (BUNDLED, REFUSED_MODEL))
    assert f"“{REFUSED_MODEL.name}” (91.2 MB)" in line.words
    line.show_use(6_000_000_000, 5000, (BUNDLED,))
    assert "allow more in Settings" in line.words
