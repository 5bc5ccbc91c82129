"""What a BEIR folder and a TREC folder have in common: documents, and grades by split."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.evaluation.line_file import decoded, lines
from engine.evaluation.set_files.companion import Companion, file_stems
from engine.evaluation.set_files.escaped import escaped, unescaped
from engine.evaluation.set_files.gathered import Gathered
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, SetRecord

_GRADE = re.compile(r"[+-]?[0-9]{1,4}")


class _Metadata(msgspec.Struct, frozen=True):
    place: str


class _Document(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str = msgspec.field(name="_id")
    title: str | None
    text: str | None
    metadata: _Metadata | None = None


class _ForeignDocument(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str | None = None
    title: str | None = None


def documents_written(record: SetRecord, companion: Companion) -> Iterator[bytes]:
    """A line for a document; its place where that is not its id."""
    encode = msgspec.json.Encoder().encode
    for each in record.documents:
        line = _Document(
            escaped(each.document) if companion.percent_encoded else each.document,
            each.title,
            each.text,
            None if each.place == each.document else _Metadata(each.place),
        )
        yield encode(line) + b"\n"


def read_documents(path: Path, companion: Companion | None, gathered: Gathered) -> None:
    """Read what `documents_written` wrote, or such a file of others."""
    kind: type[_Document] | type[_ForeignDocument] = _Document if companion else _ForeignDocument
    decoder: msgspec.json.Decoder[_Document | _ForeignDocument] = msgspec.json.Decoder(kind)
    for number, raw in lines(path, gathered.problems, may_be_empty=companion is not None):
        line = decoded(decoder, raw, path.name, number, gathered.problems)
        if line is None:
            continue
        key = plain(line.id, companion, path.name, number, gathered)
        place = line.metadata.place if isinstance(line, _Document) and line.metadata else key
        document = KeptDocument(key, line.title or "", line.text or "", place)
        gathered.add_document(path.name, number, document)


def grades_by_file(record: SetRecord) -> dict[str, list[CameGrade]]:
    """Grades by the name of their split's file, without ending."""
    stems = file_stems(grade.split for grade in record.grades)
    files: dict[str, list[CameGrade]] = {}
    for grade in record.grades:
        files.setdefault(stems[grade.split], []).append(grade)
    return files


def read_grades(
    file: Path, name: str, companion: Companion | None, gathered: Gathered, *, beir: bool
) -> None:
    """Read a split's grades: `query document grade` with a header in BEIR, else TREC's columns."""
    split = companion.files.get(file.stem, file.stem) if companion else file.stem
    if not _lies_below(file):
        gathered.problems.add(name, None, "it is no file, or a link to outside of the folder")
        return
    expected = 3 if beir else 4
    for number, raw in lines(file, gathered.problems, name=name):
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            gathered.problems.add(name, number, "it is not UTF-8 text")
            continue
        columns = text.split("\t") if beir else text.split()
        if beir and number == 1 and columns[0] == "query-id":
            continue
        if len(columns) != expected:
            told = f"expected {expected} columns; found {len(columns)}"
            gathered.problems.add(name, number, told)
        elif not _GRADE.fullmatch(columns[-1]):
            gathered.problems.add(name, number, f"the grade “{columns[-1]}” is not a whole number")
        else:
            query = plain(columns[0], companion, name, number, gathered)
            document = plain(columns[-2], companion, name, number, gathered)
            grade = CameGrade(split, query, document, int(columns[-1]))
            gathered.add_grade(name, number, grade)


def query_read(id: str, text: str, companion: Companion | None) -> NewQuery:
    """A query with what the companion says of it."""
    if companion is None:
        return NewQuery(id, text, (), "imported")
    splits = companion.splits.get(id, ())
    return NewQuery(id, text, splits, companion.origins.get(id, "imported"))


def plain(value: str, companion: Companion | None, file: str, line: int, gathered: Gathered) -> str:
    """A column's value without percent-encoding."""
    if companion is None or not companion.percent_encoded:
        return value
    try:
        return unescaped(value)
    except ValueError:
        gathered.problems.add(file, line, f"“{value}” is not percent-encoded UTF-8")
        return value


def _lies_below(file: Path) -> bool:
    """Whether a file is one, and lies in its folder not by way of another."""
    try:
        return file.is_file() and file.resolve().is_relative_to(file.parent.resolve())
    except (OSError, RuntimeError):  # links in a circle are either, by platform
        return False
