from __future__ import annotations

from dataclasses import replace

from engine.records import GateRules
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from gui.pages.training import TrainingPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.training.tune_samples import SCRIPT

CHANGEABLE = SCRIPT | {ChangeSettings: lambda request: request.settings}
STRICT = replace(GateRules(), p_below=0.01)


def test_that_the_rules_in_force_are_said_and_folded_away(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {GetSettings: Settings(gate=STRICT)})
    gate = page.tune_view.gate
    assert "(p below 0.01)" in gate.summary.text()
    assert not gate.save_button.isVisible()
    gate.toggle_button.click()
    assert gate.fields["p_below"].text() == "0.01"


def test_that_a_changed_rule_leaves_the_other_settings_alone(open_page: OpenPage) -> None:
    settings = Settings(results=50)
    page, client = open_page(TrainingPage, CHANGEABLE | {GetSettings: settings})
    gate = page.tune_view.gate
    gate.toggle_button.click()
    assert not gate.save_button.isEnabled()
    gate.fields["general_loss"].setText("0,02")
    gate.save_button.click()
    client.settle()
    rules = replace(GateRules(), general_loss=0.02)
    assert client.asked_for(ChangeSettings) == [ChangeSettings(replace(settings, gate=rules))]
    assert "lose at most 0.02" in gate.summary.text()
    assert not gate.save_button.isEnabled()


def test_that_a_rule_out_of_its_range_cannot_be_saved(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, CHANGEABLE)
    gate = page.tune_view.gate
    gate.toggle_button.click()
    for text in ("0.9", "much", ""):
        gate.fields["p_below"].setText(text)
        assert not gate.save_button.isEnabled()
    gate.toggle_button.click()
    assert gate.fields["p_below"].text() == "0.1"  # what was typed is dropped


def test_that_the_defaults_can_be_restored(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, CHANGEABLE | {GetSettings: Settings(gate=STRICT)})
    gate = page.tune_view.gate
    gate.toggle_button.click()
    gate.restore_button.click()
    client.settle()
    assert client.asked_for(ChangeSettings) == [ChangeSettings(Settings())]
    assert not gate.restore_button.isEnabled()
