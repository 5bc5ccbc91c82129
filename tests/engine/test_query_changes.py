from __future__ import annotations

from engine.query_changes import query_changes
from engine.training.pairs import JudgedQuery, LabelledPassage
from engine.training_records import QueryChange


def test_that_changes_name_what_was_judged_relevant_and_come_best_gain_first() -> None:
    nets = JudgedQuery("q1", "nets", (LabelledPassage("a.txt", "About nets.", grade=2),))
    depth = JudgedQuery("q2", "depth", (LabelledPassage("gone.txt", "Deep.", 3),), (), ("b.txt",))
    unmeasured = JudgedQuery("q3", "salt", (LabelledPassage("a.txt", "Salty.", 3),))
    found = query_changes(
        (nets, depth, unmeasured),
        {"q1": 0.5, "q2": 0.2},
        {"q1": 0.4, "q2": 0.9},
        {7: "a.txt", 8: "b.txt"},
    )
    assert found == (QueryChange("depth", 0.2, 0.9, (8,)), QueryChange("nets", 0.5, 0.4, (7,)))
