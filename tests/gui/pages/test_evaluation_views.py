from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.errors import InvalidInput
from engine.evaluation_records import ADJUDICATED, System
from engine.evaluation_requests import (
    CheckLabels,
    Compare,
    ExplainQuery,
    GetAgreement,
    GiveJudgment,
    JudgeFromThumbs,
    ListDisagreements,
    ListTasks,
    ShowEvalSet,
)
from engine.events import Finished, Progress
from engine.requests import GetStatus, ListEvalSets, ListLabels, ListModels
from gui.pages.evaluation import EvaluationPage
from gui.widgets.comparison_words import (
    difference_in_words,
    judged_warning,
    p_in_words,
    short,
    tally_in_words,
)
from gui.widgets.evalset_agreement import alpha_in_words, bias_in_words, figure
from gui.widgets.evalset_pair import PairDialog
from gui.widgets.evalset_view import AGREEMENT, COMPARE, THUMBS
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.evaluation_samples import (
    AGREEMENT as AGREED,
)
from tests.gui.pages.evaluation_samples import (
    DISAGREEMENTS,
    EXPLAINED,
    FINDING,
    HYBRID,
    KEYWORDS,
    NO_AGREEMENT,
    PROGRESS,
    TASK,
    comparison,
    overview,
)
from tests.gui.pages.samples import LABELS, MODELS, job, status

COMPARING = job("evaluate", "Comparing 2 systems on archive")
SCRIPT = {
    GetStatus: status(),
    ListModels: MODELS,
    ListEvalSets: (),
    ShowEvalSet: overview(),
    Compare: COMPARING,
    ExplainQuery: EXPLAINED,
    GetAgreement: AGREED,
    ListDisagreements: DISAGREEMENTS,
    ListTasks: (TASK,),
    GiveJudgment: PROGRESS,
    ListLabels: LABELS,
}


def at(open_page: OpenPage, view: int, script: dict[Any, Any] | None = None) -> tuple[Any, Any]:
    """The page with a set open at one of its views."""
    page, client = open_page(EvaluationPage, SCRIPT | (script or {}))
    page.open_set("archive")
    page.view.views.choose(view)
    client.settle()
    return page, client


def pair_dialog(page: QWidget) -> PairDialog:
    """The dialog with a pair that is open."""
    return next(found for found in page.findChildren(PairDialog) if found.isVisible())


# Compare


def compared(open_page: OpenPage, qtbot: QtBot) -> tuple[Any, Any]:
    """The page with a comparison."""
    page, client = at(open_page, COMPARE)
    page.view.compare.compare_button.click()
    client.settle()
    client.tell(Progress(COMPARING.id, "Hybrid", 3, 9, "queries", 2.0, 30.0))
    client.tell(Finished(COMPARING.id, comparison()))
    qtbot.waitUntil(lambda: page.view.compare.view is not None)
    return page, client


def test_that_what_is_chosen_is_compared(open_page: OpenPage) -> None:
    page, client = at(open_page, COMPARE)
    panel = page.view.compare
    systems = (System("lexical"), System("hybrid", MODELS[0].id, rerank=True))
    panel.systems.choose(systems)
    for name in ("RR@10", "R@100", "AP", "nDCG'@10"):
        panel.measures[name].setChecked(False)
    panel.version.setCurrentIndex(1)
    panel.split.setCurrentIndex(panel.split.findData("train"))
    panel.compare_button.click()
    assert client.asked_for(Compare) == [
        Compare("archive", systems, "train", 1, ("nDCG@10", "Judged@10"))
    ]


def test_that_comparing_needs_systems_and_judgments(open_page: OpenPage) -> None:
    page, client = at(open_page, COMPARE)
    panel = page.view.compare
    assert panel.compare_button.isEnabled()
    panel.systems.choose(())
    assert not panel.compare_button.isEnabled()
    panel.systems.choose((System("lexical"),))
    panel.show_set(overview(grades={}))
    assert "Judge first" in panel.compare_button.toolTip()
    client.settle()


