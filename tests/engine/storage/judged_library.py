"""A library of a few documents and an evaluation set over it, for tests of what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from engine.evaluation_records import GRADED, GivenJudgment
from engine.records import Extracted
from engine.storage import documents, evalset_queries, evalsets, judgments, roots
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState, NewChunk
from engine.storage.evalset import EvalSet

KEYS = ("alpha", "beta", "gamma", "delta")
"""Content hashes of the documents, and what they say."""


def add_documents(library: Database, *, dataset: bool = False) -> dict[str, int]:
    """Their ids by key; in a dataset each has the id `d-KEY`. Returns the root's too, as `root`."""
    found = {}
    with library.write() as connection:
        kind: Literal["folder", "dataset"] = "dataset" if dataset else "folder"
        root = roots.add(connection, Path(f"/{kind}").absolute(), kind)
        for key in KEYS:
            found[key] = documents.put(
                connection,
                key,
                Extracted(key.title(), f"All about {key}.", "text/plain"),
                Cut((NewChunk(0, 5, None, "", key.encode()),)),
                1,
            )
            path = f"d-{key}" if dataset else f"{key}.txt"
            documents.put_file(connection, root.id, FileState(path, 1, 1, key), found[key])
    return found | {"root": root.id}


def make_set(library: Database, *texts: str, name: str = "mine") -> EvalSet:
    """A set over the library with these queries, which are called q1, q2 and so on."""
    with library.write() as connection:
        evalset = evalsets.create(connection, name, "", GRADED, None)
        evalset_queries.add_texts(connection, evalset.id, texts, "test", "typed")
    return evalset


def say(
    library: Database,
    evalset: EvalSet,
    document: str,
    grade: int | None,
    *,
    query: str = "q1",
    rater: str = "ann",
    skipped: bool = False,
    seconds: float | None = None,
) -> None:
    """One judgment as it is given in the judging room."""
    said = GivenJudgment(query, document, rater, grade, skipped=skipped, seconds=seconds)
    with library.write() as connection:
        judgments.give(connection, evalset, said, "room")
