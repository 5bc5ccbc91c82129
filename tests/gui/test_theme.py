from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.icons import ICONS, icon
from gui.theme import DARK, LIGHT, Colors, Theme, colors, is_dark

GUI = Path(__file__).resolve().parents[2] / "gui"


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    before = qapp.styleSheet(), qapp.palette()
    dressed = Theme(qapp)
    yield dressed
    dressed.deleteLater()
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (QColor(color).redF(), QColor(color).greenF(), QColor(color).blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("chosen", [LIGHT, DARK])
def test_that_text_is_readable_on_every_ground(chosen: Colors) -> None:
    grounds = (chosen.window, chosen.surface, chosen.sunken, chosen.hover, chosen.accent_soft)
    pairs = [(text, ground) for text in (chosen.text, chosen.muted) for ground in grounds]
    pairs += [(chosen.on_accent, chosen.accent), (chosen.on_accent, chosen.accent_hover)]
    pairs += [(chosen.on_highlight, chosen.highlight), (chosen.accent, chosen.surface)]
    for tone in ("good", "warning", "danger"):
        pairs += [(getattr(chosen, tone), getattr(chosen, f"{tone}_soft"))]
        pairs += [(chosen.text, getattr(chosen, f"{tone}_soft"))]
    assert not [(a, b, contrast(a, b)) for a, b in pairs if contrast(a, b) < 4.5]


def test_that_the_user_may_choose_against_the_system(theme: Theme) -> None:
    theme.choose("dark")
    assert is_dark()
    assert colors() is DARK
    theme.choose("light")
    assert not is_dark()
    assert colors() is LIGHT


def test_that_an_icon_follows_the_theme(theme: Theme, qtbot: QtBot) -> None:
    drawn: QIcon = icon("search", "text")
    tints = []
    for choice in ("light", "dark"):
        theme.choose(choice)
        image = drawn.pixmap(32, 32).toImage()
        strongest = max(
            (image.pixelColor(x, y) for x in range(32) for y in range(32)),
            key=lambda color: color.alpha(),
        )
        tints.append(strongest.lightness())
    assert tints[0] < 100 < tints[1]


def test_that_every_icon_that_is_named_exists() -> None:
    names = set()
    for source in GUI.rglob("*.py"):
        names |= set(
            re.findall(r"\b(?:icon|IconLabel|show_icon)\(\s*\"([\w-]+)\"", source.read_text())
        )
    assert len(names) > 15
    assert not [name for name in sorted(names) if not (ICONS / f"{name}.svg").is_file()]
