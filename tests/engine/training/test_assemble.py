"""A training set depends on its content alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.training.assemble import assemble
from engine.training.pairs import JudgedQuery, LabelledPassage
from tests.engine.training.candidate_pairs import candidate

QUERIES = (
    JudgedQuery(
        "bread",
        "bread",
        (LabelledPassage("1", "sour", 2), LabelledPassage("2", "rye", 3)),
        (LabelledPassage("3", "tides", 0), LabelledPassage("4", "moon", 0)),
        ("9",),
    ),
    JudgedQuery("sea", "sea", (LabelledPassage("3", "tides", 2),)),
)
JUDGED = (
    candidate("bread", 1, "sour"),
    candidate("bread", 2, "rye"),
    candidate("bread", 3, "tides", says="down"),
    candidate("bread", 4, "moon", says="down"),
    candidate("sea", 3, "tides"),
)
WEAK = (
    candidate("cake", 5, "sugar", "open"),
    candidate("pie", 5, "sugar", "title"),
    candidate("apple pie", 6, "apples", "title"),
)
MINED = {"bread": ("toast", "butter"), "cake": ("salt",), "never asked": ("x",)}


@given(st.permutations(QUERIES), st.permutations(JUDGED + WEAK), st.permutations(list(MINED)))
def test_that_the_order_of_reading_changes_nothing(
    queries: list[JudgedQuery], candidates: list[object], mined: list[str]
) -> None:
    expected = assemble(QUERIES, JUDGED + WEAK, (), MINED, "mine")
    negatives = {query: MINED[query] for query in mined}
    assert assemble(queries, candidates, (), negatives, "mine") == expected  # type: ignore[arg-type]


def test_that_any_change_of_content_changes_the_hash() -> None:
    hashes = {
        assemble(queries, candidates, left_out, negatives, source).hash
        for queries, candidates, left_out, negatives, source in (
            (QUERIES, JUDGED + WEAK, (), MINED, "mine"),
            (QUERIES[:1], JUDGED + WEAK, (), MINED, "mine"),
            (QUERIES, JUDGED + WEAK[:2], (), MINED, "mine"),
            (QUERIES, JUDGED + WEAK, (0,), MINED, "mine"),
            (QUERIES, JUDGED + WEAK, (), MINED | {"bread": ("butter", "toast")}, "mine"),
            (QUERIES, JUDGED + WEAK, (), MINED, "yours"),
        )
    }
    assert len(hashes) == 6


def test_that_what_is_left_out_is_trained_neither_towards_nor_away_from() -> None:
    made = assemble(QUERIES, JUDGED + WEAK, (0, 2), {}, "mine")
    bread, sea = made.queries
    assert [passage.document for passage in bread.positives] == ["2"]
    assert [passage.document for passage in bread.negatives] == ["4"]
    assert bread.undecided == ("1", "3", "9")
    assert sea.positives == QUERIES[1].positives


def test_that_a_query_goes_with_its_last_positive_and_its_negatives_with_it() -> None:
    made = assemble(QUERIES, JUDGED + WEAK, (0, 1, 5), MINED, "mine")
    assert [query.id for query in made.queries] == ["sea"]
    assert {pair.query for pair in made.weak} == {"pie", "apple pie"}
    assert made.negatives == {}
