from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import EngineGone, InvalidInput, NotEnoughData, NotFound
from engine.evaluation_requests import ShowEvalSet
from engine.events import Changed
from engine.places import SAMPLE_LIBRARY
from engine.records import (
    EvalSetInfo,
    Facet,
    Facets,
    LabelState,
    NearDuplicate,
    RerankAdvice,
    Root,
)
from engine.requests import (
    AddSampleLibrary,
    AdviseReranking,
    GetDocument,
    GetSettings,
    GetStatus,
    GiveThumb,
    Judge,
    ListEvalSets,
    ListFacets,
    Search,
    Undo,
)
from engine.settings import Settings
from gui.pages.search import SearchPage
from gui.widgets.filter_row import OTHERS
from gui.widgets.why_panel import ordinal
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.evaluation_samples import overview
from tests.gui.pages.found import DOCUMENTS, LAKES, LIBRARY, answer, passages
from tests.gui.pages.samples import status
from tests.gui.pages.scripted_client import Script, ScriptedClient

Opened = tuple[SearchPage, ScriptedClient]
Open = Callable[[Script], Opened]


@pytest.fixture
def opened(open_page: OpenPage) -> Open:
    """Opens the page over a script; the engine is ready."""

    def open_over(script: Script) -> Opened:
        page, client = open_page(SearchPage, script)
        client.become("ready", None)
        client.settle()
        return page, client

    return open_over


@pytest.fixture
def found(opened: Open) -> Opened:
    """The page with an answer, the list focused."""
    page, client = opened(LIBRARY)
    search(page, client, "oxygen deep")
    page.list.setFocus()
    return page, client


def search(page: SearchPage, client: ScriptedClient, query: str) -> None:
    """Type a query and press Enter."""
    page.bar.ask(query)
    client.settle()
    QTest.qWait(70)  # the document behind the first result is fetched a moment later
    client.settle()


def press(page: SearchPage, client: ScriptedClient, key: Qt.Key | str, **held: Any) -> None:
    """Press a key in the results."""
    if isinstance(key, str):
        QTest.keyClicks(page.list, key)
    else:
        QTest.keyClick(page.list, key, **held)
    client.settle()


# Asking


def test_that_typing_asks_once_for_the_unfinished_query(opened: Open, qtbot: QtBot) -> None:
    page, client = opened(LIBRARY)
    QTest.keyClicks(page.bar.field, "oxy")
    qtbot.waitUntil(lambda: bool(client.asked_for(Search)))
    assert [(s.query, s.prefix) for s in client.asked_for(Search)] == [("oxy", True)]


def test_that_enter_asks_at_once_for_the_finished_query(opened: Open, qtbot: QtBot) -> None:
    page, client = opened(LIBRARY)
    QTest.keyClicks(page.bar.field, "oxygen")
    QTest.keyClick(page.bar.field, Qt.Key.Key_Return)
    assert [(s.query, s.prefix) for s in client.asked_for(Search)] == [("oxygen", False)]
    qtbot.wait(120)
    assert len(client.asked_for(Search)) == 1, "the pause in typing asked again"


def test_that_an_answer_that_nobody_waits_for_any_more_is_not_shown(opened: Open) -> None:
    page, client = opened(LIBRARY | {Search: lambda request: answer(request.query)})
    page.bar.ask("oxygen")
    page.bar.ask("probe")
    client.settle()
    assert page.model.answer is not None
    assert page.model.answer.query == "probe"


def test_that_the_settings_say_how_a_search_begins(opened: Open) -> None:
    settings = Settings(mode="dense", balance=0.8, rerank=True)
    page, client = opened(LIBRARY | {GetSettings: settings})
    search(page, client, "oxygen")
    [asked] = client.asked_for(Search)
    assert (asked.mode, asked.balance, asked.rerank) == ("dense", 0.8, True)


