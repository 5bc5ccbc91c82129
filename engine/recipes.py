"""The presets and the user's own recipes."""

from __future__ import annotations

from engine.parts import Parts
from engine.recipe import Recipe


def every(parts: Parts) -> tuple[Recipe, ...]:
    """The presets and the user's own recipes."""
    raise NotImplementedError


def save(parts: Parts, recipe: Recipe) -> tuple[Recipe, ...]:
    """Keep a recipe under its name; raises InvalidInput for a preset's."""
    raise NotImplementedError


def remove(parts: Parts, name: str) -> tuple[Recipe, ...]:
    """Forget a recipe; raises NotFound."""
    raise NotImplementedError
