"""Measures against values worked by hand and against ir-measures."""

from __future__ import annotations

import math
import random

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.evaluation.metrics import Measure, mean, parse_measure, per_query, per_query_all
from tests.engine.evaluation.oracle import oracle

NOTATIONS = (
    *("nDCG@10", "nDCG@3", "nDCG", "R@100", "R@2", "AP", "AP@3", "P@5", "P@1", "RR"),
    *("Success@1", "Success@5", "bpref", "infAP"),
    *("nDCG'@10", "nDCG'", "R'@3", "AP'", "AP'@3", "P'@5", "RR'", "Success'@2"),
)

GRADES = st.integers(min_value=-1, max_value=3)
EVERY_DOCUMENT = [*(f"d{number}" for number in range(14)), "é", "Z", "￮", "😀"]
DOCUMENTS = st.sampled_from(EVERY_DOCUMENT)
# pytrec-eval never returns for a query whose grades are all negative: one is at least 0.
JUDGED = st.tuples(
    st.dictionaries(DOCUMENTS, GRADES, max_size=12), DOCUMENTS, st.integers(0, 3)
).map(lambda parts: {**parts[0], parts[1]: parts[2]})
QUERIES = st.sampled_from(["q1", "q2", "q3", "q4"])


def test_that_every_measure_equals_ir_measures_on_1000_random_cases() -> None:
    generator = random.Random(7)
    cases = [_case(generator) for _ in range(1000)]
    measures = [parse_measure(notation) for notation in NOTATIONS]
    for (qrels, scored), theirs in zip(cases, oracle(NOTATIONS, cases), strict=True):
        run = {
            query: generator.sample(sorted(found.items()), len(found))
            for query, found in scored.items()
        }
        ours = per_query_all(measures, qrels, run)
        for notation in NOTATIONS:
            assert ours[notation] == pytest.approx(theirs[notation], abs=1e-9), (notation, qrels)


@settings(max_examples=300, deadline=None)
@given(
    qrels=st.dictionaries(QUERIES, JUDGED, min_size=1),
    ranked=st.dictionaries(QUERIES, st.permutations([f"d{n}" for n in range(14)])),
    cutoff=st.integers(min_value=1, max_value=20),
)
def test_that_rr_at_k_equals_ir_measures_where_scores_differ(
    qrels: dict[str, dict[str, int]], ranked: dict[str, list[str]], cutoff: int
) -> None:
    run = {q: [(d, -float(rank)) for rank, d in enumerate(ds)] for q, ds in ranked.items()}
    oracle = ir_measures.iter_calc(
        [ir_measures.RR @ cutoff], qrels, {q: dict(results) for q, results in run.items()}
    )
    theirs = {value.query_id: value.value for value in oracle}
    assert per_query(Measure("RR", cutoff), qrels, run) == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(
    qrels=st.dictionaries(QUERIES, JUDGED, min_size=1),
    ranked=st.dictionaries(QUERIES, st.permutations([f"d{n}" for n in range(14)])),
    cutoff=st.integers(min_value=1, max_value=20),
)
def test_that_judged_at_k_equals_ir_measures_where_scores_differ(
    qrels: dict[str, dict[str, int]], ranked: dict[str, list[str]], cutoff: int
) -> None:
    run = {q: [(d, -float(rank)) for rank, d in enumerate(ds)] for q, ds in ranked.items()}
    oracle = ir_measures.iter_calc(
        [ir_measures.Judged @ cutoff], qrels, {q: dict(results) for q, results in run.items()}
    )
    theirs = {value.query_id: value.value for value in oracle}
    ours = per_query(Measure("Judged", cutoff), qrels, run)
    assert {query: ours[query] for query in theirs} == pytest.approx(theirs, abs=1e-9)


def test_graded_ndcg_worked_by_hand() -> None:
    qrels = {"q": {"a": 3, "b": 2, "c": 1, "d": 0}}
    run = {"q": [("c", 4.0), ("x", 3.0), ("a", 2.0), ("d", 1.0)]}
    gained = 1 / math.log2(2) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert per_query(Measure("nDCG", 10), qrels, run) == {"q": pytest.approx(gained / ideal)}
    assert per_query(Measure("nDCG", 2), qrels, run) == {
        "q": pytest.approx(1 / (3 + 2 / math.log2(3)))
    }


