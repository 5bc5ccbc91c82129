"""Judgments and feedback: an event log with undo, which outlives the documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.errors import NotFound
from engine.records import Extracted, LabelState
from engine.storage import documents, labels, roots
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState, NewChunk
from engine.storage.labels import Kind, NewLabel
from engine.storage.library import open_library


def add_document(library: Database, text: str) -> int:
    with library.write() as connection:
        root = roots.add(connection, Path("/notes"), "folder")
        document = documents.put(
            connection,
            text,
            Extracted(text.title(), text, "text/plain"),
            Cut((NewChunk(0, len(text), None, "", text.encode()),)),
            1,
        )
        documents.put_file(connection, root.id, FileState(f"{text}.txt", 1, 1, text), document)
    return document


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    opened = open_library(tmp_path)
    yield opened
    opened.close()


def give(
    library: Database, document: int, value: int | None, kind: Kind = "judgment"
) -> LabelState:
    with library.write() as connection:
        return labels.give(
            connection, NewLabel(kind, "a query", document, value, "shown", 3, {"dense": 0.5}, "m")
        )


def test_that_a_new_grade_replaces_the_old_one_and_undo_brings_it_back(library: Database) -> None:
    document = add_document(library, "one")
    give(library, document, 2)
    assert give(library, document, 0).grade == 0
    with library.write() as connection:
        assert labels.undo(connection).state.grade == 2
        assert labels.undo(connection).state.grade is None
        assert labels.redo(connection).state.grade == 2
        assert labels.redo(connection).state.grade == 0


def test_that_nothing_can_be_redone_after_a_new_label(library: Database) -> None:
    document = add_document(library, "one")
    give(library, document, 2)
    with library.write() as connection:
        labels.undo(connection)
    give(library, document, 1)
    with library.write() as connection, pytest.raises(NotFound):
        labels.redo(connection)


def test_that_thumbs_and_grades_of_a_pair_are_kept_apart(library: Database) -> None:
    document = add_document(library, "one")
    give(library, document, 3)
    state = give(library, document, -1, "feedback")
    assert (state.grade, state.thumb) == (3, -1)
    assert state.undo == "thumb down on “One”"


def test_that_a_judgment_outlives_its_document_with_the_text_that_was_judged(
    library: Database,
) -> None:
    document = add_document(library, "one")
    give(library, document, 3)
    with library.write() as connection:
        roots.remove(connection, roots.every(connection)[0].id)
        (label,) = labels.in_force(connection)
    assert label.document_id is None
    assert (label.text, label.value, label.scores) == ("shown", 3, {"dense": 0.5})


def test_that_a_document_that_comes_back_has_its_judgment_again(library: Database) -> None:
    document = add_document(library, "one")
    give(library, document, 3)
    with library.write() as connection:
        roots.remove(connection, roots.every(connection)[0].id)
    again = add_document(library, "one")
    assert again != document
    with library.read() as connection:
        assert labels.of_query(connection, "a query", [again]) == {again: {"judgment": 3}}


def test_that_a_document_that_is_gone_cannot_be_judged(library: Database) -> None:
    with pytest.raises(NotFound):
        give(library, 99, 1)


class LabelHistory(RuleBasedStateMachine):
    """Any sequence of labels, undos and redos ends where a list of events says it does."""

    @initialize()
    def open(self) -> None:
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.library = open_library(Path(self.folder.name))
        self.ids = [add_document(self.library, text) for text in ("one", "two")]
        self.done: list[tuple[int, Kind, int | None]] = []
        self.undone: list[tuple[int, Kind, int | None]] = []

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            self.folder.cleanup()

    @rule(
        which=st.integers(0, 1),
        judged=st.booleans(),
        value=st.sampled_from([None, 1, 3]),
    )
    def label(self, which: int, judged: bool, value: int | None) -> None:
        kind: Kind = "judgment" if judged else "feedback"
        give(self.library, self.ids[which], value, kind)
        self.done.append((self.ids[which], kind, value))
        self.undone.clear()
        self.check()

    @rule()
    def undo(self) -> None:
        with self.library.write() as connection:
            if not self.done:
                with pytest.raises(NotFound):
                    labels.undo(connection)
                return
            labels.undo(connection)
        self.undone.append(self.done.pop())
        self.check()

    @rule()
    def redo(self) -> None:
        with self.library.write() as connection:
            if not self.undone:
                with pytest.raises(NotFound):
                    labels.redo(connection)
                return
            labels.redo(connection)
        self.done.append(self.undone.pop())
        self.check()

    def check(self) -> None:
        expected: dict[int, dict[Kind, int]] = {}
        for document, kind, value in self.done:
            expected.setdefault(document, {})[kind] = value  # type: ignore[assignment]
        expected = {
            document: {kind: value for kind, value in given.items() if value is not None}
            for document, given in expected.items()
        }
        with self.library.read() as connection:
            found = labels.of_query(connection, "a query", self.ids)
        assert found == {document: given for document, given in expected.items() if given}


TestLabelHistory = LabelHistory.TestCase
TestLabelHistory.settings = hypothesis_settings(
    max_examples=25, stateful_step_count=20, deadline=None
)
