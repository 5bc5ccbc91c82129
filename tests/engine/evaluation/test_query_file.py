"""Queries of files: tables, JSON lines and plain text, all of them or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.evaluation.query_file import read_queries


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.csv", 'id,Query,split\n7,"rye, bread",dev\n,"two\nlines",\n'),
        ("q.tsv", 'qid\tquestion\tset\n7\trye, bread\tdev\n\t"two\nlines"\t\n'),
        ("q.jsonl", '{"_id":"7","text":"rye, bread","split":"dev"}\n\n{"query":"two\\nlines"}\n'),
    ],
)
def test_that_tables_and_json_lines_give_texts_ids_and_splits(
    tmp_path: Path, name: str, text: str
) -> None:
    read = read_queries(write(tmp_path, name, text))
    assert [(q.text, q.id, q.split) for q in read] == [
        ("rye, bread", "7", "dev"),
        ("two lines", "", ""),
    ]


def test_that_a_text_file_has_a_query_a_line(tmp_path: Path) -> None:
    read = read_queries(write(tmp_path, "q.txt", "\ufeffrye bread\r\n\r\n  roses \n"))
    assert [(q.line, q.text) for q in read] == [(1, "rye bread"), (3, "roses")]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("q.csv", "number,name\n1,x\n", "Line 1: no column"),
        ("q.csv", "id,query\n1,x\n2\n", "Line 3: it has 1 columns"),
        ("q.csv", "id,query\n1,x\n1,y\n", "Line 3: the id “1” was used in line 2"),
        ("q.csv", 'query\n"a\nb"\n"" x"\n', "Line 4"),
        ("q.jsonl", '{"text":"x"}\n{"text":\n', "Line 2"),
        ("q.jsonl", '{"text":["x"]}\n', "Line 1: its text is not a text"),
        ("q.jsonl", '{"_id":"1","text":" "}\n', "Line 1: the query is empty"),
        ("q.txt", "\n\n", "no query"),
    ],
)
def test_that_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_queries(write(tmp_path, name, text))


def test_that_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_bytes(b"one\ntwo\xff\n")
    with pytest.raises(InvalidInput, match="Line 2"):
        read_queries(path)
