"""Reading test collections: whole, or not at all and with the lines that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.evaluation.beir import read_beir
from engine.evaluation.line_file import PROBLEMS_TOLD

CORPUS = [
    {"_id": "d1", "title": "Fish", "text": "Fish swim."},
    {"_id": "d2", "title": "", "text": "Birds fly."},
    {"_id": "d3", "text": "", "metadata": {"url": "x"}},
]
QUERIES = [{"_id": "q1", "text": "what swims"}, {"_id": "q2", "text": "what flies"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t1\nq2\td1\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)), "utf-8")
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)), "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS, "utf-8")
    return tmp_path


def problems(folder: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        read_beir(folder)
    return raised.value.message


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + line + "\n", "utf-8")


def test_that_a_sound_folder_is_read_whole(folder: Path) -> None:
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td3\t-1\n", "utf-8")
    dataset = read_beir(folder)
    assert [(d.id, d.title, d.text) for d in dataset.documents] == [
        ("d1", "Fish", "Fish swim."),
        ("d2", "", "Birds fly."),
        ("d3", "", ""),
    ]
    assert dataset.queries == {"q1": "what swims", "q2": "what flies"}
    assert dataset.splits == {
        "test": {"q1": {"d1": 2}, "q2": {"d2": 1, "d1": 0}},
        "train": {"q1": {"d3": -1}},
    }


def test_that_bom_crlf_blank_lines_and_line_separators_within_texts_are_fine(folder: Path) -> None:
    path = folder / "qrels" / "test.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + QRELS.replace("\n", "\r\n").encode() + b"\r\n")
    append(folder / "corpus.jsonl", '{"_id": "d4", "text": "one\u2028two\x85"}\n')
    dataset = read_beir(folder)
    assert dataset.splits["test"]["q1"] == {"d1": 2}
    assert dataset.documents[-1].text == "one\u2028two\x85"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("q1\td2", "expected 3 columns, tab-separated; found 2"),
        ("q1 d2 1", "expected 3 columns, tab-separated; found 1"),
        ("q1\t0\td2\t1", "expected 3 columns, tab-separated; found 4"),
        ("q1\td2\tyes", "the score “yes” is not a whole number"),
        ("q1\td2\t1.5", "the score “1.5” is not a whole number"),
        ("q9\td2\t1", "query “q9” is not in queries.jsonl"),
        ("q1\td9\t1", "document “d9” is not in corpus.jsonl"),
        ("q1\td1\t1", "query “q1” and document “d1” are judged twice"),
    ],
)
def test_that_a_wrong_judgment_is_named(folder: Path, line: str, problem: str) -> None:
    append(folder / "qrels" / "test.tsv", line)
    assert problems(folder) == f"qrels/test.tsv, line 5: {problem}"


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl"])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{not json", "not JSON"),
        ('["a", "b"]', "Expected `object`"),
        ('{"text": "no id"}', "missing required field `_id`"),
        ('{"_id": "x"}', "missing required field `text`"),
        ('{"_id": 7, "text": "x"}', "Expected `str`, got `int` - at `$._id`"),
        ('{"_id": " ", "text": "x"}', "its _id is empty"),
    ],
)
def test_that_a_wrong_line_is_named(folder: Path, file: str, line: str, problem: str) -> None:
    append(folder / file, line)
    number = len((folder / file).read_text("utf-8").splitlines())
    told = problems(folder)
    assert told.startswith(f"{file}, line {number}: ")
    assert problem in told


def test_that_a_picture_must_lie_in_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"x")
    (folder / "inside.jpg").write_bytes(b"x")
    append(folder / "corpus.jsonl", '{"_id": "p1", "text": "", "image": "inside.jpg"}')
    assert read_beir(folder).documents[-1].image == "inside.jpg"
    append(folder / "corpus.jsonl", '{"_id": "p2", "text": "", "image": "../outside.jpg"}')
    assert "there is no picture at “../outside.jpg”" in problems(folder)


def test_that_ids_used_twice_are_named(folder: Path) -> None:
    append(folder / "corpus.jsonl", json.dumps(CORPUS[0]))
    append(folder / "queries.jsonl", json.dumps(QUERIES[0]))
    assert problems(folder) == (
        "corpus.jsonl, line 4: the _id “d1” was used before\n"
        "queries.jsonl, line 3: the _id “q1” was used before"
    )


def test_that_bytes_which_are_no_text_are_named(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("ab") as file:
        file.write(b'\n{"_id": "d\xff", "text": "x"}\n')
    with (folder / "queries.jsonl").open("ab") as file:
        file.write(b'\n{"_id": "q3", "text": "\\ud800"}\n')
    told = problems(folder).splitlines()
    assert told[0].startswith("corpus.jsonl, line 4: ")
    assert told[1].startswith("queries.jsonl, line 3: ")


def test_that_an_empty_query_is_named(folder: Path) -> None:
    append(folder / "queries.jsonl", '{"_id": "q3", "text": " "}')
    assert problems(folder) == "queries.jsonl, line 3: the query's text is empty"


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl"])
def test_that_an_empty_file_is_named(folder: Path, file: str) -> None:
    (folder / file).write_text("\n", "utf-8")
    assert problems(folder) == f"{file}: it is empty"


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl"])
def test_that_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert problems(folder).startswith(f"{file}: it cannot be opened")


def test_that_judgments_must_be_there(folder: Path) -> None:
    path = folder / "qrels" / "test.tsv"
    path.write_text(QRELS.splitlines()[0], "utf-8")
    assert problems(folder) == "qrels/test.tsv: it holds no judgments"
    path.unlink()
    assert problems(folder) == "qrels: there is no .tsv file with judgments in this folder"
    path.parent.rmdir()
    assert problems(folder) == "qrels: there is no .tsv file with judgments in this folder"


def test_that_a_file_without_its_header_is_told_so(folder: Path) -> None:
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\nq2\td2\t1\n", "utf-8")
    assert "line 1: expected the header query-id corpus-id score" in problems(folder)


def test_that_a_folder_which_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no folder at" in problems(tmp_path / "nowhere")


def test_that_many_problems_are_told_at_once_and_the_rest_counted(folder: Path) -> None:
    for number in range(PROBLEMS_TOLD + 25):
        append(folder / "qrels" / "test.tsv", f"q1\tunknown{number}\t1")
    told = problems(folder).splitlines()
    assert len(told) == PROBLEMS_TOLD + 1
    assert told[0] == "qrels/test.tsv, line 5: document “unknown0” is not in corpus.jsonl"
    assert told[-1] == "… and 25 more."
