"""What there is to train on, in a real workspace: gathered, looked at, left out, written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import training_data
from engine.errors import InvalidInput, NotEnoughData, NotFound
from engine.recipe import Origin
from engine.requests import GiveThumb, Judge, Redo, Undo
from engine.storage import made_pairs, mined_negatives
from engine.storage.made_pairs import MadePair
from engine.storage.mined_negatives import MinedNegative
from engine.training.training_set import TrainingSet
from engine.training_records import PairFilter, TrainingPair
from engine.training_requests import (
    ExcludePairs,
    ExportPairs,
    ForgetMade,
    GetTrainingOverview,
    ListPairs,
    RecordVisit,
)
from engine.workspace import Workspace
from tests.engine.training_library import (
    TEXTS,
    add_dataset,
    add_documents,
    give_vectors,
    ids,
    remove,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "library", lambda _: None) as opened:
        add_documents(opened, TEXTS)
        yield opened


def thumb(workspace: Workspace, query: str, name: str, up: bool = True) -> None:
    workspace.give_thumb(GiveThumb(query, ids(workspace)[name], 1 if up else -1, TEXTS[name]))


def judge(workspace: Workspace, query: str, name: str, grade: int | None) -> None:
    workspace.judge(Judge(query, ids(workspace)[name], grade, TEXTS[name]))


def visit(
    workspace: Workspace, query: str, name: str, *, rank: int = 8, seconds: float = 0
) -> None:
    opened = not seconds
    workspace.bench.record_visit(
        RecordVisit(query, ids(workspace)[name], TEXTS[name], rank, opened, seconds)
    )


def make(workspace: Workspace, origin: Origin, query: str, name: str) -> None:
    with workspace._parts.library.write() as connection:
        made_pairs.add(connection, [MadePair(origin, query, name, TEXTS[name])])


def own(workspace: Workspace) -> TrainingSet:
    return training_data.training_set(workspace._parts, None, "")


def pairs(workspace: Workspace, wanted: PairFilter | None = None) -> tuple[TrainingPair, ...]:
    return workspace.bench.list_pairs(ListPairs(filter=wanted or PairFilter())).pairs


def trained(made: TrainingSet) -> set[tuple[str, str]]:
    """Query and passage of all pairs."""
    judged = {(query.text, p.text) for query in made.queries for p in query.positives}
    return judged | {(pair.query, pair.text) for pair in made.weak}


def test_that_what_people_said_did_and_had_made_comes_together(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    thumb(workspace, "yeast", "waves", up=False)
    judge(workspace, "moon", "tides", 3)
    visit(workspace, "machines", "gears")
    visit(workspace, "force", "levers", seconds=40)
    make(workspace, "title", "water", "waves")
    found = own(workspace)
    numbers = ids(workspace)
    assert [query.id for query in found.queries] == ["moon", "yeast"]
    moon, yeast = found.queries
    assert (moon.positives[0].document, moon.positives[0].grade) == (str(numbers["tides"]), 3)
    assert yeast.negatives[0].document == str(numbers["waves"])
    assert {(pair.origin, pair.query, pair.document) for pair in found.weak} == {
        ("open", "machines", str(numbers["gears"])),
        ("dwell", "force", str(numbers["levers"])),
        ("title", "water", str(numbers["waves"])),
    }
    assert len(found.hash) == 64
    assert own(workspace) == found


def test_that_a_pair_left_out_stays_so_after_reading_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    thumb(workspace, "yeast", "bread")
    thumb(workspace, "yeast", "sourdough")
    before = own(workspace)
    (wanted,) = pairs(workspace, PairFilter(text="rises"))
    workspace.bench.exclude_pairs(ExcludePairs((wanted.id,)))
    assert trained(own(workspace)) == {("yeast", TEXTS["sourdough"])}
    (query,) = own(workspace).queries
    assert query.undecided == (str(ids(workspace)["bread"]),)
    judge(workspace, "Yeast", "bread", 3)
    workspace.close()
    with Workspace(tmp_path / "library", lambda _: None) as opened:
        assert trained(own(opened)) == {("yeast", TEXTS["sourdough"])}
        (left_out,) = pairs(opened, PairFilter(excluded=True))
        assert (left_out.id, left_out.origin, left_out.grade) == (wanted.id, "judgment", 3)
        judge(opened, "Yeast", "bread", None)
        opened.bench.exclude_pairs(ExcludePairs((wanted.id,), excluded=False))
        assert own(opened).hash == before.hash


def test_that_up_and_down_is_a_conflict_and_not_learnt(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    thumb(workspace, "YEAST", "bread", up=False)
    judge(workspace, "moon", "tides", 3)
    thumb(workspace, "moon", "tides", up=False)
    judge(workspace, "sea", "waves", 2)
    assert trained(own(workspace)) == {("sea", TEXTS["waves"])}
    found = workspace.bench.get_training_overview(GetTrainingOverview())
    assert found.problems == {"conflict": 1}
    (conflict,) = pairs(workspace, PairFilter(problems=("conflict",)))
    assert (conflict.query, conflict.document_id) == ("moon", ids(workspace)["tides"])
    assert "not to" in conflict.problem


def test_that_what_a_test_split_asks_is_left_out_whatever_it_comes_from(
    workspace: Workspace,
) -> None:
    add_dataset(
        workspace,
        "quiz",
        {
            "test": {"why does bread rise": "Yeast.", "what are waves": TEXTS["waves"]},
            "train": {"how do gears work": "They turn."},
        },
    )
    thumb(workspace, "Why does bread rise?", "bread")
    make(workspace, "title", "wind", "waves")
    visit(workspace, "why does bread rise", "sourdough")
    thumb(workspace, "how do gears work", "gears")
    assert trained(own(workspace)) == {
        ("how do gears work", TEXTS["gears"]),
        ("wind", TEXTS["waves"]),
    }
    assert {pair.query for pair in pairs(workspace, PairFilter(problems=("leak",)))} == {
        "Why does bread rise?",
        "why does bread rise",
    }


def test_that_a_test_split_that_is_trained_on_is_no_leak_of_itself(workspace: Workspace) -> None:
    parts = workspace._parts
    add_dataset(workspace, "quiz", {"test": {"bread": "Yeast."}, "train": {"Bread?": "Yeast."}})
    add_dataset(workspace, "other", {"test": {"cake": "Sugar."}, "train": {"pie": "Apples."}})
    made = training_data.training_set(parts, "quiz", "test")
    assert [(query.text, query.positives[0].document) for query in made.queries] == [
        ("bread", "Yeast.")
    ]
    assert training_data.training_set(parts, "quiz", "train").queries == ()
    assert len(training_data.training_set(parts, "other", "train").queries) == 1
    with pytest.raises(NotFound):
        training_data.training_set(parts, "none", "train")


def test_that_only_weak_pairs_about_its_documents_join_a_set(workspace: Workspace) -> None:
    add_dataset(workspace, "quiz", {"train": {"rising": "Yeast."}})
    with workspace._parts.library.write() as connection:
        made_pairs.add(
            connection,
            [MadePair("title", "fungus", "Yeast.", "Yeast."), MadePair("title", "q", "gone", "x")],
        )
    make(workspace, "title", "water", "waves")
    made = training_data.training_set(workspace._parts, "quiz", "train")
    assert [(pair.query, pair.document) for pair in made.weak] == [("fungus", "Yeast.")]


def test_that_a_weaker_sign_of_what_was_judged_is_a_duplicate(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    visit(workspace, "Yeast", "bread")
    visit(workspace, "yeast", "waves", seconds=60)
    thumb(workspace, "yeast", "waves", up=False)
    assert own(workspace).weak == ()
    told = {pair.origin: pair.problems for pair in pairs(workspace)}
    assert told == {"thumb": (), "open": ("duplicate",), "dwell": ("conflict",)}


def test_that_mined_negatives_join_their_query_unless_said_to_answer_it(
    workspace: Workspace,
) -> None:
    thumb(workspace, "yeast", "bread")

    def mined(name: str, margin: float) -> MinedNegative:
        return MinedNegative(TEXTS["bread"], name, TEXTS[name], "bm25", margin, "hard")

    with workspace._parts.library.write() as connection:
        found = [mined("tides", 3.0), mined("sourdough", 2.0), mined("waves", 1.5)]
        mined_negatives.replace(connection, "yeast", "x", found)
    assert own(workspace).negatives == {
        "yeast": (TEXTS["waves"], TEXTS["sourdough"], TEXTS["tides"])
    }
    thumb(workspace, "Yeast", "sourdough")
    remove(workspace, "tides")
    assert own(workspace).negatives == {"yeast": (TEXTS["waves"],)}
    (bread,) = pairs(workspace, PairFilter(text="rises"))
    assert [(n.title, n.source) for n in bread.negatives] == [("Waves", "bm25")]


def test_that_a_pair_outlives_its_document_and_says_so(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    visit(workspace, "force", "levers")
    remove(workspace, "bread")
    remove(workspace, "levers")
    assert trained(own(workspace)) == {("yeast", TEXTS["bread"]), ("force", TEXTS["levers"])}
    assert {pair.problems for pair in pairs(workspace)} == {("gone",)}
    add_documents(workspace, {"bread": TEXTS["bread"], "levers": TEXTS["levers"]})
    assert {pair.problems for pair in pairs(workspace)} == {()}
    numbers = ids(workspace)
    assert own(workspace).queries[0].positives[0].document == str(numbers["bread"])


def test_that_what_was_said_of_a_document_outlives_its_being_edited(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    remove(workspace, "bread")
    add_documents(workspace, {"new": f"A new start. {TEXTS['bread']}"})
    with workspace._parts.library.write() as connection:
        connection.execute("UPDATE files SET path = 'bread.txt' WHERE path = 'new.txt'")
    (pair,) = pairs(workspace)
    assert (pair.document_id, pair.problems) == (ids(workspace)["new"], ())
    assert own(workspace).queries[0].positives[0].document == str(ids(workspace)["new"])


def test_that_what_is_undone_and_redone_leaves_and_comes_back(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    thumb(workspace, "moon", "tides")
    assert {pair.query for pair in pairs(workspace)} == {"yeast", "moon"}
    workspace.undo(Undo())
    assert {pair.query for pair in pairs(workspace)} == {"yeast"}
    workspace.redo(Redo())
    assert {pair.query for pair in pairs(workspace)} == {"yeast", "moon"}


def test_that_pairs_are_filtered_ordered_and_paged(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    judge(workspace, "moon", "tides", 2)
    visit(workspace, "force", "levers", rank=1)
    make(workspace, "title", "water", "waves")

    def queries(wanted: PairFilter, offset: int = 0, limit: int = 100) -> list[str]:
        request = ListPairs(filter=wanted, offset=offset, limit=limit)
        found = workspace.bench.list_pairs(request)
        return [pair.query for pair in found.pairs]

    assert queries(PairFilter()) == ["water", "force", "moon", "yeast"]
    assert queries(PairFilter(order="query")) == ["force", "moon", "water", "yeast"]
    assert queries(PairFilter(order="weight")) == ["moon", "yeast", "water", "force"]
    assert queries(PairFilter(order="origin")) == ["moon", "yeast", "force", "water"]
    assert queries(PairFilter(origins=("open", "title"))) == ["water", "force"]
    assert queries(PairFilter(text="LEVER")) == ["force"]
    assert queries(PairFilter(text="Tides")) == ["moon"]
    assert queries(PairFilter(), offset=1, limit=2) == ["force", "moon"]
    page = workspace.bench.list_pairs(ListPairs(filter=PairFilter(text="x"), limit=0))
    assert (page.pairs, page.n_found, page.n_total) == ((), 0, 4)


def test_that_the_library_s_topics_sort_the_pairs(workspace: Workspace) -> None:
    baking = {f"baking {n}": f"Bake the dough in oven {n} with flour." for n in range(8)}
    sailing = {f"sailing {n}": f"Sail the boat in wind {n} with ropes." for n in range(4)}
    add_documents(workspace, baking | sailing)
    give_vectors(workspace, [list(baking.values()), list(sailing.values())])
    number = ids(workspace)["sailing 1"]
    workspace.give_thumb(GiveThumb("rope", number, 1, sailing["sailing 1"]))
    thumb(workspace, "yeast", "bread")
    found = workspace.bench.get_training_overview(GetTrainingOverview())
    by_words = {
        word: (topic.n_passages, topic.n_pairs)
        for topic in found.topics
        for word in topic.words.split(", ")
    }
    assert sum(topic.n_passages for topic in found.topics) == 12
    assert by_words["ropes"][1] == 1
    (topic,) = [n for n, topic in enumerate(found.topics) if topic.n_pairs]
    assert [pair.query for pair in pairs(workspace, PairFilter(topic=topic))] == ["rope"]
    assert [pair.query for pair in pairs(workspace, PairFilter(topic=-1))] == ["yeast"]


def test_that_the_overview_adds_up(workspace: Workspace) -> None:
    thumb(workspace, "yeast", "bread")
    thumb(workspace, "yeast", "waves", up=False)
    visit(workspace, "yeast", "bread")
    make(workspace, "title", "water", "waves")
    make(workspace, "title", "turning", "gears")
    (excluded,) = pairs(workspace, PairFilter(text="gears"))
    workspace.bench.exclude_pairs(ExcludePairs((excluded.id,)))
    found = workspace.bench.get_training_overview(GetTrainingOverview())
    counts = {each.origin: (each.n_pairs, each.n_queries, each.weight) for each in found.origins}
    assert counts == {"thumb": (1, 1, 1.0), "open": (0, 0, 0.0), "title": (1, 1, 0.5)}
    assert (found.n_pairs, found.n_queries, found.n_judged_queries) == (2, 2, 1)
    assert (found.n_excluded, found.problems) == (1, {"duplicate": 1})
    assert 0 < found.score < 20
    assert found.missing[0].startswith("Judge 19 more searches")
    assert found.hash == own(workspace).hash


def test_that_pairs_are_written_as_lines_in_the_place_of_what_was_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "pairs.jsonl"
    with pytest.raises(NotEnoughData):
        workspace.bench.export_pairs(ExportPairs(str(path)))
    assert not path.parent.exists()
    judge(workspace, "yeast", "bread", 3)
    thumb(workspace, "yeast", "waves", up=False)
    thumb(workspace, "moon", "tides")
    (moon,) = pairs(workspace, PairFilter(text="moon"))
    workspace.bench.exclude_pairs(ExcludePairs((moon.id,)))
    for _ in range(2):
        assert workspace.bench.export_pairs(ExportPairs(str(path))) == str(path)
    (line,) = path.read_text("utf-8").splitlines()
    written = json.loads(line)
    assert written.pop("date").endswith("+00:00")
    assert written.pop("document").endswith("bread.txt")
    assert written == {
        "query": "yeast",
        "positive": TEXTS["bread"],
        "negatives": [TEXTS["waves"]],
        "origin": "judgment",
        "weight": 1.0,
        "grade": 3,
    }
    assert [file.name for file in path.parent.iterdir()] == ["pairs.jsonl"]
    with pytest.raises(InvalidInput):
        workspace.bench.export_pairs(ExportPairs(str(tmp_path)))


def test_that_made_pairs_and_mined_negatives_are_thrown_away_where_asked(
    workspace: Workspace,
) -> None:
    thumb(workspace, "yeast", "bread")
    make(workspace, "title", "water", "waves")
    make(workspace, "llm", "turning", "gears")
    negative = MinedNegative(TEXTS["bread"], "tides", TEXTS["tides"], "dense", 2.0, "hard")
    with workspace._parts.library.write() as connection:
        mined_negatives.replace(connection, "yeast", "x", [negative])
    workspace.bench.forget_made(ForgetMade(("title",)))
    assert [pair.origin for pair in own(workspace).weak] == ["llm"]
    assert own(workspace).negatives
    workspace.bench.forget_made(ForgetMade(negatives=True))
    assert [pair.origin for pair in own(workspace).weak] == ["llm"]
    assert not own(workspace).negatives
