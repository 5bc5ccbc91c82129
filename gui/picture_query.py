"""A picture as a query: what it is, and where a drop or the clipboard holds one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage

from engine.errors import InvalidInput

PICTURE_TYPES = (
    *("jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "tif", "tiff", "bmp", "dib"),
    *("heic", "heif", "avif", "svg"),
    *("cr2", "cr3", "nef", "arw", "dng", "orf", "rw2", "raf", "pef", "srw"),
)
"""Endings of files that are pictures, in lower case; whether one can be read is seen later."""
_LONGEST_SIDE = 1600
"""Pixels of a picture that comes without a file: far more than any encoder looks at."""


@dataclass(frozen=True, slots=True)
class PictureQuery:
    """A picture that others are to look like: a file, or one of the library."""

    name: str
    """For people."""
    path: str = ""
    """Absolute; empty where it is one of the library."""
    document_id: int | None = None
    """Of the library's."""


def is_picture_file(path: str) -> bool:
    """Whether a file's name says that it is a picture."""
    return Path(path).suffix.lower().lstrip(".") in PICTURE_TYPES


def local_files(mime: QMimeData) -> list[str]:
    """The files and folders of this computer that are dropped or pasted."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def holds_picture(mime: QMimeData) -> bool:
    """Whether a drop is meant as a picture to search with: only pictures, or what a browser gives.

    Folders and files of other kinds are not, also among pictures: they may be there to be added.
    """
    files = local_files(mime)
    if files:
        return all(is_picture_file(path) and not Path(path).is_dir() for path in files)
    return mime.hasImage() or any(_is_remote(url) for url in mime.urls())


def picture_file(path: str) -> PictureQuery:
    """A file as a query; raises InvalidInput where it cannot be one."""
    file = Path(path)
    if file.is_dir():
        raise InvalidInput(
            "That is a folder",
            f"“{file.name}” is a folder. To search with a picture, take a single file.",
            "To search in the folder, add it to the library: Ctrl+O.",
        )
    if not file.is_file():
        raise InvalidInput("No such file", f"“{path}” is not there, or cannot be read.")
    if not is_picture_file(path):
        raise InvalidInput(
            "Not a picture",
            f"“{file.name}” is not of a type that pictures have.",
            "JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC, AVIF, SVG and raw photos can be searched with.",
        )
    return PictureQuery(file.name, str(file))


def picture_without_file(mime: QMimeData) -> QImage:
    """The picture itself that a drop or the clipboard holds, made small; raises InvalidInput."""
    image = QImage(mime.imageData()) if mime.hasImage() else QImage()
    if not image.isNull():
        longest = max(image.width(), image.height())
        return image if longest <= _LONGEST_SIDE else _smaller(image)
    if any(_is_remote(url) for url in mime.urls()):
        raise InvalidInput(
            "That picture is on the web",
            "Attune downloads nothing, so it cannot look at what an address leads to.",
            "Copy the picture itself in the browser and paste it here, or save it and drop the"
            " file.",
        )
    raise InvalidInput("No picture", "There is no picture in what was dropped or pasted.")


def _smaller(image: QImage) -> QImage:
    return image.scaled(
        _LONGEST_SIDE,
        _LONGEST_SIDE,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _is_remote(url: QUrl) -> bool:
    return bool(url.scheme()) and not url.isLocalFile()
