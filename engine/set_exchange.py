"""Evaluation sets to files and back: exported, imported, and merged with what others judged."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection

from engine.errors import InvalidInput
from engine.evaluation.line_file import Problems
from engine.evaluation.set_files.formats import read_set, write_set
from engine.evaluation_records import SetImport
from engine.evaluation_requests import ExportEvalSet, MergeEvalSet, ReadEvalSet
from engine.parts import Parts
from engine.storage import (
    evalset_merge,
    evalset_queries,
    evalset_record,
    evalset_versions,
    evalsets,
)
from engine.storage.evalset_record import SetRecord


def export(parts: Parts, request: ExportEvalSet) -> str:
    """Write a set; raises NotFound, InvalidInput, StorageFull."""
    path = Path(request.path).expanduser().absolute()
    with parts.library.read() as connection:
        record = _to_write(connection, request)
    write_set(record, path, request.format, request.rater)
    return str(path)


def take_in(parts: Parts, request: ReadEvalSet) -> SetImport:
    """Make a set of files; raises NotFound, InvalidInput naming what is wrong."""
    record = read_set(Path(request.path).expanduser())
    with parts.library.write() as connection:
        return evalset_record.store(connection, record, request.name)


def merge(parts: Parts, request: MergeEvalSet) -> SetImport:
    """Take in what was judged elsewhere; raises NotFound, InvalidInput naming what is wrong."""
    path = Path(request.path).expanduser()
    record = read_set(path)
    problems = Problems("Not merged", "Export the set anew and judge that. Nothing was merged.")
    if not record.judgments and not record.pool:
        raise InvalidInput(
            "No judgments of raters",
            f"{path} says nothing of who judged.",
            "Merge a JSONL or CSV file; others can be imported as sets of their own.",
        )
    with parts.library.write() as connection:
        evalset = evalsets.find(connection, request.name)
        merged = evalset_merge.merge(
            connection,
            evalset,
            record,
            lambda line, what: problems.add(path.name, line, what),
        )
        problems.raise_any()
        return merged


def _to_write(connection: Connection, request: ExportEvalSet) -> SetRecord:
    evalset = evalsets.find(connection, request.name)
    record = evalset_record.whole(connection, evalset)
    folder = request.format in ("beir", "trec")
    if request.rater is not None:
        if request.version is not None:
            raise InvalidInput(
                "A version has no raters",
                "What was frozen are the grades in force, whoever gave them.",
                "Export the version, or what a rater judged up to now.",
            )
        mine = evalset_queries.for_rater(connection, evalset.id, request.rater)
        record = evalset_record.of_rater(record, mine, request.rater)
        return evalset_record.graded_by_raters(record) if folder else record
    if request.version is not None:
        content = evalset_versions.load(connection, evalset, request.version)
        return evalset_record.frozen(record, content, request.version)
    if folder:
        content = evalset_versions.content(connection, evalset)
        return evalset_record.frozen(record, content, None)
    return record
