"""Runs to files and back: what systems outside this program found, and what those in it find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import get_args

from engine.errors import InvalidInput, NotFound
from engine.evaluation import run_file
from engine.evaluation.line_file import Problems
from engine.evaluation.set_files.escaped import must_escape
from engine.evaluation.set_files.formats import write_file
from engine.evaluation_records import RunInfo, RunReport, System
from engine.evaluation_requests import ExportRun, ImportRun
from engine.jobs.job import Job
from engine.parts import Parts
from engine.records import Mode
from engine.settings import Settings
from engine.storage import evalset_documents, evalset_queries, evalset_runs, evalsets
from engine.storage.evalset import EvalSet
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_runs import StoredRun
from engine.systems import Systems, in_words

_LARGEST = 512 * 1024 * 1024
"""Bytes; a larger file is no run of a set that people judge, and would not fit into memory."""
_HINT = "Each line of a run is: query Q0 document rank score tag. Nothing was imported."

_OWN = frozenset(
    in_words(System(mode, rerank=rerank)) for mode in get_args(Mode) for rerank in (False, True)
)
"""Names that would be mistaken for this program's own systems in pools and figures."""


def take_in(parts: Parts, request: ImportRun) -> RunInfo:
    """Keep a run with a set; raises NotFound, InvalidInput naming what is wrong."""
    path = Path(request.path).expanduser()
    content = _read(path)
    problems = Problems("The run cannot be read", _HINT)
    with parts.library.write() as connection:
        evalset = evalsets.find(connection, request.name)
        queries = [query.id for query in evalset_queries.every(connection, evalset.id)]
        documents = _documents(connection, evalset)
        encoded = must_escape([*queries, *documents])
        checked = run_file.check(
            content,
            path.name,
            problems,
            frozenset(queries),
            percent_encoded=encoded,
            one_tag=request.run is None,
        )
        problems.raise_any()
        name = (request.run or checked.tag).strip()
        if name in _OWN:
            raise InvalidInput(
                "Not a name for a run",
                f"“{name}” is what a way of searching here is called.",
                "Give the run another name. Nothing was imported.",
            )
        info = RunInfo(
            name=name,
            n_queries=len(checked.queries),
            n_lines=checked.n_lines,
            n_outside=len(checked.documents - documents),
        )
        evalset_runs.put(connection, evalset.id, StoredRun(content, encoded), info)
    return info


def export(parts: Parts, settings: Settings, request: ExportRun, job: Job) -> RunReport:
    """Write a system's run; raises NotFound, InvalidInput, StorageFull, JobCancelled."""
    path = Path(request.path).expanduser().absolute()
    with parts.library.read() as connection:
        evalset = evalsets.find(connection, request.name)
        every = evalset_queries.every(connection, evalset.id)
        queries = _in_split(every, evalset, request.split)
        names = evalset_documents.names(connection, evalset)
        encoded = must_escape([query.id for query in every] + [*_documents(connection, evalset)])
        name, came = request.system.run, None
        if name is not None:
            came = evalset_runs.load(connection, evalset.id, name)
    if name is None and not names:
        raise NotFound(
            "No documents to search",
            f"None of the documents that “{evalset.name}” is about are in the library.",
            "Index some folders, or import the dataset again.",
        )
    pieces: Iterator[bytes]
    if name is not None and came is not None:
        pieces = run_file.lines_of(came.content, queries, percent_encoded=came.percent_encoded)
    else:
        systems = Systems(parts, settings, names, job, set_id=evalset.id)
        name = systems.name_of(request.system)
        run = systems.run(request.system, queries)
        pieces = run_file.written(run.lists, run_file.tag_of(name), percent_encoded=encoded)
    rows = list(pieces)
    job.checkpoint()
    write_file(path, iter(rows))
    n_lines = sum(bool(line.strip()) for line in rows)
    return RunReport(evalset.name, str(path), name, len(queries), n_lines)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidInput("Not a run", f"{path} is larger than {_LARGEST >> 20} MB.", _HINT)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("Nothing there", f"There is nothing at {path}.", _HINT) from error
    except OSError as error:
        told = f"{path} cannot be opened ({error.strerror})."
        raise InvalidInput("The run cannot be read", told, _HINT) from error


def _in_split(every: Sequence[NewQuery], evalset: EvalSet, split: str | None) -> dict[str, str]:
    """Texts of the queries of a split, or of all, by id; raises NotFound where there are none."""
    found = {query.id: query.text for query in every if split is None or split in query.splits}
    if not found:
        where = "" if split is None else f" in a split “{split}”"
        raise NotFound("No queries", f"“{evalset.name}” has no queries{where}.", "Add some first.")
    return found


def _documents(connection: Connection, evalset: EvalSet) -> set[str]:
    """Keys of the documents that something is known of."""
    names = evalset_documents.names(connection, evalset)
    kept = evalset_documents.kept_keys(connection, evalset)
    return kept | {key for keys in names.values() for key in keys}
