"""Pooling on a real workspace: what systems find becomes what is to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import GivenJudgment, JudgingTask, PoolReport, System
from engine.evaluation_requests import (
    AddQueries,
    CreateEvalSet,
    EstimatePool,
    GiveJudgment,
    ListTasks,
    NextTasks,
    Pool,
    ShowEvalSet,
)
from engine.events import Failed, Finished
from engine.jobs.job import Job
from engine.pooling import pool
from engine.requests import Sync
from engine.settings import Settings
from engine.storage import pools
from engine.workspace import Workspace

LEXICAL, DENSE = System("lexical"), System("dense")
NOTES = {
    "starter": "Feed the sourdough starter with flour and water every day.",
    "bake": "Bake the sourdough loaf in a hot oven until it is brown.",
    "yeast": "Wild yeast makes dough rise slowly.",
    "bicycle": "Oil the bicycle chain and pump up its tyres.",
    "tax": "The tax return is due in May.",
}


@pytest.fixture
def workspace(library_folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / f"{name}.txt").write_text(text)
    with Workspace(library_folder, lambda _: None) as opened:
        opened.remember([str(folder)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        opened.judging.create_eval_set(CreateEvalSet("mine"))
        opened.judging.add_queries(AddQueries("mine", ("sourdough", "bicycle chain")))
        yield opened


def pooled(workspace: Workspace, *systems: System, **asked: int) -> PoolReport:
    end = workspace.wait(workspace.judging.pool(Pool("mine", systems, **asked)).id)  # type: ignore[arg-type]
    assert isinstance(end, Finished), end
    assert isinstance(end.result, PoolReport)
    return end.result


def ranks(workspace: Workspace) -> dict[str, dict[str, dict[str, int]]]:
    """By query id and the note's name, the ranks by system."""
    with workspace._parts.library.read() as connection:
        found = pools.load(connection, 1)
    return {
        query_id: {
            Path(task.place).stem: found[query_id][task.document]
            for task in workspace.judging.list_tasks(ListTasks("mine", "ann", query_id))
        }
        for query_id in found
    }


def test_that_a_pool_is_the_union_of_systems_with_the_rank_by_each(workspace: Workspace) -> None:
    report = pooled(workspace, LEXICAL, DENSE, depth=2)
    found = ranks(workspace)
    assert report.added == sum(map(len, found.values()))
    assert {name for name, of in found["q1"].items() if "Keywords" in of} == {"starter", "bake"}
    assert found["q2"]["bicycle"] == {"Keywords": 1, "Meaning (all-MiniLM-L6-v2)": 1}
    assert len(found["q2"]) == 2  # by meaning there is always a second


def test_that_pooling_again_adds_only_what_is_new_and_keeps_what_was_pooled(
    workspace: Workspace,
) -> None:
    pooled(workspace, LEXICAL, depth=1)
    before = ranks(workspace)
    assert pooled(workspace, LEXICAL, depth=1).added == 0
    assert ranks(workspace) == before
    added = pooled(workspace, LEXICAL, DENSE, depth=5).added
    after = ranks(workspace)
    assert added == sum(map(len, after.values())) - sum(map(len, before.values()))
    for query_id, of in before.items():
        for name, was in of.items():
            assert after[query_id][name]["Keywords"] == was["Keywords"]


def test_that_a_rank_that_no_longer_holds_goes_and_the_pair_stays(
    workspace: Workspace, tmp_path: Path
) -> None:
    pooled(workspace, LEXICAL, depth=1)
    (first,) = ranks(workspace)["q1"]
    (tmp_path / "notes" / "better.txt").write_text("Sourdough sourdough sourdough.")
    workspace.wait(workspace.sync(Sync()).id)
    pooled(workspace, LEXICAL, depth=1)
    assert ranks(workspace)["q1"] == {first: {}, "better": {"Keywords": 1}}


def test_that_a_budget_goes_evenly_to_the_best_ranked_of_each_query(workspace: Workspace) -> None:
    assert pooled(workspace, LEXICAL, DENSE, depth=5, budget=3).added == 3
    found = ranks(workspace)
    assert sorted(map(len, found.values())) == [1, 2]
    assert all(1 in of.values() for query in found.values() for of in list(query.values())[:1])
    assert pooled(workspace, LEXICAL, DENSE, depth=5, budget=0).added == 0


