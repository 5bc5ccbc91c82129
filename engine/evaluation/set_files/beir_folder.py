"""An evaluation set in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`.

It carries the grade in force of each pair by split. Who gave it, notes, times, pools, and grades of
queries in no split have no place in it. `set.json` has the rest. Ids with blanks are
percent-encoded, in all files alike, and `set.json` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.evaluation.line_file import decoded, lines
from engine.evaluation.set_files import companion as companions
from engine.evaluation.set_files.companion import Companion, companion_of
from engine.evaluation.set_files.escaped import escaped, must_escape
from engine.evaluation.set_files.folder import (
    documents_written,
    grades_by_file,
    plain,
    query_read,
    read_documents,
    read_grades,
)
from engine.evaluation.set_files.gathered import About, Gathered
from engine.storage.evalset_record import CameGrade, SetRecord

_HEADER = b"query-id\tcorpus-id\tscore\n"


class _Query(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str


def written(record: SetRecord) -> Iterator[tuple[str, Iterator[bytes]]]:
    """A set's files: path within the folder, and content."""
    ids = [query.id for query in record.queries] + [each.document for each in record.documents]
    companion = companion_of(record, "beir", percent_encoded=must_escape(ids))
    yield companions.NAME, iter([companions.written(companion)])
    yield "corpus.jsonl", documents_written(record, companion)
    yield "queries.jsonl", _queries(record, companion)
    for stem, grades in grades_by_file(record).items():
        yield f"qrels/{stem}.tsv", _qrels(grades, companion)


def read(folder: Path, gathered: Gathered) -> SetRecord:
    """Read a set; raises InvalidInput naming files and lines."""
    companion = companions.read(folder, gathered.problems)
    read_documents(folder / "corpus.jsonl", companion, gathered)
    path = folder / "queries.jsonl"
    decoder = msgspec.json.Decoder(_Query)
    for number, raw in lines(path, gathered.problems, may_be_empty=companion is not None):
        line = decoded(decoder, raw, path.name, number, gathered.problems)
        if line is not None:
            id = plain(line.id, companion, path.name, number, gathered)
            gathered.add_query(path.name, number, query_read(id, line.text, companion))
    for file in sorted((folder / "qrels").glob("*.tsv")):
        read_grades(file, f"qrels/{file.name}", companion, gathered, beir=True)
    return gathered.finish(companion.about if companion else About(dataset=True))


def _queries(record: SetRecord, companion: Companion) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    for query in record.queries:
        id = escaped(query.id) if companion.percent_encoded else query.id
        yield encode(_Query(id, query.text)) + b"\n"


def _qrels(grades: list[CameGrade], companion: Companion) -> Iterator[bytes]:
    yield _HEADER
    for grade in grades:
        columns = [grade.query_id, grade.document]
        if companion.percent_encoded:
            columns = [escaped(column) for column in columns]
        yield f"{columns[0]}\t{columns[1]}\t{grade.grade}\n".encode()