@pytest.mark.parametrize(
    ("settings", "mode"), [(Settings(theme="dark"), "dense"), (Settings(mode="lexical"), "lexical")]
)
def test_that_a_setting_of_another_kind_leaves_the_chosen_mode_alone(
    found: Opened, settings: Settings, mode: str
) -> None:
    page, client = found
    page.bar.choose_mode("dense")
    client.script[GetSettings] = settings
    client.tell(Changed("settings"))
    client.settle()
    assert page.bar.mode == mode


def test_that_mode_and_balance_ask_again(found: Opened, qtbot: QtBot) -> None:
    page, client = found
    page.bar.choose_mode("dense")
    client.settle()
    assert client.asked_for(Search)[-1].mode == "dense"
    page.bar.choose_mode("hybrid")
    page.bar._balance.slider.setValue(20)
    qtbot.waitUntil(lambda: client.asked_for(Search)[-1].balance == 1.0)


def test_that_filters_limit_the_search_until_they_are_removed(found: Opened) -> None:
    page, client = found
    page.filters.toggle_type(0)
    page.filters.choose_folder("/home/ines/Documents")
    page.filters.choose_time(0)
    asked = client.asked_for(Search)[-1]
    assert (asked.under, asked.types) == ("/home/ines/Documents", ("pdf",))
    assert asked.modified_after is not None
    assert asked.modified_before is None
    assert page.filters.words == "Documents  ▾, PDF  ▾, Past week  ▾, More filters  ▾"
    page.filters.clear()
    asked = client.asked_for(Search)[-1]
    assert (asked.under, asked.types, asked.modified_after) == (None, (), None)


def test_that_reranking_comes_with_advice(opened: Open) -> None:
    advice = RerankAdvice(True, 0.61, 0.68, 14, "Reranking helps on your 14 judged queries.")
    page, client = opened(LIBRARY | {AdviseReranking: advice})
    search(page, client, "oxygen")
    page.bar._rerank.click()
    client.settle()
    assert client.asked_for(Search)[-1].rerank
    assert page.bar._advice.text() == advice.reason


def test_that_too_few_judgments_for_advice_are_no_error(opened: Open) -> None:
    error = NotEnoughData("Too few judgments", "Judge 5 more queries to learn if it helps.")
    page, client = opened(LIBRARY | {AdviseReranking: error})
    page.bar._rerank.click()
    client.settle()
    assert page.bar._advice.text() == error.message


# What is shown


def test_that_results_are_shown_in_place_of_those_before(found: Opened) -> None:
    page, client = found
    rows = page.model.rowCount()
    reset: list[object] = []
    page.model.modelReset.connect(lambda: reset.append(1))
    search(page, client, "probe")
    assert 0 < page.model.rowCount() < rows
    assert not reset


def test_that_the_same_query_keeps_the_selected_document(found: Opened) -> None:
    page, client = found
    page.list.select(2)
    chosen = page.list.current
    page.bar.choose_mode("dense")
    client.settle()
    assert page.list.current is not None
    assert chosen is not None
    assert page.list.current.document_id == chosen.document_id


def test_that_the_line_above_counts_and_warns(opened: Open) -> None:
    notice = "Search by meaning covers 1,200 of 5,183 passages so far."
    page, client = opened(LIBRARY | {Search: lambda r: answer(r.query, notice=notice)})
    search(page, client, "oxygen")
    assert page.answer_line.words == f"5 documents  ·  23 ms {notice}"


def test_that_nothing_found_leads_on(opened: Open) -> None:
    page, client = opened(LIBRARY | {Search: lambda r: answer(r.query, (), mode=r.mode)})
    page.bar.choose_mode("lexical")
    page.filters.toggle_type(0)
    search(page, client, "zymurgy")
    assert page.states.currentWidget() is page.nothing
    assert "zymurgy" in page.nothing.words
    page.nothing.unfilter.click()
    assert client.asked_for(Search)[-1].types == ()
    page.nothing.hybrid.click()
    assert client.asked_for(Search)[-1].mode == "hybrid"


def test_that_a_search_that_fails_says_why(opened: Open) -> None:
    error = InvalidInput("Too long", "The query has 90,000 words.", "Use fewer.")
    page, client = opened(LIBRARY | {Search: error})
    search(page, client, "oxygen")
    assert page.nothing.words == "Too long\nThe query has 90,000 words. Use fewer."


