"""Sets through files and back: nothing is lost that a format can carry, and nothing half read."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.evaluation import line_file
from engine.evaluation.set_files.formats import guess_format, read_set, write_set
from engine.evaluation_records import GRADED, GivenJudgment, QueryOrigin, SetFormat
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, PooledPair, SetRecord

FORMATS: tuple[SetFormat, ...] = ("beir", "trec", "jsonl", "csv")

# What breaks columns, lines, quoting and encodings, beside what is in ids every day.
LETTERS = st.sampled_from("ab7%;,\"'\\/ \t\n\r\x0b\x85\u2028\ufeffé🍞א\u202e=0") | st.characters(
    exclude_categories=["Cs"], exclude_characters="\0"
)
IDS = st.text(LETTERS, min_size=1, max_size=8)
TEXTS = st.text(LETTERS, max_size=20)
SHOWN = TEXTS.filter(lambda text: text.strip() != "")
SPLITS = st.sampled_from(["test", "Test", "dev", "con", "a/b", "..", "50 %; x", "שלום", "query-id"])
ORIGINS: st.SearchStrategy[QueryOrigin] = st.sampled_from(["typed", "imported", "history"])
TIMES = st.just(0.0) | st.floats(1e-3, 4e9)


@st.composite
def sets(draw: st.DrawFn) -> SetRecord:
    queries = draw(
        st.lists(
            st.builds(
                NewQuery,
                IDS,
                SHOWN,
                st.lists(SPLITS, min_size=1, max_size=2, unique=True).map(
                    lambda names: tuple(sorted(names))
                ),
                ORIGINS,
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda query: query.id,
        )
    )
    documents = draw(
        st.lists(
            st.builds(KeptDocument, IDS, TEXTS, TEXTS, TEXTS),
            min_size=1,
            max_size=4,
            unique_by=lambda document: document.document,
        )
    )
    order = {query.id: n for n, query in enumerate(queries)}
    pairs = st.tuples(
        st.sampled_from(queries), st.sampled_from([each.document for each in documents])
    )
    came = draw(
        st.dictionaries(pairs.map(lambda p: (p[0].id, p[1], p[0].splits[0])), st.integers(-2, 3))
    )
    said = draw(
        st.dictionaries(
            st.tuples(pairs.map(lambda p: (p[0].id, p[1])), st.sampled_from(["ann", "bøb ;"])),
            st.builds(
                GivenJudgment,
                query_id=st.just(""),
                document=st.just(""),
                rater=st.just(""),
                grade=st.none() | st.integers(0, 3),
                flagged=st.booleans(),
                note=TEXTS,
                span=st.none() | st.just((3, 14)),
                span_text=TEXTS,
                seconds=st.none() | st.floats(0, 1e4),
                at=TIMES,
            ),
            max_size=4,
        )
    )
    pool = draw(st.dictionaries(pairs.map(lambda p: (p[0].id, p[1])), TIMES, max_size=4))
    return SetRecord(
        name="mine",
        guideline=draw(TEXTS),
        scale=GRADED,
        dataset=True,
        version=None,
        queries=tuple(queries),
        documents=tuple(sorted(documents, key=lambda each: each.document)),
        grades=tuple(
            CameGrade(split, query, document, grade)
            for (query, document, split), grade in sorted(
                came.items(), key=lambda item: (order[item[0][0]], *item[0][1:])
            )
        ),
        judgments=tuple(
            replace(each, query_id=pair[0], document=pair[1], rater=rater)
            for (pair, rater), each in sorted(
                said.items(), key=lambda item: (order[item[0][0][0]], item[0][0][1], item[0][1])
            )
        ),
        pool=tuple(
            PooledPair(query, document, {"Words": 3}, at)
            for (query, document), at in sorted(
                pool.items(), key=lambda item: (order[item[0][0]], item[0][1])
            )
        ),
        assignments=tuple((query.id, "ann") for query in queries),
    )


def content(path: Path) -> dict[str, bytes]:
    """Every file's bytes."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def through(record: SetRecord, form: SetFormat) -> SetRecord:
    """What is read of what was written, after it was written a second time to the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "first"), Path(folder, "second")
        write_set(record, first, form, None)
        assert guess_format(first) == form
        read = read_set(first)
        write_set(read, second, form, None)
        assert content(second) == content(first)
        return replace(read, query_lines={}, judgment_lines={})


@given(sets())
@settings(max_examples=25, deadline=None)
def test_that_jsonl_carries_everything(record: SetRecord) -> None:
    assert through(record, "jsonl") == record


@given(sets())
@settings(max_examples=25, deadline=None)
def test_that_csv_carries_every_judgment_and_is_written_again_to_the_byte(
    record: SetRecord,
) -> None:
    read = through(record, "csv")
    assert [(q.id, q.text, q.splits) for q in read.queries] == [
        (q.id, q.text, q.splits) for q in record.queries
    ]
    assert set(read.grades) == set(record.grades)
    spoken = [
        replace(each, at=round(each.at, 6))
        for each in record.judgments
        if replace(each, query_id="", document="", rater="", flagged=False)
        != GivenJudgment("", "", "", None)
        or each.flagged
    ]
    assert [replace(each, at=round(each.at, 6)) for each in read.judgments] == spoken


@pytest.mark.parametrize("form", ["beir", "trec"])
@given(record=sets())
@settings(max_examples=25, deadline=None)
def test_that_folders_carry_grades_documents_and_queries(
    form: SetFormat, record: SetRecord
) -> None:
    read = through(record, form)
    assert set(read.grades) == set(record.grades)
    assert replace(read, grades=()) == replace(
        record, grades=(), judgments=(), pool=(), assignments=()
    )


HEADER = (
    '{"kind":"set","format":1,"name":"mine","guideline":"","scale":["no","yes"],"dataset":true,'
    '"version":null}'
)
QUERY = '{"kind":"query","id":"q1","text":"bread","splits":["test"]}'
DOCUMENT = '{"kind":"document","id":"d1","title":"","text":"Flour.","place":""}'


def judgment(**changed: object) -> str:
    said = {"kind": "judgment", "query": "q1", "document": "d1", "rater": "ann", "grade": 1}
    return json.dumps(said | changed)


def told(path: Path) -> str:
    with pytest.raises(InvalidInput) as raised:
        read_set(path)
    return raised.value.message


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (judgment(query="q9"), "there is no query “q9”"),
        (judgment(document="d9"), "there is no document “d9”"),
        (judgment(grade=2), "2 is not a grade, which go up to 1"),
        (judgment(grade=-1), "-1 is not a grade"),
        (judgment(grade=1, skipped=True), "both graded and skipped"),
        (judgment(rater=" "), "not the name of a rater"),
        (judgment(rater="imported", split="../x\n"), "not the name of a split"),
        (judgment(span=[9, 3]), "ends before it begins"),
        (judgment(at=1e300), "not a time"),
        (judgment(seconds=-1), "not a number of seconds"),
        (judgment(grade="1"), "Expected `int | null`"),
        (QUERY, "“q1” was used before"),
        (DOCUMENT, "“d1” was used before"),
        ('{"kind":"query","id":"a\\u0000b","text":"x"}', "holds a zero character"),
        ('{"kind":"query","id":"q2","text":" "}', "text is empty"),
        ("[" * 5000, "Expected `object`"),
        ("{" * 20, "not JSON"),
    ],
)
def test_that_a_malformed_line_is_named_and_nothing_is_read(
    line: str, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join([HEADER, QUERY, DOCUMENT, line]), "utf-8")
    message = told(path)
    assert message.startswith("set.jsonl, line 4: ") and problem in message


def test_that_several_wrong_lines_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    wrong = [judgment(grade=9), judgment(rater="bob", query="q9"), judgment(rater="eve", at=-1)]
    path.write_bytes("\n".join([HEADER, QUERY, DOCUMENT, *wrong]).encode() + b"\n\xff\xfe\n")
    lines = told(path).splitlines()
    assert sorted(line.split(":")[0] for line in lines) == [
        f"set.jsonl, line {number}" for number in (4, 5, 6, 7)
    ]


def test_that_a_line_beyond_all_measure_is_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_file, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "set.jsonl"
    path.write_bytes(HEADER.encode() + b"\n" + b"{" * (3 << 20))
    assert told(path) == "set.jsonl, line 2: it is longer than 1 MB"


def test_that_a_file_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(HEADER.replace('"format":1', '"format":2'), "utf-8")
    assert "newer version" in told(path)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("q1,bread,d1,best", "line 3: the grade “best” is not a whole number"),
        ("q1,brod,d1,1", "line 3: query “q1” has another text than in line 2"),
        ("q1,bread,d2", "line 3: expected 4 columns; found 3"),
        ("q1,bread,d2,1", "line 3: “” is not the name of a rater"),
        ('q1,bread,"d2,1', "it is not CSV"),
    ],
)
def test_that_a_malformed_row_is_named(row: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text(f"query_id,query,document,grade\nq1,bread,d1,\n{row}\n", "utf-8")
    assert problem in told(path)


def test_that_folders_of_others_are_read_without_their_companion(tmp_path: Path) -> None:
    trec = tmp_path / "trec"
    trec.mkdir()
    (trec / "qrels.robust.txt").write_text("301 0 FBIS3-1 1\n301 Q0 FBIS3-2\t-1\n", "utf-8")
    (trec / "topics.tsv").write_text("301\tInternational 100%25 crime\n", "utf-8")
    read = read_set(trec)
    assert read.queries[0].text == "International 100%25 crime"
    assert [(g.split, g.document, g.grade) for g in read.grades] == [
        ("qrels.robust", "FBIS3-1", 1),
        ("qrels.robust", "FBIS3-2", -1),
    ]
    (trec / "qrels.robust.txt").write_text("301 0 FBIS3-1\n999 0 x 1\n301 0 x 99\n", "utf-8")
    assert told(trec).splitlines() == [
        "qrels.robust.txt, line 1: expected 4 columns; found 3",
        "qrels.robust.txt, line 2: there is no query “999”",
        "qrels.robust.txt, line 3: 99 is not a grade, which go up to 9",
    ]


def test_that_qrels_which_lead_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "trec"
    folder.mkdir()
    (tmp_path / "secret").write_text("1 0 d 1\n", "utf-8")
    (folder / "topics.tsv").write_text("1\tbread\n", "utf-8")
    try:
        (folder / "test.qrels").symlink_to(tmp_path / "secret")
    except OSError:
        pytest.skip("no links here")
    assert told(folder) == "test.qrels: it is no file, or a link to outside of the folder"


def test_that_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.mkdir()
    (path / "thesis.txt").write_text("Years of work.", "utf-8")
    record = SetRecord("mine", "", GRADED, True, None, (), (), ())
    with pytest.raises(InvalidInput, match="not empty"):
        write_set(record, path, "beir", None)
    assert [file.name for file in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


def test_that_what_is_neither_a_file_nor_a_folder_is_not_read(tmp_path: Path) -> None:
    for name in ("set.jsonl", "test.qrels"):
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes with names here")
        os.mkfifo(tmp_path / name)
    assert "neither a file nor a folder" in told(tmp_path / "set.jsonl")
    (tmp_path / "topics.tsv").write_text("1\tbread\n", "utf-8")
    assert "test.qrels: it is no file" in told(tmp_path)
    (tmp_path / "topics.tsv").unlink()
    os.mkfifo(tmp_path / "topics.tsv")
    assert "topics.tsv: it is no file" in told(tmp_path)
