"""A document whose passages are rows, as the table that it came from."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass

from engine.records import Document, Passage

_AROUND = 100
"""Rows shown before and after the one that was found."""
_SEPARATORS = "\t;,|"


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
    named = [_named(text) for text in texts]
    if all(named):
        order = dict.fromkeys(name for row in named for name in row)
        return tuple(order), tuple(tuple(row.get(name, "") for name in order) for row in named)
    separator = _separator([heading, *texts] if heading else texts)
    rows = tuple(_split(text, separator) for text in texts)
    return (_split(heading, separator) if heading else ()), rows


def _named(text: str) -> dict[str, str]:
    """The cells of a row whose every line is `Name: value`; empty where it is none."""
    cells = [line.partition(": ") for line in text.splitlines() if line.strip()]
    if len(cells) < 2 or not all(mark and len(name) < 80 for name, mark, _ in cells):
        return {}
    return {name.strip(): value.strip() for name, _, value in cells}


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
