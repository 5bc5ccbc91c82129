"""Sets through files and back: nothing is lost that a format can carry, and nothing half read."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError, InvalidInput
from engine.evaluation.set_files.formats import guess_format, read_set, write_set
from engine.evaluation_records import GRADED, GivenJudgment, QueryOrigin, SetFormat
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, PooledPair, SetRecord

FORMATS: tuple[SetFormat, ...] = ("beir", "trec", "jsonl", "csv")

# What breaks columns, lines, quoting and encodings, beside what is in ids every day.
LETTERS = st.sampled_from(
    list("ab7%;,\"'\\/ \t\n\r")
    + ["\x0b", "\x85", "\u2028", "\ufeff", "é", "🍞", "א", "\u202e", "=", "0"]
) | st.characters(exclude_categories=["Cs"], exclude_characters="\0")
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
