"""Takes judgments that were given elsewhere into a set.

Of two words of one rater on one pair the newer one stands, and of two at the same time always the
same one, so that it does not matter in what order files are merged, or how often. Grades that came
with a set without a rater are nobody's judgments: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from sqlite3 import Connection

import msgspec

from engine.errors import InvalidInput
from engine.evaluation_records import GivenJudgment, SetImport
from engine.storage import evalset_documents, evalset_queries
from engine.storage.evalset import EvalSet
from engine.storage.evalset_record import (
    SetRecord,
    n_outside,
    newest,
    put_pool,
    record_events,
)

Problem = Callable[[int | None, str], None]
"""Called with a line and what is wrong with it."""


def merge(
    connection: Connection, evalset: EvalSet, record: SetRecord, problem: Problem
) -> SetImport:
    """Take a file's judgments in; what is wrong with it is told, and then nothing must be kept.

    Raises InvalidInput where the file is of another set.
    """
    _check_kind(evalset, record)
    _check_queries(connection, evalset, record, problem)
    _keep_documents(connection, evalset, record, problem)
    put_pool(connection, evalset.id, record.pool)
    present = {_pair(each): each for each in newest(connection, evalset.id)}
    new: list[GivenJudgment] = []
    same = 0
    conflicts = []
    for theirs in record.judgments:
        if theirs.grade is not None and theirs.grade >= len(evalset.scale):
            line = record.judgment_lines.get(_pair(theirs))
            problem(line, f"{theirs.grade} is not a grade of “{evalset.name}”")
            continue
        ours = present.get(_pair(theirs))
        if ours is None:
            new.append(theirs)
            continue
        newer = _age(theirs) > _age(ours)
        if newer:
            new.append(theirs)
        elif theirs.grade == ours.grade:
            same += 1
        older, stands = (ours, theirs) if newer else (theirs, ours)
        if older.grade is not None and older.grade != stands.grade:
            conflicts.append(_in_words(connection, evalset, older, stands))
    conflicts += _other_grades(connection, evalset, record)
    record_events(connection, evalset.id, new)
    return SetImport(
        set=evalset.name,
        n_queries=len(record.queries),
        n_judgments=len(record.judgments),
        n_documents=sum(each.text != "" for each in record.documents),
        n_outside=n_outside(connection, evalset, record.documents),
        merged=len(new),
        same=same,
        conflicts=tuple(conflicts),
    )


def _check_kind(evalset: EvalSet, record: SetRecord) -> None:
    if record.dataset is not None and record.dataset != evalset.dataset:
        raise InvalidInput(
            "Of another set",
            f"The file names its documents otherwise than “{evalset.name}” does.",
            "Import it as a set of its own. Nothing was merged.",
        )
    told = record.scale and record.dataset is not None
    if told and record.scale != evalset.scale:
        raise InvalidInput(
            "Another scale",
            f"The file's grades are {', '.join(record.scale)};"
            f" those of “{evalset.name}” are {', '.join(evalset.scale)}.",
            "Import it as a set of its own. Nothing was merged.",
        )


def _check_queries(
    connection: Connection, evalset: EvalSet, record: SetRecord, problem: Problem
) -> None:
    known = {query.id: query.text for query in evalset_queries.every(connection, evalset.id)}
    for query in record.queries:
        line = record.query_lines.get(query.id)
        if query.id not in known:
            problem(line, f"“{evalset.name}” has no query “{query.id}”")
        elif known[query.id] != query.text:
            problem(line, f"“{evalset.name}” has another query with the id “{query.id}”")


def _keep_documents(
    connection: Connection, evalset: EvalSet, record: SetRecord, problem: Problem
) -> None:
    """Those that are in neither place with their text cannot be judged again, so are refused."""
    evalset_documents.keep(connection, evalset, [each.document for each in record.documents])
    if record.dataset is not None:
        evalset_documents.put(connection, evalset.id, record.documents)
        return
    for said in record.judgments:
        if evalset_documents.kept(connection, evalset, said.document, 0) is None:
            line = record.judgment_lines.get(_pair(said))
            problem(line, f"“{evalset.name}” has no document “{said.document}”")


def _pair(given: GivenJudgment) -> tuple[str, str, str]:
    return given.query_id, given.document, given.rater


def _age(given: GivenJudgment) -> tuple[float, bytes]:
    """What orders judgments by time; files carry it in microseconds."""
    return round(given.at, 6), msgspec.json.encode(replace(given, at=0.0))


def _in_words(
    connection: Connection, evalset: EvalSet, older: GivenJudgment, stands: GivenJudgment
) -> str:
    title = evalset_documents.title_of(connection, evalset, older.document)
    query = evalset_queries.text_of(connection, evalset.id, older.query_id)
    return (
        f"{older.rater} on “{title}” for “{query}”: {_name(evalset, stands.grade)} stands,"
        f" {_name(evalset, older.grade)} was said before."
    )


def _other_grades(connection: Connection, evalset: EvalSet, record: SetRecord) -> list[str]:
    found = []
    for each in record.grades:
        row = connection.execute(
            "SELECT grade FROM qrels WHERE evalset_id = ? AND split = ? AND query_id = ?"
            " AND document = ?",
            (evalset.id, each.split, each.query_id, each.document),
        ).fetchone()
        if row is None or row[0] != each.grade:
            here = "is without one" if row is None else f"has {_name(evalset, row[0])}"
            found.append(
                f"An imported grade of “{each.document}” for query “{each.query_id}” in"
                f" {each.split} is {_name(evalset, each.grade)}, while the set {here}."
                " The set stays as it is."
            )
    return found


def _name(evalset: EvalSet, grade: int | None) -> str:
    if grade is None:
        return "no grade"
    return f"“{evalset.scale[grade]}”" if 0 <= grade < len(evalset.scale) else f"“{grade}”"