def test_binary_measures_worked_by_hand() -> None:
    qrels = {"q": {"a": 1, "b": 2, "c": 1}}
    run = {"q": [("x", 5.0), ("a", 4.0), ("y", 3.0), ("b", 2.0)]}
    notations = ("AP", "P@5", "R@3", "R@100", "RR@10", "RR@1")
    values = per_query_all([parse_measure(n) for n in notations], qrels, run)
    assert {notation: values[notation]["q"] for notation in notations} == {
        "AP": pytest.approx((1 / 2 + 2 / 4) / 3),
        "P@5": pytest.approx(2 / 5),
        "R@3": pytest.approx(1 / 3),
        "R@100": pytest.approx(2 / 3),
        "RR@10": pytest.approx(1 / 2),
        "RR@1": 0,
    }


def test_that_equal_scores_are_ranked_by_descending_document_id() -> None:
    run = {"q": [("a", 1.0), ("b", 1.0)]}
    assert per_query(Measure("RR", 10), {"q": {"a": 1}}, run) == {"q": 0.5}
    assert per_query(Measure("RR", 10), {"q": {"b": 1}}, run) == {"q": 1.0}


def test_that_a_judged_query_without_results_scores_0_and_is_not_dropped() -> None:
    qrels = {"found": {"a": 1}, "empty": {"a": 1}, "absent": {"a": 1}}
    run = {"found": [("a", 1.0)], "empty": [], "never judged": [("a", 1.0)]}
    values = per_query(Measure("nDCG", 10), qrels, run)
    assert values == {"found": 1.0, "empty": 0.0, "absent": 0.0}
    assert mean(values) == pytest.approx(1 / 3)


def test_that_only_negative_grades_gain_nothing() -> None:
    qrels = {"q": {"a": -1}}
    values = per_query_all([parse_measure(n) for n in NOTATIONS], qrels, {"q": [("a", 1.0)]})
    assert {notation: found["q"] for notation, found in values.items()} == dict.fromkeys(
        NOTATIONS, 0
    )


def test_that_the_mean_of_nothing_is_0() -> None:
    assert mean({}) == 0


def test_that_a_document_listed_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        per_query(Measure("AP"), {"q": {"a": 1}}, {"q": [("a", 2.0), ("a", 1.0)]})


@pytest.mark.parametrize("notation", ["RR@10", "Judged@10", *NOTATIONS])
def test_that_notation_reads_back(notation: str) -> None:
    assert str(parse_measure(notation)) == notation


@pytest.mark.parametrize(
    "notation",
    [
        *("ndcg@10", "R", "P", "nDCG@0", "nDCG@", "nDCG@-1", "F1", ""),
        *("Judged", "Success", "bpref@10", "infAP'", "Judged'@10", "nDCG@10'"),
    ],
)
def test_that_an_unknown_measure_is_refused(notation: str) -> None:
    with pytest.raises(InvalidInput, match="not a measure"):
        parse_measure(notation)


def _case(
    generator: random.Random,
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """Qrels with gaps, negative and graded labels, and scores with ties, of up to four queries."""
    qrels: dict[str, dict[str, int]] = {}
    scored: dict[str, dict[str, float]] = {}
    for query in generator.sample(["q1", "q2", "q3", "q4"], generator.randint(1, 4)):
        judged = generator.sample(EVERY_DOCUMENT, generator.randint(0, 12))
        qrels[query] = {document: generator.randint(-1, 3) for document in judged}
        # The oracle never returns for a query whose grades are all negative: one is at least 0.
        qrels[query][generator.choice(EVERY_DOCUMENT)] = generator.randint(0, 3)
    for query in generator.sample(["q1", "q2", "q3", "q4"], generator.randint(0, 4)):
        # Few distinct scores make ties; 1e-9 apart is equal to trec_eval, which keeps 32 bits.
        scored[query] = {
            document: generator.choice(
                [0.0, 1.0, 1.0 + 1e-9, -2.5, 7.0, generator.uniform(-1e6, 1e6)]
            )
            for document in generator.sample(EVERY_DOCUMENT, generator.randint(0, 15))
        }
    return qrels, scored