def test_that_results_stay_while_the_engine_restarts_and_are_asked_for_again(
    found: Opened,
) -> None:
    page, client = found
    client.script[Search] = EngineGone("The search engine stopped", "It ended.")
    client.become("restarting", None)
    page.bar.choose_mode("dense")
    client.settle()
    assert page.states.currentWidget() is page.splitter
    assert page.model.rowCount() == 5
    asked = len(client.asked_for(Search))
    client.become("ready", None)
    client.settle()
    assert len(client.asked_for(Search)) == asked + 1


def test_that_results_follow_a_growing_library(found: Opened, qtbot: QtBot) -> None:
    page, client = found
    page._again.setInterval(20)
    client.tell(Changed("library"))
    client.tell(Changed("library"))
    client.settle()
    qtbot.waitUntil(lambda: len(client.asked_for(Search)) == 2)
    qtbot.wait(60)
    assert len(client.asked_for(Search)) == 2


# The first run


def test_that_an_empty_library_leads_to_a_result_in_two_clicks(opened: Open, qtbot: QtBot) -> None:
    sample = Root(1, str(SAMPLE_LIBRARY), "folder", 0, 40, 40, 0, True)
    page, client = opened(LIBRARY | {GetStatus: status(()), AddSampleLibrary: (sample,)})
    assert page.states.currentWidget() is page.welcome
    client.script[GetStatus] = status((sample,))
    page.welcome.sample.click()
    client.settle()
    qtbot.waitUntil(lambda: page.states.currentWidget() is page.invitation)
    chips = [b for b in page.invitation.findChildren(QPushButton) if b.isVisible()]
    assert len(chips) > 2
    chips[0].click()
    client.settle()
    assert client.asked_for(Search)[-1].query == chips[0].text()


def test_that_examples_are_for_the_sample_library_alone(opened: Open) -> None:
    page, _ = opened(LIBRARY)
    assert page.states.currentWidget() is page.invitation
    assert not [b for b in page.invitation.findChildren(QPushButton) if b.isVisible()]


def test_that_an_emptied_field_invites_again(found: Opened, qtbot: QtBot) -> None:
    page, _ = found
    page.bar.field.setFocus()
    QTest.keyClick(page.bar.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.states.currentWidget() is page.invitation)
    assert page.model.rowCount() == 0


# Keys


def test_that_down_leads_into_the_results_and_up_out_of_them(found: Opened) -> None:
    page, client = found
    page.bar.field.setFocus()
    QTest.keyClick(page.bar.field, Qt.Key.Key_Down)
    assert page.list.hasFocus()
    press(page, client, "jj")
    assert page.list.currentIndex().row() == 2
    press(page, client, "k")
    press(page, client, Qt.Key.Key_Up)
    assert page.list.currentIndex().row() == 0
    press(page, client, Qt.Key.Key_Up)
    assert page.bar.field.hasFocus()


@pytest.mark.parametrize("grade", [0, 1, 2, 3])
def test_that_a_digit_judges_the_current_result(found: Opened, grade: int) -> None:
    page, client = found
    page.list.select(1)
    press(page, client, str(grade))
    [asked] = client.asked_for(Judge)
    assert (asked.query, asked.document_id, asked.grade) == ("oxygen deep", 2, grade)
    assert asked.text == page.model.result(1).passages[0].text  # type: ignore[union-attr]
    assert (asked.rank, asked.model) == (2, "all-minilm-l6-v2")
    assert asked.scores == {"dense": 0.78, "fused": 0.5}
    assert page.list.current is not None
    assert page.list.current.grade == grade
    assert page.preview.grade_bar.shown[0] == grade


def test_that_delete_takes_the_grade_away(found: Opened) -> None:
    page, client = found
    press(page, client, Qt.Key.Key_Delete)
    assert client.asked_for(Judge)[-1].grade is None


