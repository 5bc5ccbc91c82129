"""A workspace over the beginning of the program's own check set."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.events import Event, Finished
from engine.places import CHECK_SET
from engine.requests import ImportEvalSet
from engine.workspace import Workspace

_DOCUMENTS = 16


def write_small_check_set(folder: Path) -> Path:
    """The first documents, and the queries that they answer, as the split `train`."""
    (folder / "qrels").mkdir(parents=True)
    corpus = _lines("corpus.jsonl")[:_DOCUMENTS]
    ids = {json.loads(line)["_id"] for line in corpus}
    head, *rows = _lines("qrels.tsv")
    rows = [row for row in rows if row.split("\t")[1] in ids]
    asked = {row.split("\t")[0] for row in rows}
    queries = [line for line in _lines("queries.jsonl") if json.loads(line)["_id"] in asked]
    (folder / "corpus.jsonl").write_text("\n".join(corpus), "utf-8")
    (folder / "queries.jsonl").write_text("\n".join(queries), "utf-8")
    (folder / "qrels" / "train.tsv").write_text("\n".join([head, *rows]), "utf-8")
    return folder


@contextmanager
def opened(
    folder: Path, prepared_minilm: Path, emit: Callable[[Event], None]
) -> Iterator[Workspace]:
    """A workspace in an empty folder whose evaluation set `check` is the small one."""
    shutil.copytree(prepared_minilm, folder / "models" / prepared_minilm.name)
    beir = write_small_check_set(folder.parent / "beir")
    with Workspace(folder, emit) as workspace:
        end = workspace.wait(workspace.import_eval_set(ImportEvalSet(str(beir), "check")).id)
        assert isinstance(end, Finished), end
        yield workspace


def _lines(name: str) -> list[str]:
    return (CHECK_SET / name).read_text("utf-8").splitlines()
