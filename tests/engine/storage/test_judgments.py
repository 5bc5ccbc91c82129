"""Judgments of evaluation sets: a log with undo, from which the grades in force follow."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import ADJUDICATED, IMPORTED
from engine.storage import coverage, documents, evalset_queries, evalsets, judgments
from engine.storage.database import Database
from engine.storage.library import open_library
from tests.engine.storage.judged_library import KEYS, add_documents, make_set, say


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    add_documents(opened)
    yield opened
    opened.close()


def test_that_the_grade_in_force_is_the_lower_median_unless_it_was_adjudicated(
    library: Database,
) -> None:
    evalset = make_set(library, "bread")
    for rater, grade in (("ann", 3), ("bob", 0)):
        say(library, evalset, "alpha", grade, rater=rater)
        say(library, evalset, "beta", grade, rater=rater)
    say(library, evalset, "beta", 2, rater="eve")
    say(library, evalset, "gamma", 1)
    say(library, evalset, "gamma", 3, rater=ADJUDICATED)
    with library.read() as connection:
        assert judgments.grades(connection, evalset.id) == {
            "q1": {"alpha": 0, "beta": 2, "gamma": 3}
        }


def test_that_a_rater_overrules_an_imported_grade_until_the_grade_is_taken_away(
    library: Database,
) -> None:
    root = add_documents(library, dataset=True)["root"]
    with library.write() as connection:
        evalset = evalsets.add(connection, "set", root, {"7": "bread"}, {"test": {"7": {"d-x": 3}}})
        connection.execute(
            "INSERT INTO evalset_documents VALUES (?, 'd-x', 'X', 'x', 'd-x')", (evalset.id,)
        )
    say(library, evalset, "d-x", 1, query="7")
    with library.read() as connection:
        assert judgments.grades(connection, evalset.id, "test") == {"7": {"d-x": 1}}
    say(library, evalset, "d-x", None, query="7")
    with library.read() as connection:
        assert judgments.grades(connection, evalset.id, "test") == {"7": {"d-x": 3}}


@pytest.mark.parametrize(("grade", "rater"), [(4, "ann"), (-1, "ann"), (1, " "), (1, IMPORTED)])
def test_that_a_judgment_that_means_nothing_is_refused(
    library: Database, grade: int, rater: str
) -> None:
    evalset = make_set(library, "bread")
    with pytest.raises(InvalidInput):
        say(library, evalset, "alpha", grade, rater=rater)


def test_that_only_known_queries_and_documents_can_be_judged(library: Database) -> None:
    evalset = make_set(library, "bread")
    with pytest.raises(NotFound, match="query"):
        say(library, evalset, "alpha", 1, query="q9")
    with pytest.raises(NotFound, match="document"):
        say(library, evalset, "nowhere", 1)


def test_that_a_judged_document_stays_with_its_text_when_its_file_is_gone(
    library: Database,
) -> None:
    evalset = make_set(library, "bread")
    say(library, evalset, "alpha", 2)
    with library.write() as connection:
        documents.remove_files(connection, 1, ["alpha.txt"])
    say(library, evalset, "alpha", 3)
    with library.read() as connection:
        (text,) = connection.execute("SELECT text FROM evalset_documents").fetchone()
        assert text == "All about alpha."
        assert judgments.grades(connection, evalset.id) == {"q1": {"alpha": 3}}


def test_that_progress_tells_pace_and_time_left_of_what_is_not_graded(library: Database) -> None:
    evalset = make_set(library, "bread")
    for key, seconds in zip(KEYS[:3], (2.0, 4.0, 9.0), strict=True):
        say(library, evalset, key, 1, seconds=seconds)
    say(library, evalset, "delta", None, skipped=True, seconds=100.0)
    with library.read() as connection:
        progress = judgments.progress(connection, evalset, "ann")
        idle = judgments.progress(connection, evalset, "bob")
    assert (progress.n_done, progress.n_total, progress.n_skipped) == (3, 4, 1)
    assert (progress.seconds_each, progress.seconds_left) == (4.0, 4.0)
    assert progress.undo == "skipping “Delta”"
    assert (idle.n_done, idle.n_total, idle.seconds_left, idle.undo) == (0, 4, None, "")


def test_that_what_came_with_a_grade_is_not_asked_again(library: Database) -> None:
    root = add_documents(library, dataset=True)["root"]
    graded = {"test": {"7": {"d-alpha": 2, "d-beta": -1}}}
    with library.write() as connection:
        evalset = evalsets.add(connection, "set", root, {"7": "bread"}, graded)
        for key in ("d-alpha", "d-beta", "d-gamma"):
            connection.execute("INSERT INTO pool VALUES (?, '7', ?, '{}', 0)", (evalset.id, key))
    with library.read() as connection:
        open_pairs = judgments.to_judge(connection, evalset.id, "ann", "7", skipped=False)
        assert sorted(open_pairs) == ["d-beta", "d-gamma"]
        assert judgments.progress(connection, evalset, "ann").n_total == 2
    say(library, evalset, "d-alpha", 3, query="7")
    with library.read() as connection:
        progress = judgments.progress(connection, evalset, "ann")
    assert (progress.n_done, progress.n_total) == (1, 3)


def test_that_undo_is_each_raters_own(library: Database) -> None:
    evalset = make_set(library, "bread")
    say(library, evalset, "alpha", 1)
    say(library, evalset, "alpha", 3, rater="bob")
    with library.write() as connection:
        assert judgments.undo(connection, evalset, "ann") == ("q1", "alpha")
        with pytest.raises(NotFound):
            judgments.undo(connection, evalset, "ann")
        assert judgments.grades(connection, evalset.id) == {"q1": {"alpha": 3}}


def test_that_raters_see_their_queries_and_those_of_nobody(library: Database) -> None:
    evalset = make_set(library, "one", "two", "three")
    with library.write() as connection:
        evalset_queries.assign(connection, evalset.id, [("q1", "ann"), ("q2", "bob")])
        assert evalset_queries.for_rater(connection, evalset.id, "ann") == ["q1", "q3"]
        assert evalset_queries.for_rater(connection, evalset.id, "bob") == ["q2", "q3"]
        assert evalset_queries.for_rater(connection, evalset.id, "eve") == ["q1", "q2", "q3"]


def test_that_coverage_is_that_of_the_worst_judged_system(library: Database) -> None:
    evalset = make_set(library, "bread", "roses")
    ranks = {
        "alpha": '{"BM25":1,"Dense":2}',
        "beta": '{"BM25":2,"Dense":11}',
        "gamma": '{"Dense":1}',
    }
    with library.write() as connection:
        connection.executemany(
            "INSERT INTO pool VALUES (?, 'q1', ?, ?, 0)",
            [(evalset.id, key, of) for key, of in ranks.items()],
        )
    say(library, evalset, "alpha", 0)
    say(library, evalset, "beta", 0)
    with library.read() as connection:
        seen = coverage.overview(connection, evalset)
    assert seen.queries[0].judged_at_10 == 0.5
    assert seen.queries[1].judged_at_10 is None
    assert (seen.n_holes, seen.n_without_relevant, seen.grades) == (1, 1, {0: 2})


class JudgmentHistory(RuleBasedStateMachine):
    """Any sequence of judgments, undos and redos ends where a list of events says it does."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.library = open_library(Path(self.folder.name))
        add_documents(self.library)
        self.evalset = make_set(self.library, "bread")
        self.done: list[tuple[str, int | None]] = []
        self.undone: list[tuple[str, int | None]] = []

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            self.folder.cleanup()

    @rule(key=st.sampled_from(KEYS[:2]), grade=st.sampled_from([None, 0, 3]))
    def judge(self, key: str, grade: int | None) -> None:
        say(self.library, self.evalset, key, grade)
        self.done.append((key, grade))
        self.undone.clear()
        self.check()

    @rule()
    def undo(self) -> None:
        with self.library.write() as connection:
            if not self.done:
                with pytest.raises(NotFound):
                    judgments.undo(connection, self.evalset, "ann")
                return
            pair = judgments.undo(connection, self.evalset, "ann")
        assert pair == ("q1", self.done[-1][0])
        self.undone.append(self.done.pop())
        self.check()

    @rule()
    def redo(self) -> None:
        with self.library.write() as connection:
            if not self.undone:
                with pytest.raises(NotFound):
                    judgments.redo(connection, self.evalset, "ann")
                return
            judgments.redo(connection, self.evalset, "ann")
        self.done.append(self.undone.pop())
        self.check()

    @rule()
    def open_again(self) -> None:
        self.library.close()
        self.library = open_library(Path(self.folder.name))
        self.check()

    def check(self) -> None:
        expected = {key: grade for key, grade in dict(self.done).items() if grade is not None}
        with self.library.read() as connection:
            found = judgments.grades(connection, self.evalset.id).get("q1", {})
            left = judgments.to_judge(connection, self.evalset.id, "ann", "q1", skipped=False)
        assert found == expected
        assert not set(left) & expected.keys()


TestJudgmentHistory = JudgmentHistory.TestCase
TestJudgmentHistory.settings = hypothesis_settings(
    max_examples=15, stateful_step_count=15, deadline=None
)