def test_that_little_judged_figures_are_warned_of(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = compared(open_page, qtbot)
    view = page.view.compare.view
    assert "Keywords (62%)" in view.warning.words
    assert "Hybrid" not in view.warning.words
    assert [figures.name for figures in view.systems.visible_records] == ["Keywords", "Hybrid"]
    assert judged_warning(comparison(judged=0.95)) == ""


def test_that_differences_are_told_in_words() -> None:
    report = comparison()
    sure, chance = report.differences
    assert difference_in_words(report, sure) == (
        "Hybrid does better than Keywords: +.041, 95 % interval .020 to .060, p = .003 after Holm"
    )
    assert difference_in_words(report, chance) == (
        "Keywords or Hybrid, chance may explain it: +.050, 95 % interval −.010 to .110, "
        "p = .200 after Holm"
    )
    assert tally_in_words(replace(sure, wins=5, ties=2, losses=1)) == "5 / 2 / 1"
    assert tally_in_words(replace(chance, wins=5, ties=2, losses=1)) == "1 / 2 / 5"


@pytest.mark.parametrize(
    ("number", "words"), [(0.041, ".041"), (-0.2, "−.200"), (1.0, "1.000"), (10.5, "10.500")]
)
def test_that_figures_leave_out_their_leading_nought(number: float, words: str) -> None:
    assert short(number) == words
    assert p_in_words(0.0004) == "p < .001"


def test_that_queries_stand_by_how_far_systems_are_apart(open_page: OpenPage, qtbot: QtBot) -> None:
    page, _ = compared(open_page, qtbot)
    view = page.view.compare.view
    assert [line.query_id for line in view.queries.visible_records] == ["1", "4", "2"]
    view.queries.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert [line.query_id for line in view.queries.visible_records] == ["4", "2", "1"]


def test_that_a_selected_query_is_explained(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = compared(open_page, qtbot)
    page.view.compare.view.queries.selectRow(0)
    client.settle()
    assert client.asked_for(ExplainQuery) == [ExplainQuery("archive", "1", (KEYWORDS, HYBRID))]
    shown = page.view.compare.explanation
    assert shown.words.startswith("oxygen depletion in summer")
    assert [answer.grade for answer in shown.answers(0)] == [0, None]
    assert [answer.grade for answer in shown.answers(1)] == [3]
    assert "it says hypoxia" in shown.reason.text()


def test_that_a_query_that_cannot_be_explained_says_why(open_page: OpenPage, qtbot: QtBot) -> None:
    page, client = compared(open_page, qtbot)
    client.script[ExplainQuery] = InvalidInput("Not prepared", "The model is gone.", "Choose.")
    page.view.compare.view.queries.selectRow(1)
    client.settle()
    assert "The model is gone." in page.view.compare.explanation.words


# Agreement


def test_that_agreement_is_told_with_its_interval(open_page: OpenPage) -> None:
    page, _ = at(open_page, AGREEMENT)
    panel = page.view.agreement
    assert panel.alpha.text() == (
        "Krippendorff's alpha 0.70 (0.52 to 0.84) on 24 pairs. "
        "Good enough for tentative conclusions."
    )
    assert panel.bias.text().startswith("Ines grades 0.20 higher, Jonas grades 0.20 lower")
    assert len(panel.pairs.visible_records) == 1
    assert "“Assign raters…”" in alpha_in_words(NO_AGREEMENT)
    assert bias_in_words({"Ines": float("nan")}) == ""
    assert figure(float("nan")) == "–"
    assert figure(-0.1, (-0.3, 0.1)) == "−0.10 (−0.30 to 0.10)"


def test_that_disagreements_are_settled_by_keys(open_page: OpenPage) -> None:
    page, client = at(open_page, AGREEMENT)
    page.view.agreement.settle()
    client.settle()
    dialog = pair_dialog(page)
    assert "Ines: 3, exactly it. “Says why”" in dialog.words
    assert "Jonas: 0, not relevant. “Another lake”" in dialog.words
    assert "below the thermocline" in dialog.text.toPlainText()
    dialog.note.setPlainText("Same basin")
    dialog.activateWindow()
    QTest.keyClick(dialog.text, Qt.Key.Key_2)
    client.settle()
    given = client.asked_for(GiveJudgment)[0].judgment
    assert (given.rater, given.grade, given.note) == (ADJUDICATED, 2, "Same basin")
    assert (given.query_id, given.document) == ("1", "c")
    assert dialog.current.document == "d"
    assert dialog.note.toPlainText() == ""
    assert dialog.isVisible()
    dialog.grade(0)
    client.settle()
    assert not [found for found in page.findChildren(PairDialog) if found.isVisible()]


def test_that_a_refused_grade_stays_on_its_pair(open_page: OpenPage) -> None:
    refusal = InvalidInput("No such grade", "The scale ends at 1.", "")
    page, client = at(open_page, AGREEMENT, {GiveJudgment: refusal})
    page.view.agreement.settle()
    client.settle()
    dialog = pair_dialog(page)
    dialog.grade(3)
    client.settle()
    assert dialog.current.document == "c"
    assert "The scale ends at 1." in dialog.notice.words


def test_that_a_second_look_changes_nothing_by_itself(open_page: OpenPage) -> None:
    page, client = at(open_page, AGREEMENT, {CheckLabels: (FINDING,)})
    panel = page.view.agreement
    assert not panel.look_button.isEnabled()
    panel.check_button.click()
    client.settle()
    assert panel.findings.visible_records == [FINDING]
    panel.look_button.click()
    client.settle()
    dialog = pair_dialog(page)
    assert "Ines: 0, not relevant" in dialog.words
    dialog.accept()
    assert not client.asked_for(GiveJudgment)
    panel.look()
    client.settle()
    pair_dialog(page).grade(2)
    client.settle()
    assert client.asked_for(GiveJudgment)[0].judgment.rater == "Ines"


def test_that_nothing_odd_is_told(open_page: OpenPage) -> None:
    page, client = at(open_page, AGREEMENT, {CheckLabels: ()})
    page.view.agreement.check()
    client.settle()
    assert page.view.agreement._checked.text() == "Nothing odd was found."


# Thumbs


def test_that_thumbs_alone_are_offered_and_taken_one_by_one(open_page: OpenPage) -> None:
    page, client = at(open_page, THUMBS, {JudgeFromThumbs: overview()})
    panel = page.view.thumbs
    assert [label.id for label in panel.table.visible_records] == [3, 4]
    panel.table.selectRow(0)
    assert "who signed the contract" in panel.passage.toPlainText()
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_3)
    client.settle()
    assert client.asked_for(JudgeFromThumbs) == [JudgeFromThumbs("archive", (3,), 3, 3)]
    assert panel.table.selected[0].id == 4
    assert panel._use(LABELS[2]) == "In the set: 3"
    assert panel._use(LABELS[3]) == "For training alone"


def test_that_thumbs_are_taken_in_bulk_with_a_grade_for_each_kind(open_page: OpenPage) -> None:
    page, client = at(open_page, THUMBS, {JudgeFromThumbs: overview()})
    panel = page.view.thumbs
    panel.take_all.click()
    client.settle()
    assert client.asked_for(JudgeFromThumbs) == [JudgeFromThumbs("archive", (3, 4), 2, 0)]
    assert "2 thumbs taken into the set" in panel.notice.words
    assert panel._use(LABELS[3]) == "In the set: 0"


def test_that_without_thumbs_it_says_what_they_are_for(open_page: OpenPage) -> None:
    page, _ = at(open_page, THUMBS, {ListLabels: ()})
    assert page.view.thumbs.nothing.isVisible()
