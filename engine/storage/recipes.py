"""The user's own recipes in library.db."""

from __future__ import annotations

import time
from sqlite3 import Connection

import msgspec

from engine.recipe import Recipe


def every(connection: Connection) -> tuple[Recipe, ...]:
    """All of them by name; one that another version wrote and this one cannot read is left out."""
    found = []
    for (stored,) in connection.execute("SELECT recipe FROM recipes ORDER BY name"):
        try:
            found.append(msgspec.json.decode(stored, type=Recipe))
        except msgspec.DecodeError:
            continue
    return tuple(found)


def save(connection: Connection, recipe: Recipe) -> None:
    """Keep a recipe in the place of one of the same name."""
    connection.execute(
        "INSERT OR REPLACE INTO recipes VALUES (?, ?, ?)",
        (recipe.name, msgspec.json.encode(recipe).decode(), time.time()),
    )


def remove(connection: Connection, name: str) -> bool:
    """Forget a recipe; whether there was one."""
    return bool(connection.execute("DELETE FROM recipes WHERE name = ?", (name,)).rowcount)
