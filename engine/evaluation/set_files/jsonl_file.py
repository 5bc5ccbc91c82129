"""An evaluation set as one JSONL file, with everything that was said in it.

The first line is the set: name, guideline, scale, version and the format's version. Then come its
queries, documents, pooled pairs, assignments and judgments, a line each, told apart by `kind`. A
grade that came with the set without a rater is a judgment of `imported`, and names its split.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.errors import InvalidInput
from engine.evaluation.line_file import decoded, lines
from engine.evaluation.set_files.gathered import About, Gathered
from engine.evaluation_records import IMPORTED, GivenJudgment, QueryOrigin
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, PooledPair, SetRecord

FORMAT = 1


class _Format(msgspec.Struct, frozen=True):
    format: int


class _Set(msgspec.Struct, frozen=True, tag_field="kind", tag="set"):
    format: int
    name: str
    guideline: str
    scale: tuple[str, ...]
    dataset: bool
    version: int | None


class _Query(msgspec.Struct, frozen=True, tag_field="kind", tag="query"):
    id: str
    text: str
    splits: tuple[str, ...] = ()
    origin: QueryOrigin = "imported"


class _Document(msgspec.Struct, frozen=True, tag_field="kind", tag="document"):
    id: str
    title: str = ""
    text: str = ""
    place: str = ""


class _Pair(msgspec.Struct, frozen=True, tag_field="kind", tag="pair"):
    query: str
    document: str
    ranks: dict[str, int]
    at: float


class _Assignment(msgspec.Struct, frozen=True, tag_field="kind", tag="assignment"):
    query: str
    rater: str


class _Judgment(msgspec.Struct, frozen=True, tag_field="kind", tag="judgment", omit_defaults=True):
    query: str
    document: str
    rater: str
    grade: int | None
    split: str = ""
    skipped: bool = False
    flagged: bool = False
    note: str = ""
    span: tuple[int, int] | None = None
    span_text: str = ""
    seconds: float | None = None
    at: float = 0.0


_Line = _Query | _Document | _Pair | _Assignment | _Judgment


def written(record: SetRecord) -> Iterator[bytes]:
    """A set's file, line by line."""
    encode = msgspec.json.Encoder().encode
    yield (
        encode(
            _Set(
                FORMAT,
                record.name,
                record.guideline,
                record.scale,
                bool(record.dataset),
                record.version,
            )
        )
        + b"\n"
    )
    for line in _lines_of(record):
        yield encode(line) + b"\n"


def read(path: Path, gathered: Gathered) -> SetRecord:
    """Read a set; raises InvalidInput naming the lines that are wrong."""
    about: About | None = None
    decoder: msgspec.json.Decoder[_Line] = msgspec.json.Decoder(_Line)
    for number, raw in lines(path, gathered.problems):
        if about is None:
            about = _about(path, number, raw, gathered)
            continue
        line = decoded(decoder, raw, path.name, number, gathered.problems)
        if line is not None:
            _add(gathered, path.name, number, line)
    return gathered.finish(about or About())


def _lines_of(record: SetRecord) -> Iterator[_Line]:
    for query in record.queries:
        yield _Query(query.id, query.text, query.splits, query.origin)
    for document in record.documents:
        yield _Document(document.document, document.title, document.text, document.place)
    for pair in record.pool:
        yield _Pair(pair.query_id, pair.document, dict(pair.ranks), pair.at)
    for query_id, rater in record.assignments:
        yield _Assignment(query_id, rater)
    for grade in record.grades:
        yield _Judgment(grade.query_id, grade.document, IMPORTED, grade.grade, grade.split)
    for said in record.judgments:
        yield _Judgment(
            said.query_id,
            said.document,
            said.rater,
            said.grade,
            skipped=said.skipped,
            flagged=said.flagged,
            note=said.note,
            span=said.span,
            span_text=said.span_text,
            seconds=said.seconds,
            at=said.at,
        )


def _about(path: Path, number: int, raw: bytes, gathered: Gathered) -> About:
    form = decoded(msgspec.json.Decoder(_Format), raw, path.name, number, gathered.problems)
    if form is not None and form.format > FORMAT:
        raise InvalidInput(
            "A newer format",
            f"{path.name} was written by a newer version of the program.",
            "Export it there in another format, or use the newer version.",
        )
    found = form and decoded(msgspec.json.Decoder(_Set), raw, path.name, number, gathered.problems)
    if not found:
        return About()
    return About(found.name, found.guideline, found.scale, found.dataset, found.version)


def _add(gathered: Gathered, file: str, number: int, line: _Line) -> None:
    match line:
        case _Query(id=id, text=text, splits=splits, origin=origin):
            gathered.add_query(file, number, NewQuery(id, text, splits, origin))
        case _Document(id=id, title=title, text=text, place=place):
            gathered.add_document(file, number, KeptDocument(id, title, text, place))
        case _Pair(query=query, document=document, ranks=ranks, at=at):
            gathered.add_pair(file, number, PooledPair(query, document, ranks, at))
        case _Assignment(query=query, rater=rater):
            gathered.add_assignment(file, number, query, rater)
        case _Judgment(rater=rater, grade=grade) if rater == IMPORTED and grade is not None:
            came = CameGrade(line.split, line.query, line.document, grade)
            gathered.add_grade(file, number, came)
        case _Judgment():
            gathered.add_judgment(
                file,
                number,
                GivenJudgment(
                    line.query,
                    line.document,
                    line.rater,
                    line.grade,
                    line.skipped,
                    line.flagged,
                    line.note.replace("\0", ""),
                    line.span,
                    line.span_text.replace("\0", ""),
                    line.seconds,
                    line.at,
                ),
            )
