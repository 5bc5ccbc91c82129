"""Run files: what is wrong with them by line, their order, and round trips to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.evaluation.line_file import Problems
from engine.evaluation.run_file import CheckedRun, check, lines_of, lists, tag_of, written
from engine.evaluation.set_files.escaped import must_escape

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
SCORES = st.floats(-1e30, 1e30)
BLANKS = st.sampled_from(["\t", " ", "  ", " \t"])


def checked(content: bytes, *known: str, encoded: bool = False, one_tag: bool = True) -> CheckedRun:
    problems = Problems("Not a run", "")
    found = check(content, "x.run", problems, known, percent_encoded=encoded, one_tag=one_tag)
    problems.raise_any()
    return found


def told(content: bytes, *known: str, one_tag: bool = True) -> str:
    with pytest.raises(InvalidInput) as refused:
        checked(content, *known, one_tag=one_tag)
    return refused.value.message


def test_that_a_run_is_told_by_its_queries_documents_and_tag() -> None:
    found = checked(b"\xef\xbb\xbfq Q0 a 1 2.5 bm25\r\n\nq\tQ0  b\t2 1e-3 bm25", "q", "r")
    assert (found.tag, found.n_lines) == ("bm25", 2)
    assert found.queries == frozenset({"q"})
    assert found.documents == frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"q Q0 b 2 1.0", "5 columns"),
        (b"q Q0 b 2 1.0 my tag", "7 columns"),
        (b"q Q0 b two 1.0 t", "rank \u201ctwo\u201d"),
        (b"q Q0 b 2 high t", "score \u201chigh\u201d"),
        (b"q Q0 b 2 nan t", "score \u201cnan\u201d"),
        (b"q Q0 b 2 1e999 t", "score \u201c1e999\u201d"),
        (b"q Q0 b 2 1_0 t", "score \u201c1_0\u201d"),
        (b"q Q0 \xff 2 1 t", "UTF-8"),
        (b"r Q0 b 2 1 t", "no query \u201cr\u201d"),
        (b"q Q0 a 2 1 t", "in line 1"),
        (b"q Q0 b 2 1 u", "its tag is \u201cu\u201d"),
    ],
)
def test_that_what_is_wrong_is_named_by_its_line(line: bytes, words: str) -> None:
    message = told(b"q Q0 a 1 2 t\n\n" + line + b"\nq Q0 c 3 0 t\n", "q")
    assert message.startswith("x.run, line 3: ")
    assert words in message
    assert "\n" not in message


def test_that_every_wrong_line_is_named() -> None:
    assert told(b"q\nq Q0 a 1 2 t\nq\n", "q").count("columns") == 2


def test_that_an_empty_file_is_no_run() -> None:
    assert "no document" in told(b" \n\n", "q")


def test_that_a_named_run_may_have_several_tags() -> None:
    assert checked(b"q Q0 a 1 2 t\nq Q0 b 2 1 u\n", "q", one_tag=False).tag == "t"


def test_that_the_score_orders_and_not_the_rank() -> None:
    content = b"q Q0 a 1 1 t\nq Q0 b 2 3 t\nq Q0 c 3 1 t\nr Q0 a 1 1 t\n"
    found = lists(content, ["q", "s"], 2, percent_encoded=False)
    assert found == {"q": [("b", 3.0), ("c", 1.0)], "s": []}  # of equal scores the later id


@given(
    st.dictionaries(
        IDS, st.dictionaries(IDS, SCORES, min_size=1, max_size=4), min_size=1, max_size=4
    )
)
def test_that_what_was_written_is_read_whatever_the_ids(ranks: dict[str, dict[str, float]]) -> None:
    encoded = must_escape([*ranks, *(key for of in ranks.values() for key in of)])
    ranked = {query: list(of.items()) for query, of in ranks.items()}
    content = b"".join(written(ranked, tag_of("Hybrid, reranked"), percent_encoded=encoded))
    found = checked(content, *ranks, encoded=encoded)
    assert found.tag == "Hybrid,_reranked"
    again = lists(content, ranks, 100, percent_encoded=encoded)
    assert {query: dict(of) for query, of in again.items()} == ranks


@given(
    st.lists(
        st.tuples(st.sampled_from("qr"), st.sampled_from("abc"), BLANKS, SCORES),
        min_size=1,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_that_lines_are_given_back_to_the_byte(
    rows: list[tuple[str, str, str, float]], end: str, last_ends: bool
) -> None:
    body = [
        blank.join((query, "Q0", key, "007", f"{score:.3f}", "Tag"))
        for query, key, blank, score in rows
    ]
    content = ("\ufeff" + end.join(body) + end * last_ends).encode()
    checked(content, "q", "r")
    assert b"".join(lines_of(content, {"q", "r"}, percent_encoded=False)) == content
    of_q = b"".join(lines_of(content, {"q"}, percent_encoded=False)).splitlines()
    assert len(of_q) == sum(query == "q" for query, *_ in rows)
