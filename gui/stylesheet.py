"""The one stylesheet; `@name` stands for a colour or font size of the theme."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SHEET = """
QMainWindow, QDialog, QMessageBox { background: @window; }
QToolTip { background: @surface; color: @text; border: 1px solid @outline; padding: 4px 6px; }

QLabel { background: transparent; }
QMessageBox QLabel#qt_msgbox_label { font-weight: 600; }
QLabel[role="display"] { font-size: @font_display; font-weight: 600; }
QLabel[role="title"] { font-size: @font_title; font-weight: 600; }
QLabel[role="heading"] { font-size: @font_heading; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="small"] { color: @muted; font-size: @font_small; }
QLabel[role="good"] { color: @good; }
QLabel[role="warning"] { color: @warning; }
QLabel[role="danger"] { color: @danger; }

QFrame[role="card"] {
    background: @surface; border: 1px solid @border; border-radius: 10px;
}
QLabel[role="veil"] {
    background: @text; color: @surface; border-radius: 8px; padding: 4px 12px;
}
QFrame[role="sunken"] { background: @sunken; border: none; border-radius: 6px; }
QFrame[role="line"] { background: @border; border: none; }
QFrame[role="notice"] { background: @accent_soft; border: none; border-radius: 6px; }
QFrame[role="good"] { background: @good_soft; border: none; border-radius: 6px; }
QFrame[role="warning"] { background: @warning_soft; border: none; border-radius: 6px; }
QFrame[role="danger"] { background: @danger_soft; border: none; border-radius: 6px; }
/* A label is a frame too. */
QLabel[role="good"], QLabel[role="warning"], QLabel[role="danger"] { background: transparent; }

QFrame[role="rail"] { background: @sunken; border: none; border-right: 1px solid @border; }
QToolButton[role="rail"] {
    color: @muted; border-radius: 10px; padding: 6px 2px; font-size: @font_small;
}
QToolButton[role="rail"]:hover { background: @hover; }
QToolButton[role="rail"]:checked { background: @accent_soft; color: @accent; font-weight: 600; }
QToolButton[role="thumb-up"]:checked { background: @good_soft; }
QToolButton[role="thumb-down"]:checked { background: @danger_soft; }
QFrame[role="surface"] { background: @surface; border: none; border-left: 1px solid @border; }
QFrame[role="segments"] { background: @sunken; border: 1px solid @border; border-radius: 8px; }
QLineEdit[role="query"] {
    font-size: @font_heading; padding: 9px 8px; border-radius: 10px; border-color: @outline;
}
QFrame[role="picture-chip"] {
    background: @accent_soft; border: 1px solid @accent; border-radius: 10px;
}
QListView[role="offers"] { border: 1px solid @outline; border-radius: 0; padding: 4px; }
QListView[role="offers"]::item { padding: 5px 8px; border-radius: 4px; color: @text; }
QListView[role="offers"]::item:selected { background: @accent_soft; }
QListView[role="results"] { border: none; border-radius: 0; background: @surface; }
QPlainTextEdit[role="document"] {
    border: none; border-radius: 0; border-top: 1px solid @border; padding: 8px 12px;
}

QPlainTextEdit[role="reading"] {
    border: none; border-radius: 0; border-top: 1px solid @border; padding: 10px 12px;
    font-size: @font_heading;
}

QFrame[role="viewbar"], QFrame[role="mail"] {
    background: @surface; border: none; border-top: 1px solid @border;
}
QScrollArea[role="page"] { background: @sunken; border-top: 1px solid @border; }
QTableView[role="document"] { border: none; border-radius: 0; border-top: 1px solid @border; }

QPushButton {
    background: @surface; color: @text; border: 1px solid @outline; border-radius: 6px;
    padding: 5px 12px; min-height: 18px; outline: none;
}
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @sunken; }
QPushButton:focus { border-color: @accent; }
QPushButton:checked { background: @accent_soft; border-color: @accent; color: @accent; }
QPushButton:disabled { color: @faint; border-color: @border; background: @window; }
QPushButton[role="primary"] {
    background: @accent; color: @on_accent; border-color: @accent; font-weight: 600;
}
QPushButton[role="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[role="primary"]:focus { border-color: @text; }
QPushButton[role="primary"]:disabled {
    background: @border; color: @faint; border-color: @border;
}
QPushButton[large="true"] { padding: 12px 20px; min-width: 180px; }
QPushButton[role="danger"] { color: @danger; border-color: @danger; }
QPushButton[role="danger"]:hover { background: @danger_soft; }
QPushButton[role="danger"]:disabled { color: @faint; border-color: @border; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover { background: @hover; }
QPushButton[role="quiet"]:focus { border-color: @accent; }
QPushButton[role="link"] {
    background: transparent; border: 1px solid transparent; color: @accent; padding: 2px 4px;
    text-align: left;
}
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border-color: @accent; }
QPushButton[role="link"]:disabled { color: @faint; }
QPushButton[role="chip"] {
    border-radius: 13px; padding: 3px 12px; background: @surface; border-color: @border;
}
QPushButton[role="chip"]:hover { border-color: @accent; color: @accent; }
QPushButton[role="chip"]:focus { border-color: @accent; }

QPushButton[role="chip"]:checked { border-color: @accent; background: @accent_soft; }
QPushButton[role="segment"] {
    background: transparent; border: 1px solid transparent; padding: 3px 10px; color: @muted;
}
QPushButton[role="segment"]:hover { color: @text; }
QPushButton[role="segment"]:focus { border-color: @accent; }
QPushButton[role="segment"]:checked {
    background: @surface; border-color: @outline; color: @accent;
}
QPushButton[role="segment"]:disabled { color: @faint; background: transparent; }
QPushButton[role="segment"]:checked:disabled { color: @muted; border-color: @border; }
QPushButton[role="segment"]:checked:focus { border-color: @accent; }
QPushButton::menu-indicator { image: none; width: 0; }

QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px;
    color: @text;
}
QToolButton:hover { background: @hover; }
QToolButton:pressed { background: @sunken; }
QToolButton:checked { background: @accent_soft; color: @accent; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @faint; }
QToolButton::menu-indicator { image: none; width: 0; }

