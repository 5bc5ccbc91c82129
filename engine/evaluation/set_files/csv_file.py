"""An evaluation set as one CSV file, a row a judgment, to be read and filled in as a table.

RFC 4180, UTF-8. A pair that nobody judged is a row without a grade; where the file is for one
rater, it names them. A grade that came without a rater is a row of `imported`. Splits of a query
are joined by `;`; without that column all are in `test`. The set's name, guideline, scale,
documents' texts, where queries come from, ranks and assignments have no place in it: a scale is
made that has the highest grade.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

from engine.evaluation.set_files.gathered import About, Gathered
from engine.evaluation_records import IMPORTED, GivenJudgment
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, PooledPair, SetRecord

COLUMNS = (
    "query_id",
    "query",
    "document",
    "title",
    "place",
    "rater",
    "grade",
    "note",
    "flag",
    "skipped",
    "span",
    "span_text",
    "seconds",
    "at",
    "split",
)
_SAID = ("grade", "note", "flag", "skipped", "span", "span_text", "seconds", "at")
"""Where all of these are empty, nothing was said."""
_NEEDED = ("query_id", "query", "document", "grade")
_LARGEST_BYTES = 1 << 28
"""As a table is read whole."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPAN = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_GRADE = re.compile(r"[+-]?[0-9]{1,4}")

Row = dict[str, str]
_WITHOUT_SPLITS: Row = {"split": "test"}
"""For tables of others, whose queries would be in none and never be measured."""


def written(record: SetRecord, rater: str | None) -> Iterator[bytes]:
    """A set's file in pieces; `rater` is whom it is for."""
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    titles = {each.document: each for each in record.documents}
    rows: dict[str, list[tuple[str, str, str, Row]]] = {}
    rows_of_judgments = [(said, _row_of(said)) for said in record.judgments]
    spoken = [(said, row) for said, row in rows_of_judgments if any(row[name] for name in _SAID)]
    judged = {(said.query_id, said.document) for said, _ in spoken}
    splits = {query.id: _joined(query.splits) for query in record.queries}
    for said, row in spoken:
        row |= {"split": splits[said.query_id]}
        rows.setdefault(said.query_id, []).append((said.document, said.rater, "", row))
    for grade in record.grades:
        row = {"rater": IMPORTED, "grade": str(grade.grade), "split": _joined([grade.split])}
        of = rows.setdefault(grade.query_id, [])
        of.append((grade.document, IMPORTED, grade.split, row))
    for pair in record.pool:
        if (pair.query_id, pair.document) not in judged:
            row = {"rater": rater or "", "split": splits[pair.query_id]}
            rows.setdefault(pair.query_id, []).append((pair.document, "", "", row))
    for query in record.queries:
        of_query = sorted(rows.get(query.id, ()), key=lambda found: found[:3])
        named = {split for _, _, _, row in of_query for split in row["split"].split(";") if split}
        if not of_query or named != set(filter(None, splits[query.id].split(";"))):
            of_query.insert(0, ("", "", "", {"split": splits[query.id]}))
        for key, _, _, row in of_query:
            row |= {"query_id": query.id, "query": query.text, "document": key}
            if key:
                row |= {"title": titles[key].title, "place": titles[key].place}
            yield _line(row.get(name, "") for name in COLUMNS)


def read(path: Path, gathered: Gathered) -> SetRecord:
    """Read a set; raises InvalidInput naming the lines that are wrong."""
    queries: dict[str, tuple[int, str, set[str]]] = {}
    documents: dict[str, tuple[str, str]] = {}
    for number, row in _rows(path, gathered):
        told = _add_row(path.name, number, row, gathered)
        if told:
            gathered.problems.add(path.name, number, told)
        key, text = row["query_id"], row["query"]
        line, known, of = queries.setdefault(key, (number, text, set()))
        of.update(_split_names(row["split"]))
        if known != text:
            told = f"query “{key}” has another text than in line {line}"
            gathered.problems.add(path.name, number, told)
        if row["document"] and row["document"] not in documents:
            key = row["document"]
            documents[key] = row.get("title", ""), row.get("place", "")
            title, place = documents[key]
            gathered.add_document(path.name, number, KeptDocument(key, title, "", place))
    for key, (number, text, names) in queries.items():
        query = NewQuery(key, text, tuple(sorted(names)), "imported")
        gathered.add_query(path.name, number, query)
    return gathered.finish(About())


