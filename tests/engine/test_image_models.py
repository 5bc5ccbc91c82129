"""Models for pictures in an open workspace: imported, tried, put to work, taken back, removed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.encoders.bridge import Bridge
from engine.encoders.clip_catalogue import CATALOGUE
from engine.encoders.fitted import save_fit
from engine.encoders.held_out import Setting
from engine.encoders.image_card import ImageCard, write_image_card
from engine.errors import InvalidInput, NotFound
from engine.events import Cancelled, Event, Failed, Finished, Warned
from engine.image_models import ImageModels
from engine.model_download import download_model
from engine.records import (
    ActivationReport,
    EvaluationReport,
    ImportReport,
    JobInfo,
    LibraryStatus,
    ModelInfo,
)
from engine.requests import (
    ActivateModel,
    CancelJob,
    ChangeSettings,
    Evaluate,
    GetStatus,
    ImportEvalSet,
    ImportModel,
    ListModels,
    RemoveModel,
    RollBackModel,
    Search,
    Sync,
    TryModel,
)
from engine.settings import Settings
from engine.storage import model_registry
from engine.storage.library import open_library
from engine.workspace import Workspace
from tests import hub
from tests.photographs import encoded, scene

BUILT_IN, CLIP = "efficientnet-lite2", "clip-tiny"


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.jpg").write_bytes(encoded(scene(n)))
    return folder


@pytest.fixture
def workspace(clip_library_folder: Path, files: Path, events: list[Event]) -> Iterator[Workspace]:
    """Four pictures, seen by the built-in model; an imported CLIP is there, and not at work."""
    library = open_library(clip_library_folder)
    with library.write() as connection:
        model_registry.register(connection, CLIP, kind="image")
    library.close()
    with opened(clip_library_folder, events) as workspace:
        workspace.remember([str(files)])
        done(workspace, workspace.sync(Sync()))
        yield workspace


def opened(folder: Path, events: list[Event]) -> Workspace:
    workspace = Workspace(folder, events.append)
    workspace.change_settings(ChangeSettings(Settings(ocr="off")))
    workspace.load()
    return workspace


def done(workspace: Workspace, job: JobInfo) -> object:
    end = workspace.wait(job.id)
    assert isinstance(end, Finished), end
    return end.result


def failed(workspace: Workspace, source: Path, architecture: str | None = None) -> str:
    end = workspace.wait(workspace.import_model(ImportModel(str(source), architecture)).id)
    assert isinstance(end, Failed), end
    return f"{end.title}: {end.message}"


def model(workspace: Workspace, model_id: str) -> ModelInfo:
    return next(m for m in workspace.list_models(ListModels()) if m.id == model_id)


def status(workspace: Workspace) -> LibraryStatus:
    return workspace.get_status(GetStatus())


def found(workspace: Workspace) -> list[float]:
    """Scores by meaning of all pictures for some words, best first."""
    results = workspace.search(Search("a red circle", kind="image")).results
    return [result.scores["meaning"].score for result in results]


def test_that_a_clip_goes_from_the_hub_to_work_and_away_again(
    picture_library_folder: Path, tiny_clip: Path, tmp_path: Path, events: list[Event]
) -> None:
    with opened(picture_library_folder, events) as workspace, hub.running(tiny_clip) as server:
        write_set(tmp_path / "set")
        done(workspace, workspace.import_eval_set(ImportEvalSet(str(tmp_path / "set"), "shapes")))
        job = workspace._start(
            "import",
            "Downloading",
            lambda job: download_model(models(workspace), job, CATALOGUE[1], server.address),
        )
        report = done(workspace, job)
        assert isinstance(report, ImportReport) and 0 <= report.agreement < 1e-4
        assert {line.split()[1].split("?")[0].rpartition("/")[2] for line in server.asked} == {
            "open_clip_config.json",
            "open_clip_model.safetensors",
        }
        assert "authorization" not in server.headers
        imported = model(workspace, report.model)
        assert (imported.name, imported.licence) == ("ViT-B-32 (datacomp_xl_s13b_b90k)", "MIT")
        assert (imported.kind, imported.origin, imported.dim) == ("image", "imported", 24)
        assert (imported.max_tokens, imported.encoded, imported.active) == (20, 0, False)
        assert "Already imported" in failed(workspace, tiny_clip)

        measured = done(workspace, workspace.evaluate(Evaluate("shapes", model=report.model)))
        assert isinstance(measured, EvaluationReport) and measured.model == report.model
        assert measured.measures["R@5"] == 1.0
        assert status(workspace).image_model == BUILT_IN
        before = found(workspace)
        activated = done(workspace, workspace.activate_model(ActivateModel(report.model)))
        assert isinstance(activated, ActivationReport) and activated.encoded == 0
        assert found(workspace) != before
        assert (status(workspace).image_model, status(workspace).n_seen) == (report.model, 4)
        measured = done(workspace, workspace.evaluate(Evaluate("shapes")))
        assert isinstance(measured, EvaluationReport) and measured.model == report.model

        assert workspace.roll_back_model(RollBackModel("image")).id == BUILT_IN
        assert found(workspace) == before
        workspace.remove_model(RemoveModel(report.model))
        assert [m.id for m in workspace.list_models(ListModels()) if m.kind == "image"] == [
            BUILT_IN
        ]
        folders = {folder.name for folder in (picture_library_folder / "models").iterdir()}
        assert folders == {"all-MiniLM-L6-v2", BUILT_IN}


def models(workspace: Workspace) -> ImageModels:
    return workspace._parts.image_models


def write_set(folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "qrels").mkdir()
    lines, judged = [], ["query-id\tcorpus-id\tscore"]
    for n in range(4):
        (folder / "images" / f"{n}.jpg").write_bytes(encoded(scene(n)))
        lines.append(json.dumps({"_id": f"p{n}", "text": "", "image": f"images/{n}.jpg"}))
        judged.append(f"q{n}\tp{n}\t1")
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"q{n}", "text": "coloured shapes"}) for n in range(4))
    )
    (folder / "qrels" / "test.tsv").write_text("\n".join(judged))


def test_that_switching_leaves_out_what_cannot_be_read_and_says_so(
    workspace: Workspace, files: Path, events: list[Event]
) -> None:
    (files / "2.jpg").unlink()
    (files / "3.jpg").write_bytes(encoded(scene(30)))
    report = done(workspace, workspace.activate_model(ActivateModel(CLIP)))
    assert isinstance(report, ActivationReport) and report.encoded == 2
    (warning,) = (event for event in events if isinstance(event, Warned))
    assert warning.message.startswith("2 of 4 pictures cannot be read now: 2.jpg, 3.jpg")
    assert len(found(workspace)) == 2
    assert workspace.search(Search("a circle")).notice.endswith("known of 2 of 4 pictures.")


def test_that_a_cancelled_switch_leaves_the_model_at_work(workspace: Workspace) -> None:
    before = found(workspace)
    job = workspace.activate_model(ActivateModel(CLIP))
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    assert status(workspace).image_model == BUILT_IN and found(workspace) == before


def test_that_a_model_is_tried_before_it_is_put_to_work(workspace: Workspace, files: Path) -> None:
    ids = tuple(r.document_id for r in workspace.search(Search("x", kind="image")).results)
    scores = workspace.try_model(TryModel(CLIP, "a red circle", (*ids, 999)))
    assert len(scores) == 5 and scores[-1] == -1.0 and len(set(scores)) == 5
    assert status(workspace).image_model == BUILT_IN
    done(workspace, workspace.activate_model(ActivateModel(CLIP)))
    assert found(workspace) == pytest.approx(sorted(scores[:4], reverse=True), abs=1e-6)


def test_that_a_fitted_model_needs_no_look_at_the_pictures(
    workspace: Workspace, files: Path
) -> None:
    base = models(workspace).open(BUILT_IN, lambda: None)
    random = np.random.default_rng(0)
    weights = random.normal(size=(base.d_look, base.d_meaning)).astype(np.float32)
    mean = np.zeros(base.d_look, np.float32)
    folder = models(workspace).folder("tuned-1")
    folder.mkdir()
    save_fit(Bridge(base.fingerprint, mean, weights, Setting(0.1, 0.5)), folder)
    write_image_card(ImageCard("tuned-1", "Mine", "tuned", BUILT_IN, 1.0), folder)
    models(workspace).register("tuned-1")
    info = model(workspace, "tuned-1")
    assert (info.origin, info.base, info.encoded) == ("tuned", BUILT_IN, 4)
    before = found(workspace)
    for file in files.iterdir():
        file.unlink()
    report = done(workspace, workspace.activate_model(ActivateModel("tuned-1")))
    assert isinstance(report, ActivationReport) and report.encoded == 0
    assert len(found(workspace)) == 4 and found(workspace) != before


def test_that_a_model_that_is_needed_is_not_removed(workspace: Workspace) -> None:
    folder = models(workspace).folder("tuned-1")
    folder.mkdir()
    write_image_card(ImageCard("tuned-1", "Mine", "tuned", CLIP, 1.0), folder)
    models(workspace).register("tuned-1")
    for name, why in ((BUILT_IN, "came with"), ("all-MiniLM-L6-v2", "came with"), (CLIP, "Mine")):
        with pytest.raises(InvalidInput, match=why):
            workspace.remove_model(RemoveModel(name))
    with pytest.raises(NotFound):
        workspace.remove_model(RemoveModel("nothing"))
    workspace.remove_model(RemoveModel("tuned-1"))
    done(workspace, workspace.activate_model(ActivateModel(CLIP)))
    with pytest.raises(InvalidInput, match="searches your library"):
        workspace.remove_model(RemoveModel(CLIP))


def test_that_a_damaged_model_can_be_seen_and_removed(workspace: Workspace) -> None:
    (models(workspace).folder(CLIP) / "image_card.json").write_text("{")
    assert "damaged" in model(workspace, CLIP).notes
    workspace.remove_model(RemoveModel(CLIP))
    assert not models(workspace).folder(CLIP).exists()


def test_that_what_is_no_clip_is_refused_before_anything_is_converted(
    workspace: Workspace, tiny_clip: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_clip, broken)
    weights = broken / "open_clip_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1000])
    assert "incomplete" in failed(workspace, broken)
    weights.write_bytes(b"no weights at all")
    assert "damaged, or no safetensors" in failed(workspace, broken)
    header = json.dumps({"vision_model.x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})
    weights.write_bytes(len(header).to_bytes(8, "little") + header.encode() + b"\0" * 4)
    assert "transformers" in failed(workspace, broken)
    assert "does not say what model" in failed(
        workspace, weights.rename(tmp_path / "a.safetensors")
    )
    assert "does not exist" in failed(workspace, tmp_path / "nothing")
    assert {folder.name for folder in models(workspace).folder(CLIP).parent.iterdir()} == {
        "all-MiniLM-L6-v2",
        BUILT_IN,
        CLIP,
    }


def test_that_a_cancelled_import_leaves_nothing(workspace: Workspace, tiny_clip: Path) -> None:
    job = workspace.import_model(ImportModel(str(tiny_clip)))
    folder = models(workspace).folder(CLIP).parent
    while not any(part.name.startswith(".clip-tiny-2-") for part in folder.iterdir()):
        pass
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    assert {part.name for part in folder.iterdir()} == {"all-MiniLM-L6-v2", BUILT_IN, CLIP}
    assert len([m for m in workspace.list_models(ListModels()) if m.kind == "image"]) == 2


def test_that_a_start_sweeps_what_a_killed_import_left(
    clip_library_folder: Path, events: list[Event]
) -> None:
    """The CLIP's folder is whole and not registered, as after putting back an older backup."""
    for name in (".clip-new-1a2b3c4d", ".download-1a2b", "clip-new"):
        (clip_library_folder / "models" / name).mkdir()
    with opened(clip_library_folder, events):
        left = {folder.name for folder in (clip_library_folder / "models").iterdir()}
    assert left == {"all-MiniLM-L6-v2", BUILT_IN, CLIP}
