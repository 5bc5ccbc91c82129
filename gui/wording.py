"""Numbers, sizes and times as the window says them."""

from __future__ import annotations

import time
from pathlib import PurePosixPath, PureWindowsPath

from PySide6.QtCore import QDateTime, QLocale

from engine.records import INSIDE

_LOCALE = QLocale(QLocale.Language.English)


def count(number: int, noun: str = "", plural: str = "") -> str:
    """A number with separators, and its noun: `1 file`, `1,204 files`."""
    digits = f"{number:,}"
    if not noun:
        return digits
    return f"{digits} {noun if number == 1 else plural or noun + 's'}"


def size(n_bytes: int) -> str:
    """Bytes in decimal units: `1.4 MB`."""
    return _LOCALE.formattedDataSize(n_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def duration(seconds: float) -> str:
    """A rough span of time: `8 s`, `3 min`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def rate(units_per_second: float, unit: str) -> str:
    """A speed: `140 passages/s`; below 1 in two seconds by the minute: `5 steps/min`."""
    if units_per_second < 0.5:
        return f"{units_per_second * 60:.2g} {unit}/min"
    digits = f"{units_per_second:,.0f}" if units_per_second >= 10 else f"{units_per_second:.1f}"
    return f"{digits} {unit}/s"


def date(timestamp: float) -> str:
    """A day, short: `Today`, `Yesterday`, `14 Mar`, `14 Mar 2023`."""
    day = QDateTime.fromSecsSinceEpoch(int(timestamp)).date()
    today = QDateTime.fromSecsSinceEpoch(int(time.time())).date()
    match day.daysTo(today):
        case 0:
            return "Today"
        case 1:
            return "Yesterday"
    return _LOCALE.toString(day, "d MMM" if day.year() == today.year() else "d MMM yyyy")


def date_within(timestamp: float) -> str:
    """A day inside a sentence: `today`, `yesterday`, `14 Mar`, `14 Mar 2023`."""
    day = date(timestamp)
    return day if day[0].isdigit() else day.lower()


def date_time(timestamp: float) -> str:
    """A moment: `14 Mar 2023, 09:41`."""
    return _LOCALE.toString(QDateTime.fromSecsSinceEpoch(int(timestamp)), "d MMM yyyy, HH:mm")


def language_name(code: str) -> str:
    """A language in English by its ISO 639-1 code: `German`; the code where it is not known."""
    language = QLocale.codeToLanguage(code)
    if language == QLocale.Language.AnyLanguage:
        return code
    return QLocale.languageToString(language)


def file_name(path: str) -> str:
    """The last part of a path of any platform, or all of it where it has one part."""
    pure = PureWindowsPath(path) if "\\" in path else PurePosixPath(path)
    return pure.name or path


def folder_name(path: str) -> str:
    """The folder of a path of any platform; empty where it has none."""
    pure = PureWindowsPath(path) if "\\" in path else PurePosixPath(path)
    parent = str(pure.parent)
    return "" if parent == "." else parent


def inside(path: str) -> str:
    """A path for people, where it leads into a file: `archive.zip › inner/name.txt`."""
    return path.replace(INSIDE, " › ")


def lies_in(path: str) -> str:
    """Where a document lies, for people: its folder, or `archive.zip › inner/name.txt`."""
    outer, _, inner = path.partition(INSIDE)
    return inside(f"{file_name(outer)}{INSIDE}{inner}") if inner else folder_name(path)
