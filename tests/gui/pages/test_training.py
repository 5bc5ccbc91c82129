from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import NotEnoughData
from engine.events import Cancelled, Failed, Finished, Measured, Progress, Started
from engine.records import TuneReport
from engine.requests import (
    CancelJob,
    Finetune,
    GetStatus,
    GetTrainingSummary,
    ListEvalSets,
    ListLabels,
    ListModels,
)
from gui.pages.training import TrainingPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.samples import (
    ACCEPTED,
    BUNDLED,
    ENOUGH,
    LABELS,
    NOTHING,
    REFUSED,
    REFUSED_MODEL,
    SETS,
    TOO_LITTLE,
    TUNED,
    job,
    status,
)

TUNING = job("finetune", "Tuning all-MiniLM-L6-v2")
SCRIPT = {
    GetStatus: status(),
    GetTrainingSummary: ENOUGH,
    ListEvalSets: SETS,
    ListLabels: LABELS,
    ListModels: (BUNDLED,),
    Finetune: TUNING,
}


def test_that_what_is_missing_is_said_and_tuning_is_held_back(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {GetTrainingSummary: TOO_LITTLE})
    assert (
        page.tune_view.readiness.reason.text()
        == "12 more queries with a relevant result are needed."
    )
    assert not page.tune_view.readiness.tune_button.isEnabled()
    assert page.tune_view.readiness.tune_button.toolTip() == page.tune_view.readiness.reason.text()


def test_that_a_set_can_be_trained_on_without_feedback_of_ones_own(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {GetTrainingSummary: NOTHING})
    page.source.setCurrentIndex(page.source.findText("scifact · train (809 queries)"))
    assert page.tune_view.readiness.tune_button.isEnabled()
    page.tune_view.readiness.tune_button.click()
    assert client.asked_for(Finetune) == [Finetune("scifact", "train")]
    qtbot.waitUntil(page.tune_view.live.job_card.isVisible)
    assert not page.tune_view.readiness.tune_button.isEnabled()


def test_that_ones_own_judgments_are_not_offered_as_a_set(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT)
    offered = [page.source.itemText(row) for row in range(page.source.count())]
    assert offered == [
        "My own feedback",
        "scifact · test (300 queries)",
        "scifact · train (809 queries)",
    ]


