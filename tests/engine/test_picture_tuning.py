"""Fitting to what is said of pictures: over real files and encoders, and what counts as said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.encoders.fitted import FIT
from engine.errors import InvalidInput
from engine.events import Event, Failed, Finished, Progress
from engine.picture_tuning import told_once
from engine.records import ActivationReport, ModelInfo, TuneReport
from engine.requests import (
    ActivateModel,
    ChangeSettings,
    DescribePictures,
    Finetune,
    GetPictureTraining,
    GetResults,
    GiveThumb,
    ListModels,
    ListPictures,
    RollBackModel,
    Search,
    Sync,
    Undo,
)
from engine.settings import Settings
from engine.storage.picture_texts import PictureText
from engine.workspace import Workspace
from tests.photographs import encoded

COLOURS = {
    "red": (200, 30, 30),
    "green": (30, 170, 40),
    "blue": (30, 40, 200),
    "yellow": (230, 220, 40),
    "black": (15, 15, 15),
    "white": (245, 245, 245),
    "purple": (140, 30, 160),
    "orange": (240, 140, 20),
}
THINGS = ("wall", "door", "sheet of paper", "floor", "roof")


def painted(colour: str, number: int) -> Image.Image:
    """A surface of a colour, no two of them alike."""
    random = np.random.default_rng([number, *COLOURS[colour]])
    shade = np.array(COLOURS[colour]) + random.integers(-10, 11, 3)
    pixels = shade + random.normal(0, 6, (60, 80, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def workspace(
    picture_library_folder: Path, tmp_path: Path, heard: list[Event]
) -> Iterator[Workspace]:
    """Forty pictures that nothing is said of."""
    folder = tmp_path / "files"
    folder.mkdir()
    for place, colour in enumerate(COLOURS):
        for number in range(len(THINGS)):
            name = f"IMG_{place}{number}.png"
            (folder / name).write_bytes(encoded(painted(colour, number), "PNG"))
    with Workspace(picture_library_folder, heard.append) as opened:
        opened.change_settings(ChangeSettings(Settings(ocr="off")))
        opened.remember([str(folder)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        yield opened


def describe(workspace: Workspace, order: list[int]) -> None:
    """Say of each picture, in the order of their names, what that of a number shows."""
    results = workspace.get_results(GetResults(workspace.list_pictures(ListPictures())))
    ids = [result.document_id for result in sorted(results, key=lambda result: result.document)]
    for document, number in zip(ids, order, strict=True):
        text = f"{THINGS[number % 5]} painted {list(COLOURS)[number // 5]}"
        workspace.describe_pictures(DescribePictures((document,), text))


def fitted(workspace: Workspace) -> TuneReport:
    end = workspace.wait(workspace.finetune(Finetune(kind="image")).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, TuneReport)
    return end.result


def image_models(workspace: Workspace) -> dict[str, ModelInfo]:
    return {
        model.id: model for model in workspace.list_models(ListModels()) if model.kind == "image"
    }


def meaning(workspace: Workspace, query: str) -> list[str]:
    """Colours by how well their pictures' meaning fits a query, the best first."""
    found = workspace.search(Search(query, kind="image", mode="dense", k=40)).results
    ranked = sorted(found, key=lambda result: result.scores["meaning"].rank)
    return [list(COLOURS)[int(Path(result.document).stem[4])] for result in ranked]


def test_that_captions_make_a_model_that_waits_for_the_user(
    workspace: Workspace, heard: list[Event], picture_library_folder: Path
) -> None:
    one, other, *_ = workspace.list_pictures(ListPictures())
    workspace.give_thumb(GiveThumb("a red wall", one, 1, ""))
    workspace.give_thumb(GiveThumb("a red wall", other, -1, ""))
    little = workspace.get_picture_training(GetPictureTraining())
    assert (little.n_captions, little.n_judgments, little.n_pictures) == (0, 1, 1)
    assert "1 picture has" in little.missing
    early = workspace.wait(workspace.finetune(Finetune(kind="image")).id)
    assert isinstance(early, Failed) and "40 are needed" in early.message
    workspace.undo(Undo())
    workspace.undo(Undo())
    describe(workspace, list(range(40)))
    enough = workspace.get_picture_training(GetPictureTraining())
    assert (enough.n_captions, enough.n_pictures, enough.missing) == (40, 40, "")
    assert enough.new_since_last == 40

    report = fitted(workspace)
    assert report.accepted, report
    assert "On 40 pictures that it had not seen" in report.reason
    stages = {event.stage for event in heard if isinstance(event, Progress)}
    assert stages >= {"Understanding texts", "Fitting"}
    base, tuned = (image_models(workspace)[name] for name in (report.base, report.model))
    assert (tuned.origin, tuned.base, tuned.gate) == ("tuned", base.id, report.gate)
    assert "R@10" in tuned.notes
    assert base.active and not tuned.active
    written = {file.name for file in (picture_library_folder / "models" / tuned.id).iterdir()}
    assert written == {FIT, "image_card.json"}
    assert workspace.get_picture_training(GetPictureTraining()).new_since_last == 0

    end = workspace.wait(workspace.activate_model(ActivateModel(tuned.id)).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, ActivationReport) and end.result.encoded == 0
    assert image_models(workspace)[tuned.id].active
    assert meaning(workspace, "a purple wall")[:3] == ["purple"] * 3

    # Fits do not stack, and captions that say nothing of their pictures are refused.
    describe(workspace, np.random.default_rng(1).permutation(40).tolist())
    refused = fitted(workspace)
    assert not refused.accepted and refused.base == base.id
    assert image_models(workspace)[refused.model].gate == refused.gate
    assert image_models(workspace)[tuned.id].active
    with pytest.raises(InvalidInput, match="did not pass"):
        workspace.activate_model(ActivateModel(refused.model))
    assert workspace.roll_back_model(RollBackModel("image")).id == base.id


def test_that_a_text_counts_once_a_picture_and_not_where_it_was_judged_not_to_fit() -> None:
    texts = [
        PictureText(1, "Red wall", "title"),
        PictureText(1, "red  WALL", "caption"),
        PictureText(2, "red wall", "search"),
        PictureText(2, "Red wall", "search", fits=False),
        PictureText(3, "wall", "tags"),
        PictureText(3, " ", "caption"),
    ]
    assert told_once(texts) == [texts[1], texts[4]]
    assert told_once(reversed(texts)) == [texts[4], texts[1]]
