"""The cells of a Jupyter notebook, with what they print as text, without pictures and data."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.errors import InvalidInput

_LONGEST_OUTPUT = 2000
_Lines = str | list[str]


class _Output(msgspec.Struct):
    text: _Lines = ""
    data: dict[str, msgspec.Raw] = {}


class _Cell(msgspec.Struct):
    cell_type: str = ""
    source: _Lines = ""
    input: _Lines = ""
    outputs: list[_Output] = []


class _Worksheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    cells: list[_Cell] = []
    worksheets: Annotated[list[_Worksheet], msgspec.Meta(max_length=1000)] = []
    """Where version 3 of the format keeps the cells."""


def notebook_text(text: str) -> str:
    """Cells parted by empty lines; raises InvalidInput where it is no notebook."""
    try:
        notebook = msgspec.json.decode(text, type=_Notebook)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidInput(
            "Damaged", "It is not a notebook that can be understood.", "Save it again."
        ) from error
    parts = []
    for cell in [*notebook.cells, *(c for sheet in notebook.worksheets for c in sheet.cells)]:
        parts.append(_joined(cell.source or cell.input))
        parts += [_printed(output)[:_LONGEST_OUTPUT] for output in cell.outputs]
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _printed(output: _Output) -> str:
    plain = output.data.get("text/plain")
    if plain is None:
        return _joined(output.text)
    try:
        return _joined(msgspec.json.decode(plain, type=_Lines))
    except msgspec.DecodeError:
        return ""


def _joined(lines: _Lines) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
