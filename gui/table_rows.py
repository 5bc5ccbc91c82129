"""A document whose passages are rows, as the table that it came from."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass

from engine.records import Document, Passage

_AROUND = 100
"""Rows shown before and after the one that was found."""
_SEPARATORS = "\t;,|"
_NAME = 60
"""Characters that a column's name has at most."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows around the one that was found."""

    headings: tuple[str, ...]
    """Empty where the columns have no names."""
    rows: tuple[tuple[str, ...], ...]
    first: int
    """Number of the first of `rows` in the document, from 1."""
    hit: int
    """Which of `rows` was found, from 0."""


def table_rows(document: Document, passage: Passage) -> TableRows | None:
    """The rows around a passage; None where the document has no such row."""
    pages = document.pages
    hit = next((n for n, row in enumerate(pages) if row.start <= passage.start < row.end), None)
    if hit is None:
        hit = next((n for n, row in enumerate(pages) if row.start >= passage.start), None)
    if hit is None:
        return None
    first = max(0, hit - _AROUND)
    texts = [document.text[row.start : row.end] for row in pages[first : hit + _AROUND + 1]]
    before = document.text[: pages[0].start].strip().splitlines()
    headings, rows = _cells(before[-1] if before else "", texts)
    return TableRows(headings, rows, pages[first].number, hit - first)


def _cells(heading: str, texts: list[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Headings and cells of rows that name their columns, or stand below a line of names."""
    names = _names(texts)
    if names or any("\n" in text for text in texts):
        return ("", "", *names), tuple(_named(text, names) for text in texts)
    separator = _separator([heading, *texts] if heading else texts)
    rows = tuple(_split(text, separator) for text in texts)
    return (_split(heading, separator) if heading else ()), rows


def _names(texts: list[str]) -> tuple[str, ...]:
    """Names that half of the rows have before a colon, after their first line."""
    seen: Counter[str] = Counter()
    for text in texts:
        lines = (line.partition(": ") for line in text.split("\n")[1:])
        names = dict.fromkeys(name for name, mark, _ in lines if mark and len(name) < _NAME)
        seen.update(list(names))  # in their order, each once a row
    return tuple(name for name, n_rows in seen.items() if n_rows * 2 >= len(texts))


def _named(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """A row's first line, the rest of its text, and its cells by name, which stand last."""
    lines = text.split("\n")
    cells: dict[str, str] = {}
    while len(lines) > 1:
        name, mark, value = lines[-1].partition(": ")
        if not mark or name not in names or name in cells:
            break
        cells[name] = value.strip()
        lines.pop()
    return lines[0], "\n".join(lines[1:]), *(cells.get(name, "") for name in names)


def _separator(lines: list[str]) -> str:
    """The one that parts most lines into the same number of cells."""
    best, most = ",", (0, 0)
    for separator in _SEPARATORS:
        lengths = Counter(len(_split(line, separator)) for line in lines)
        n_cells, n_lines = lengths.most_common(1)[0]
        if n_cells > 1 and (n_lines, n_cells) > most:
            best, most = separator, (n_lines, n_cells)
    return best


def _split(line: str, separator: str) -> tuple[str, ...]:
    try:
        return tuple(
            cell.strip() for row in csv.reader([line], delimiter=separator) for cell in row
        )
    except csv.Error:  # a cell longer than its limit
        return tuple(line.split(separator))