def test_that_what_was_pooled_can_be_judged_after_its_file_is_gone(
    workspace: Workspace, tmp_path: Path
) -> None:
    pooled(workspace, LEXICAL, depth=2)
    (tmp_path / "notes" / "bicycle.txt").unlink()
    workspace.wait(workspace.sync(Sync()).id)
    (task,) = workspace.judging.list_tasks(ListTasks("mine", "ann", "q2"))
    assert (task.document_id, task.text) == (None, NOTES["bicycle"])


def test_that_a_cancelled_pool_leaves_nothing(workspace: Workspace) -> None:
    job = Job(
        "evaluate", "Pooling", lambda event: job.cancel() if "Progress" in repr(event) else None
    )
    job.run(lambda job: pool(workspace._parts, Settings(), Pool("mine", (LEXICAL,)), job))
    assert job.info.state == "cancelled"
    assert ranks(workspace) == {}


def test_that_an_estimate_knows_the_pace_the_overlap_and_what_is_pooled(
    workspace: Workspace,
) -> None:
    room = workspace.judging
    bound = room.estimate_pool(EstimatePool("mine", n_systems=2, depth=2))
    assert (bound.n_new, bound.n_known, bound.seconds_each) == (8, 0, 20.0)
    assert bound.minutes == pytest.approx(8 * 20 / 60)
    report = pooled(workspace, LEXICAL, DENSE, depth=2)
    assert room.estimate_pool(EstimatePool("mine", n_systems=2, depth=2)).n_new <= 1
    assert report.added <= bound.n_new
    task = room.list_tasks(ListTasks("mine", "ann", "q1"))[0]
    said = GivenJudgment(task.query_id, task.document, "ann", 2, seconds=6.0)
    room.give_judgment(GiveJudgment("mine", said))
    known = room.estimate_pool(EstimatePool("mine", n_systems=2, depth=4))
    assert (known.n_known, known.seconds_each) == (1, 6.0)
    assert pooled(workspace, LEXICAL, DENSE, depth=2).known == 1


def test_that_coverage_tells_how_much_of_what_was_pooled_is_judged(workspace: Workspace) -> None:
    pooled(workspace, LEXICAL, depth=2)
    room = workspace.judging
    task = room.list_tasks(ListTasks("mine", "ann", "q1"))[0]
    room.give_judgment(GiveJudgment("mine", GivenJudgment("q1", task.document, "ann", 2)))
    shown = room.show_eval_set(ShowEvalSet("mine"))
    assert [query.judged_at_10 for query in shown.queries] == [0.5, 0.0]


def test_that_what_tells_most_is_judged_first_and_every_tenth_is_drawn_by_lot(
    workspace: Workspace,
) -> None:
    pooled(workspace, LEXICAL, DENSE, depth=5)
    room = workspace.judging
    tasks: list[JudgingTask] = []
    while task := room.next_tasks(NextTasks("mine", "ann", 1, "active")):
        tasks += task
        said = GivenJudgment(task[0].query_id, task[0].document, "ann", 1)
        room.give_judgment(GiveJudgment("mine", said))
    found = ranks(workspace)
    drawn = [task.drawn for task in tasks]
    assert drawn == ["random" if n % 10 == 9 else "active" for n in range(len(tasks))]
    assert len(tasks) == sum(map(len, found.values()))
    first = found[tasks[0].query_id][Path(tasks[0].place).stem]
    assert len(first) == 1 or len(set(first.values())) > 1  # the systems differ on it
    assert room.next_tasks(NextTasks("mine", "bob", 1, "active"))[0].drawn == "pool"


def test_that_a_pool_that_cannot_be_is_refused(workspace: Workspace) -> None:
    for asked in (
        Pool("mine", ()),
        Pool("mine", (LEXICAL, LEXICAL)),
        Pool("mine", (LEXICAL,), depth=0),
        Pool("mine", (LEXICAL,), query_ids=("nobody",)),
        Pool("mine", (System("dense", "nothing"),)),
        Pool("yours", (LEXICAL,)),
    ):
        end = workspace.wait(workspace.judging.pool(asked).id)
        assert isinstance(end, Failed), asked
        assert end.title != "Unexpected error"
    with pytest.raises(InvalidInput):
        workspace.judging.estimate_pool(EstimatePool("mine", 1, 0))
    with pytest.raises(NotFound):
        workspace.judging.estimate_pool(EstimatePool("yours", 1, 1))
