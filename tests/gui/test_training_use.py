from __future__ import annotations

from dataclasses import replace

import pytest

from engine.records import Label
from engine.training.pairs import from_labels
from gui.training_use import Use, uses
from tests.gui.pages.samples import LABELS, label


@pytest.mark.parametrize(
    ("kind", "value", "use"),
    [
        ("judgment", 3, "relevant"),
        ("judgment", 2, "relevant"),
        ("judgment", 1, "not used"),
        ("judgment", 0, "not relevant"),
        ("feedback", 1, "relevant"),
        ("feedback", -1, "not relevant"),
    ],
)
def test_that_a_label_beside_a_relevant_one_is_used_as_it_says(
    kind: str, value: int, use: Use
) -> None:
    given = [label(1, "a query", "Good", "judgment", 3), label(2, "a query", "Other", kind, value)]
    assert uses(given)[2] == use


def test_that_a_query_without_anything_relevant_teaches_nothing() -> None:
    assert uses([label(1, "a query", "Bad", "judgment", 0)]) == {1: "not used"}


def test_that_a_judgment_counts_before_a_thumb_on_the_same_document() -> None:
    judged = label(1, "A  Query", "One", "judgment", 2)
    thumb = replace(label(2, "a query", "One", "feedback", -1), document_id=1, at=judged.at + 9)
    assert uses([thumb, judged]) == {1: "relevant", 2: "not used"}


def test_that_the_trainer_sees_it_the_same_way() -> None:
    extra = (
        label(6, "oxygen depletion in summer", "Half of it", "judgment", 1),
        label(7, "oxygen depletion in summer", "None of it", "feedback", -1),
        replace(label(8, "who signed the contract", "Minutes", "judgment", 0), document_id=3),
    )
    labels = LABELS + extra

    def texts(use: Use, given: tuple[Label, ...]) -> set[str]:
        said = uses(given)
        return {label.text for label in given if said[label.id] == use}

    trained = from_labels(labels)
    assert texts("relevant", labels) == {p.text for q in trained for p in q.positives}
    assert texts("not relevant", labels) == {p.text for q in trained for p in q.negatives}
