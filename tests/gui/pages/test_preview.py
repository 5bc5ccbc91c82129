"""The preview of the search page: pages, pictures, tables, mail, and what stands in for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.errors import NotFound
from engine.events import Changed
from engine.records import Document, Page
from engine.requests import GetDocument, RenderPage, Search
from gui.pages.search import SearchPage
from tests.gui.pages import drawn
from tests.gui.pages.conftest import OpenPage
from tests.gui.pages.found import DOCUMENTS, LIBRARY, answer
from tests.gui.pages.scripted_client import ScriptedClient

PAPER = replace(DOCUMENTS[0], media_type="application/pdf", unit="page")
Opened = tuple[SearchPage, ScriptedClient]
Show = Callable[..., Opened]


@pytest.fixture
def show(open_page: OpenPage, qtbot: QtBot) -> Show:
    """Opens the page, searches, and lets the preview fetch what it wants."""

    def search(*documents: Document, query: str = "oxygen", **script: Any) -> Opened:
        by_id = {document.id: document for document in documents}
        answers: dict[Any, Any] = LIBRARY | {
            Search: lambda r: answer(r.query, documents),
            GetDocument: lambda r: by_id[r.document_id],
            RenderPage: script.get("draw", drawn.draw),
        }
        page, client = open_page(SearchPage, answers)
        client.become("ready", None)
        page.bar.ask(query)
        settle(client)
        return page, client

    return search


def settle(client: ScriptedClient) -> None:
    for _ in range(2):
        client.settle()
        QTest.qWait(90)
    client.settle()


def drawings(client: ScriptedClient) -> list[RenderPage]:
    return client.asked_for(RenderPage)


def test_that_a_pdf_shows_the_page_of_its_passage_marked(show: Show) -> None:
    page, client = show(PAPER)
    body, passage = page.preview.body, page.preview.passage
    assert passage is not None
    asked = drawings(client)[-1]
    assert (asked.number, asked.marked[0]) == (passage.page, passage.text)
    assert set(asked.marked[1:]) == {"Oxygen", "oxygen"}
    assert asked.width == body.page.wanted_width
    assert body.form == "page"
    assert body.page.isVisible()
    assert body.page.image == drawn.draw(asked)
    mark = body.page.image.marks[0][1] * body.page.sheet_size.height()
    top = body.page.verticalScrollBar().value()
    assert top <= mark <= top + body.page.viewport().height()


def test_that_a_passage_over_two_pages_shows_the_one_with_its_words(show: Show) -> None:
    text = "A shore " * 10 + "\f" + "and oxygen"
    pages = (Page(1, 0, 80), Page(2, 81, len(text)))
    page, client = show(replace(PAPER, text=text, pages=pages))
    assert page.preview.passage is not None
    assert page.preview.passage.page == 1
    assert drawings(client)[-1].number == 2
    assert page.preview.body.place == "2 of 3"


def test_that_pages_are_turned_within_the_document(show: Show) -> None:
    page, client = show(PAPER)
    body = page.preview.body
    for _ in range(5):
        body.turn(1)
        settle(client)
    assert drawings(client)[-1].number == drawn.N_PAGES
    body.page.setFocus()
    body.page.verticalScrollBar().setValue(0)
    QTest.keyClick(body.page, Qt.Key.Key_PageUp)
    settle(client)
    assert body.place == "2 of 3"
    assert body.page.verticalScrollBar().value() == body.page.verticalScrollBar().maximum()


def test_that_zooming_draws_the_page_anew_and_crisp(show: Show) -> None:
    page, client = show(PAPER)
    before = drawings(client)[-1].width
    page.preview.body.page.zoom_by(1)
    settle(client)
    assert drawings(client)[-1].width == pytest.approx(before * 1.25, abs=1)
    page.preview.body.page.zoom_by(0)
    assert page.preview.body.page.zoom == 1.0


def test_that_the_text_can_be_read_instead_and_stays_chosen(show: Show) -> None:
    second = replace(PAPER, id=2)
    page, client = show(PAPER, second)
    body = page.preview.body
    body.switch()
    settle(client)
    assert body.text.toPlainText() == PAPER.text
    assert page.preview.passage is not None
    assert body.text.marked[0] == page.preview.passage.text
    n_drawn = len(drawings(client))
    page.list.select(1)
    settle(client)
    assert body.text.isVisible()
    assert len(drawings(client)) == n_drawn
    body.switch()
    settle(client)
    assert drawings(client)[-1].document_id == 2


def test_that_an_answer_that_comes_too_late_is_not_shown(show: Show) -> None:
    slow: list[RenderPage] = []

    def draw(request: RenderPage) -> Any:
        slow.append(request)
        return drawn.draw(request)

    other = replace(PAPER, id=2, media_type="text/plain")
    page, _ = show(PAPER, other, draw=draw)
    request = slow[-1]
    page.list.select(1)
    page.preview.body._show_page(request, drawn.draw(request))
    assert page.preview.body.form == "text"
    assert page.preview.body.page.image is None


def test_that_what_cannot_be_drawn_is_read_and_says_why(show: Show) -> None:
    gone = NotFound("The file is gone", "It is not there.", "Sync the library.")
    page, client = show(PAPER, draw=lambda _: gone)
    body = page.preview.body
    assert body.text.isVisible()
    assert body.text.toPlainText() == PAPER.text
    assert body.why_not == "The file is gone. Sync the library."
    client.script[RenderPage] = drawn.draw
    client.tell(Changed("library"))
    settle(client)
    page.list.setCurrentIndex(page.model.index(-1))
    page.list.select(0)
    settle(client)
    assert body.page.isVisible()


def test_that_a_document_inside_an_archive_is_drawn(show: Show) -> None:
    page, client = show(replace(PAPER, paths=("/home/ines/papers.zip!/a/b.pdf",)))
    assert drawings(client)
    assert page.preview.body.page.isVisible()


def test_that_a_small_picture_is_not_blown_up(show: Show) -> None:
    picture = replace(PAPER, media_type="image/png", paths=("/home/ines/dot.png",), pages=())
    page, _ = show(picture, draw=lambda r: drawn.draw(replace_width(r, 100)))
    assert page.preview.body.page.sheet_size.width() < 140


def replace_width(request: RenderPage, width: int) -> RenderPage:
    return RenderPage(request.document_id, request.number, width, request.marked)


def test_that_rows_stand_in_their_table(show: Show) -> None:
    header, rows = "station,depth,oxygen\n", ("North,10,8.1", "South,30,none left", "East,5,9")
    text, pages = header, []
    for number, row in enumerate(rows, start=1):
        pages.append(Page(number, len(text), len(text) + len(row)))
        text += row + "\n"
    table = replace(
        PAPER, media_type="text/csv", text=text, pages=tuple(pages), unit="row", paths=("/a/t.csv",)
    )
    page, _ = show(table, query="none")
    shown = page.preview.body.rows.table
    assert shown.isVisible()
    cells = [shown.item(shown.currentRow(), column) for column in range(3)]
    assert [cell.text() for cell in cells if cell] == ["South", "30", "none left"]
    heading = shown.horizontalHeaderItem(2)
    assert heading is not None
    assert heading.text() == "oxygen"


def test_that_mail_has_its_headers_on_top(show: Show) -> None:
    mail = replace(
        DOCUMENTS[0],
        media_type="message/rfc822",
        details={"Keywords": "lake", "To": "Bob", "From": "Ines"},
    )
    page, client = show(mail, DOCUMENTS[1])
    assert page.preview.body.mail.words == "From: Ines\nTo: Bob\nKeywords: lake"
    page.list.select(1)
    settle(client)
    assert not page.preview.body.mail.isVisible()


def test_that_author_date_and_language_are_told(show: Show) -> None:
    page, _ = show(replace(PAPER, author="Ines Keller", created_at=1.3e9, language="de"))
    assert page.preview.about.startswith("Ines Keller · 13 Mar 2011")
    assert "German · 184.3 kB · 2 pages" in page.preview.about


def test_that_what_is_told_stays_when_a_grade_is_given(show: Show) -> None:
    page, client = show(replace(PAPER, author="Ines Keller", language="de"))
    before = page.preview.about
    QTest.keyClicks(page.list, "2")
    settle(client)
    assert page.list.current is not None and page.list.current.grade == 2
    assert page.preview.about == before
    client.tell(Changed("library"))
    settle(client)
    QTest.keyClicks(page.list, "1")
    settle(client)
    assert page.preview.about == before