@pytest.mark.parametrize(("key", "thumb"), [("+", 1), ("u", 1), ("-", -1), ("d", -1)])
def test_that_a_key_gives_a_thumb_and_takes_it_away(found: Opened, key: str, thumb: int) -> None:
    page, client = found
    page.list.select(1)
    press(page, client, key)
    press(page, client, key)
    assert [asked.thumb for asked in client.asked_for(GiveThumb)] == [thumb, None]


def test_that_a_click_on_a_thumb_gives_it_to_its_own_row(found: Opened) -> None:
    page, client = found
    rect = page.list.visualRect(page.model.index(2))
    places = [
        QPoint(x, rect.top() + 22)
        for x in range(rect.left(), rect.right(), 4)
        if page.list._delegate.part_at(rect, QPoint(x, rect.top() + 22), page.model.index(2))
        == "down"
    ]
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=places[1])
    client.settle()
    [asked] = client.asked_for(GiveThumb)
    assert (asked.document_id, asked.thumb) == (3, -1)


def test_that_undo_shows_what_the_pair_carries_then(found: Opened) -> None:
    page, client = found
    press(page, client, "2")
    assert page.labelling.undo_words == "grade 3 on “It”"
    page.labelling.undo()
    client.settle()
    assert client.asked_for(Undo)
    assert page.list.current is not None
    assert page.list.current.grade is None
    assert page.labelling.redo_words == "grade 3 on “It”"


def test_that_nothing_to_undo_is_said_quietly(found: Opened) -> None:
    page, client = found
    client.script[Undo] = NotFound("Nothing to undo", "No judgment or thumb was given yet.")
    said: list[str] = []
    page.said.connect(said.append)
    page.labelling.undo()
    client.settle()
    assert said == ["Nothing to undo"]


def test_that_space_hides_and_shows_the_preview(found: Opened) -> None:
    page, client = found
    press(page, client, Qt.Key.Key_Space)
    assert not page.preview.isVisible()
    press(page, client, Qt.Key.Key_Space)
    assert page.preview.isVisible()


