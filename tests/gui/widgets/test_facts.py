from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.widgets.facts import Fact, Facts

PATH = "/home/ines/models/a-model-with-a-very-long-name-indeed/of-a-folder"


def test_that_facts_take_the_place_of_those_before(qtbot: QtBot) -> None:
    facts = Facts([Fact("Seed", "7")])
    qtbot.addWidget(facts)
    assert facts.words == "Seed: 7"
    facts.show_facts([])
    assert facts.isHidden()


def test_that_a_long_path_does_not_widen_and_stays_as_it_is(qtbot: QtBot) -> None:
    facts = Facts([Fact("Made", PATH)])
    qtbot.addWidget(facts)
    assert facts.minimumSizeHint().width() < 300
    label = next(label for label in facts.findChildren(QLabel) if label.text() != "Made")
    assert label.text() == label.toolTip() == PATH
