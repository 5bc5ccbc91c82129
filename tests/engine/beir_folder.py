"""A small set of judgments in BEIR layout, and a workspace that has imported it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.events import Finished
from engine.requests import ImportEvalSet
from engine.workspace import Workspace


def write_beir(
    folder: Path,
    corpus: Mapping[str, str],
    queries: Mapping[str, str],
    qrels: Mapping[str, Mapping[str, int]],
) -> Path:
    """Write texts, queries and the grades of the split `test`."""
    (folder / "qrels").mkdir(parents=True)
    for name, lines in (
        ("corpus", [{"_id": n, "title": n, "text": text} for n, text in corpus.items()]),
        ("queries", [{"_id": n, "text": text} for n, text in queries.items()]),
    ):
        body = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(body, "utf-8")
    rows = [
        f"{query}\t{document}\t{grade}\n"
        for query, of in qrels.items()
        for document, grade in of.items()
    ]
    head = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "test.tsv").write_text(head + "".join(rows), "utf-8")
    return folder


@contextmanager
def imported(folder: Path, prepared_minilm: Path, beir: Path) -> Iterator[Workspace]:
    """A workspace in an empty folder whose evaluation set `check` is that of a BEIR folder."""
    shutil.copytree(prepared_minilm, folder / "models" / prepared_minilm.name)
    with Workspace(folder, lambda _: None) as opened:
        job = opened.import_eval_set(ImportEvalSet(str(beir), "check"))
        assert isinstance(opened.wait(job.id), Finished)
        yield opened
