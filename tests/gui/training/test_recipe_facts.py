from __future__ import annotations

from engine.recipe import QUICK, THOROUGH, Recipe
from gui.training.recipe_facts import recipe_in_facts


def test_that_every_setting_of_a_recipe_is_told_by_its_title() -> None:
    facts = {fact.name: fact.words for fact in recipe_in_facts(THOROUGH)}
    assert facts["Name"] == "Thorough"
    assert facts["Longest text"] == str(THOROUGH.max_tokens)
    assert facts["Matryoshka"] == "none"
    assert "Loss: Ranking within the batch" in facts["Stage 1"]
    assert len(facts) == len(Recipe.__struct_fields__) - 2 + len(THOROUGH.stages)


def test_that_a_single_stage_needs_no_number() -> None:
    names = [fact.name for fact in recipe_in_facts(Recipe())]
    assert "Training" in names
    assert "Stage 1" not in names
    assert recipe_in_facts(QUICK)[0].tooltip == QUICK.about
