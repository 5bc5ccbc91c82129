"""What an engine would answer about tuning, for the tests of its view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.recipe import BALANCED, PRESETS, Recipe
from engine.records import GateCheck, GateReport
from engine.requests import (
    Finetune,
    GetSettings,
    GetStatus,
    GetTrainingSummary,
    ListEvalSets,
    ListLabels,
    ListModels,
)
from engine.settings import Settings
from engine.training_records import ModelDetails, ModelRecord, QueryChange
from engine.training_requests import ListInterrupted, ListRecipes
from tests.gui.pages.samples import (
    BUNDLED,
    ENOUGH,
    LABELS,
    REFUSED,
    REFUSED_MODEL,
    SETS,
    job,
    status,
)

TUNING = job("finetune", "Tuning all-MiniLM-L6-v2")
OWN_RECIPE = Recipe(name="Minutes of meetings", seed=7)
MANY = replace(ENOUGH, n_queries=400)
SCRIPT: dict[Any, Any] = {
    GetStatus: status(),
    GetTrainingSummary: MANY,
    GetSettings: Settings(),
    ListEvalSets: SETS,
    ListLabels: LABELS,
    ListModels: (BUNDLED,),
    ListRecipes: (*PRESETS, OWN_RECIPE),
    ListInterrupted: (),
    Finetune: TUNING,
}
CHECKS = (
    GateCheck("Held-out searches", True, "nDCG@10 0.652 before, 0.659 after."),
    GateCheck("General knowledge", False, "It lost 0.023; asked: at most 0.01."),
)
CHECKED: GateReport = replace(REFUSED, checks=CHECKS)
CHECKED_MODEL = replace(REFUSED_MODEL, gate=CHECKED)
CHANGES = (
    QueryChange("oxygen in deep water", 0.2, 0.9),
    QueryChange("who signed the contract", 0.5, 0.6),
    QueryChange("phosphorus in sediments", 1.0, 1.0),
    QueryChange("nets and probes", 0.8, 0.3),
)
DETAILS = ModelDetails(
    CHECKED_MODEL,
    ModelRecord(
        parents=(BUNDLED.id,),
        data="Own feedback",
        data_hash="ab" * 32,
        n_pairs=131,
        recipe=BALANCED,
        seed=0,
        versions={},
        device="cpu",
        bf16=False,
        seconds=300,
        curves=(),
        changes=CHANGES,
        general_before=0.51,
        general_after=0.49,
        query_ms=4.1,
        size_bytes=23_000_000,
    ),
    measured=(),
    dependents=(),
    vectors_bytes=0,
    notes="",
)