def test_that_enter_opens_the_file_and_ctrl_enter_its_folder(
    found: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, client = found
    asked: list[tuple[str, str]] = []

    def handed(how: str) -> Callable[[str], bool]:
        def hand_over(path: str) -> bool:
            asked.append((how, path))
            return True

        return hand_over

    for name in ("open_file", "show_in_folder"):
        monkeypatch.setattr(f"gui.handing_over.{name}", handed(name))
    press(page, client, Qt.Key.Key_Return)
    press(page, client, Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    path = DOCUMENTS[0].paths[0]
    assert asked == [("open_file", path), ("show_in_folder", path)]


def test_that_a_dataset_document_cannot_be_opened(found: Opened) -> None:
    page, client = found
    said: list[str] = []
    page.said.connect(said.append)
    page.list.select(3)
    client.settle()
    buttons = {b.text().strip(): b for b in page.preview.findChildren(QPushButton)}
    assert not buttons["Open"].isEnabled()
    assert not buttons["Show in folder"].isEnabled()
    press(page, client, Qt.Key.Key_Return)
    assert said == ["A document of a dataset has no file"]


# The preview


def test_that_the_preview_marks_the_passage_in_its_document(found: Opened) -> None:
    page, client = found
    assert client.asked_for(GetDocument)[0].document_id == 1
    best = page.preview.passage
    assert best is not None
    assert page.preview.body.text.toPlainText() == DOCUMENTS[0].text
    assert page.preview.body.text.marked[0] == best.text
    assert [word.lower() for word in page.preview.body.text.marked[1:3]] == ["oxygen", "deep"]


def test_that_emoji_before_a_passage_do_not_shift_its_mark(opened: Open) -> None:
    shifted = replace(DOCUMENTS[0], text="🐟" * 50 + "\n\n" + DOCUMENTS[0].text)
    page, client = opened(
        LIBRARY | {Search: lambda r: answer(r.query, (shifted,)), GetDocument: lambda _: shifted}
    )
    search(page, client, "oxygen deep")
    assert page.preview.body.text.toPlainText() == shifted.text
    assert page.preview.body.text.marked[0].startswith("Oxygen depletion")


def test_that_a_very_long_document_is_shown_around_its_passage(opened: Open) -> None:
    text = "filler\n" * 200_000 + "oxygen here\n" + "filler\n" * 200_000
    long = replace(DOCUMENTS[0], text=text, pages=())
    page, client = opened(
        LIBRARY | {Search: lambda r: answer(r.query, (long,)), GetDocument: lambda _: long}
    )
    search(page, client, "oxygen")
    assert page.preview.body.text.marked[0] == "oxygen here"
    assert len(page.preview.body.text.toPlainText()) < 500_000


def test_that_arrows_step_through_the_passages(found: Opened) -> None:
    page, client = found
    result = page.list.current
    assert result is not None
    press(page, client, Qt.Key.Key_Right)
    assert page.preview.passage == result.passages[1]
    press(page, client, Qt.Key.Key_Left)
    press(page, client, Qt.Key.Key_Left)
    assert page.preview.passage == result.passages[0]


def test_that_a_document_that_is_gone_leaves_its_passage_readable(opened: Open) -> None:
    gone = NotFound("No such document", "It has left the library.")
    page, client = opened(LIBRARY | {GetDocument: gone})
    search(page, client, "oxygen deep")
    assert page.preview.passage is not None
    assert page.preview.body.text.toPlainText() == page.preview.passage.text


def test_that_why_names_every_retriever_that_was_asked(found: Opened) -> None:
    page, client = found
    page.list.select(1)
    client.settle()
    assert page.preview.why.words.splitlines() == [
        "Keywords: did not find the query's words here",
        "Meaning: 1st by meaning, similarity 0.78",
        "Together: 2nd, score 0.500",
    ]


def test_that_the_passage_can_be_copied(found: Opened) -> None:
    page, _ = found
    page.copy_passage()
    assert page.preview.passage is not None
    assert QGuiApplication.clipboard().text() == page.preview.passage.text


@pytest.mark.parametrize("width", [772, 1060, 2400])
def test_that_long_names_do_not_widen_anything(found: Opened, width: int) -> None:
    page, client = found
    page.resize(width, 700)
    page.list.select(2)
    client.settle()
    assert page.width() == width
    assert page.minimumSizeHint().width() <= 772
    assert page.list.visualRect(page.model.index(2)).width() <= page.list.viewport().width()


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")],
)
def test_that_ordinals_are_english(number: int, words: str) -> None:
    assert ordinal(number) == words


# Documents like a result

LIKE = replace(
    answer("oxygen deep").results[0],
    also_at=("/media/backup/thesis.pdf", "/home/ines/papers.zip!/thesis.pdf"),
    near_duplicates=(
        NearDuplicate(
            2, DOCUMENTS[1].paths[0], "Draft of it", passages=passages(DOCUMENTS[1], "oxygen")[:1]
        ),
        NearDuplicate(3, DOCUMENTS[2].paths[0], "Another draft"),
    ),
)


@pytest.fixture
def alike(opened: Open) -> Opened:
    first = answer("oxygen deep")
    results = (LIKE, replace(first.results[3], rank=2))
    page, client = opened(LIBRARY | {Search: replace(first, results=results)})
    search(page, client, "oxygen deep")
    return page, client


def link(page: SearchPage, part: str) -> QPoint:
    """A place in the first row that leads there."""
    index = page.model.index(0)
    rect = page.list.visualRect(index)
    return next(
        QPoint(x, y)
        for y in range(rect.top(), rect.bottom())
        for x in range(rect.left(), rect.right(), 6)
        if page.list._delegate.part_at(rect, QPoint(x, y), index) == part
    )


def test_that_what_is_nearly_the_same_unfolds_below_its_result(alike: Opened) -> None:
    page, client = alike
    before = page.model.rowCount()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=link(page, "similar"))
    assert page.model.rowCount() == before + 2
    page.list.select(1)
    client.settle()
    QTest.qWait(90)
    client.settle()
    assert page.list.current is not None
    assert page.list.current.title == "Draft of it"
    assert page.preview.body.text.toPlainText() == DOCUMENTS[1].text
    page.list.select(0)
    press(page, client, Qt.Key.Key_N)
    assert page.model.rowCount() == before


