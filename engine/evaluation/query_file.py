"""Reads queries from a file: CSV or TSV with a header, JSONL as BEIR has it, or a line each.

It is read whole or not at all: what is wrong is told with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import msgspec

from engine.errors import InvalidInput
from engine.storage.evalset_queries import ReadQuery

_TEXT = ("query", "text", "question", "query_text", "title")
_ID = ("_id", "id", "query_id", "query-id", "qid")
_SPLIT = ("split", "set", "subset")
_TOLD = 10


def read_queries(path: Path) -> list[ReadQuery]:
    """The queries of a file, in its order; blank lines are passed over.

    Raises:
        InvalidInput: it cannot be read, or lines of it cannot; the message names them.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _invalid(f"{path} cannot be opened ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _invalid(f"Line {line}: it is not UTF-8 text.") from error
    problems: list[str] = []
    match path.suffix.lower():
        case ".csv":
            read = _table(text, ",", problems)
        case ".tsv":
            read = _table(text, "\t", problems)
        case ".jsonl" | ".ndjson" | ".json":
            read = _json_lines(text, problems)
        case _:
            read = [
                ReadQuery(line, " ".join(raw.split()))
                for line, raw in enumerate(text.splitlines(), start=1)
                if raw.strip()
            ]
    _check(read, problems)
    if problems:
        more = len(problems) - _TOLD
        told = problems[:_TOLD] + ([f"… and {more:,} more."] if more > 0 else [])
        raise _invalid("\n".join(told))
    return read


def _table(text: str, delimiter: str, problems: list[str]) -> list[ReadQuery]:
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    read: list[ReadQuery] = []
    columns: dict[str, int] = {}
    try:
        line = 1
        for row in rows:
            if not any(cell.strip() for cell in row):
                pass
            elif not columns:
                columns = _columns(row, line)
            elif len(row) <= max(columns.values()):
                problems.append(f"Line {line}: it has {len(row)} columns, which are too few.")
            else:
                cells = {name: row[place] for name, place in columns.items()}
                read.append(_query(line, cells))
            line = rows.line_num + 1
    except csv.Error as error:
        problems.append(f"Line {rows.line_num}: {error}.")
    return read


def _columns(header: list[str], line: int) -> dict[str, int]:
    """Which column is what."""
    names = [name.strip().lower() for name in header]
    found = {}
    for kind, known in (("text", _TEXT), ("id", _ID), ("split", _SPLIT)):
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[kind] = place
    if "text" not in found:
        raise _invalid(
            f"Line {line}: no column is called {', '.join(_TEXT[:-1])} or {_TEXT[-1]};"
            f" there are: {', '.join(header)}."
        )
    return found


def _json_lines(text: str, problems: list[str]) -> list[ReadQuery]:
    read = []
    decoder = msgspec.json.Decoder(dict[str, object])
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            found = decoder.decode(raw)
        except msgspec.DecodeError as error:
            problems.append(f"Line {line}: {error}.")
            continue
        cells = {}
        for kind, known in (("text", _TEXT), ("id", _ID), ("split", _SPLIT)):
            value = next((found[name] for name in known if name in found), "")
            if not isinstance(value, str | int):
                problems.append(f"Line {line}: its {kind} is not a text.")
            cells[kind] = str(value)
        read.append(_query(line, cells))
    return read


def _query(line: int, cells: Mapping[str, str]) -> ReadQuery:
    text = " ".join(cells["text"].replace("\0", "").split())
    return ReadQuery(line, text, cells.get("id", "").strip(), cells.get("split", "").strip())


def _check(read: list[ReadQuery], problems: list[str]) -> None:
    first: dict[str, int] = {}
    for query in read:
        if not query.text:
            problems.append(f"Line {query.line}: the query is empty.")
        if query.id and query.id in first:
            problems.append(
                f"Line {query.line}: the id “{query.id}” was used in line {first[query.id]}."
            )
        first.setdefault(query.id, query.line)
    if not read and not problems:
        problems.append("There is no query in it.")


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(
        "The queries cannot be read",
        message,
        "A table needs a header with a column “query”; a text file has one query a line."
        " Nothing was added.",
    )
