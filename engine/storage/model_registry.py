"""Registered models, and which one is active: the last row of `activations`."""

from __future__ import annotations

import time
from sqlite3 import Connection

import msgspec

from engine.errors import NotFound
from engine.records import GateReport


def register(
    connection: Connection, model_id: str, gate: GateReport | None = None, last_event: int = 0
) -> None:
    """Register a model whose folder is complete; registering it again changes nothing."""
    connection.execute(
        "INSERT OR IGNORE INTO models VALUES (?, ?, ?, ?)",
        (
            model_id,
            msgspec.json.encode(gate).decode() if gate else None,
            last_event,
            time.time(),
        ),
    )


def every(connection: Connection) -> dict[str, GateReport | None]:
    """Registered models by id, oldest first, with the gate's verdict on tuned ones."""
    rows = connection.execute("SELECT id, gate FROM models ORDER BY registered_at, rowid")
    return {
        model_id: msgspec.json.decode(gate, type=GateReport) if gate else None
        for model_id, gate in rows
    }


def require(connection: Connection, model_id: str) -> GateReport | None:
    """The gate's verdict on a registered model, None for a bundled one; raises NotFound."""
    known = every(connection)
    if model_id not in known:
        raise NotFound(
            "No such model", f"There is no model “{model_id}”; there are: {', '.join(known)}."
        )
    return known[model_id]


def activate(connection: Connection, model_id: str) -> None:
    """Switch to a model: one row."""
    connection.execute(
        "INSERT INTO activations (model_id, at) VALUES (?, ?)", (model_id, time.time())
    )


def active(connection: Connection) -> str | None:
    """Id of the active model; None before the first activation."""
    row = connection.execute("SELECT model_id FROM activations ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def previous(connection: Connection) -> str | None:
    """Id of the model that was active before the active one, if any."""
    row = connection.execute(
        "SELECT model_id FROM activations ORDER BY id DESC LIMIT 1 OFFSET 1"
    ).fetchone()
    return None if row is None else str(row[0])


def roll_back(connection: Connection) -> str:
    """Take back the last activation; returns the id that is active now. Raises NotFound."""
    before = previous(connection)
    if before is None:
        raise NotFound(
            "Nothing to roll back to", "No other model was active before the present one."
        )
    connection.execute("DELETE FROM activations WHERE id = (SELECT max(id) FROM activations)")
    return before


def last_tuned_event(connection: Connection) -> int:
    """The newest relevance event that any tuned model has seen."""
    return int(connection.execute("SELECT ifnull(max(last_event), 0) FROM models").fetchone()[0])
