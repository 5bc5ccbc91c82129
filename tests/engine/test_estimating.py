"""What a recipe would cost, through the workspace: measured, and nothing kept of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.estimating import step_s
from engine.events import Failed, Finished
from engine.places import CHECK_SET
from engine.recipe import Recipe, Stage
from engine.requests import ImportEvalSet
from engine.training.train_messages import Estimated, StageCost
from engine.training_records import EstimateReport
from engine.training_requests import EstimateTuning
from engine.workspace import Workspace


def files(folder: Path) -> set[str]:
    """What is in a workspace, less what a database and an index write as they are read."""
    found = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return {name for name in found if not name.startswith(("library.db", "embeddings.db"))}


def test_that_a_recipe_is_tried_and_nothing_is_kept(library_folder: Path, tmp_path: Path) -> None:
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    shutil.copy(CHECK_SET / "corpus.jsonl", beir)
    shutil.copy(CHECK_SET / "queries.jsonl", beir)
    shutil.copy(CHECK_SET / "qrels.tsv", beir / "qrels" / "train.tsv")
    recipe = Recipe(
        stages=(
            Stage(origins=("set",), epochs=1, batch_size=4, max_pairs=12),
            Stage(origins=("set",), epochs=1, batch_size=4, max_pairs=8, loss="kl"),
        ),
        max_tokens=32,
    )
    with Workspace(library_folder, lambda _: None) as workspace:
        end = workspace.wait(workspace.bench.estimate_tuning(EstimateTuning(recipe)).id)
        assert isinstance(end, Failed)
        assert end.title == "Too little to learn from"
        imported = workspace.import_eval_set(ImportEvalSet(str(beir), "check"))
        assert isinstance(workspace.wait(imported.id), Finished)
        asked = EstimateTuning(recipe, "check", "train")
        before = files(library_folder)
        end = workspace.wait(workspace.bench.estimate_tuning(asked).id)
        assert files(library_folder) == before
    assert isinstance(end, Finished), end
    assert isinstance(end.result, EstimateReport)
    found = end.result.estimate
    assert found.n_steps == 3 + 2
    assert found.n_pairs == 12 + 8
    assert 0 < found.training_s < found.seconds
    assert found.memory_mb > 100


def test_that_a_stage_that_was_not_tried_costs_as_the_dearer_one() -> None:
    costs = Estimated((StageCost(1.0, 10), StageCost(4.0, 20)), 0.0, 1.0, 1, "cpu", False)
    assert [step_s(costs, number, 3, 5) for number in range(3)] == [1.0, 5 * 0.2, 4.0]
