"""An evaluation set in TREC's words: `SPLIT.qrels` with lines `query 0 document grade`.

Beside them lie `topics.tsv` (id and text) and `documents.jsonl`, for which TREC has no format of
its own. As in BEIR's layout it carries the grade in force of each pair by split, and `set.json` has
what the files have no place for. Ids with blanks, and texts with tabs or line ends, are
percent-encoded, in all files alike, and `set.json` says so. Qrels of others may be called
`qrels.NAME.txt` and the like; documents may be missing, then only their ids are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.evaluation.line_file import lines
from engine.evaluation.set_files import companion as companions
from engine.evaluation.set_files.companion import Companion, companion_of
from engine.evaluation.set_files.escaped import escaped, escaped_text, must_escape
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

TOPICS = "topics.tsv"
DOCUMENTS = "documents.jsonl"


def written(record: SetRecord) -> Iterator[tuple[str, Iterator[bytes]]]:
    """A set's files: path within the folder, and content."""
    ids = [query.id for query in record.queries] + [each.document for each in record.documents]
    encoded = must_escape(ids, [query.text for query in record.queries])
    companion = companion_of(record, "trec", percent_encoded=encoded)
    yield companions.NAME, iter([companions.written(companion)])
    yield DOCUMENTS, documents_written(record, companion)
    yield TOPICS, _topics(record, companion)
    for stem, grades in grades_by_file(record).items():
        yield f"{stem}.qrels", _qrels(grades, companion)


def read(folder: Path, gathered: Gathered) -> SetRecord:
    """Read a set; raises InvalidInput naming files and lines."""
    companion = companions.read(folder, gathered.problems)
    listed = (folder / DOCUMENTS).exists()
    if listed:
        read_documents(folder / DOCUMENTS, companion, gathered)
    _read_topics(folder / TOPICS, companion, gathered)
    for file in qrels_files(folder):
        read_grades(file, file.name, companion, gathered, beir=False)
    about = companion.about if companion else About(dataset=True)
    return gathered.finish(about, documents_listed=listed)


def qrels_files(folder: Path) -> list[Path]:
    """The files with grades."""
    return sorted({*folder.glob("*.qrels"), *folder.glob("qrels*.txt"), *folder.glob("qrels.*")})


def _topics(record: SetRecord, companion: Companion) -> Iterator[bytes]:
    for query in record.queries:
        id, text = query.id, query.text
        if companion.percent_encoded:
            id, text = escaped(id), escaped_text(text)
        yield f"{id}\t{text}\n".encode()


def _read_topics(path: Path, companion: Companion | None, gathered: Gathered) -> None:
    for number, raw in lines(path, gathered.problems, may_be_empty=companion is not None):
        try:
            id, tab, text = raw.decode().partition("\t")
        except UnicodeDecodeError:
            gathered.problems.add(path.name, number, "it is not UTF-8 text")
            continue
        if not tab:
            gathered.problems.add(path.name, number, "expected an id, a tab and a text")
            continue
        id, text = (plain(v, companion, path.name, number, gathered) for v in (id, text))
        gathered.add_query(path.name, number, query_read(id, text, companion))


def _qrels(grades: list[CameGrade], companion: Companion) -> Iterator[bytes]:
    for grade in grades:
        columns = [grade.query_id, grade.document]
        if companion.percent_encoded:
            columns = [escaped(column) for column in columns]
        yield f"{columns[0]} 0 {columns[1]} {grade.grade}\n".encode()
