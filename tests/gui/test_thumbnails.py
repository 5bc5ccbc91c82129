"""Thumbnails come in batches, the newest asks first, and take no more memory than they may."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.errors import EngineGone
from engine.events import Changed
from engine.requests import GetThumbnails
from gui.background import Engine
from gui.thumbnails import Thumbnails, decoded
from tests.gui.pages.scripted_client import ScriptedClient

Opened = tuple[Thumbnails, ScriptedClient]


def jpeg(width: int = 300, height: int = 200) -> bytes:
    """A grey picture."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill("gray")
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG")  # type: ignore[call-overload]
    return bytes(data.data())


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QObject]:
    """What the thumbnails belong to."""
    made = QObject()
    yield made
    made.deleteLater()


@pytest.fixture
def open_over(owner: QObject) -> Callable[..., Opened]:
    """Opens a cache over an engine that has a picture for every document but 13."""

    def answer(request: GetThumbnails) -> tuple[bytes, ...]:
        return tuple(b"" if id_ == 13 else jpeg() for id_ in request.document_ids)

    def opened(capacity: int = 96_000_000, silent: bool = False) -> Opened:
        clients: list[ScriptedClient] = []

        def connect(on_event: object, on_state: object) -> ScriptedClient:
            script = {} if silent else {GetThumbnails: answer}
            clients.append(ScriptedClient(script, on_event, on_state))  # type: ignore[arg-type]
            return clients[0]

        engine = Engine(connect, owner)
        return Thumbnails(engine, owner, capacity=capacity), clients[0]

    return opened


def test_that_all_that_is_painted_at_once_is_asked_for_at_once(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, client = open_over()
    assert [thumbnails.pixmap(id_, 90) for id_ in (1, 2, 3)] == [None] * 3
    qtbot.waitUntil(lambda: thumbnails.pixmap(3, 90) is not None)
    assert [asked.document_ids for asked in client.asked_for(GetThumbnails)] == [(1, 2, 3)]
    shown = thumbnails.pixmap(1, 90)
    assert shown is not None
    assert (shown.width(), shown.height()) == (90, 60)


def test_that_what_is_painted_last_is_asked_for_first(open_over: Callable[..., Opened]) -> None:
    thumbnails, client = open_over(silent=True)
    for first in (0, 100, 200):
        for id_ in range(first, first + 40):
            thumbnails.pixmap(id_, 90)
        client.settle()
    assert [asked.document_ids[0] for asked in client.asked_for(GetThumbnails)] == [0, 16]
    assert thumbnails.waiting == {*range(32, 40), *range(100, 140), *range(200, 240)}
    thumbnails.want_only(range(200, 240), 90)
    assert thumbnails.waiting == set(range(200, 240))
    thumbnails.want_only((), 30)  # another size is painted by something else
    assert thumbnails.waiting == set(range(200, 240))


def test_that_an_answer_is_followed_by_what_was_painted_last(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, client = open_over()
    for id_ in range(100):
        thumbnails.pixmap(id_, 90)
    thumbnails.want_only(range(60, 100), 90)
    qtbot.waitUntil(lambda: thumbnails.pixmap(99, 90) is not None)
    asked = [id_ for request in client.asked_for(GetThumbnails) for id_ in request.document_ids]
    assert asked == [*range(60, 100)]


def test_that_what_has_no_thumbnail_is_asked_for_again_only_when_the_library_changes(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, client = open_over()
    thumbnails.pixmap(13, 90)
    qtbot.waitUntil(lambda: thumbnails.has_none(13))
    assert thumbnails.pixmap(13, 90) is None
    client.settle()
    assert len(client.asked_for(GetThumbnails)) == 1
    with qtbot.waitSignal(thumbnails.arrived) as arrived:
        client.tell(Changed("library"))
    assert arrived.args == [frozenset({13})]
    thumbnails.pixmap(13, 90)
    client.settle()
    assert len(client.asked_for(GetThumbnails)) == 2


def test_that_those_painted_longest_ago_give_way(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, _ = open_over(capacity=5 * 90 * 60 * 4)
    for id_ in range(1, 9):
        thumbnails.pixmap(id_, 90)
        qtbot.waitUntil(lambda id_=id_: thumbnails.pixmap(id_, 90) is not None)  # type: ignore[misc]
        thumbnails.pixmap(1, 90)
    assert thumbnails.n_bytes == 5 * 90 * 60 * 4
    assert thumbnails.pixmap(1, 90) is not None
    assert thumbnails.pixmap(2, 90) is None


def test_that_another_size_stands_in_until_the_right_one_is_there(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, _ = open_over()
    thumbnails.pixmap(1, 90)
    qtbot.waitUntil(lambda: thumbnails.pixmap(1, 90) is not None)
    instead = thumbnails.pixmap(1, 150)
    assert instead is not None
    assert instead.width() == 90
    qtbot.waitUntil(lambda: getattr(thumbnails.pixmap(1, 150), "width", int)() == 150)


def test_that_an_engine_that_fails_or_begins_anew_is_asked_again(
    open_over: Callable[..., Opened], qtbot: QtBot
) -> None:
    thumbnails, client = open_over()
    answer = client.script[GetThumbnails]
    client.script[GetThumbnails] = EngineGone("Gone", "")
    thumbnails.pixmap(1, 90)
    client.settle()
    client.script[GetThumbnails] = answer
    with qtbot.waitSignal(thumbnails.arrived):
        client.become("ready", None)
    thumbnails.pixmap(1, 90)
    qtbot.waitUntil(lambda: thumbnails.pixmap(1, 90) is not None)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(300, 200, (90, 60)), (40, 20, (40, 20)), (384, 2, (90, 1)), (10, 300, (3, 90))],
)
def test_that_pictures_of_all_shapes_fit(
    width: int, height: int, expected: tuple[int, int], qtbot: QtBot
) -> None:
    image = decoded(jpeg(width, height), 90)
    assert (image.width(), image.height()) == expected


def test_that_what_is_no_picture_is_none(qtbot: QtBot) -> None:
    assert decoded(b"not a picture", 90).isNull()
