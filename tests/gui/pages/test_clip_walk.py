from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.errors import ModelRejected
from engine.events import Cancelled, Failed, Finished, Progress, Started
from engine.records import ImportReport
from engine.requests import (
    ActivateModel,
    CancelJob,
    DownloadModel,
    GetResults,
    GetStatus,
    GetThumbnails,
    ImportModel,
    ListEvalSets,
    ListModels,
    ListPictures,
    ListPublishedModels,
    TryModel,
)
from gui.clip_walk.fetching import agreement_in_words
from gui.clip_walk.source import local_model
from gui.clip_walk.trial import by_fit
from gui.clip_walk.walk import CHOICE, COSTS, FETCHING, TRIAL, ClipWalk
from gui.pages.models import ModelsPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import CLASSIFIER, CLIP, IMAGE_MODELS, MODELS, PUBLISHED, job, status
from tests.gui.pages.scripted_client import ScriptedClient

GETTING = job("import", "Getting ViT-B-32")


def fits(request: TryModel) -> tuple[float, ...]:
    """The new model likes the last picture best, the present one the first."""
    sign = 1 if request.model == CLIP.id else -1
    return tuple(sign * place / 10 for place in range(len(request.document_ids)))


SCRIPT = {
    GetStatus: status(n_pictures=1000),
    ListModels: MODELS + IMAGE_MODELS,
    ListPublishedModels: PUBLISHED,
    DownloadModel: GETTING,
    ImportModel: GETTING,
    ListPictures: tuple(range(1, 31)),
    GetThumbnails: lambda request: (b"",) * len(request.document_ids),
    GetResults: (),
    TryModel: fits,
    CancelJob: None,
}


@pytest.fixture
def getting(open_page: OpenPage) -> Callable[..., tuple[ClipWalk, ScriptedClient]]:
    """A walk that is getting the first published model."""

    def begin(**script: Any) -> tuple[ClipWalk, ScriptedClient]:
        walk, client = open_page(ClipWalk, SCRIPT | script)
        walk.choice.table.selectRow(0)
        walk.forward_button.click()
        walk.forward_button.click()
        client.settle()
        return walk, client

    return begin


