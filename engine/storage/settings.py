"""The user's settings in library.db; one that another version wrote never stops opening."""

from __future__ import annotations

from dataclasses import asdict, fields
from sqlite3 import Connection

import msgspec

from engine.settings import Settings


def load(connection: Connection) -> Settings:
    """The settings in force; unknown or unreadable ones fall back to their defaults."""
    stored = dict(connection.execute("SELECT key, value FROM settings").fetchall())
    known = {}
    for name in (field.name for field in fields(Settings)):
        if name not in stored:
            continue
        try:
            msgspec.convert({name: msgspec.json.decode(stored[name])}, Settings)
        except msgspec.DecodeError:
            continue
        known[name] = msgspec.json.decode(stored[name])
    return msgspec.convert(known, Settings)


def save(connection: Connection, settings: Settings) -> None:
    """Replace them all."""
    connection.executemany(
        "INSERT OR REPLACE INTO settings VALUES (?, ?)",
        [(key, msgspec.json.encode(value).decode()) for key, value in asdict(settings).items()],
    )
