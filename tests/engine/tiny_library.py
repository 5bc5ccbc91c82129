"""A workspace whose active model is tiny, so that tuning it takes seconds."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from engine.encoders.catalogue import write_card
from engine.events import Finished
from engine.places import CHECK_SET
from engine.recipe import Recipe, Stage
from engine.records import GateRules
from engine.requests import ChangeSettings, GetSettings, ImportEvalSet
from engine.storage import model_registry
from engine.storage.library import open_library
from engine.workspace import Workspace
from tests.tiny_model import tiny_card

TINY = "tiny"
LONG = Recipe(
    name="Long",
    stages=(Stage(epochs=6, batch_size=2, learning_rate=1e-3),),
    probes_an_epoch=1,
)
"""Many steps, with six checkpoints."""
SHORT = Recipe(name="Short", stages=(Stage(epochs=1, batch_size=16),), probes_an_epoch=1)


def make_tiny_library(folder: Path, weights: Path) -> None:
    """A library of the check set, whose judgments are the split `train` of the set `check`."""
    with Workspace(folder, lambda _: None):
        pass
    library = open_library(folder)
    with library.write() as connection:
        model_registry.register(connection, TINY)
        model_registry.activate(connection, TINY)
    library.close()
    tiny = folder / "models" / TINY
    shutil.copytree(weights, tiny / "weights")
    write_card(replace(tiny_card(TINY), notes="Random."), tiny)
    beir = folder.parent / "beir"
    (beir / "qrels").mkdir(parents=True)
    shutil.copy(CHECK_SET / "corpus.jsonl", beir)
    shutil.copy(CHECK_SET / "queries.jsonl", beir)
    shutil.copy(CHECK_SET / "qrels.tsv", beir / "qrels" / "train.tsv")
    with Workspace(folder, lambda _: None) as workspace:
        job = workspace.import_eval_set(ImportEvalSet(str(beir), "check"))
        assert isinstance(workspace.wait(job.id), Finished)
        settings = workspace.get_settings(GetSettings())
        lenient = GateRules(slower=10, larger=10)  # of a tiny model they say nothing
        workspace.change_settings(ChangeSettings(replace(settings, gate=lenient)))
