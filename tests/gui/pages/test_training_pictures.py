from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from engine.errors import NotEnoughData
from engine.events import Failed, Finished, Started
from engine.records import ActivationReport, EvalSetInfo, SplitInfo, TuneReport
from engine.requests import (
    ActivateModel,
    Finetune,
    GetPictureTraining,
    GetStatus,
    GetTrainingSummary,
    ListEvalSets,
    ListLabels,
    ListModels,
)
from gui.pages.training import TrainingPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import (
    BUNDLED,
    CLASSIFIER,
    ENOUGH,
    ENOUGH_PICTURES,
    FEW_PICTURES,
    FITTED,
    LABELS,
    REFUSED,
    SETS,
    job,
    status,
)

FITTING = replace(job("finetune", "Fitting the model for pictures"), model_kind="image")
PHOTOS = EvalSetInfo("photos", 4, 1000, (SplitInfo("test", 5000, 5000),), of_pictures=True)
SCRIPT = {
    GetStatus: status(n_pictures=1000),
    GetTrainingSummary: ENOUGH,
    GetPictureTraining: ENOUGH_PICTURES,
    ListEvalSets: SETS,
    ListLabels: LABELS,
    ListModels: (BUNDLED, CLASSIFIER),
    Finetune: FITTING,
}
REPORT = TuneReport(FITTED.id, CLASSIFIER.id, True, "", FITTED.gate, 4)  # type: ignore[arg-type]


def test_that_without_pictures_there_is_nothing_to_fit(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {GetStatus: status()})
    assert not page.tune_view.pictures.isVisible()


def test_that_what_is_missing_is_said_and_fitting_is_held_back(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {GetPictureTraining: FEW_PICTURES})
    assert page.tune_view.pictures.reason.text() == FEW_PICTURES.missing
    assert not page.tune_view.pictures.fit_button.isEnabled()
    assert page.tune_view.readiness.tune_button.isEnabled()


def test_that_a_fit_is_told_and_waits_for_the_user(open_page: OpenPage, qtbot: QtBot) -> None:
    switching = job("activate", "Switching")
    page, client = open_page(TrainingPage, SCRIPT | {ActivateModel: switching})
    page.tune_view.pictures.fit_button.click()
    assert client.asked_for(Finetune) == [Finetune(kind="image")]
    client.tell(Started(FITTING))
    qtbot.waitUntil(page.tune_view.pictures.job_card.isVisible)
    assert page.tune_view.readiness.tune_button.isEnabled()  # texts have their own tuning
    assert not page.tune_view.live.job_card.isVisible()
    client.script[ListModels] = (BUNDLED, CLASSIFIER, FITTED)
    client.tell(Finished(FITTING.id, REPORT))
    qtbot.waitUntil(page.tune_view.pictures.verdict.isVisible)
    assert "R@10 0.270 → 0.410 (+0.140)" in page.tune_view.pictures.verdict.words
    assert "on 240 held-out pictures" in page.tune_view.pictures.verdict.words
    assert not page.tune_view.verdict.isVisible()
    assert not client.asked_for(ActivateModel)
    page.tune_view.pictures.verdict.use_button.click()
    assert client.asked_for(ActivateModel) == [ActivateModel(FITTED.id)]
    client.settle()
    client.tell(Finished(switching.id, ActivationReport(FITTED.id, 0, 1)))
    qtbot.waitUntil(page.tune_view.pictures.notice.isVisible)
    assert "is in use now" in page.tune_view.pictures.notice.words


def test_that_what_is_put_off_is_not_offered_again(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {ListModels: (BUNDLED, CLASSIFIER, FITTED)})
    assert page.tune_view.pictures.verdict.isVisible()
    page.tune_view.pictures.verdict.not_now_button.click()
    page.load()
    client.settle()
    assert not page.tune_view.pictures.verdict.isVisible()


def test_that_a_refused_fit_says_why_and_is_not_offered(open_page: OpenPage) -> None:
    refused = replace(FITTED, gate=REFUSED, notes="R@1, R@5, R@10: 7.0 %, 19.0 %, 27.0 % before.")
    page, _ = open_page(TrainingPage, SCRIPT | {ListModels: (BUNDLED, CLASSIFIER, refused)})
    assert REFUSED.reason in page.tune_view.pictures.verdict.words
    assert refused.notes in page.tune_view.pictures.verdict.words
    assert not page.tune_view.pictures.verdict.use_button.isVisible()


def test_that_tuning_of_texts_leaves_the_pictures_alone(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    client.tell(Started(job("finetune", "Tuning the model")))
    qtbot.waitUntil(page.tune_view.live.job_card.isVisible)
    assert not page.tune_view.pictures.job_card.isVisible()
    assert page.tune_view.pictures.fit_button.isEnabled()


def test_that_sets_of_pictures_are_for_pictures_and_others_for_texts(open_page: OpenPage) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {ListEvalSets: (*SETS, PHOTOS)})
    source = page.tune_view.pictures.source
    assert [source.itemText(row) for row in range(source.count())] == [
        "My own pictures",
        "photos · test (5,000 queries)",
    ]
    assert page.source.findText("photos · test (5,000 queries)") < 0
    source.setCurrentIndex(1)
    page.tune_view.pictures.fit_button.click()
    assert client.asked_for(Finetune) == [Finetune("photos", "test", "image")]


def test_that_a_fit_that_fails_or_is_refused_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    page.tune_view.pictures.fit_button.click()
    client.settle()
    client.tell(Failed(FITTING.id, "The disk is full", "There is no room.", "Make some."))
    qtbot.waitUntil(lambda: "Make some." in page.tune_view.pictures.notice.words)
    client.script[Finetune] = NotEnoughData("Too little to learn from", "9 pictures.", "Describe.")
    page.tune_view.pictures.fit_button.click()
    client.settle()
    assert (
        page.tune_view.pictures.notice.words == "Too little to learn from\n9 pictures.\nDescribe."
    )
    assert page.tune_view.pictures.fit_button.isEnabled()