def _add_row(file: str, number: int, row: Row, gathered: Gathered) -> str:
    """What is wrong with a row, if anything."""
    rater, number_or_none = row.get("rater", ""), row["grade"]
    query, document = row["query_id"], row["document"]
    if number_or_none and not _GRADE.fullmatch(number_or_none):
        return f"the grade “{number_or_none}” is not a whole number"
    grade = int(number_or_none) if number_or_none else None
    if not document:
        return "" if grade is None and not rater else "there is no document"
    if rater == IMPORTED:
        names = _split_names(row["split"])
        if grade is None or len(names) != 1:
            return "an imported grade needs a grade and one split"
        gathered.add_grade(file, number, CameGrade(names[0], query, document, grade))
        return ""
    if not any(row.get(name) for name in _SAID):
        gathered.add_pair(file, number, PooledPair(query, document, {}, 0.0))
        return ""
    marks = {name: row.get(name, "") for name in ("flag", "skipped")}
    wrong = [name for name, value in marks.items() if value not in ("", "0", "1")]
    if wrong:
        return f"{wrong[0]} is neither 0 nor 1"
    span = _SPAN.fullmatch(row.get("span", ""))
    if row.get("span") and not span:
        return f"“{row['span']}” is not a passage, which is written as 12-40"
    try:
        seconds = float(row["seconds"]) if row.get("seconds") else None
        at = _time_read(row["at"]) if row.get("at") else 0.0
    except (ValueError, OverflowError):
        return "seconds or at cannot be read; a time is written as 2026-05-04T10:20:30Z"
    said = GivenJudgment(
        query,
        document,
        rater,
        grade,
        skipped=marks["skipped"] == "1",
        flagged=marks["flag"] == "1",
        note=row.get("note", "").replace("\0", ""),
        span=(int(span[1]), int(span[2])) if span else None,
        span_text=row.get("span_text", "").replace("\0", ""),
        seconds=seconds,
        at=at,
    )
    gathered.add_judgment(file, number, said)
    return ""


def _rows(path: Path, gathered: Gathered) -> Iterator[tuple[int, Row]]:
    """Rows by column's name, with the line that each begins in."""
    text = _text(path, gathered)
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    columns: list[str] = []
    line = 1
    limit = csv.field_size_limit(_LARGEST_BYTES)
    try:
        for cells in rows:
            if not any(cells):
                pass
            elif not columns:
                columns = [cell.strip().lower() for cell in cells]
                missing = [name for name in _NEEDED if name not in columns]
                if missing:
                    told = f"no column is called {', '.join(missing)}"
                    gathered.problems.add(path.name, line, told)
                    return
            elif len(cells) != len(columns):
                told = f"expected {len(columns)} columns; found {len(cells)}"
                gathered.problems.add(path.name, line, told)
            else:
                yield line, _WITHOUT_SPLITS | dict(zip(columns, cells, strict=True))
            line = rows.line_num + 1
    except csv.Error as error:
        gathered.problems.add(path.name, rows.line_num, f"it is not CSV ({error})")
    finally:
        csv.field_size_limit(limit)
    if not columns:
        gathered.problems.add(path.name, None, "it is empty")


def _text(path: Path, gathered: Gathered) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            gathered.problems.add(path.name, None, f"it is larger than {_LARGEST_BYTES >> 20} MB")
            return ""
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        gathered.problems.add(path.name, None, f"it cannot be opened ({error.strerror})")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        gathered.problems.add(path.name, line, "it is not UTF-8 text")
    return ""


def _row_of(said: GivenJudgment) -> Row:
    return {
        "rater": said.rater,
        "grade": "" if said.grade is None else str(said.grade),
        "note": said.note,
        "flag": "1" if said.flagged else "",
        "skipped": "1" if said.skipped else "",
        "span": "" if said.span is None else f"{said.span[0]}-{said.span[1]}",
        "span_text": said.span_text,
        "seconds": "" if said.seconds is None else repr(said.seconds),
        "at": _time_written(said.at) if said.at else "",
    }


def _time_written(at: float) -> str:
    moment = _EPOCH + timedelta(microseconds=round(round(at, 6) * 1e6))
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _time_read(value: str) -> float:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) / timedelta(microseconds=1) / 1e6


def _line(cells: Iterable[str]) -> bytes:
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _joined(splits: Iterable[str]) -> str:
    return ";".join(split.replace("%", "%25").replace(";", "%3B") for split in splits)


def _split_names(cell: str) -> list[str]:
    return [unquote(name) for name in cell.split(";") if name]
