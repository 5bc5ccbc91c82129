"""What an engine would answer about models for texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from engine.recipe import THOROUGH
from engine.records import ModelInfo
from engine.requests import GetSettings, GetStatus, ListModels
from engine.settings import Settings
from engine.training_records import CurvePoint, MeasuredOn, ModelDetails, ModelRecord
from engine.training_requests import GetModelDetails
from tests.gui.pages.samples import ACCEPTED, BUNDLED, NOW, TUNED, status
from tests.gui.training.tune_samples import CHECKED_MODEL, CHECKS

ADAPTER = replace(
    TUNED, id="adapter-1", name="Adapter of 20 March", adapter=True, base=TUNED.id, gate=None
)
CHECKED_TUNED = replace(TUNED, gate=replace(ACCEPTED, checks=CHECKS))
TEXTS = (BUNDLED, CHECKED_MODEL, CHECKED_TUNED, ADAPTER)
RECORD = ModelRecord(
    parents=("tuned-0", BUNDLED.id),
    data="Own feedback",
    data_hash="ab" * 32,
    n_pairs=131,
    recipe=msgspec.structs.replace(THOROUGH, name="Minutes of meetings"),
    seed=7,
    versions={"torch": "2.9.1"},
    device="cpu",
    bf16=False,
    seconds=300,
    curves=(CurvePoint("loss", 1, 2.0), CurvePoint("loss", 2, 1.0), CurvePoint("nDCG@10", 2, 0.7)),
    changes=(),
    general_before=0.51,
    general_after=0.505,
    query_ms=4.1,
    size_bytes=23_000_000,
    kept_step=120,
    n_steps=200,
    kept_share=0.75,
)
MEASURED = (
    MeasuredOn("scifact", "test", 3, "dense", False, {"nDCG@10": 0.652, "R@100": 0.91}, NOW),
    MeasuredOn("judgments", "all", None, "hybrid", True, {"nDCG@10": 0.702}, NOW),
)


def details_of(model: ModelInfo) -> ModelDetails:
    """All that is known of a model of the samples."""
    return ModelDetails(
        model,
        RECORD if model.origin == "tuned" else None,
        MEASURED if model.origin == "tuned" else (),
        dependents=(ADAPTER.id,) if model.id == TUNED.id else (),
        vectors_bytes=47_000_000,
        notes="For the thesis.",
    )


def answer_details(request: GetModelDetails) -> ModelDetails:
    """As the engine does."""
    return details_of(next(model for model in TEXTS if model.id == request.model))


SCRIPT: Mapping[Any, Any] = {
    GetStatus: status(),
    GetSettings: Settings(),
    ListModels: TEXTS,
    GetModelDetails: answer_details,
}
