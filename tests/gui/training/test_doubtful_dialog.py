from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.errors import NotFound
from engine.training_requests import GetTrainingOverview, ListDoubtful, ReviewNegative
from gui.training.doubtful_dialog import DoubtfulDialog
from gui.training.more_view import MoreDataView
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.scripted_client import ScriptedClient
from tests.gui.training.data_samples import DATA, DOUBTFUL, MORE
from tests.gui.training.tune_samples import SCRIPT

ALL = SCRIPT | DATA | MORE
FIRST, SECOND = DOUBTFUL


def _open(open_page: OpenPage) -> tuple[DoubtfulDialog, ScriptedClient]:
    dialog, client = open_page(lambda engine: DoubtfulDialog(engine), ALL)
    dialog.load()
    client.settle()
    return dialog, client


def test_that_query_answer_and_the_passage_in_doubt_are_side_by_side(open_page: OpenPage) -> None:
    dialog, _ = _open(open_page)
    for said in (FIRST.query, FIRST.positive, FIRST.text, FIRST.title, "1 of 2"):
        assert said in dialog.words


def test_that_keys_decide_and_take_back(open_page: OpenPage) -> None:
    dialog, client = _open(open_page)
    QTest.keyClick(dialog, Qt.Key.Key_1)
    QTest.keyClick(dialog, Qt.Key.Key_2)
    assert "Nothing is in doubt any more" in dialog.words
    QTest.keyClick(dialog, Qt.Key.Key_Backspace)
    assert SECOND.text.strip() in dialog.words
    QTest.keyClick(dialog, Qt.Key.Key_0)
    QTest.keyClick(dialog, Qt.Key.Key_0)
    client.settle()
    assert client.asked_for(ReviewNegative) == [
        ReviewNegative(FIRST.id, True),
        ReviewNegative(SECOND.id, False),
        ReviewNegative(SECOND.id, None),
        ReviewNegative(FIRST.id, None),
    ]
    assert "1 of 2" in dialog.words
    assert not dialog.undo_button.isEnabled()


def test_that_keys_still_decide_after_a_button_was_clicked(open_page: OpenPage) -> None:
    dialog, client = _open(open_page)
    dialog.not_button.click()
    QTest.keyClick(dialog, Qt.Key.Key_1)
    client.settle()
    asked = [(review.id, review.answers) for review in client.asked_for(ReviewNegative)]
    assert asked == [(FIRST.id, False), (SECOND.id, True)]


def test_that_what_could_not_be_kept_is_asked_about_again(open_page: OpenPage) -> None:
    dialog, client = _open(open_page)
    client.script[ReviewNegative] = NotFound("The passage is gone", "It was mined again.", "")
    dialog.decide(True)
    client.settle()
    assert "It was mined again." in dialog.notice.words
    assert dialog.current == FIRST


def test_that_with_nothing_in_doubt_it_says_so(open_page: OpenPage) -> None:
    dialog, client = open_page(lambda engine: DoubtfulDialog(engine), ALL | {ListDoubtful: ()})
    dialog.load()
    client.settle()
    assert "Nothing is in doubt any more" in dialog.words
    assert not dialog.answers_button.isVisible()


def test_that_a_list_that_cannot_be_had_is_told(open_page: OpenPage) -> None:
    refusal = NotFound("No list", "The engine is busy.", "")
    dialog, client = open_page(lambda engine: DoubtfulDialog(engine), ALL | {ListDoubtful: refusal})
    dialog.load()
    client.settle()
    assert "The engine is busy." in dialog.notice.words
    assert not dialog._progress.isVisible()


def test_that_closing_it_shows_what_is_still_in_doubt(open_page: OpenPage) -> None:
    view, client = open_page(MoreDataView, ALL)
    view.load()
    client.settle()
    assert view.negatives.review_button.text() == "Review 17 doubtful…"
    view.negatives.review_button.click()
    client.settle()
    dialog = view.findChild(DoubtfulDialog)
    n_asked = len(client.asked_for(GetTrainingOverview))
    dialog.close_button.click()
    client.settle()
    assert len(client.asked_for(GetTrainingOverview)) == n_asked + 1
