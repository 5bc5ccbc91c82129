"""Hard negatives through the workspace: found, kept, gone on with, reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.errors import NotFound
from engine.events import Cancelled, Event, Failed, Finished, Progress
from engine.requests import CancelJob, Judge, Search
from engine.storage import mined_negatives
from engine.storage.database import Database
from engine.storage.mined_negatives import MinedNegative
from engine.training.pairs import normalised
from engine.training_records import MiningReport
from engine.training_requests import ListDoubtful, MineNegatives, ReviewNegative
from engine.workspace import Workspace
from tests.engine.small_check_set import opened

ASKED = MineNegatives("check", "train", depth=20, per_query=3)


@pytest.fixture
def watchers() -> list[Callable[[Event], None]]:
    """Told of every event, in the thread of the job itself."""
    return []


@pytest.fixture
def workspace(
    prepared_minilm: Path, tmp_path: Path, watchers: list[Callable[[Event], None]]
) -> Iterator[Workspace]:
    def emit(event: Event) -> None:
        for watcher in list(watchers):
            watcher(event)

    with opened(tmp_path / "library", prepared_minilm, emit) as workspace:
        yield workspace


def mine(workspace: Workspace, request: MineNegatives = ASKED) -> MiningReport:
    end = workspace.wait(workspace.bench.mine_negatives(request).id)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, MiningReport)
    return end.result


def library(workspace: Workspace) -> Database:
    return workspace._parts.library


def learnable(workspace: Workspace) -> dict[str, tuple[MinedNegative, ...]]:
    with library(workspace).read() as connection:
        return mined_negatives.learnable(connection)


def test_that_negatives_are_hard_for_their_query_and_not_what_answers_it(
    workspace: Workspace,
) -> None:
    report = mine(workspace)
    found = learnable(workspace)
    assert report.n_queries >= 5
    assert report.n_hard == sum(map(len, found.values())) > 5
    loaf = found[normalised("why did my loaf sink in the oven")]
    assert 1 <= len(loaf) <= 3
    assert {each.source for each in loaf} <= {"bm25", "dense"}
    assert all(each.margin > 1 and each.state == "hard" for each in loaf)
    assert [each.margin for each in loaf] == sorted(each.margin for each in loaf)
    assert loaf[0].positive.startswith("Over-proofed dough\n")
    assert all(each.text != loaf[0].positive for each in loaf)


def test_that_a_second_run_has_nothing_to_do_until_something_changes(workspace: Workspace) -> None:
    first, kept = mine(workspace), learnable(workspace)
    assert mine(workspace).n_queries == 0
    assert learnable(workspace) == kept
    other = MineNegatives("check", "train", depth=20, per_query=2)
    again = mine(workspace, other)
    assert again.n_queries == first.n_queries
    assert again.n_hard < first.n_hard
    assert max(map(len, learnable(workspace).values())) == 2


def test_that_a_cancelled_run_goes_on_where_it_was(
    workspace: Workspace, watchers: list[Callable[[Event], None]]
) -> None:
    whole, expected = mine(workspace), learnable(workspace)
    with library(workspace).write() as connection:
        mined_negatives.forget(connection)

    def cancel_midway(event: Event) -> None:
        if isinstance(event, Progress) and event.unit == "searches" and event.done:
            watchers.clear()
            workspace.cancel_job(CancelJob(event.job))

    watchers.append(cancel_midway)
    end = workspace.wait(workspace.bench.mine_negatives(ASKED).id)
    assert isinstance(end, Cancelled), end
    part = learnable(workspace)
    assert 0 < len(part) < len(expected)
    assert 0 < mine(workspace).n_queries < whole.n_queries
    assert learnable(workspace) == expected


def test_that_a_doubtful_one_waits_for_a_word_and_heeds_it(workspace: Workspace) -> None:
    lenient = MineNegatives("check", "train", depth=20, per_query=3, margin=100.0)
    assert mine(workspace, lenient).n_hard == 0
    assert learnable(workspace) == {}
    waiting = workspace.bench.list_doubtful(ListDoubtful(3))
    assert len(waiting) == 3
    assert waiting[0].margin <= waiting[1].margin <= waiting[2].margin
    assert waiting[0].document
    assert waiting[0].title in waiting[0].text
    answering, not_answering, _ = waiting
    workspace.bench.review_negative(ReviewNegative(answering.id, answers=True))
    workspace.bench.review_negative(ReviewNegative(not_answering.id, answers=False))
    (told,) = (each for of in learnable(workspace).values() for each in of)
    assert (told.text, told.source) == (not_answering.text, "reviewed")
    still = workspace.bench.list_doubtful(ListDoubtful(1000))
    assert {answering.id, not_answering.id}.isdisjoint(each.id for each in still)
    mine(workspace)  # asked otherwise, so looked for again
    of_query = learnable(workspace)[normalised(not_answering.query)]
    assert not_answering.text in {each.text for each in of_query}
    others = learnable(workspace).get(normalised(answering.query), ())
    assert answering.text not in {each.text for each in others}
    workspace.bench.review_negative(ReviewNegative(answering.id, answers=None))


def test_that_what_is_no_longer_there_cannot_be_reviewed(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="gone"):
        workspace.bench.review_negative(ReviewNegative(12345, answers=True))


def test_that_what_was_judged_is_neither_mined_nor_kept(workspace: Workspace) -> None:
    query = "why did my loaf sink in the oven"
    workspace.load()
    found = workspace.search(Search(query, k=5)).results

    def judge(place: int, grade: int) -> None:
        text = found[place].passages[0].text
        workspace.judge(Judge(query, found[place].document_id, grade, text))

    judge(0, 3)
    judge(1, 2)
    judge(2, 0)
    assert mine(workspace, MineNegatives(depth=20)).n_queries == 1
    mined = learnable(workspace)[normalised(query)]
    judged = {result.passages[0].text for result in found[:3]}
    assert mined
    assert not any(text in each.text for text in judged for each in mined)
    judge(3, 3)
    assert mine(workspace, MineNegatives(depth=20)).n_queries == 1  # another positive, once more


def test_that_nothing_judged_is_said_so(workspace: Workspace) -> None:
    end = workspace.wait(workspace.bench.mine_negatives(MineNegatives()).id)
    assert isinstance(end, Failed)
    assert "Mark some results" in end.hint
