"""A recipe to be read: each setting by its title, in words."""

from __future__ import annotations

from typing import Annotated, get_args, get_origin, get_type_hints

import msgspec

from engine.recipe import Recipe, Stage
from gui.training.recipe_words import CHOICES
from gui.training.value_fields import number_in_words
from gui.widgets.facts import Fact


def recipe_in_facts(recipe: Recipe) -> list[Fact]:
    """What the recipe says, its stages first."""
    facts = [Fact("Name", recipe.name, recipe.about)]
    many = len(recipe.stages) > 1
    for number, stage in enumerate(recipe.stages, start=1):
        facts.append(Fact(f"Stage {number}" if many else "Training", _stage_in_words(stage)))
    titles = _titles(Recipe)
    facts += [
        Fact(titles[name], _in_words(getattr(recipe, name)))
        for name in recipe.__struct_fields__
        if name not in ("name", "about", "stages")
    ]
    return facts


def _stage_in_words(stage: Stage) -> str:
    titles = _titles(Stage)
    return " · ".join(
        f"{titles[name]}: {_in_words(getattr(stage, name))}" for name in stage.__struct_fields__
    )


def _titles(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The titles that a struct's fields carry, by name."""
    found = {}
    for name, hint in get_type_hints(struct, include_extras=True).items():
        told = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        titles = [meta.title for meta in told if isinstance(meta, msgspec.Meta) and meta.title]
        found[name] = titles[-1] if titles else name
    return found


def _in_words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number_in_words(value)
        case tuple():
            return ", ".join(map(_in_words, value)) or "none"
    return CHOICES.get(str(value), str(value))
