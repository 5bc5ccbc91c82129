"""Reads a test collection in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`.

A line of the corpus may name a picture, `"image": "images/1.jpg"`, below the same folder.

It is read whole or not at all: whatever is wrong is told with its file and line, several problems
at once, and nothing of it is returned. Thakur et al. 2021, BEIR: a heterogeneous benchmark for
zero-shot evaluation of information retrieval models (NeurIPS Datasets and Benchmarks).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.errors import InvalidInput
from engine.evaluation.line_file import Problems, decoded, lines
from engine.evaluation.qrels import Qrels
from engine.records import DatasetDocument

_HEADER = ["query-id", "corpus-id", "score"]
_GRADE = re.compile(r"-?[0-9]{1,4}")
_HINT = (
    "A dataset is a folder with corpus.jsonl, queries.jsonl and qrels/NAME.tsv, as BEIR has "
    "them. Nothing was imported."
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A test collection."""

    documents: tuple[DatasetDocument, ...]
    """In the corpus's order, at least one, ids distinct."""
    queries: Mapping[str, str]
    """Query id -> its text, in the file's order; some may be judged in no split."""
    splits: Mapping[str, Qrels]
    """Split name (`test`, `train`) -> judgments; all their ids are of this dataset."""


class _CorpusLine(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str
    title: str | None = None
    image: str | None = None


class _QueryLine(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str


def read_beir(folder: Path) -> Dataset:
    """Read the test collection in `folder`.

    Raises:
        InvalidInput: something is missing or malformed; the message names files and lines.
    """
    if not folder.is_dir():
        raise InvalidInput("Not a folder", f"There is no folder at {folder}.", _HINT)
    problems = Problems("The dataset cannot be read", _HINT)
    documents = _read_corpus(folder / "corpus.jsonl", problems)
    queries = _read_queries(folder / "queries.jsonl", problems)
    # Unknown ids can only be told from known ones once the ids themselves are sound.
    problems.raise_any()
    known = {document.id for document in documents}
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        problems.add("qrels", None, "there is no .tsv file with judgments in this folder")
    splits = {file.stem: _read_qrels(file, queries.keys(), known, problems) for file in files}
    problems.raise_any()
    return Dataset(tuple(documents), queries, splits)


def _read_corpus(path: Path, problems: Problems) -> list[DatasetDocument]:
    decoder = msgspec.json.Decoder(_CorpusLine)
    documents: dict[str, DatasetDocument] = {}
    for number, raw in lines(path, problems):
        line = decoded(decoder, raw, path.name, number, problems)
        if line and _is_new_id(line.id, documents, path.name, number, problems):
            document = DatasetDocument(
                line.id, _clean(line.title or ""), _clean(line.text), line.image or ""
            )
            documents[line.id] = document
            if line.image and not _lies_below(path.parent, line.image):
                problems.add(path.name, number, f"there is no picture at “{line.image}”")
    return list(documents.values())


def _read_queries(path: Path, problems: Problems) -> dict[str, str]:
    decoder = msgspec.json.Decoder(_QueryLine)
    queries: dict[str, str] = {}
    for number, raw in lines(path, problems):
        line = decoded(decoder, raw, path.name, number, problems)
        if line and _is_new_id(line.id, queries, path.name, number, problems):
            queries[line.id] = _clean(line.text)
            if not line.text.strip():
                problems.add(path.name, number, "the query's text is empty")
    return queries


def _read_qrels(path: Path, queries: Set[str], documents: Set[str], problems: Problems) -> Qrels:
    name = f"qrels/{path.name}"
    qrels: dict[str, dict[str, int]] = {}
    n_lines = 0
    for number, raw in lines(path, problems):
        try:
            columns = raw.decode().split("\t")
        except UnicodeDecodeError:
            problems.add(name, number, "it is not UTF-8 text")
            continue
        n_lines += 1
        if number == 1:
            if columns != _HEADER:
                problems.add(name, 1, f"expected the header {' '.join(_HEADER)}, tab-separated")
            continue
        what = _row_problem(columns, queries, documents, qrels)
        if what:
            problems.add(name, number, what)
        else:
            qrels.setdefault(columns[0], {})[columns[1]] = int(columns[2])
    if n_lines == 1:
        problems.add(name, None, "it holds no judgments")
    return qrels


def _row_problem(
    columns: list[str],
    queries: Set[str],
    documents: Set[str],
    qrels: Mapping[str, Mapping[str, int]],
) -> str:
    if len(columns) != len(_HEADER):
        return f"expected 3 columns, tab-separated; found {len(columns)}"
    query, document, grade = columns
    if query not in queries:
        return f"query “{query}” is not in queries.jsonl"
    if document not in documents:
        return f"document “{document}” is not in corpus.jsonl"
    if not _GRADE.fullmatch(grade):
        return f"the score “{grade}” is not a whole number"
    if document in qrels.get(query, {}):
        return f"query “{query}” and document “{document}” are judged twice"
    return ""


def _is_new_id(
    id: str, known: Mapping[str, object], file: str, line: int, problems: Problems
) -> bool:
    if not id.strip() or "\0" in id:
        problems.add(file, line, "its _id is empty or holds a zero character")
        return False
    if id in known:
        problems.add(file, line, f"the _id “{id}” was used before")
        return False
    return True


def _lies_below(folder: Path, name: str) -> bool:
    """Whether a file lies in a folder, and not by way of another."""
    try:
        file = (folder / name).resolve()
        return file.is_relative_to(folder.resolve()) and file.is_file()
    except (OSError, ValueError):
        return False


def _clean(text: str) -> str:
    """Without NUL, which storage and tokenizers cut text at."""
    return text.replace("\0", "")
