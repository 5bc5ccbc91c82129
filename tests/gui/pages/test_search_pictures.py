"""The search page with pictures: asked for, and asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from engine.errors import EngineError, ModelRejected
from engine.records import (
    Facet,
    Facets,
    ModelInfo,
    NearDuplicate,
    Passage,
    Picture,
    RetrieverScore,
    SearchResult,
    SearchResults,
)
from engine.requests import (
    GetStatus,
    GetThumbnails,
    Judge,
    ListFacets,
    ListModels,
    ListPictures,
    Search,
)
from gui.pages.search import SearchPage
from gui.widgets.picture_row import THUMBNAIL
from gui.widgets.result_model import RESULT
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.found import LIBRARY, answer
from tests.gui.pages.samples import ROOTS, status
from tests.gui.pages.scripted_client import Script, ScriptedClient

Opened = tuple[SearchPage, ScriptedClient]

HARBOUR = Picture(
    4000, 3000, 1622865783.0, "Canon EOS 80D", 38.72, -9.14, "Boats at dawn", ("sea",)
)


def result(rank: int, picture: Picture = HARBOUR, **changes: Any) -> SearchResult:
    """A picture that was found."""
    values: dict[str, Any] = {
        "rank": rank,
        "document_id": 100 + rank,
        "document": f"/home/ines/Pictures/harbour {rank}.jpg",
        "title": f"harbour {rank}",
        "media_type": "image/jpeg",
        "modified_at": 1.6e9,
        "score": 1 / rank,
        "scores": {"meaning": RetrieverScore(rank, 0.3), "look": RetrieverScore(rank + 1, 0.8)},
        "passages": (),
        "picture": picture,
    }
    return SearchResult(**(values | changes))


def found(request: Search) -> SearchResults:
    """Pictures, and for words a text too unless pictures alone are asked for."""
    pictures = tuple(result(rank) for rank in (1, 2, 3))
    texts = () if request.kind == "image" else answer("oxygen").results[:1]
    if request.kind == "text":
        pictures = ()
    return SearchResults(request.query, request.mode or "hybrid", 4.0, "m", pictures + texts)


LIBRARY_WITH_PICTURES: Script = {
    **LIBRARY,
    GetStatus: replace(status(ROOTS), n_pictures=3, n_seen=3),
    Search: found,
}


@pytest.fixture
def opened(open_page: OpenPage) -> Callable[[Script], Opened]:
    """Opens the page over a script, as a list; the engine is ready."""

    def open_over(script: Script) -> Opened:
        page, client = open_page(SearchPage, script)
        page.bar.grid.setChecked(False)
        client.become("ready", None)
        client.settle()
        return page, client

    return open_over


@pytest.fixture
def page(opened: Callable[[Script], Opened]) -> Opened:
    """The page over a library with pictures."""
    return opened(LIBRARY_WITH_PICTURES)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """A picture file."""
    path = tmp_path / "harbour.png"
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    assert image.save(str(path), "PNG")  # type: ignore[call-overload]
    return str(path)


def files(*paths: str) -> QMimeData:
    """What a file manager drops."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def drag(page: SearchPage, mime: QMimeData) -> bool:
    """Drag over the page; whether it takes it."""
    event = QDragEnterEvent(
        QPoint(300, 300),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    QApplication.sendEvent(page, event)
    return event.isAccepted()


def drop(page: SearchPage, client: ScriptedClient, mime: QMimeData) -> None:
    """Drag over the page and drop."""
    assert drag(page, mime)
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(page, event)
    client.settle()


def asked(client: ScriptedClient) -> Search:
    """The last search."""
    return client.asked_for(Search)[-1]


def ask(page: SearchPage, client: ScriptedClient, words: str) -> None:
    """Type words and press Enter."""
    page.bar.ask(words)
    client.settle()


# What is searched for


def test_that_the_kind_is_sent_and_remembered(page: Opened, tmp_path: Path) -> None:
    shown, client = page
    ask(shown, client, "boats")
    assert asked(client).kind == "both"
    shown.bar.choose_kind("image")
    client.settle()
    assert asked(client).kind == "image"
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    shown.remember(memory)
    shown.bar.choose_kind("both")
    shown.recall(memory)
    assert shown.bar.kind == "image"


def test_that_without_pictures_everything_is_searched_and_it_is_said_why(
    opened: Callable[[Script], Opened],
) -> None:
    shown, client = opened(LIBRARY)
    shown.bar.choose_kind("image")
    ask(shown, client, "boats")
    assert asked(client).kind == "both"
    buttons = shown.bar._kinds.findChildren(QPushButton)
    assert not any(button.isEnabled() for button in buttons)
    assert buttons[0].toolTip() == "There are no pictures in the library"
    assert not shown.bar.choose.isEnabled()


def test_that_pictures_are_not_reranked(page: Opened) -> None:
    shown, client = page
    shown.bar._rerank.setChecked(True)
    ask(shown, client, "boats")
    assert asked(client).rerank
    shown.bar.choose_kind("image")
    client.settle()
    assert not asked(client).rerank
    assert "texts" in shown.bar._rerank.toolTip()


def test_that_no_picture_that_fits_leads_to_the_texts(
    opened: Callable[[Script], Opened],
) -> None:
    empty = SearchResults("zymurgy", "hybrid", 1.0, "m", ())
    shown, client = opened({**LIBRARY_WITH_PICTURES, Search: lambda _: empty})
    shown.bar.choose_kind("image")
    ask(shown, client, "zymurgy")
    assert shown.nothing.words.startswith("No pictures found for “zymurgy”")
    shown.nothing.everything.click()
    client.settle()
    assert asked(client).kind == "both"


# Asking with a picture


def test_that_a_dropped_file_finds_what_looks_like_it(page: Opened, photo: str) -> None:
    shown, client = page
    drop(shown, client, files(photo))
    request = asked(client)
    assert (request.image, request.query, request.kind) == (photo, "", "image")
    assert shown.bar.chip.isVisible()
    assert not shown.asking.veil.isVisible()
    assert shown.answer_line.words.startswith("3 pictures that look like harbour.png")
    assert not any(b.isEnabled() for b in shown.bar._modes.findChildren(QPushButton))


def test_that_words_beside_a_picture_are_balanced(page: Opened, photo: str, qtbot: QtBot) -> None:
    shown, client = page
    drop(shown, client, files(photo))
    assert not shown.bar._weight.isVisible()
    ask(shown, client, "in red")
    assert (asked(client).image, asked(client).query, asked(client).weight) == (
        photo,
        "in red",
        0.5,
    )
    assert "and fit “in red”" in shown.answer_line.words
    shown.bar._weight.slider.setValue(16)
    qtbot.waitUntil(lambda: asked(client).weight == 0.8)
    QTest.mouseDClick(shown.bar._weight.slider, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: asked(client).weight == 0.5)


def test_that_the_first_of_several_files_is_taken_and_said(page: Opened, photo: str) -> None:
    shown, client = page
    said: list[str] = []
    shown.said.connect(said.append)
    drop(shown, client, files(photo, photo))
    assert asked(client).image == photo
    assert said == ["Searching with the first of 2 files"]


def test_that_folders_and_other_files_are_left_to_the_window(
    page: Opened, tmp_path: Path, photo: str
) -> None:
    shown, _ = page
    notes = tmp_path / "notes.txt"
    notes.write_text("words")
    assert not drag(shown, files(str(tmp_path)))
    assert not drag(shown, files(str(notes)))
    assert not shown.asking.veil.isVisible()
    assert drag(shown, files(photo))
    assert shown.asking.veil.isVisible()
    QApplication.sendEvent(shown, QEvent(QEvent.Type.DragLeave))
    assert not shown.asking.veil.isVisible()


def test_that_an_empty_library_leaves_pictures_to_the_window_too(
    opened: Callable[[Script], Opened], photo: str
) -> None:
    shown, _ = opened({**LIBRARY, GetStatus: status(())})
    assert not drag(shown, files(photo))


def test_that_an_address_is_refused_where_it_was_dropped(page: Opened) -> None:
    shown, client = page
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/harbour.jpg")])
    drop(shown, client, mime)
    assert shown.asking.notice.words.startswith("That picture is on the web")
    assert shown.bar.picture is None
    assert not client.asked_for(Search)


def test_that_pasted_pictures_are_kept_until_they_are_taken_away(page: Opened) -> None:
    shown, client = page
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("teal"))
    QGuiApplication.clipboard().setImage(image)
    QTest.keyClick(shown.bar.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    client.settle()
    kept = Path(asked(client).image or "")
    assert kept.is_file()
    assert shown.bar.picture is not None
    assert shown.bar.picture.name == "Pasted picture"
    QTest.keyClick(shown.bar.field, Qt.Key.Key_Backspace)
    client.settle()
    assert not shown.bar.chip.isVisible()
    assert not kept.exists()


def test_that_pasted_text_is_text(page: Opened) -> None:
    shown, _ = page
    QGuiApplication.clipboard().setText("harbour.jpg")
    QTest.keyClick(shown.bar.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert shown.bar.field.text() == "harbour.jpg"
    assert shown.bar.picture is None


def test_that_a_picture_that_cannot_be_searched_with_says_why(page: Opened, photo: str) -> None:
    shown, client = page
    client.script[Search] = ModelRejected("Pictures are not searched yet", "Wait a while.")
    drop(shown, client, files(photo))
    assert shown.nothing.words.startswith("Pictures are not searched yet")
    client.script[Search] = found
    shown.nothing.without.click()
    client.settle()
    assert shown.bar.picture is None


def test_that_escape_empties_the_field_first_and_then_takes_the_picture(
    page: Opened, photo: str
) -> None:
    shown, client = page
    drop(shown, client, files(photo))
    ask(shown, client, "in red")
    QTest.keyClick(shown.bar.field, Qt.Key.Key_Escape)
    assert (shown.bar.query, shown.bar.picture is None) == ("", False)
    QTest.keyClick(shown.bar.field, Qt.Key.Key_Escape)
    client.settle()
    assert shown.bar.picture is None
    assert shown.states.currentWidget() is shown.invitation


# More like a result


def test_that_more_like_this_leads_away_from_the_words_and_back(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    shown.list.select(1)
    shown.list.setFocus()
    QTest.keyClicks(shown.list, "m")
    client.settle()
    assert (asked(client).like, asked(client).query) == (102, "")
    assert shown.bar.picture is not None
    assert shown.bar.picture.name == "harbour 2.jpg"
    shown.bar.chip.close_button.click()
    client.settle()
    assert (asked(client).like, asked(client).query) == (None, "boats")
    assert shown.list.current is not None
    assert shown.list.current.document_id == 102


def test_that_new_words_are_kept_when_the_picture_goes(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    shown.asking.ask_for_more_like(shown.list.current)
    ask(shown, client, "in red")
    shown.bar.take_picture_away()
    client.settle()
    assert asked(client).query == "in red"


def test_that_only_pictures_have_others_like_them(page: Opened) -> None:
    shown, client = page
    said: list[str] = []
    shown.said.connect(said.append)
    ask(shown, client, "boats")
    shown.list.select(3)
    shown.list.setFocus()
    QTest.keyClicks(shown.list, "m")
    assert said == ["Only pictures can be asked for by their look"]
    assert shown.bar.picture is None


def test_that_answers_to_a_picture_are_not_labelled(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    shown.list.setFocus()
    QTest.keyClicks(shown.list, "3")
    client.settle()
    assert [judged.query for judged in client.asked_for(Judge)] == ["boats"]
    shown.asking.ask_for_more_like(shown.list.current)
    client.settle()
    shown.list.setFocus()
    QTest.keyClicks(shown.list, "2")
    client.settle()
    assert len(client.asked_for(Judge)) == 1


# Pictures among the results


def test_that_a_picture_shows_its_thumbnail_crisply(page: Opened, qtbot: QtBot) -> None:
    shown, client = page
    client.script[GetThumbnails] = lambda request: tuple(b"" for _ in request.document_ids)
    ask(shown, client, "boats")
    shown.grab()
    qtbot.waitUntil(lambda: bool(client.asked_for(GetThumbnails)))
    assert {101, 102, 103} <= {i for r in client.asked_for(GetThumbnails) for i in r.document_ids}
    heights = {shown.list.visualRect(shown.model.index(row)).height() for row in range(3)}
    assert len(heights) == 1
    assert heights.pop() >= THUMBNAIL.height()


def test_that_a_screen_reader_hears_what_is_known_of_a_picture(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    spoken = shown.model.data(shown.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "picture, 4,000 × 3,000, taken 5 Jun 2021, Canon EOS 80D, Boats at dawn" in spoken


def test_that_letters_misread_from_a_picture_are_not_shown(
    opened: Callable[[Script], Opened],
) -> None:
    noise, words = Passage(1, "fl", 0, 2, None, ()), Passage(2, "Invoice 7", 0, 9, None, ((0, 7),))
    pictures = (result(1, passages=(noise,)), result(2, passages=(noise, words)))
    shown, client = opened(
        {**LIBRARY_WITH_PICTURES, Search: SearchResults("invoice", "hybrid", 1.0, "m", pictures)}
    )
    ask(shown, client, "invoice")
    assert shown.preview.passage is None
    shown.list.select(1)
    assert shown.preview.passage == words


def test_that_why_tells_only_what_found_a_picture(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    assert shown.preview.why.words.splitlines() == [
        "Looks like it: 2nd by its look, similarity 0.80",
        "What it shows: 1st by what it shows, score 0.30",
        "Together: 1st, score 1.000",
    ]


def test_that_the_place_of_a_picture_becomes_a_condition(page: Opened) -> None:
    shown, client = page
    ask(shown, client, "boats")
    assert "38.7200° N, 9.1400° W" in shown.preview.picture.words
    shown.preview.picture.near.click()
    client.settle()
    assert asked(client).query == "boats near:38.7200,-9.1400,5"


def test_that_a_near_duplicate_shows_its_own_picture(opened: Callable[[Script], Opened]) -> None:
    small = Picture(640, 480)
    near = NearDuplicate(9, "/home/ines/Pictures/small.jpg", "small", picture=small)
    pictures = (result(1, near_duplicates=(near,)),)
    shown, client = opened(
        {**LIBRARY_WITH_PICTURES, Search: SearchResults("boats", "hybrid", 1.0, "m", pictures)}
    )
    ask(shown, client, "boats")
    shown.model.unfold(0)
    assert shown.model.data(shown.model.index(1), RESULT).picture == small


# Filters


def test_that_cameras_and_tags_limit_the_search(opened: Callable[[Script], Opened]) -> None:
    held = Facets(
        (Facet("en", 3),),
        (),
        (Facet("jpg", 3),),
        cameras=(Facet("Canon EOS 80D", 3), Facet("Leica Q2", 1)),
        tags=(Facet("sea", 2),),
    )
    shown, client = opened({**LIBRARY_WITH_PICTURES, ListFacets: held})
    ask(shown, client, "boats")
    shown.filters.more.choose_camera("Leica Q2")
    shown.filters.more.choose_tag("sea")
    client.settle()
    assert (asked(client).cameras, asked(client).tags) == (("Leica Q2",), ("sea",))
    assert shown.filters.n_active == 2
    shown.bar.choose_kind("image")
    shown.bar.grid.setChecked(True)
    ask(shown, client, "")
    assert client.asked_for(ListPictures)[-1].query == 'camera:"Leica Q2" tag:"sea"'
    ask(shown, client, "boats")
    shown.filters.clear()
    client.settle()
    assert (asked(client).cameras, asked(client).tags) == ((), ())


def test_that_a_library_without_tags_offers_none(page: Opened) -> None:
    shown, _ = page
    shown.filters.show_facets(Facets((), (), (), cameras=(Facet("Leica Q2", 1),)))
    more = shown.filters.more
    assert more._camera.menu.menuAction().isVisible()
    assert not more._tag.menu.menuAction().isVisible()


# Which model is at work

BUILT_IN = ModelInfo(
    "efficientnet-lite2", "EfficientNet-Lite2", "bundled", None, 1280, 0, "f", "fp32", 0, 1, True,
    3, kind="image",
)  # fmt: skip


def test_that_the_built_in_model_is_named_once(
    opened: Callable[[Script], Opened], tmp_path: Path
) -> None:
    shown, client = opened({**LIBRARY_WITH_PICTURES, ListModels: (BUILT_IN,)})
    ask(shown, client, "boats")
    assert not shown.hint.words
    shown.bar.choose_kind("image")
    client.settle()
    assert "EfficientNet-Lite2" in shown.hint.words
    asked_for: list[bool] = []
    shown.hint.models_asked.connect(lambda: asked_for.append(True))
    shown.hint._button.click()
    assert asked_for == [True]
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    shown.remember(memory)
    shown.recall(memory)
    ask(shown, client, "dogs")
    assert not shown.hint.words


def test_that_another_model_needs_no_hint(opened: Callable[[Script], Opened]) -> None:
    clip = replace(BUILT_IN, id="clip", origin="imported")
    shown, client = opened({**LIBRARY_WITH_PICTURES, ListModels: (clip,)})
    shown.bar.choose_kind("image")
    ask(shown, client, "boats")
    assert not shown.hint.words


def test_that_models_that_cannot_be_told_of_are_asked_for_again(
    opened: Callable[[Script], Opened],
) -> None:
    shown, client = opened({**LIBRARY_WITH_PICTURES, ListModels: EngineError("No", "Not now.")})
    shown.bar.choose_kind("image")
    ask(shown, client, "boats")
    client.script[ListModels] = (BUILT_IN,)
    ask(shown, client, "dogs")
    assert shown.hint.words