def test_that_a_label_of_what_is_nearly_the_same_is_about_its_own_passage(alike: Opened) -> None:
    page, client = alike
    page.model.unfold(0)
    page.list.select(1)
    press(page, client, Qt.Key.Key_3)
    (judged,) = client.asked_for(Judge)
    assert (judged.document_id, judged.text) == (2, LAKES[1])
    assert "lexical" not in judged.scores
    page.model.unfold(0)
    page.model.unfold(0)
    kept = page.model.result(1)
    assert kept is not None and kept.grade == 3


def test_that_what_is_unfolded_stays_so_while_results_are_refreshed(alike: Opened) -> None:
    page, client = alike
    page.model.unfold(0)
    n_rows = page.model.rowCount()
    page._search()
    client.settle()
    assert page.model.rowCount() == n_rows
    assert page.model.answer is not None
    page.model.show_answer(replace(page.model.answer, query="something else"))
    assert page.model.rowCount() == n_rows - 2


def test_that_other_places_are_offered_and_shown_in_their_folder(
    alike: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _ = alike
    shown: list[str] = []

    def show(path: str) -> bool:
        shown.append(path)
        return True

    monkeypatch.setattr("gui.handing_over.show_in_folder", show)
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=link(page, "places"))
    menu = next(m for m in page.list.findChildren(QMenu) if m.isVisible())
    assert [action.text() for action in menu.actions()] == [
        "/media/backup/thesis.pdf",
        "/home/ines/papers.zip › thesis.pdf",
    ]
    menu.actions()[1].trigger()
    assert shown == ["/home/ines/papers.zip"]
    menu.close()


