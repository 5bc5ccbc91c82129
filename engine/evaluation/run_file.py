"""Run files in TREC's words: lines `query Q0 document rank score tag`, between them any blanks.

A run is kept as the bytes it came as, so that rank, score and tag, and the blanks between them, are
given back as they were written. What a query's documents are ordered by is the score alone, as in
trec_eval. Where ids of a set have blanks, the ids in its runs are percent-encoded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.evaluation.line_file import Problems
from engine.evaluation.metrics import ranking
from engine.evaluation.set_files.escaped import escaped, unescaped

Scored = list[tuple[str, float]]
"""Keys of documents with their scores."""

_BOM = b"\xef\xbb\xbf"
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class RunLine:
    """One document of one query's list."""

    query_id: str
    document: str
    score: float
    tag: str


@dataclass(frozen=True, slots=True)
class CheckedRun:
    """What a run file was found to hold."""

    tag: str
    """Of its first line."""
    queries: frozenset[str]
    documents: frozenset[str]
    n_lines: int


def check(
    content: bytes,
    file: str,
    problems: Problems,
    known: Collection[str],
    *,
    percent_encoded: bool,
    one_tag: bool,
) -> CheckedRun:
    """Look at every line of a run, and note what is wrong with it.

    Args:
        content: the file's.
        file: its name, for problems.
        problems: takes what is wrong, by line.
        known: ids of the set's queries.
        percent_encoded: whether its ids are.
        one_tag: whether all lines must have the tag of the first.
    """
    tag = ""
    first_at: dict[tuple[str, str], int] = {}
    for number, raw in _lines(content):
        try:
            line = _line(raw, percent_encoded=percent_encoded)
        except ValueError as error:
            problems.add(file, number, str(error))
            continue
        tag = tag or line.tag
        pair = line.query_id, line.document
        if line.query_id not in known:
            problems.add(file, number, f"the set has no query “{line.query_id}”")
        elif pair in first_at:
            problems.add(
                file,
                number,
                f"“{line.document}” was ranked for “{line.query_id}” in line {first_at[pair]}",
            )
        elif one_tag and line.tag != tag:
            problems.add(file, number, f"its tag is “{line.tag}”, that of the lines above “{tag}”")
        first_at.setdefault(pair, number)
    if not first_at:
        problems.add(file, None, "no document is ranked in it")
    return CheckedRun(
        tag,
        frozenset(query_id for query_id, _ in first_at),
        frozenset(document for _, document in first_at),
        len(first_at),
    )


def lists(
    content: bytes, wanted: Collection[str], depth: int, *, percent_encoded: bool
) -> dict[str, Scored]:
    """The first `depth` documents of each wanted query, the best first, of a run that was checked.

    As trec_eval has them: by score, whatever the ranks say.
    """
    found: dict[str, Scored] = {query_id: [] for query_id in wanted}
    for _, raw in _lines(content):
        line = _line(raw, percent_encoded=percent_encoded)
        if line.query_id in found:
            found[line.query_id].append((line.document, line.score))
    first = {}
    for query_id, scored in found.items():
        score_of = dict(scored)
        first[query_id] = [(key, score_of[key]) for key in ranking(scored)[:depth]]
    return first


def lines_of(content: bytes, wanted: Collection[str], *, percent_encoded: bool) -> Iterator[bytes]:
    """The lines of wanted queries as they were written, of a run that was checked."""
    for number, raw in enumerate(content.splitlines(keepends=True), start=1):
        bare = raw.removeprefix(_BOM) if number == 1 else raw
        if not bare.strip() or _line(bare, percent_encoded=percent_encoded).query_id in wanted:
            yield raw


def written(
    ranked: Mapping[str, Sequence[tuple[str, float]]], tag: str, *, percent_encoded: bool
) -> Iterator[bytes]:
    """Lines of what a system found, by query id; scores are written so that none is rounded."""
    for query_id, documents in ranked.items():
        for rank, (key, score) in enumerate(documents, start=1):
            ids = (escaped(query_id), escaped(key)) if percent_encoded else (query_id, key)
            line = f"{ids[0]} Q0 {ids[1]} {rank} {float(score)!r} {tag}\n"
            yield line.encode()


def tag_of(name: str) -> str:
    """A system's name as a tag, which has no blanks."""
    return "_".join(name.split())


def _lines(content: bytes) -> Iterable[tuple[int, bytes]]:
    """Lines that hold something, with their numbers from 1."""
    for number, raw in enumerate(content.splitlines(), start=1):
        bare = raw.removeprefix(_BOM) if number == 1 else raw
        if bare.strip():
            yield number, bare


def _line(raw: bytes, *, percent_encoded: bool) -> RunLine:
    """Read one line; raises ValueError saying what is wrong with it."""
    columns = raw.split()
    if len(columns) != _COLUMNS:
        raise ValueError(
            f"it has {len(columns)} columns, not the {_COLUMNS} of query, Q0, document, rank,"
            " score and tag"
        )
    try:
        query_id, _, document, rank, score, tag = (column.decode() for column in columns)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    if not _WHOLE.fullmatch(rank):
        raise ValueError(f"the rank “{rank}” is no whole number")
    if not _NUMBER.fullmatch(score) or not math.isfinite(float(score)):
        raise ValueError(f"the score “{score}” is no number")
    if percent_encoded:
        try:
            query_id, document = unescaped(query_id), unescaped(document)
        except UnicodeDecodeError:
            raise ValueError("an id is not percent-encoded text") from None
    return RunLine(query_id, document, float(score), tag)