def test_that_a_published_model_is_chosen_got_tried_and_used(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    walk, client = open_page(ClipWalk, SCRIPT)
    assert walk.step == CHOICE
    assert walk.choice.table.visible_records == list(PUBLISHED)
    assert not walk.forward_button.isEnabled()
    walk.choice.table.selectRow(0)
    walk.forward_button.click()
    assert walk.step == COSTS
    for words in ("Download: 605.2 MB", "Licence: MIT", "your library has 1,000", "network"):
        assert words in walk.costs.words
    walk.forward_button.click()
    client.settle()
    assert client.asked_for(DownloadModel) == [DownloadModel("ViT-B-32", "laion2b_s34b_b79k")]
    assert walk.step == FETCHING
    assert not walk.forward_button.isEnabled()
    client.tell(Started(GETTING))
    client.tell(Progress(GETTING.id, "Downloading", 212, 606, "MB", 8.4, 47))
    qtbot.waitUntil(lambda: "212 of 606 MB · 8.4 MB/s" in walk.fetching.job_card.words)
    client.tell(Finished(GETTING.id, ImportReport(CLIP.id, 1.7e-6, 84)))
    qtbot.waitUntil(walk.forward_button.isEnabled)
    assert "no more than 0.000002" in walk.fetching.notice.words
    walk.forward_button.click()
    client.settle()
    assert walk.step == TRIAL
    with qtbot.waitSignal(walk.asked_to_use, timeout=1000) as used:
        walk.forward_button.click()
    assert used.args == [CLIP.id]


def test_that_both_models_order_the_same_ten_pictures(open_page: OpenPage, qtbot: QtBot) -> None:
    walk, client = open_page(lambda engine: ClipWalk(engine, model=CLIP.id), SCRIPT)
    tried = walk.trial.new.order
    assert len(tried) == 10
    QTest.keyClicks(walk.trial.field, "a dog")
    QTest.keyClick(walk.trial.field, Qt.Key.Key_Return)
    client.settle()
    assert client.asked_for(TryModel) == [
        TryModel(CLIP.id, "a dog", tried),
        TryModel(CLASSIFIER.id, "a dog", tried),
    ]
    assert walk.trial.new.order == tuple(reversed(tried))
    assert walk.trial.old.order == tried
    assert walk.step == TRIAL  # Enter orders the pictures, and does not put the model to work
    walk.trial.other_button.click()
    client.settle()
    assert not set(walk.trial.new.order) & set(tried)


def test_that_without_pictures_the_trial_says_so_and_the_model_can_be_used(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    walk, _ = open_page(lambda engine: ClipWalk(engine, model=CLIP.id), SCRIPT | {ListPictures: ()})
    assert not walk.trial.field.isVisible()
    assert walk.forward_button.isEnabled()


def test_that_a_trial_that_fails_is_told_in_the_walk(open_page: OpenPage) -> None:
    refusal = ModelRejected("The model is damaged", "A file is missing.", "Import it again.")
    walk, client = open_page(
        lambda engine: ClipWalk(engine, model=CLIP.id), SCRIPT | {TryModel: refusal}
    )
    walk.trial.field.setText("a dog")
    walk.trial.compare()
    client.settle()
    assert walk.trial.notice.words == "The model is damaged\nA file is missing.\nImport it again."


def test_that_a_failure_stays_in_the_walk_and_can_be_tried_again(
    getting: Callable[..., tuple[ClipWalk, ScriptedClient]], qtbot: QtBot
) -> None:
    walk, client = getting()
    client.tell(Failed(GETTING.id, "No connection", "The host did not answer.", "Try later."))
    qtbot.waitUntil(walk.fetching.notice.isVisible)
    assert "Try later." in walk.fetching.notice.words
    assert walk.forward_button.text() == "Start again"
    walk.forward_button.click()
    client.settle()
    assert len(client.asked_for(DownloadModel)) == 2
    client.tell(Failed(GETTING.id, "No connection", "", ""))
    qtbot.waitUntil(walk.back_button.isEnabled)
    walk.back_button.click()
    walk.back_button.click()
    assert walk.step == CHOICE


def test_that_closing_while_it_is_got_asks_and_stops_it(
    getting: Callable[..., tuple[ClipWalk, ScriptedClient]], qtbot: QtBot
) -> None:
    walk, client = getting()
    walk.reject()
    question = walk.findChild(QMessageBox)
    assert isinstance(question, QMessageBox)
    assert walk.isVisible()
    next(button for button in question.buttons() if button.text() == "Stop").click()
    client.settle()
    assert client.asked_for(CancelJob) == [CancelJob(GETTING.id)]
    with qtbot.waitSignal(walk.finished, timeout=1000):
        client.tell(Cancelled(GETTING.id))


def test_that_cancelling_returns_to_what_it_costs_in_silence(
    getting: Callable[..., tuple[ClipWalk, ScriptedClient]], qtbot: QtBot
) -> None:
    walk, client = getting()
    client.tell(Cancelled(GETTING.id))
    qtbot.waitUntil(lambda: walk.step == COSTS)
    assert not walk.fetching.notice.isVisible()


def test_that_a_checkpoint_alone_needs_its_architecture(
    open_page: OpenPage, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "my clip.safetensors"
    checkpoint.write_bytes(b"0" * 1000)
    walk, client = open_page(ClipWalk, SCRIPT)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(checkpoint))])
    walk.choice.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert walk.step == COSTS
    assert not walk.forward_button.isEnabled()
    QTest.keyClicks(walk.costs.field, "ViT-B-32")
    walk.forward_button.click()
    client.settle()
    asked = client.asked_for(ImportModel)
    assert [Path(one.path) for one in asked] == [checkpoint]
    assert asked[0].architecture == "ViT-B-32"


def test_that_a_configuration_beside_a_checkpoint_tells_its_architecture(tmp_path: Path) -> None:
    checkpoint = tmp_path / "model.safetensors"
    checkpoint.write_bytes(b"0" * 1000)
    assert local_model(str(checkpoint)).needs_architecture
    (tmp_path / "open_clip_config.json").write_text("{}")
    assert not local_model(str(checkpoint)).needs_architecture
    assert local_model(str(tmp_path)).size_bytes == 1000


def test_that_pictures_are_ordered_by_fit_and_equals_keep_their_order() -> None:
    assert by_fit((7, 8, 9), (0.1, 0.4, 0.1)) == [8, 7, 9]


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.0, "the very numbers"), (1e-4, "no more than 0.0001 "), (2.46e-7, "0.0000003 ")],
)
def test_that_the_agreement_is_told_in_digits(difference: float, words: str) -> None:
    assert words in agreement_in_words(difference)


def test_that_the_models_page_opens_the_walk_and_puts_the_model_to_work(
    open_page: OpenPage,
) -> None:
    page, client = open_page(
        ModelsPage, SCRIPT | {ListEvalSets: (), ActivateModel: job("activate", "Switching")}
    )
    next(card for card in page.cards if card.model.id == CLIP.id).trial.click()
    client.settle()
    walk = page.findChild(ClipWalk)
    assert walk.step == TRIAL
    walk.forward_button.click()
    assert client.asked_for(ActivateModel) == [ActivateModel(CLIP.id)]
