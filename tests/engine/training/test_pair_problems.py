"""Conflicts, duplicates, leaks and pairs whose document is gone are told apart."""

from __future__ import annotations

from engine.training.candidates import Candidate, pair_id
from engine.training.pair_problems import LeakTest, problems
from engine.training_records import Problem
from tests.engine.training.candidate_pairs import candidate

SOURDOUGH = "Sourdough rises slowly, for wild yeast is slow, and tastes of acid."
NEARLY = "Sourdough rises slowly, for wild yeast is slow, and it tastes of acid."
TIDES = "The tides follow the moon, which pulls at the sea."


def found(*candidates: Candidate, tested: tuple[str, ...] = ()) -> dict[int, tuple[Problem, ...]]:
    return dict(problems(candidates, LeakTest(tested)))


def test_that_different_pairs_have_no_problem() -> None:
    assert not found(candidate("bread", 1, SOURDOUGH), candidate("sea", 2, TIDES))


def test_that_near_duplicates_up_and_down_are_a_conflict_of_both() -> None:
    told = found(
        candidate("bread", 1, SOURDOUGH), candidate("Bread ", 2, NEARLY, "judgment", "down")
    )
    assert told == {0: ("conflict",), 1: ("conflict",)}


def test_that_what_contradicts_itself_is_a_conflict() -> None:
    assert found(candidate("bread", 1, SOURDOUGH, disputed=True)) == {0: ("conflict",)}


def test_that_what_a_person_said_outweighs_a_weaker_sign() -> None:
    opened = candidate("bread", 1, SOURDOUGH, "open")
    assert found(candidate("bread", 1, SOURDOUGH, says="down"), opened) == {1: ("conflict",)}
    assert found(candidate("bread", 1, SOURDOUGH, says="up"), opened) == {1: ("duplicate",)}
    assert found(candidate("bread", 1, SOURDOUGH, says="neither"), opened) == {1: ("duplicate",)}


def test_that_the_weaker_of_two_equal_pairs_is_the_duplicate() -> None:
    told = found(
        candidate("bread", 1, SOURDOUGH), candidate("bread", 2, NEARLY), candidate("b", 1, NEARLY)
    )
    assert told == {1: ("duplicate",)}


def test_that_a_query_of_a_test_leaks_and_its_answer_does_not() -> None:
    told = found(
        candidate("how sourdough rises", 1, SOURDOUGH),
        candidate("HOW SOURDOUGH RISES?", 3, "x", says="down"),
        candidate("starter", 1, SOURDOUGH),
        tested=("How sourdough rises?",),
    )
    assert told == {0: ("leak",), 1: ("leak",)}


def test_that_a_pair_without_its_document_is_gone_and_has_other_problems_first() -> None:
    told = found(
        candidate("bread", None, SOURDOUGH),
        candidate("bread", None, NEARLY),
    )
    assert told == {0: ("gone",), 1: ("duplicate", "gone")}


def test_that_an_id_is_of_query_and_passage_whatever_their_case_and_the_way_it_was_said() -> None:
    ids = {
        pair_id("thumb", "Bread", "a", "Sour dough"),
        pair_id("judgment", " bread", "a", "sour  dough"),
    }
    assert len(ids) == 1
    others = {
        pair_id("thumb", "bred", "a", "sour dough"),
        pair_id("thumb", "bread", "b", "sour dough"),
        pair_id("thumb", "bread", "a", "sour"),
        pair_id("open", "bread", "a", "sour dough"),
        pair_id("title", "bread", "a", "sour dough"),
    }
    assert len(ids | others) == 6
    assert pair_id("open", "q", "a", "t") == pair_id("dwell", "q", "a", "t")