QToolButton[role="tag"] {
    background: @accent_soft; border-radius: 10px; padding: 2px 8px; color: @text;
}
QToolButton[role="tag"]:hover, QToolButton[role="tag"]:focus { border-color: @accent; }
QLabel[role="file-tag"] {
    background: @sunken; border-radius: 10px; padding: 3px 8px; color: @muted;
}

QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QPlainTextEdit, QTextEdit {
    background: @surface; color: @text; border: 1px solid @outline; border-radius: 6px;
    padding: 4px 8px; selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus, QPlainTextEdit:focus,
QTextEdit:focus { border-color: @accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: @faint; }
QComboBox {
    background: @surface; color: @text; border: 1px solid @outline; border-radius: 6px;
    padding: 4px 8px; min-height: 18px;
}
QComboBox:hover { background: @hover; }
QComboBox:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(@icon_chevron); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: @surface; border: 1px solid @outline; selection-background-color: @accent_soft;
    selection-color: @text; outline: none;
}

QCheckBox::indicator, QAbstractItemView::indicator {
    width: 14px; height: 14px; border: 1px solid @outline; border-radius: 4px; background: @surface;
}
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent; }
QCheckBox::indicator:indeterminate {
    border-color: @accent;
    background: qlineargradient(x1: 0, y1: 0, x2: 0, y2: 1, stop: 0 @surface, stop: 0.40 @surface,
        stop: 0.41 @accent, stop: 0.59 @accent, stop: 0.60 @surface, stop: 1 @surface);
}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
    background: @accent; border-color: @accent; image: url(@icon_tick);
}
QCheckBox:focus { color: @accent; }
QCheckBox:disabled { color: @faint; }

QSpinBox, QDoubleSpinBox { padding-right: 22px; min-height: 18px; }
QSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; width: 20px; border: none; background: transparent;
}
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-position: top right; margin-top: 2px;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-position: bottom right; margin-bottom: 2px;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url(@icon_chevron_up); width: 11px; height: 11px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url(@icon_chevron); width: 11px; height: 11px;
}

QMenuBar { background: @window; color: @text; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @surface; color: @text; border: 1px solid @outline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @accent_soft; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QMenu::indicator:checked { image: url(@icon_menu_tick); }
QMenu::icon { padding-left: 8px; }

QStatusBar { background: @sunken; color: @muted; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @muted; font-size: @font_small; }

QProgressBar {
    background: @border; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
    color: transparent;
}
QProgressBar::chunk { background: @accent; border-radius: 3px; }

QSlider::groove:horizontal { height: 4px; background: @border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: @surface; border: 2px solid @accent; width: 12px; height: 12px; margin: -6px 0;
    border-radius: 8px;
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: @accent_soft; }
QSlider::sub-page:horizontal:disabled { background: @border; }
QSlider::handle:horizontal:disabled { border-color: @outline; }

QListView, QTreeView, QTableView {
    background: @surface; border: 1px solid @border; border-radius: 6px; outline: none;
    alternate-background-color: @window; selection-background-color: @accent_soft;
    selection-color: @text; gridline-color: @border;
}
QTableView::item, QTreeView::item { padding: 4px 8px; }
QTableView::item:selected, QTreeView::item:selected { background: @accent_soft; color: @text; }
QHeaderView { background: @surface; }
QHeaderView::section {
    background: @surface; color: @muted; border: none; border-bottom: 1px solid @border;
    padding: 6px 11px; font-weight: 600;
}
QHeaderView::up-arrow, QHeaderView::down-arrow {
    width: 8px; height: 8px; subcontrol-origin: margin; subcontrol-position: top center;
}
QHeaderView::up-arrow { image: url(@icon_chevron_up); }
QHeaderView::down-arrow { image: url(@icon_chevron); }
QTableCornerButton::section { background: @surface; border: none; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @outline; border-radius: 4px; }
QScrollBar::handle:vertical { min-height: 32px; margin: 2px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 2px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @border; }

QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar::tab { padding: 6px 12px; color: @muted; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::tab:hover { color: @text; }

QGroupBox {
    background: @surface; border: 1px solid @border; border-radius: 10px; margin-top: 22px;
    padding: 12px;
}
QGroupBox::title { subcontrol-origin: margin; left: 4px; color: @text; font-weight: 600; }
"""


def stylesheet(tokens: Mapping[str, str]) -> str:
    """The sheet with its tokens filled in; raises KeyError for a token that is not known."""
    return re.sub(r"@(\w+)", lambda match: tokens[match[1]], _SHEET)