def test_that_the_chosen_source_outlives_loading_again(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    page.source.setCurrentIndex(2)
    asked = len(client.asked_for(ListEvalSets))
    page.hide()
    page.load_soon()
    page.show()
    qtbot.waitUntil(lambda: len(client.asked_for(ListEvalSets)) > asked)
    client.settle()
    assert page.source.currentData() == Finetune("scifact", "train")


def test_that_a_running_tuning_is_shown_when_the_page_opens(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {GetStatus: status(jobs=(TUNING,))})
    client.tell(Progress(TUNING.id, "Training", 120, 400, "steps", 1.3, 215))
    client.tell(Measured(TUNING.id, "loss", 1, 2.5))
    client.tell(Measured(TUNING.id, "loss", 2, 2.25))
    client.tell(Measured(TUNING.id, "nDCG@10", 0, 0.652))
    qtbot.waitUntil(lambda: bool(page.tune_view.live.quality.points))
    assert page.tune_view.live.loss.points == ((1, 2.5), (2, 2.25))
    assert page.tune_view.live.quality.points == ((0, 0.652),)
    assert "120 of 400 steps" in page.tune_view.live.job_card.words
    assert page.tune_view.readiness.reason.text() == "A model is being tuned."
    assert not page.tune_view.readiness.tune_button.isEnabled()


def test_that_the_next_tuning_begins_its_own_curves(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    for number in (1, 2):
        tuning = job("finetune", "Tuning", number)
        client.tell(Started(tuning))
        client.tell(Measured(tuning.id, "loss", 1, float(number)))
        client.tell(Cancelled(tuning.id))
    qtbot.waitUntil(lambda: page.tune_view.live.loss.points == ((1, 2.0),))


def test_that_an_accepted_model_is_told_with_its_figures(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    client.tell(Started(TUNING))
    report = TuneReport(TUNED.id, BUNDLED.id, True, ACCEPTED.reason, ACCEPTED, 300)
    client.script[ListModels] = (replace(BUNDLED, active=False), replace(TUNED, active=True))
    client.tell(Finished(TUNING.id, report))
    qtbot.waitUntil(lambda: TUNED.name in page.tune_view.verdict.words)
    assert "is better, and is in use now" in page.tune_view.verdict.words
    assert "nDCG@10 0.652 → 0.701 (+0.049)" in page.tune_view.verdict.words
    assert "+0.018 to +0.081, p = 0.002, on 41 held-out queries" in page.tune_view.verdict.words
    with qtbot.waitSignal(page.models_wanted, timeout=1000):
        next(b for b in page.tune_view.verdict.findChildren(QPushButton)).click()


def test_that_the_last_verdict_is_there_when_the_page_opens(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {ListModels: (BUNDLED, REFUSED_MODEL)})
    assert "was refused; the model in use stays" in page.tune_view.verdict.words
    assert REFUSED.reason in page.tune_view.verdict.words
    assert "−0.014 to +0.029" in page.tune_view.verdict.words


def test_that_cancelling_is_silent(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT | {CancelJob: None})
    client.tell(Started(TUNING))
    qtbot.waitUntil(page.tune_view.live.job_card.isVisible)
    client.tell(Cancelled(TUNING.id))
    qtbot.waitUntil(page.tune_view.readiness.tune_button.isEnabled)
    assert not page.tune_view.notice.isVisible()
    assert not page.tune_view.verdict.isVisible()
    assert not page.tune_view.live.job_card.isVisible()


def test_that_a_trainer_that_died_is_told(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = open_page(TrainingPage, SCRIPT)
    client.tell(Started(TUNING))
    client.tell(Failed(TUNING.id, "Out of memory", "It needed more than is allowed.", "Close."))
    qtbot.waitUntil(page.tune_view.notice.isVisible)
    assert page.tune_view.notice.words == "Out of memory\nIt needed more than is allowed.\nClose."


def test_that_a_refused_start_is_shown_and_can_be_tried_again(
    open_page: OpenPage, qtbot: QtBot
) -> None:
    refusal = NotEnoughData("Too little feedback", "There are 3 queries.", "Judge more.")
    page, _ = open_page(TrainingPage, SCRIPT | {Finetune: refusal})
    page.tune_view.readiness.tune_button.click()
    qtbot.waitUntil(lambda: page.window().findChild(QMessageBox) is not None)
    assert page.window().findChild(QMessageBox).text() == "Too little feedback"
    assert page.tune_view.readiness.tune_button.isEnabled()


def test_that_feedback_is_listed_filtered_and_read(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT)
    labels = page.tune_view.labels
    assert labels.shown == list(LABELS)
    labels.use.setCurrentText("Relevant")
    assert [label.id for label in labels.shown] == [1, 3, 5]
    labels.filter.setText("contract")
    assert [label.id for label in labels.shown] == [3]
    labels.table.selectRow(0)
    assert labels.passage.toPlainText() == LABELS[2].text


def test_that_without_feedback_the_page_says_how_to_give_it(open_page: OpenPage) -> None:
    page, _ = open_page(TrainingPage, SCRIPT | {ListLabels: ()})
    assert not page.tune_view.labels.table.isVisible()
    assert not page.tune_view.labels.passage.isVisible()


def test_that_the_page_loads_no_plot_library_until_there_is_something_to_plot() -> None:
    code = (
        "import sys, gui.pages.training, gui.pages.models, gui.pages.library, gui.pages.settings\n"
        "slow = {'numpy', 'pyqtgraph', 'sqlite3', 'torch', 'chromadb'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
