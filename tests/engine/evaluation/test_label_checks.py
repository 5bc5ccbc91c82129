"""What is odd about judgments, and what is not."""

from __future__ import annotations

from engine.evaluation.label_checks import Evidence, against_evidence, drift, near_duplicates
from engine.storage.signature import signature

BOTH = {"Keywords": 1, "Meaning": 2}


def test_that_a_grade_of_0_is_odd_only_where_everything_says_otherwise() -> None:
    evidence = {
        ("q", "first"): Evidence(BOTH, 2, 3, relevance=0.98),
        ("q", "unsure"): Evidence(BOTH, 2, 3, relevance=0.3),
        ("q", "words"): Evidence({"Keywords": 1}, 2, 3),
        ("q", "deep"): Evidence({"Keywords": 1, "Meaning": 9}, 2, 3),
    }
    (found,) = against_evidence(dict.fromkeys(evidence, 0), evidence)
    assert (found.kind, found.document) == ("evidence", "first")
    assert "Keywords at 1 and Meaning at 2" in found.text
    assert against_evidence(dict.fromkeys(evidence, 1), evidence) == []


def test_that_a_high_grade_is_odd_only_where_nothing_points_to_the_document() -> None:
    evidence = {
        ("q", "nothing"): Evidence({}, 2, 0),
        ("q", "a word"): Evidence({}, 2, 1),
        ("q", "found"): Evidence({"Meaning": 70}, 2, 0),
    }
    (found,) = against_evidence(dict.fromkeys(evidence, 3), evidence)
    assert found.document == "nothing"
    assert against_evidence(dict.fromkeys(evidence, 1), evidence) == []


def test_that_near_duplicates_with_different_grades_are_told_of_the_lower() -> None:
    text = "the starter is fed with flour and water every day until it has doubled in a warm place"
    signatures = {"a": signature(text), "b": signature(text + " again"), "c": signature("bees")}
    (found,) = near_duplicates({"q": {"a": 3, "b": 1, "c": 0}, "r": {"a": 1, "b": 1}}, signatures)
    assert (found.query_id, found.document) == ("q", "b")
    assert "“a”" in found.text


def test_that_a_rater_who_comes_to_grade_higher_than_others_is_told() -> None:
    items = [("q", f"d{n}") for n in range(60)]
    steady = [(item, n % 3) for n, item in enumerate(items)]
    rising = [(item, grade + (n > 39)) for n, (item, grade) in enumerate(steady)]
    (found,) = drift({"ann": steady, "bob": rising, "new": steady[:5]})[:1]
    assert (found.kind, found.rater) == ("drift", "ann")
    assert {each.rater for each in drift({"ann": steady, "bob": rising})} == {"ann", "bob"}
    assert drift({"ann": steady, "bob": steady}) == []
    assert drift({"ann": rising}) == []
    assert drift({"ann": steady[:20], "bob": rising[:20]}) == []


def test_that_hard_queries_at_the_end_are_no_drift() -> None:
    falling = [(("q", f"d{n}"), 3 if n < 30 else 0) for n in range(60)]
    assert drift({"ann": falling, "bob": falling}) == []
