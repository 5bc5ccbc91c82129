"""Icons from `resources/icons`, drawn in the colours of the moment."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme import Colors, colors

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"

_BY_EXTENSION = {
    "pdf": "file-pdf",
    **dict.fromkeys(("csv", "tsv", "xls", "xlsx", "ods", "numbers", "parquet"), "file-table"),
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp"), "file-image"),
    **dict.fromkeys(("ppt", "pptx", "odp", "key"), "file-slides"),
    **dict.fromkeys(("eml", "msg", "mbox"), "file-mail"),
    **dict.fromkeys(("txt", "md", "rst", "doc", "docx", "odt", "rtf", "epub", "tex"), "file-text"),
    **dict.fromkeys(("html", "htm", "xml", "json", "yaml", "yml", "toml", "py"), "file-code"),
    **dict.fromkeys(("js", "ts", "c", "h", "cpp", "rs", "go", "java", "sh", "sql"), "file-code"),
}


def icon(name: str, color: str = "muted", on: str = "accent") -> QIcon:
    """An icon by its file's name; `color` and `on` (while checked) name fields of `Colors`."""
    return QIcon(_TintedIcon(name, color, on))


def program_icon() -> QIcon:
    """The program's own mark, in its own colours."""
    return QIcon(str(ICONS / "attune.png"))


def icon_of_file(document: str) -> str:
    """The name of the icon for a document's path."""
    _, dot, extension = document.rpartition(".")
    return _BY_EXTENSION.get(extension.lower(), "file") if dot else "file"


def paint_icon(painter: QPainter, name: str, color: str, rect: QRectF) -> None:
    """Draw an icon in a colour (`#rrggbb`)."""
    _renderer(name, color).render(painter, rect)


class _TintedIcon(QIconEngine):
    """Draws a stroke icon in theme colours: at each drawing, so that it follows the theme."""

    def __init__(self, name: str, color: str, on: str) -> None:
        super().__init__()
        self._name, self._color, self._on = name, color, on

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        now: Colors = colors()
        if mode == QIcon.Mode.Disabled:
            color = now.faint
        else:
            color = getattr(now, self._on if state == QIcon.State.On else self._color)
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        paint_icon(painter, self._name, color, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        return _TintedIcon(self._name, self._color, self._on)


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    return QSvgRenderer(QByteArray(source.encode()))
