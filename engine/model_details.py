"""Models for texts: all that is known of them, and two beside each other."""

from __future__ import annotations

from engine.parts import Parts
from engine.training_records import ModelComparison, ModelDetails
from engine.training_requests import WriteModelNotes


def details(parts: Parts, model_id: str) -> ModelDetails:
    """All that is known of a model; raises NotFound."""
    raise NotImplementedError


def write_notes(parts: Parts, request: WriteModelNotes) -> ModelDetails:
    """Replace the user's notes on a model; raises NotFound."""
    raise NotImplementedError


def compare(parts: Parts, first: str, second: str) -> ModelComparison:
    """Two models beside each other; raises NotFound."""
    raise NotImplementedError


def delete(parts: Parts, model_id: str, dependents: bool) -> None:
    """Delete a model; raises InvalidInput where it is needed."""
    raise NotImplementedError


def overrule(parts: Parts, model_id: str, reason: str) -> None:
    """Keep why a refused model is put to work; raises NotFound, InvalidInput."""
    raise NotImplementedError
