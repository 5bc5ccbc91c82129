"""Tables whose rows are read one by one: questions with answers, titles with texts.

Other tables stay as they are: a row of numbers means nothing without its neighbours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.ingest.media_types import CSV, JSON, TSV
from engine.records import Page

_HEADS = {
    *("question", "query", "prompt", "instruction", "q", "title", "subject", "heading", "headline"),
    *("name", "term", "word", "summary", "frage", "titel", "betreff", "begriff", "question text"),
    *("pregunta", "título", "titre", "question title", "titolo", "domanda", "issue", "front"),
}
_BODIES = {
    *("answer", "response", "completion", "output", "a", "text", "body", "content", "description"),
    *("definition", "passage", "abstract", "antwort", "beschreibung", "inhalt", "respuesta"),
    *("réponse", "texto", "texte", "contenu", "solution", "reply", "answer text", "answers"),
    *("context", "message", "article", "document", "back", "risposta", "testo", "comment"),
}
_SAMPLE_ROWS = 200
_LEAST_FILLED = 0.5
"""Share of the rows that must have a head or a body."""
_LEAST_WORDS = 2.0
"""Mean words of a row's head and body: below it the table holds names and codes."""
_LONGEST_VALUE = 500
"""Of the columns that are neither head nor body; longer ones are cut."""
_LONGEST_FIELD = 10_000_000
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class RowText:
    """A table as one text of readable rows."""

    text: str
    pages: tuple[Page, ...]
    """One for each row, numbered as in the file, from 1."""


def read_rows(text: str, kind: str) -> RowText | None:
    """The rows of a table of questions or texts; None where it is none."""
    if kind not in (CSV, TSV, JSON):
        return None
    rows = list(_objects(text) if kind == JSON else _records(text, kind))
    columns = _columns(rows)
    return _written(rows, *columns) if columns else None


def _records(text: str, kind: str) -> Iterator[Mapping[str, str]]:
    """Rows of a delimited table by column name."""
    header = text[: text.find("\n")] if "\n" in text else text
    delimiter = "\t" if kind == TSV else max(_DELIMITERS, key=header.count)
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        if len(names) < 2 or len(set(names)) < len(names):
            return
        for row in reader:
            yield dict(zip(names, (value.strip() for value in row), strict=False))
    except csv.Error:
        return


def _objects(text: str) -> Iterator[Mapping[str, str]]:
    """Objects of a JSON list, or one on each line."""
    try:
        if text.lstrip().startswith("["):
            found = msgspec.json.decode(text)
            objects = found if isinstance(found, list) else []
        elif text.lstrip().startswith("{"):
            lines = [line for line in text.split("\n") if line.strip()]
            if len(lines) < 2:
                return
            objects = [msgspec.json.decode(line) for line in lines]
        else:
            return
    except (msgspec.DecodeError, RecursionError):
        return
    for item in objects:
        yield (
            {str(key): _value(value) for key, value in item.items()}
            if isinstance(item, dict)
            else {}
        )


def _value(value: object) -> str:
    """A value as it is read; lists joined, other structures left out."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return ""


def _columns(rows: Sequence[Mapping[str, str]]) -> tuple[str, str] | None:
    """The names of the head's and the body's column, if the table has both and holds words."""
    sample = [row for row in rows[:_SAMPLE_ROWS] if row]
    if not sample:
        return None
    names = {_folded(name): name for name in sample[0]}
    head = next((names[name] for name in names if name in _HEADS), None)
    body = next((names[name] for name in names if name in _BODIES), None)
    if head is None or body is None:
        return None
    filled = [row for row in sample if row.get(head) and row.get(body)]
    n_words = sum(len(f"{row[head]} {row[body]}".split()) for row in filled)
    if len(filled) < _LEAST_FILLED * len(sample) or n_words < _LEAST_WORDS * 2 * len(filled):
        return None
    return head, body


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().lower()


def _written(rows: Sequence[Mapping[str, str]], head: str, body: str) -> RowText:
    texts: list[str] = []
    pages: list[Page] = []
    position = 0
    for number, row in enumerate(rows, start=1):
        others = (
            f"{name}: {value[:_LONGEST_VALUE]}"
            for name, value in row.items()
            if value and name and name not in (head, body)
        )
        parts = [row.get(head, ""), row.get(body, ""), *others]
        text = "\n".join(part for part in parts if part)
        if text:
            pages.append(Page(number, position, position + len(text)))
            texts.append(text)
            position += len(text) + 2
    return RowText("\n\n".join(texts), tuple(pages))
