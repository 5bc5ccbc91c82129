"""Captions and tags are written beside a picture or on many at once, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.events import Changed
from engine.records import Document, Facet, Facets, LabelState, Picture, SearchResult, SearchResults
from engine.requests import (
    DescribePictures,
    GetDocument,
    GetResults,
    GetStatus,
    ListFacets,
    ListPictures,
    Search,
    Undo,
)
from gui.pages.search import SearchPage
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.found import LIBRARY
from tests.gui.pages.samples import ROOTS, status
from tests.gui.pages.scripted_client import ScriptedClient

Opened = tuple[SearchPage, ScriptedClient, "Pictures"]
_CONTROL = Qt.KeyboardModifier.ControlModifier


class Pictures:
    """Twenty pictures as an engine keeps them, with one step that can be undone."""

    def __init__(self) -> None:
        self.of = {id_: Picture(400, 300) for id_ in range(1, 21)}
        self.of[2] = Picture(400, 300, caption="Boats", tags=("lake", "2019"))
        self.of[3] = Picture(400, 300, tags=("lake",))
        self.before = dict(self.of)

    def result(self, id_: int) -> SearchResult:
        """One of them."""
        path = f"/home/ines/Pictures/IMG_{id_}.jpg"
        return SearchResult(
            id_, id_, path, f"IMG_{id_}.jpg", "image/jpeg", 1.7e9, 0, {}, (), picture=self.of[id_]
        )

    def describe(self, request: DescribePictures) -> LabelState:
        """As an engine does it."""
        self.before = dict(self.of)
        for id_ in request.document_ids:
            old = self.of[id_]
            kept = [tag for tag in old.tags if tag not in request.remove_tags]
            tags = tuple(dict.fromkeys((*kept, *request.add_tags)))
            caption = old.caption if request.caption is None else request.caption
            self.of[id_] = replace(old, caption=caption, tags=tags)
        return LabelState("", None, None, None, "what was written", "")

    def undo(self, _: Undo) -> LabelState:
        """As an engine does it."""
        self.of = dict(self.before)
        return LabelState("", None, None, None, "", "what was written")


@pytest.fixture
def opened(open_page: OpenPage, qtbot: QtBot) -> Callable[[], Opened]:
    """The page in the grid, where the library is looked through."""

    def open_it() -> Opened:
        pictures = Pictures()

        def document(request: GetDocument) -> Document:
            found = pictures.result(request.document_id)
            details = {"Caption": "Written by the camera", "Keywords": "harbour; lake"}
            return Document(
                found.document_id,
                "0" * 64,
                found.title,
                "",
                "image/jpeg",
                (),
                (found.document,),
                1000,
                1.7e9,
                details=details if found.document_id == 2 else {},
                picture=found.picture,
            )

        script: dict[Any, Any] = {
            **LIBRARY,
            GetStatus: status(ROOTS, n_pictures=20, n_seen=20),
            ListPictures: tuple(pictures.of),
            GetResults: lambda asked: tuple(pictures.result(id_) for id_ in asked.document_ids),
            GetDocument: document,
            DescribePictures: pictures.describe,
            Undo: pictures.undo,
            ListFacets: Facets((), (), (), tags=(Facet("lake", 2), Facet("2019", 1))),
            Search: lambda asked: SearchResults(
                asked.query, "hybrid", 1.0, "m", tuple(pictures.result(id_) for id_ in (2, 3))
            ),
        }
        page, client = open_page(SearchPage, script)
        client.become("ready", None)
        client.settle()
        page.bar.grid.setChecked(True)
        page.bar.choose_kind("image")
        client.settle()
        qtbot.waitUntil(lambda: page.current is not None)
        page.pictures.grid.setFocus()
        return page, client, pictures

    return open_it


def test_that_the_library_is_looked_through_and_a_search_shows_what_it_found(
    opened: Callable[[], Opened], qtbot: QtBot
) -> None:
    page, client, _ = opened()
    assert list(page.pictures.model.ids) == list(range(1, 21))
    assert page.pictures.words == "20 pictures"
    page.bar.ask("boats")
    client.settle()
    assert list(page.pictures.model.ids) == [2, 3]
    assert client.asked_for(Search)[-1].k == 200
    page.bar.field.clear()
    qtbot.waitUntil(lambda: len(page.pictures.model.ids) == 20)


def test_that_filters_that_no_picture_passes_can_be_removed(
    opened: Callable[[], Opened], qtbot: QtBot
) -> None:
    page, client, _ = opened()
    client.script[ListPictures] = lambda asked: () if asked.types else (1, 2)
    page.filters.toggle_type(8)
    client.settle()
    assert not page.pictures.grid.isVisible()
    page.pictures.unfiltered_asked.emit()
    client.settle()
    assert page.pictures.grid.isVisible()


def test_that_a_caption_is_saved_with_enter_and_when_the_field_is_left_and_reverted_with_escape(
    opened: Callable[[], Opened],
) -> None:
    page, client, pictures = opened()
    field = page.preview.describe.caption
    field.setFocus()
    QTest.keyClicks(field, "A gate in  snow")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    QTest.keyClicks(field, "A gate")
    QTest.keyClick(field, Qt.Key.Key_Return)
    client.settle()
    assert pictures.of[1].caption == "A gate"
    QTest.keyClicks(field, " in fog")
    page.pictures.grid.setFocus()
    client.settle()
    assert pictures.of[1].caption == "A gate in fog"
    assert [request.caption for request in client.asked_for(DescribePictures)] == [
        "A gate",
        "A gate in fog",
    ]


def test_that_what_is_typed_is_saved_on_its_own_picture_when_another_is_chosen(
    opened: Callable[[], Opened], qtbot: QtBot
) -> None:
    page, client, pictures = opened()
    QTest.keyClicks(page.preview.describe.caption, "A gate")
    page.pictures.grid.select(4)
    client.settle()
    assert (pictures.of[1].caption, pictures.of[5].caption) == ("A gate", "")
    assert page.preview.describe.caption.text() == ""


def test_that_ctrl_and_enter_leads_from_picture_to_picture(opened: Callable[[], Opened]) -> None:
    page, client, pictures = opened()
    field = page.preview.describe.caption
    for words in ("One", "Two", "Three"):
        field.selectAll()
        QTest.keyClicks(field, words)
        QTest.keyClick(field, Qt.Key.Key_Return, _CONTROL)
        client.settle()
    assert [pictures.of[id_].caption for id_ in (1, 2, 3)] == ["One", "Two", "Three"]
    assert page.pictures.grid.currentIndex().row() == 3


def test_that_undo_takes_a_caption_back_on_the_page(
    opened: Callable[[], Opened], qtbot: QtBot
) -> None:
    page, client, pictures = opened()
    field = page.preview.describe.caption
    QTest.keyClicks(field, "A gate")
    QTest.keyClick(field, Qt.Key.Key_Return)
    client.settle()
    assert not field.isUndoAvailable()  # so that the key is the page's
    page.labelling.undo()
    client.tell(Changed("library"))
    qtbot.waitUntil(lambda: field.text() == "")
    assert pictures.of[1].caption == ""


def test_that_tags_are_added_removed_and_told_apart_from_the_files(
    opened: Callable[[], Opened], qtbot: QtBot
) -> None:
    page, client, pictures = opened()
    panel = page.preview.describe
    page.pictures.grid.select(1)
    qtbot.waitUntil(lambda: panel.of_file == "From the file: Written by the camera")
    assert panel.tags.tags == ("lake", "2019")
    QTest.keyClicks(panel.tags.field, "family,")
    QTest.keyClicks(panel.tags.field, "Lake")
    QTest.keyClick(panel.tags.field, Qt.Key.Key_Return)  # it has that one
    client.settle()
    assert pictures.of[2].tags == ("lake", "2019", "family")
    panel.tags.removed.emit("2019")
    client.tell(Changed("library"))
    qtbot.waitUntil(lambda: panel.tags.tags == ("lake", "family"))


def test_that_many_are_described_in_one_step(opened: Callable[[], Opened], qtbot: QtBot) -> None:
    page, client, pictures = opened()
    said: list[str] = []
    page.said.connect(said.append)
    for _ in range(2):
        QTest.keyClick(page.pictures.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.pictures.grid, Qt.Key.Key_F2)
    client.settle()
    dialog = page.describing.dialog
    assert dialog is not None
    assert not dialog.save.isEnabled()
    partly, states = Qt.CheckState.PartiallyChecked, {}
    states = {tag: box.checkState() for tag, box in dialog.boxes.items()}
    assert states == {"lake": partly, "2019": partly}
    QTest.keyClicks(dialog.tags.field, "spring")
    QTest.keyClick(dialog.tags.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.boxes["lake"].setCheckState(Qt.CheckState.Checked)
    dialog.boxes["2019"].setCheckState(Qt.CheckState.Unchecked)
    dialog.save.click()
    client.settle()
    assert client.asked_for(DescribePictures) == [
        DescribePictures((1, 2, 3), None, ("spring", "lake"), ("2019",))
    ]
    assert [pictures.of[id_].caption for id_ in (1, 2, 3)] == ["", "Boats", ""]
    assert said[-1].startswith("2 tags and no longer tag “2019” on 3 pictures")
    page.labelling.undo()
    client.settle()
    assert pictures.of == Pictures().of


def test_that_captions_of_many_are_replaced_only_where_that_is_asked(
    opened: Callable[[], Opened],
) -> None:
    page, client, _ = opened()
    QTest.keyClick(page.pictures.grid, Qt.Key.Key_A, _CONTROL)
    page.describe()
    client.settle()
    dialog = page.describing.dialog
    assert dialog is not None
    QTest.keyClicks(dialog.caption, "Summer")
    assert dialog.replaces.isChecked()
    assert dialog.change[0] == "Summer"
    dialog.replaces.setChecked(False)
    assert not dialog.save.isEnabled()
    dialog.reject()
    client.settle()
    assert not client.asked_for(DescribePictures)
    assert page.describing.dialog is None
