"""A form made of what a msgspec Struct says of its fields: title, explanation, type and range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import get_type_hints

import msgspec
from msgspec import inspect
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.theme import Space, set_role
from gui.training.recipe_words import SECTIONS, choices_in_words
from gui.training.value_fields import (
    CheckList,
    ChoiceField,
    FlagField,
    NumberField,
    NumbersField,
    TextField,
    number_in_words,
)
from gui.widgets.card import explanation

_NAME_WIDTH = 150
_FIELD_WIDTH = 230
_TEXT_INSET = 5  # so much lower than its edge stands the text of a field


_Field = TextField | ChoiceField | FlagField | CheckList


@dataclass(frozen=True, slots=True)
class _Row:
    """One field of the form."""

    title: str
    field: _Field
    annotation: object
    """What its value must fulfil."""
    words: QLabel
    """Its explanation with its range."""

    def value(self) -> object:
        """What is entered; raises ValueError where it is not allowed."""
        return msgspec.convert(self.field.read(), self.annotation)  # its error is a ValueError

    def show_sound(self) -> bool:
        try:
            self.value()
        except ValueError:
            set_role(self.words, "danger")
            return False
        set_role(self.words, "small")
        return True


class StructForm(QWidget):
    """A row for each field but those that are left out."""

    changed = Signal()

    def __init__(
        self,
        struct: msgspec.Struct,
        without: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnMinimumWidth(1, _FIELD_WIDTH)
        self._grid.setColumnStretch(2, 1)
        shape = inspect.type_info(type(struct))
        assert isinstance(shape, inspect.StructType)
        hints = get_type_hints(type(struct), include_extras=True)
        for field in shape.fields:
            if field.name not in without:
                self._add(field, hints[field.name])
        self.show_values(struct)

    @property
    def unsound(self) -> list[str]:
        """The titles of the fields whose values are not allowed; they are marked."""
        return [row.title for row in self._rows.values() if not row.show_sound()]

    @property
    def values(self) -> dict[str, object]:
        """What is entered, by field; raises ValueError where something is not allowed."""
        return {name: row.value() for name, row in self._rows.items()}

    def field(self, name: str) -> _Field:
        """The field of a name."""
        return self._rows[name].field

    def show_values(self, struct: msgspec.Struct) -> None:
        """Show what a struct has."""
        for name, row in self._rows.items():
            row.field.show_value(getattr(struct, name))

    def _mark(self, name: str) -> None:
        self._rows[name].show_sound()
        self.changed.emit()

    def _add(self, field: inspect.Field, annotation: object) -> None:
        kind, title, words = _said_of(field)
        made = _field_for(kind)
        said = f"{words} {range_in_words(kind)}".strip()
        below = explanation(said)
        below.setTextFormat(Qt.TextFormat.PlainText)
        label = QLabel(title)
        label.setBuddy(made)
        label.setContentsMargins(0, _TEXT_INSET, 0, 0)
        made.setAccessibleName(title)
        made.setAccessibleDescription(said)
        at = self._grid.rowCount()
        if heading := SECTIONS.get(field.name):
            part = QLabel(heading)
            part.setContentsMargins(0, Space.M, 0, 0)
            set_role(part, "heading")
            self._grid.addWidget(part, at, 0, 1, 3)
            at += 1
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(label, at, 0, top)
        if isinstance(made, CheckList) or type(made) is TextField:
            self._grid.addWidget(made, at, 1, 1, 2)
            self._grid.addWidget(below, at + 1, 1, 1, 2)
            below.setVisible(bool(said))
        else:
            made.setFixedWidth(_FIELD_WIDTH)
            self._grid.addWidget(made, at, 1, top)
            self._grid.addWidget(below, at, 2)
        self._rows[field.name] = _Row(title, made, annotation, below)
        made.changed.connect(partial(self._mark, field.name))


def _said_of(field: inspect.Field) -> tuple[inspect.Type, str, str]:
    """A field's type, title and explanation."""
    kind = field.type
    said: dict[str, str] = {}
    while isinstance(kind, inspect.Metadata):
        said = {**(kind.extra_json_schema or {}), **said}
        kind = kind.type
    return kind, said.get("title", field.name), said.get("description", "")


def _field_for(kind: inspect.Type) -> _Field:
    match kind:
        case inspect.BoolType():
            return FlagField()
        case inspect.IntType() | inspect.FloatType():
            return NumberField(whole=isinstance(kind, inspect.IntType))
        case inspect.LiteralType(values=values):
            return ChoiceField(choices_in_words(values))
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return CheckList(choices_in_words(values))
        case inspect.VarTupleType(item_type=inspect.IntType() | inspect.FloatType() as item):
            return NumbersField(whole=isinstance(item, inspect.IntType))
        case inspect.StrType():
            return TextField()
    raise TypeError(kind)


def range_in_words(kind: inspect.Type) -> str:
    """What is allowed: `From 1 to 50.`, `More than 0, at most 0.01.`; empty for anything."""
    match kind:
        case inspect.VarTupleType(item_type=inspect.IntType() | inspect.FloatType() as item):
            each = range_in_words(item)
            return f"Each {each[0].lower()}{each[1:]}" if each else ""
        case inspect.VarTupleType(min_length=least) if least:
            return f"At least {least}."
        case (
            inspect.IntType(ge=low, gt=above, le=high)
            | inspect.FloatType(ge=low, gt=above, le=high)
        ):
            if low is not None and high is not None:
                return f"From {number_in_words(low)} to {number_in_words(high)}."
            parts = [
                f"{words} {number_in_words(bound)}"
                for words, bound in (("at least", low), ("more than", above), ("at most", high))
                if bound is not None
            ]
            said = ", ".join(parts)
            return f"{said[0].upper()}{said[1:]}." if said else ""
    return ""