def test_that_a_document_in_an_archive_opens_the_archive(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = replace(DOCUMENTS[0], paths=("/home/ines/papers.zip!/one/two.pdf",))
    page, client = opened(LIBRARY | {Search: answer("oxygen", (inner,)), GetDocument: inner})
    search(page, client, "oxygen")
    opened_files: list[str] = []

    def open_it(path: str) -> bool:
        opened_files.append(path)
        return True

    monkeypatch.setattr("gui.handing_over.open_file", open_it)
    page._open()
    assert opened_files == ["/home/ines/papers.zip"]


HELD = Facets(
    languages=(Facet("en", 1204), Facet("de", 31), Facet("he", 2)),
    authors=(Facet("Ada Keller", 40), Facet("Ben Oz", 3), Facet("Kellermann", 1)),
    types=(Facet("pdf", 900), Facet("md", 80), Facet("txt", 4), Facet("py", 2)),
)


@pytest.fixture
def held(opened: Open) -> Opened:
    """A page that knows what the library holds, with results."""
    page, client = opened(LIBRARY | {ListFacets: HELD})
    search(page, client, "oxygen deep")
    return page, client


def test_that_filters_offer_what_the_library_holds(held: Opened) -> None:
    page, client = held
    filters = page.filters
    offered = [action.text() for action in filters._type_actions if action.isVisible()]
    assert offered == ["PDF (900)", "Text and Markdown (84)", "Other types (2)"]
    languages = [action.text() for action in filters.more._language.actions.values()]
    assert languages == ["English (1,204)", "German (31)", "Hebrew (2)"]
    filters.toggle_type(OTHERS)
    client.settle()
    assert client.asked_for(Search)[-1].types == ("py",)


def test_that_a_chosen_language_stays_when_the_library_has_lost_it(held: Opened) -> None:
    page, client = held
    page.filters.more.choose_language("he")
    client.script[ListFacets] = replace(HELD, languages=HELD.languages[:1])
    client.tell(Changed("library"))
    client.settle()
    QTest.qWait(350)
    client.settle()
    assert [*page.filters.more._language.actions] == ["en", "he"]
    assert page.filters.filters.languages == ("he",)


@pytest.mark.parametrize(
    ("typed", "offers", "then"),
    [
        ("oxygen type:p", ["pdf   900", "py   2"], "oxygen type:pdf "),
        ("lang:g", ["de  German   31"], "lang:de "),
        ("by:kel", ["Ada Keller   40", "Kellermann   1"], 'by:"Ada Keller" '),
        ('author:"ada k', ["Ada Keller   40"], 'author:"Ada Keller" '),
        ("type", [], ""),
        ("type:pdf", [], ""),
        ("in:p", [], ""),
    ],
)
def test_that_a_condition_is_completed_with_what_there_is(
    held: Opened, typed: str, offers: list[str], then: str
) -> None:
    page, _ = held
    page.bar.field.clear()
    QTest.keyClicks(page.bar.field, typed)
    completer = page.bar.conditions
    assert completer.offers == offers
    if offers:
        popup = completer.popup()
        assert popup is not None
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        assert page.bar.field.text() == then
        assert popup.isHidden()


def test_that_a_condition_on_its_way_is_no_trouble(held: Opened) -> None:
    page, client = held
    client.script[Search] = InvalidInput("Not a date", "“20” is no date.")
    page._search(finished=False)
    client.settle()
    assert page.states.currentWidget() is page.splitter
    page._search(finished=True)
    client.settle()
    assert page.nothing.words.startswith("Not a date")


def test_that_author_and_languages_limit_the_search(held: Opened, qtbot: QtBot) -> None:
    page, client = held
    page.filters.more.choose_language("de")
    page.filters.more.choose_language("he")
    page.filters.more.field.setText(" Keller ")
    qtbot.waitUntil(lambda: client.asked_for(Search)[-1].author == "Keller")
    assert client.asked_for(Search)[-1].languages == ("de", "he")
    assert page.filters.n_active == 2
    assert page.filters.words.endswith("by Keller, German, Hebrew  ▾")
    page.filters.clear()
    client.settle()
    assert client.asked_for(Search)[-1].author is None
    assert client.asked_for(Search)[-1].languages == ()


def test_that_grades_go_into_the_set_that_is_chosen(open_page: OpenPage) -> None:
    archive = overview("archive", scale=("No", "Yes"))
    sets = tuple(EvalSetInfo(name, None, 0, ()) for name in ("judgments", "archive"))
    page, client = open_page(SearchPage, LIBRARY | {ListEvalSets: sets, ShowEvalSet: archive})
    client.become("ready", None)
    client.settle()
    page.bar.ask("oxygen deep")
    client.settle()
    assert client.asked_for(Search)[-1].evalset is None
    page.preview.sets.want("archive")
    client.settle()
    assert client.asked_for(Search)[-1].evalset == "archive"
    bar = page.preview.grade_bar
    assert [b.toolTip() for b in bar._grades] == ["0: No", "1: Yes"]
    bar._grades[0].click()
    client.settle()
    assert client.asked_for(Judge)[-1].evalset == "archive"


def test_that_a_chosen_set_that_is_gone_gives_way_to_ones_own_judgments(
    open_page: OpenPage, tmp_path: Path
) -> None:
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    memory.setValue("search/set", "archive")
    sets = (EvalSetInfo("judgments", None, 0, ()),)
    page, client = open_page(SearchPage, LIBRARY | {ListEvalSets: sets})
    page.recall(memory)
    client.become("ready", None)
    client.settle()
    page.bar.ask("oxygen deep")
    client.settle()
    assert client.asked_for(Search)[-1].evalset is None
    assert not page.preview.sets.isVisible()
    page.remember(memory)
    assert memory.value("search/set") == "archive"
    client.script[ListEvalSets] = (*sets, EvalSetInfo("archive", None, 0, ()))
    client.tell(Changed("evalsets"))
    client.settle()
    assert client.asked_for(Search)[-1].evalset == "archive"


def test_that_undoing_in_another_set_leaves_the_grades_that_are_shown(open_page: OpenPage) -> None:
    undone = LabelState("oxygen deep", 1, None, None, "", "", evalset="archive")
    page, client = open_page(SearchPage, LIBRARY | {Undo: undone})
    page.bar.ask("oxygen deep")
    client.settle()
    page.labelling.undo()
    client.settle()
    assert page.list.current.grade == 3
