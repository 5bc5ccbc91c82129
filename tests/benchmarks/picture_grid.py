"""Scrolling through many pictures: `python -m tests.benchmarks.picture_grid [--pictures N]`.

A grid over an engine that answers at once with drawn thumbnails is scrolled in 60 steps: by the
wheel, with PageDown held, and by dragging the scroll bar from end to end. A timer of the event loop
notes how late it comes. Printed are the longest gap, and how long a frame takes to paint.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QElapsedTimer,
    QIODevice,
    QPoint,
    QPointF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.records import Picture, SearchResult
from engine.requests import GetResults, GetThumbnails
from gui.background import Engine
from gui.theme import Theme
from gui.thumbnails import Thumbnails
from gui.widgets.picture_grid import PictureGrid
from gui.widgets.picture_model import PictureModel
from tests.gui.pages.scripted_client import ScriptedClient

_TICK_MS = 2
_STEP_MS = 30
_STEPS = 20
"""Of each of the three ways to scroll."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    Theme(app)
    drawn = [_jpeg(number) for number in range(24)]
    script = {
        GetThumbnails: lambda asked: tuple(drawn[id_ % len(drawn)] for id_ in asked.document_ids),
        GetResults: lambda asked: tuple(_result(id_) for id_ in asked.document_ids),
    }
    engine = Engine(lambda on_event, on_state: ScriptedClient(script, on_event, on_state))
    model = PictureModel(engine)
    grid = PictureGrid(model, Thumbnails(engine))
    grid.resize(arguments.width, arguments.height)
    grid.show()
    began = time.perf_counter()
    model.show_library(range(arguments.pictures))
    app.processEvents()
    print(f"shown after {(time.perf_counter() - began) * 1000:.0f} ms")
    for zoom in (2, 0):
        grid.zoom = zoom
        QTest.qWait(500)
        print(f"{len(grid.visible_rows())} pictures in sight")
        for way in (_turn_wheel, _hold_page_down, _drag):
            gaps = _watched(lambda way=way: way(grid))
            print(
                f"  {way.__name__[1:].replace('_', ' ')}: longest gap {max(gaps):.1f} ms, "
                f"median {statistics.median(gaps):.1f} ms"
            )
        frames = [_frame(grid) for _ in range(20)]
        print(f"  a frame painted in {statistics.median(frames):.1f} ms, at most {max(frames):.1f}")
    began = time.perf_counter()
    grid.selectAll()
    app.processEvents()
    print(f"all selected after {(time.perf_counter() - began) * 1000:.0f} ms")
    began = time.perf_counter()
    model.show_library(range(1, arguments.pictures))
    app.processEvents()
    print(
        f"another library, all still selected, after {(time.perf_counter() - began) * 1000:.0f} ms"
    )


def _watched(scroll: object) -> list[float]:
    """How much later than it should the event loop comes round while something is done, in ms."""
    clock, gaps = QElapsedTimer(), [0.0]
    clock.start()

    def tick() -> None:
        gaps.append(max(0.0, clock.nsecsElapsed() / 1e6 - _TICK_MS))
        clock.restart()

    timer = QTimer(interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    scroll()  # type: ignore[operator]
    QTest.qWait(300)
    timer.stop()
    return gaps


def _turn_wheel(grid: PictureGrid) -> None:
    middle = QPointF(grid.viewport().rect().center())
    for _ in range(_STEPS):
        event = QWheelEvent(
            middle,
            grid.viewport().mapToGlobal(middle),
            QPoint(),
            QPoint(0, -240),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(grid.viewport(), event)
        QTest.qWait(_STEP_MS)


def _hold_page_down(grid: PictureGrid) -> None:
    for _ in range(_STEPS):
        QTest.keyClick(grid, Qt.Key.Key_PageDown)
        QTest.qWait(_STEP_MS)


def _drag(grid: PictureGrid) -> None:
    """From end to end and back to the middle."""
    bar = grid.verticalScrollBar()
    for step in range(_STEPS):
        share = step / (_STEPS - 3) if step < _STEPS - 2 else 0.5
        bar.setValue(round(bar.maximum() * share))
        QTest.qWait(_STEP_MS)


def _frame(grid: PictureGrid) -> float:
    began = time.perf_counter()
    grid.viewport().repaint()
    return (time.perf_counter() - began) * 1000


def _result(id_: int) -> SearchResult:
    return SearchResult(
        0,
        id_,
        f"/home/ines/Pictures/IMG_{id_:06}.jpg",
        f"IMG_{id_:06}.jpg",
        "image/jpeg",
        1.7e9 - 3600 * id_,
        0.0,
        {},
        (),
        grade=id_ % 4 if id_ % 5 == 0 else None,
        thumb=1 if id_ % 7 == 0 else None,
        picture=Picture(4000, 3000, 1.7e9 - 3600 * id_, caption="Boats" if id_ % 3 == 0 else ""),
    )


def _jpeg(number: int) -> bytes:
    """A thumbnail as large as the engine makes them, with enough in it to take a while."""
    image = QImage(384, 288, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground = QLinearGradient(0, 0, 384, 288)
    ground.setColorAt(0, QColor.fromHsv(number * 15, 180, 220))
    ground.setColorAt(1, QColor.fromHsv((number * 15 + 90) % 360, 120, 90))
    painter.fillRect(image.rect(), ground)
    for spot in range(60):
        color = QColor.fromHsv((spot * 37 + number) % 360, 200, 60 + spot * 3)
        painter.fillRect(spot * 53 % 384, spot * 31 % 288, 25, 19, color)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG", 82)  # type: ignore[call-overload]
    return bytes(data.data())


if __name__ == "__main__":
    main()
