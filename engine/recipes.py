"""The presets and the user's own recipes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.errors import InvalidInput, NotFound
from engine.parts import Parts
from engine.recipe import BALANCED, PRESETS, Recipe
from engine.settings import Settings
from engine.storage import recipes as stored

_PRESET_NAMES = frozenset(preset.name.casefold() for preset in PRESETS)


def every(parts: Parts) -> tuple[Recipe, ...]:
    """The presets and the user's own recipes."""
    with parts.library.read() as connection:
        return (*PRESETS, *stored.every(connection))


def pick(found: Sequence[Recipe], name: str) -> Recipe:
    """The recipe of a name, in upper or lower case; raises NotFound."""
    for recipe in found:
        if recipe.name.casefold() == name.strip().casefold():
            return recipe
    raise NotFound(
        "No such recipe",
        f"There is no recipe “{name}”; there are: {', '.join(recipe.name for recipe in found)}.",
    )


def of_settings(parts: Parts, settings: Settings) -> Recipe:
    """The recipe that one click tunes with; the balanced preset where that one is gone."""
    try:
        return pick(every(parts), settings.recipe)
    except NotFound:
        return BALANCED


def save(parts: Parts, recipe: Recipe) -> tuple[Recipe, ...]:
    """Keep a recipe under its name; raises InvalidInput for a preset's."""
    name = recipe.name.strip()
    if not name:
        raise InvalidInput("No name", "A recipe is kept under its name.", "Give it one.")
    if name.casefold() in _PRESET_NAMES:
        raise InvalidInput(
            "This name is taken",
            f"{name} is one of the recipes that came with the program.",
            "Give your recipe another name.",
        )
    recipe = checked(msgspec.structs.replace(recipe, name=name))
    with parts.library.write() as connection:
        stored.save(connection, recipe)
    return every(parts)


def remove(parts: Parts, name: str) -> tuple[Recipe, ...]:
    """Forget a recipe; raises NotFound."""
    with parts.library.write() as connection:
        if not stored.remove(connection, name):
            raise NotFound("No such recipe", f"None of your own recipes is called “{name}”.")
    return every(parts)


def read(path: Path) -> Recipe:
    """The recipe in a file of JSON; raises InvalidInput with what is wrong in it."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Recipe)
    except OSError as error:
        raise InvalidInput("The recipe cannot be read", f"{path}: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise _not_a_recipe(str(path), error) from error


def checked(recipe: Recipe) -> Recipe:
    """The same recipe, its values within their ranges; raises InvalidInput."""
    try:
        return msgspec.convert(msgspec.to_builtins(recipe), Recipe)
    except msgspec.ValidationError as error:
        raise _not_a_recipe(recipe.name, error) from error


def in_json(recipe: Recipe) -> str:
    """A recipe as its file has it."""
    return msgspec.json.format(msgspec.json.encode(recipe)).decode() + "\n"


def _not_a_recipe(name: str, error: msgspec.DecodeError) -> InvalidInput:
    return InvalidInput(
        "This is no recipe",
        f"{name}: {error}.",
        "The command `recipes write` writes one that can be edited.",
    )
