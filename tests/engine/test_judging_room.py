"""Evaluation sets as the window and the commands use them, on a real workspace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import GivenJudgment, JudgingTask
from engine.evaluation_requests import (
    AddQueries,
    CreateEvalSet,
    FreezeEvalSet,
    GiveJudgment,
    JudgeFromThumbs,
    ListSearchHistory,
    ListTasks,
    NextTasks,
    RemoveEvalSet,
    ShowEvalSet,
)
from engine.events import Finished
from engine.records import EvaluationReport, Extracted, LabelState
from engine.requests import (
    ChangeSettings,
    Evaluate,
    GetSettings,
    GiveThumb,
    Judge,
    ListBackups,
    ListLabels,
    Redo,
    Search,
    Undo,
)
from engine.settings import Settings
from engine.storage import documents, roots
from engine.storage.documents import Cut, FileState, NewChunk
from engine.workspace import Workspace

NOTES = [f"Note {n}: feed the sourdough starter, {word}." for n, word in enumerate("abcdef")]


@pytest.fixture
def workspace(library_folder: Path) -> Iterator[Workspace]:
    """Notes that are known by their words alone, and an empty set."""
    with Workspace(library_folder, lambda _: None) as opened:
        with opened._parts.library.write() as connection:
            root = roots.add(connection, Path("/notes").absolute(), "folder")
            for text in NOTES:
                cut = Cut((NewChunk(0, len(text), None, "", text.encode()),))
                extracted = Extracted(text[:6], text, "text/plain")
                document = documents.put(connection, text[:6], extracted, cut, 1)
                file = FileState(f"{text[:6]}.txt", 1, 1, text[:6])
                documents.put_file(connection, root.id, file, document)
        opened._parts.lexical.catch_up(lambda: None)
        opened.judging.create_eval_set(CreateEvalSet("mine"))
        yield opened


def judge(workspace: Workspace, grade: int | None, place: int = 0) -> LabelState:
    found = workspace.search(Search("sourdough", mode="lexical")).results[place]
    text = found.passages[0].text
    return workspace.judge(Judge("sourdough", found.document_id, grade, text, evalset="mine"))


def shown(workspace: Workspace) -> dict[int, int | None]:
    found = workspace.search(Search("Sourdough ", mode="lexical", evalset="mine")).results
    return {result.document_id: result.grade for result in found if result.grade is not None}


def pool(workspace: Workspace) -> None:
    """Every note is to be judged for one query."""
    workspace.judging.add_queries(AddQueries("mine", ("sourdough", "starter")))
    with workspace._parts.library.write() as connection:
        connection.execute(
            "INSERT INTO pool SELECT 1, 'q1', content_hash, '{}', 0 FROM documents ORDER BY id"
        )


def give(workspace: Workspace, task: JudgingTask, grade: int | None, *, skip: bool = False) -> None:
    said = GivenJudgment(task.query_id, task.document, "ann", grade, skipped=skip)
    workspace.judging.give_judgment(GiveJudgment("mine", said))


def test_that_tasks_come_once_in_an_order_of_the_raters_own_and_skipped_ones_last(
    workspace: Workspace,
) -> None:
    pool(workspace)
    room = workspace.judging
    order = [task.document for task in room.list_tasks(ListTasks("mine", "ann", "q1"))]
    assert order != [task.document for task in room.list_tasks(ListTasks("mine", "bob", "q1"))]
    seen = []
    while tasks := room.next_tasks(NextTasks("mine", "ann", 2)):
        task = tasks[0]
        seen.append(task.document)
        give(workspace, task, None if len(seen) == 1 else 2, skip=len(seen) == 1)
    assert seen == [*order, order[0]]


def test_that_a_task_shows_the_text_and_where_the_query_is_in_it(workspace: Workspace) -> None:
    pool(workspace)
    (task,) = workspace.judging.next_tasks(NextTasks("mine", "ann", 1))
    assert task.text in NOTES
    marked = [task.passages[0].text[start:end] for start, end in task.passages[0].highlights]
    assert marked == ["sourdough"]
    assert task.place.endswith(".txt")


def test_that_a_judgment_given_on_the_search_page_is_undone_with_its_other_labels(
    workspace: Workspace,
) -> None:
    first = judge(workspace, 3)
    assert (first.grade, first.evalset) == (3, "mine")
    document = first.document_id
    assert document is not None
    workspace.give_thumb(GiveThumb("sourdough", document, 1, "it"))
    judge(workspace, 1)
    assert shown(workspace) == {document: 1}
    assert "in “mine”" in workspace.undo(Undo()).redo
    assert shown(workspace) == {document: 3}
    assert workspace.undo(Undo()).thumb is None
    assert workspace.undo(Undo()).grade is None
    assert shown(workspace) == {}
    for _ in range(3):
        state = workspace.redo(Redo())
    assert (state.grade, state.redo) == (1, "")
    assert shown(workspace) == {document: 1}
    assert [label.kind for label in workspace.list_labels(ListLabels())] == ["feedback"]
    (query,) = workspace.judging.show_eval_set(ShowEvalSet("mine")).queries
    assert (query.text, query.origin, query.n_judged) == ("sourdough", "search", 1)


def test_that_a_grade_beyond_the_scale_adds_nothing(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        judge(workspace, 7)
    assert workspace.judging.show_eval_set(ShowEvalSet("mine")).queries == ()


def test_that_thumbs_become_judgments_and_stay_thumbs(workspace: Workspace) -> None:
    for place, thumb in ((0, 1), (1, -1)):
        found = workspace.search(Search("sourdough", mode="lexical")).results[place]
        workspace.give_thumb(GiveThumb("sourdough", found.document_id, thumb, "it"))  # type: ignore[arg-type]
    ids = tuple(label.id for label in workspace.list_labels(ListLabels()))
    made = workspace.judging.judge_from_thumbs(JudgeFromThumbs("mine", ids, grade_up=2))
    assert (made.grades, made.raters) == ({0: 1, 2: 1}, ("me",))
    assert len(workspace.list_labels(ListLabels())) == 2
    with pytest.raises(NotFound):
        workspace.judging.judge_from_thumbs(JudgeFromThumbs("mine", (99,), 2))


def test_that_measures_name_the_version_they_are_of(workspace: Workspace) -> None:
    judge(workspace, 3)
    workspace.judging.freeze_eval_set(FreezeEvalSet("mine", "pilot"))

    def measured(name: str) -> EvaluationReport:
        end = workspace.wait(workspace.evaluate(Evaluate(name, mode="lexical")).id)
        assert isinstance(end, Finished)
        assert isinstance(end.result, EvaluationReport)
        return end.result

    assert measured("mine").version == 1
    judge(workspace, 0)
    assert measured("mine").version is None
    frozen = measured("mine@1")
    assert (frozen.set, frozen.version) == ("mine", 1)
    assert frozen.measures["nDCG@10"] > 0
    assert measured("mine").measures["nDCG@10"] == 0


def test_that_a_removed_set_is_in_the_backup_that_is_made_first(workspace: Workspace) -> None:
    judge(workspace, 3)
    workspace.judging.remove_eval_set(RemoveEvalSet("mine"))
    with pytest.raises(NotFound):
        workspace.judging.show_eval_set(ShowEvalSet("mine"))
    assert workspace.list_backups(ListBackups())[0].n_labels == 1
    with pytest.raises(NotFound, match="Nothing to undo"):
        workspace.undo(Undo())


def test_that_finished_searches_are_remembered_until_the_user_forbids_it(
    workspace: Workspace,
) -> None:
    for request in (Search("starter", mode="lexical"), Search("sou", mode="lexical", prefix=True)):
        workspace.search(request)
    end = time.monotonic() + 10
    while not (kept := workspace.judging.list_search_history(ListSearchHistory())):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert kept == ("starter",)
    assert workspace.get_settings(GetSettings()).keep_searches
    workspace.change_settings(ChangeSettings(Settings(keep_searches=False)))
    assert workspace.judging.list_search_history(ListSearchHistory()) == ()
