"""How the program looks: colours for light and dark, spacing, type, icons, one stylesheet.

Widgets ask `colors()` while they paint, and give their labels, buttons and frames a role that the
stylesheet knows (`set_role`); icons are drawn in the colours of the moment. So a change of theme
needs no code in a page.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]
Size = Literal["small", "body", "heading", "title", "display"]


@dataclass(frozen=True, slots=True)
class Colors:
    """A palette; each value is `#rrggbb`."""

    window: str
    """Behind everything."""
    surface: str
    """Cards, lists, fields."""
    sunken: str
    """The navigation rail, the status bar, code."""
    hover: str
    border: str
    """Lines that part one thing from another."""
    outline: str
    """Edges of what can be clicked or typed into."""
    text: str
    muted: str
    """Secondary text; readable on every ground above."""
    faint: str
    """Disabled and decorative."""
    accent: str
    accent_hover: str
    on_accent: str
    """Text on `accent`."""
    accent_soft: str
    """Behind what is selected."""
    highlight: str
    """Behind the query's words in a passage."""
    on_highlight: str
    good: str
    good_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str


LIGHT = Colors(
    window="#f5f7f9",
    surface="#ffffff",
    sunken="#eaeef2",
    hover="#eef2f6",
    border="#dce2e8",
    outline="#b9c3ce",
    text="#17212b",
    muted="#52606e",
    faint="#8d99a6",
    accent="#1f6692",
    accent_hover="#18557b",
    on_accent="#ffffff",
    accent_soft="#e0eef7",
    highlight="#ffe6a6",
    on_highlight="#2b2100",
    good="#1b7548",
    good_soft="#def2e6",
    warning="#8a5a00",
    warning_soft="#fdf1d5",
    danger="#b02a22",
    danger_soft="#fbe4e2",
)

DARK = Colors(
    window="#161b21",
    surface="#1d232b",
    sunken="#12161b",
    hover="#262e38",
    border="#2e3742",
    outline="#4a5665",
    text="#e5eaf0",
    muted="#a4b0bd",
    faint="#6c7886",
    accent="#62b1e0",
    accent_hover="#84c4ea",
    on_accent="#08202f",
    accent_soft="#1e394b",
    highlight="#63501b",
    on_highlight="#fff0c4",
    good="#5fc792",
    good_soft="#18372a",
    warning="#e6b450",
    warning_soft="#3a2f16",
    danger="#f28b82",
    danger_soft="#432421",
)


class Space:
    """Distances in logical pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24


class Radius:
    """Corner radii in logical pixels."""

    S = 4
    M = 6
    L = 10


# A grey that reads on light and dark: a stylesheet cannot tint an image.
_ARROW = Path(__file__).resolve().parents[1] / "resources" / "icons" / "combo-arrow.svg"
_SCALE: dict[Size, float] = {
    "small": 0.92,
    "body": 1.0,
    "heading": 1.12,
    "title": 1.35,
    "display": 1.8,
}


def colors() -> Colors:
    """The palette of the moment."""
    return DARK if is_dark() else LIGHT


def is_dark() -> bool:
    """Whether the program is dark at the moment."""
    return QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def font(size: Size = "body", *, bold: bool = False) -> QFont:
    """The program's font, in a size relative to the one that the user's system asks for."""
    scaled = QFont(QApplication.font())
    scaled.setPointSizeF(scaled.pointSizeF() * _SCALE[size])
    if bold:
        scaled.setWeight(QFont.Weight.DemiBold)
    return scaled


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of the stylesheet, also when it is shown already.

    Labels: `display`, `title`, `heading`, `muted`, `small`, `good`, `warning`, `danger`.
    Buttons: `primary`, `quiet`, `danger`, `link`, `chip`. Frames: `card`, `sunken`, `notice`,
    `good`, `warning`, `danger`, `line`.
    """
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Theme(QObject):
    """Dresses the application, and follows the system's scheme or the user's choice."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def choice(self) -> Choice:
        """What the user chose."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Follow the system, or be light or dark whatever the system says."""
        if choice == self._choice:
            return
        self._choice = choice
        # The hint colours what the system itself draws, such as title bars.
        scheme = {
            "system": Qt.ColorScheme.Unknown,
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
        }[choice]
        self._app.styleHints().setColorScheme(scheme)
        self._apply()

    def _apply(self) -> None:
        system_is_dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self._choice == "dark" or (self._choice == "system" and system_is_dark)
        chosen = DARK if dark else LIGHT
        points = self._app.font().pointSizeF()
        tokens = {field.name: getattr(chosen, field.name) for field in fields(chosen)}
        tokens |= {f"font_{name}": f"{points * scale:.1f}pt" for name, scale in _SCALE.items()}
        tokens["icon_chevron"] = _ARROW.as_posix()
        tokens["icon_chevron_up"] = _ARROW.with_stem("combo-arrow-up").as_posix()
        tokens["icon_tick"] = _ARROW.with_stem("tick-dark" if dark else "tick-light").as_posix()
        tokens["icon_menu_tick"] = _ARROW.with_stem(
            "tick-light" if dark else "tick-dark"
        ).as_posix()
        sheet = stylesheet(tokens)
        if sheet == self._app.styleSheet():
            return  # a choice is heard from the system once more; dressing every widget takes long
        self._app.setPalette(palette(chosen))
        self._app.setStyleSheet(sheet)
        self.changed.emit()


def palette(chosen: Colors) -> QPalette:
    """The Qt palette of a set of colours."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    made = QPalette()
    for which, color in {
        role.Window: chosen.window,
        role.WindowText: chosen.text,
        role.Base: chosen.surface,
        role.AlternateBase: chosen.hover,
        role.Text: chosen.text,
        role.PlaceholderText: chosen.muted,
        role.Button: chosen.surface,
        role.ButtonText: chosen.text,
        role.BrightText: chosen.danger,
        role.ToolTipBase: chosen.surface,
        role.ToolTipText: chosen.text,
        role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_accent,
        role.Accent: chosen.accent,
        role.Link: chosen.accent,
        role.LinkVisited: chosen.accent,
        role.Light: chosen.hover,
        role.Midlight: chosen.hover,
        role.Mid: chosen.border,
        role.Dark: chosen.outline,
        role.Shadow: chosen.outline,
    }.items():
        made.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(group.Disabled, which, QColor(chosen.faint))
    made.setColor(group.Disabled, role.Highlight, QColor(chosen.border))
    return made
