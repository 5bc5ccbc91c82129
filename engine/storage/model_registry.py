"""Registered models, and which one of each kind is active: its last row in `activations`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from sqlite3 import Connection

import msgspec

from engine.errors import NotFound
from engine.records import GateReport, ModelKind

FROM_SET = -1
"""As the newest relevance event: it was not tuned on the user's own."""

_LAST = (
    "SELECT activations.id, model_id FROM activations JOIN models ON models.id = model_id"
    " WHERE kind = ? ORDER BY activations.id DESC LIMIT 1 OFFSET ?"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the user said of a model."""

    name: str | None
    """None where it goes by its own."""
    notes: str
    overruled: str
    """Why it may be put to work in spite of the gate; empty where nobody said so."""


def register(
    connection: Connection,
    model_id: str,
    gate: GateReport | None = None,
    last_event: int = 0,
    kind: ModelKind = "text",
) -> None:
    """Register a model whose folder is complete; registering it again changes nothing."""
    connection.execute(
        "INSERT OR IGNORE INTO models (id, gate, last_event, registered_at, kind)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            model_id,
            msgspec.json.encode(gate).decode() if gate else None,
            last_event,
            time.time(),
            kind,
        ),
    )


def every(connection: Connection, kind: ModelKind = "text") -> dict[str, GateReport | None]:
    """Registered models of a kind by id, oldest first, with the gate's verdict on tuned ones."""
    rows = connection.execute(
        "SELECT id, gate FROM models WHERE kind = ? ORDER BY registered_at, rowid", (kind,)
    )
    return {
        model_id: msgspec.json.decode(gate, type=GateReport) if gate else None
        for model_id, gate in rows
    }


def kind_of(connection: Connection, model_id: str) -> ModelKind:
    """What a registered model encodes; raises NotFound."""
    row = connection.execute("SELECT kind FROM models WHERE id = ?", (model_id,)).fetchone()
    if row is None:
        known = [name for (name,) in connection.execute("SELECT id FROM models ORDER BY kind, id")]
        raise NotFound(
            "No such model", f"There is no model “{model_id}”; there are: {', '.join(known)}."
        )
    return "image" if row[0] == "image" else "text"


def require(connection: Connection, model_id: str) -> GateReport | None:
    """The gate's verdict on a registered model, None for one not tuned here; raises NotFound."""
    return every(connection, kind_of(connection, model_id))[model_id]


def said(connection: Connection, model_id: str) -> Said:
    """What the user said of a registered model."""
    row = connection.execute(
        "SELECT name, notes, overruled FROM models WHERE id = ?", (model_id,)
    ).fetchone()
    return Said(None, "", "") if row is None else Said(*row)


def write_notes(connection: Connection, model_id: str, notes: str, name: str | None) -> None:
    """Replace the user's notes on a model, and its name where one is given; an empty one goes."""
    connection.execute("UPDATE models SET notes = ? WHERE id = ?", (notes, model_id))
    if name is not None:
        connection.execute("UPDATE models SET name = ? WHERE id = ?", (name or None, model_id))


def overrule(connection: Connection, model_id: str, reason: str) -> None:
    """Keep why a model may be put to work in spite of the gate."""
    connection.execute("UPDATE models SET overruled = ? WHERE id = ?", (reason, model_id))


def in_running_test(connection: Connection) -> frozenset[str]:
    """Ids of the models that compete in an A/B test."""
    rows = connection.execute("SELECT first, second FROM ab_tests WHERE ended_at IS NULL")
    return frozenset(model_id for row in rows for model_id in row)


def activate(connection: Connection, model_id: str) -> None:
    """Switch to a model: one row."""
    connection.execute(
        "INSERT INTO activations (model_id, at) VALUES (?, ?)", (model_id, time.time())
    )


def active(connection: Connection, kind: ModelKind = "text") -> str | None:
    """Id of the active model of a kind; None before the first activation."""
    row = connection.execute(_LAST, (kind, 0)).fetchone()
    return None if row is None else str(row["model_id"])


def previous(connection: Connection, kind: ModelKind = "text") -> str | None:
    """Id of the model of a kind that was active before the active one, if any."""
    row = connection.execute(_LAST, (kind, 1)).fetchone()
    return None if row is None else str(row["model_id"])


def roll_back(connection: Connection, kind: ModelKind = "text") -> str:
    """Take back the last activation of a kind; returns the id that is active now.

    Raises NotFound.
    """
    before = previous(connection, kind)
    if before is None:
        raise NotFound(
            "Nothing to roll back to", "No other model was active before the present one."
        )
    last = connection.execute(_LAST, (kind, 0)).fetchone()
    connection.execute("DELETE FROM activations WHERE id = ?", (last["id"],))
    return before


def remove(connection: Connection, model_id: str) -> None:
    """Forget a model and when it was active."""
    connection.execute("DELETE FROM activations WHERE model_id = ?", (model_id,))
    connection.execute("DELETE FROM models WHERE id = ?", (model_id,))


def last_tuned_event(connection: Connection) -> int:
    """The newest relevance event that any tuned text model has seen."""
    seen = connection.execute("SELECT ifnull(max(last_event), 0) FROM models WHERE kind = 'text'")
    return int(seen.fetchone()[0])


@dataclass(frozen=True, slots=True)
class LastTuned:
    """The text model that was tuned last on what the user said."""

    model: str
    last_event: int
    """The newest relevance event that it has seen."""
    at: float
    refused: bool
    """The gate did not accept it."""


def last_tuned(connection: Connection) -> LastTuned | None:
    """The text model that was tuned last on what the user said, if any."""
    row = connection.execute(
        "SELECT id, last_event, registered_at, gate FROM models WHERE kind = 'text'"
        " AND gate IS NOT NULL AND last_event > 0 ORDER BY registered_at DESC, rowid DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    gate = msgspec.json.decode(row["gate"], type=GateReport)
    return LastTuned(row["id"], row["last_event"], row["registered_at"], not gate.accepted)


def last_fitted_at(connection: Connection) -> float:
    """When a model for pictures was last fitted to the user's own; 0 where none was."""
    last = connection.execute(
        "SELECT ifnull(max(registered_at), 0) FROM models"
        " WHERE kind = 'image' AND gate IS NOT NULL AND last_event != ?",
        (FROM_SET,),
    )
    return float(last.fetchone()[0])
