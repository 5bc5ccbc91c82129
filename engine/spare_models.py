"""Which models could go where models take too much of the disk."""

from __future__ import annotations

from collections.abc import Iterable

from engine.records import ModelInfo


def spare_models(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Those that the gate refused and no other model was made from, the oldest first."""
    every = list(models)
    bases = {model.base for model in every}
    refused = [
        model
        for model in every
        if model.gate is not None
        and not (model.gate.accepted or model.overruled or model.active or model.previous)
        and model.id not in bases
    ]
    return sorted(refused, key=lambda model: model.created_at)
