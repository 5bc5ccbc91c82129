from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from engine.ingest.media_types import media_type
from engine.places import CHECK_SET, EXAMPLE_QUERIES, SAMPLE_LIBRARY

_ONE_MB = 1 << 20
_DOCUMENTS = sorted(path for path in SAMPLE_LIBRARY.rglob("*") if path.is_file())


def ids_of(name: str) -> list[str]:
    lines = (CHECK_SET / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["_id"] for line in lines]


def judgments() -> list[tuple[str, str, int]]:
    with (CHECK_SET / "qrels.tsv").open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t")
        return [(row["query-id"], row["corpus-id"], int(row["score"])) for row in rows]


def test_that_the_sample_library_is_varied_and_small() -> None:
    assert len(_DOCUMENTS) >= 20
    assert {".pdf", ".docx", ".pptx", ".xlsx", ".eml", ".html", ".md", ".txt", ".csv", ".py"} <= {
        path.suffix for path in _DOCUMENTS
    }
    assert sum(path.stat().st_size for path in _DOCUMENTS) < _ONE_MB


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.name)
def test_that_a_sample_document_can_be_read(path: Path) -> None:
    assert path.stat().st_size > 0
    assert media_type(path) is not None


def test_that_there_are_six_different_example_queries() -> None:
    queries = EXAMPLE_QUERIES.read_text(encoding="utf-8").splitlines()
    assert len(queries) == len(set(queries)) == 6
    assert all(query.strip() for query in queries)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_that_ids_in_the_check_set_are_unique(name: str) -> None:
    ids = ids_of(name)
    assert ids
    assert [one for one, count in Counter(ids).items() if count > 1] == []


def test_that_judgments_refer_to_known_queries_and_passages_once() -> None:
    pairs = [(query, passage) for query, passage, _ in judgments()]
    assert {query for query, _ in pairs} <= set(ids_of("queries.jsonl"))
    assert {passage for _, passage in pairs} <= set(ids_of("corpus.jsonl"))
    assert len(pairs) == len(set(pairs))


def test_that_every_query_of_the_check_set_has_a_relevant_passage() -> None:
    answered = {query for query, _, score in judgments() if score > 0}
    assert set(ids_of("queries.jsonl")) - answered == set()
