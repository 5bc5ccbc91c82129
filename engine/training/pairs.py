"""What the user said is relevant, as queries with positive and negative passages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.evaluation.qrels import Qrels
from engine.recipe import Origin
from engine.records import Label

POSITIVE_GRADE = 2
"""A judgment from this grade on is a positive; grade 1 (hardly relevant) is neither."""

THUMB_UP_GRADE = 2
"""What a thumb up counts as beside judgments."""


@dataclass(frozen=True, slots=True)
class LabelledPassage:
    """A passage and how relevant it is to a query."""

    document: str
    """Key of its document."""
    text: str
    """Empty where the document was judged as a whole."""
    grade: int
    origin: Origin = "set"
    weight: float = 1.0
    """How much it counts in a loss."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with all that is known of it."""

    id: str
    text: str
    positives: tuple[LabelledPassage, ...]
    negatives: tuple[LabelledPassage, ...] = ()
    """What was said to be not relevant."""
    undecided: tuple[str, ...] = ()
    """Keys of documents of grade 1: trained neither towards nor away from."""

    @property
    def grades(self) -> dict[str, int]:
        """Document key -> grade, of the relevant documents."""
        return dict.fromkeys(self.undecided, 1) | {p.document: p.grade for p in self.positives}


@dataclass(frozen=True, slots=True)
class Example:
    """One row of training data: a query, a passage that answers it and some that do not."""

    query_id: str
    query: str
    document: str
    """Key of the positive's document."""
    positive: str
    negatives: tuple[str, ...] = ()
    weight: float = 1.0
    """How much it counts in a loss."""
    grade: int = 2
    """Of the positive, 0 to 3; the negatives have 0."""
    scores: tuple[float, ...] = ()
    """The cross-encoder's, of the positive, then of each negative; empty where it was not asked."""


def normalised(text: str) -> str:
    """The form in which texts that look the same are the same."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def of_texts(labels: Iterable[Label]) -> tuple[Label, ...]:
    """The labels that say something of a text; others are about what a picture shows."""
    return tuple(label for label in labels if label.text.strip())


def from_labels(labels: Iterable[Label]) -> tuple[JudgedQuery, ...]:
    """Queries with at least one positive, from judgments and thumbs, oldest query first.

    Labels of pictures that were judged by what they show are left out.

    Of several labels of one query and document the newest judgment counts, or the newest thumb
    where nobody judged. A document's key is its id as text; one that has left the library keeps its
    passage, under a key that no document of the library has.
    """
    given = in_order(labels)
    names: dict[str, str] = {}
    for label in given:
        names.setdefault(normalised(label.query), label.query)
    by_query: dict[str, dict[str, Label]] = {}
    for (query, document), label in sorted(decisive(given).items(), key=lambda item: item[1].id):
        by_query.setdefault(query, {})[document] = label
    return tuple(
        judged
        for query, found in by_query.items()
        if (judged := _judged(query, names[query], found)).positives
    )


def in_order(labels: Iterable[Label]) -> list[Label]:
    """Labels of texts, those that outweigh others behind them: judgments, and what is newer."""
    return sorted(
        of_texts(labels), key=lambda label: (label.kind == "judgment", label.at, label.id)
    )


def decisive(labels: Iterable[Label]) -> dict[tuple[str, str], Label]:
    """The label that counts, by normalised query and document key."""
    return {(normalised(label.query), document_key(label)): label for label in in_order(labels)}


def document_key(label: Label) -> str:
    """The key of a label's document: one that has left the library has one like no other."""
    return f"gone:{label.text_hash}" if label.document_id is None else str(label.document_id)


def from_qrels(queries: Mapping[str, str], qrels: Qrels) -> tuple[JudgedQuery, ...]:
    """Queries with at least one positive, from a split of an evaluation set.

    Any grade above 0 is a positive, grade 0 a negative. It is documents that were judged: which
    passage of one to train on is found later (`engine.training.locate`).

    Args:
        queries: query id -> text.
        qrels: the split's judgments.
    """
    judged = []
    for query_id, grades in qrels.items():
        positives = tuple(LabelledPassage(k, "", g) for k, g in grades.items() if g > 0)
        negatives = tuple(LabelledPassage(k, "", g) for k, g in grades.items() if g == 0)
        if positives:
            judged.append(JudgedQuery(query_id, queries[query_id], positives, negatives))
    return tuple(judged)


def _judged(query: str, name: str, found: Mapping[str, Label]) -> JudgedQuery:
    positives, negatives, undecided = [], [], []
    for document, label in found.items():
        if label.kind == "judgment":
            grade = label.value
        else:
            grade = THUMB_UP_GRADE if label.value > 0 else 0
        origin: Origin = "judgment" if label.kind == "judgment" else "thumb"
        passage = LabelledPassage(document, label.text, grade, origin)
        if grade == 0:
            negatives.append(passage)
        elif grade < POSITIVE_GRADE:
            undecided.append(document)
        else:
            positives.append(passage)
    return JudgedQuery(query, name, tuple(positives), tuple(negatives), tuple(undecided))
