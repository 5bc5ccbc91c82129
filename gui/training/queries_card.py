"""Pairs that are made by rules from the user's own documents, and by the cross-encoder."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from engine.records import JobInfo
from engine.request import Request
from engine.training_requests import Distill, Synthesize
from gui.background import Engine
from gui.training.gathering_card import GatheringCard, share_in_words
from gui.wording import count

ROUND_TRIP = 10
"""A query is kept where its passage comes back among the first so many."""

_WAYS = (
    ("Titles", "title", "A document's title asks for its beginning."),
    ("Headings", "heading", "A heading asks for what stands below it."),
    ("Key phrases", "phrase", "What is typical of a passage asks for it."),
    ("Sentences taken out", "cloze", "A sentence asks for the passage that it was taken from."),
)


class QueriesCard(GatheringCard):
    """Makes queries of titles, headings, phrases and sentences; needs nothing installed."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "queries",
            ("title", "heading", "phrase", "cloze"),
            "Queries from your documents",
            "Titles, headings, key phrases and sentences of your own documents become queries for "
            "the passages that they belong to. Nothing has to be installed, and nobody judged "
            "them: they only ever train, and never test a model.",
            "Make queries",
            folded=False,
            parent=parent,
        )
        self.by = QComboBox()
        for words, value, _ in _WAYS:
            self.by.addItem(words, value)
        self.by.setMinimumWidth(200)
        self.add_option("From", self.by, " ".join(words for _, _, words in _WAYS))
        self.number = self.add_number(
            "At most", 10, 100_000, 500, "Passages, spread over the library."
        )
        self.check = check_box(self)

    def request(self) -> Request[JobInfo]:
        """Make them."""
        return Synthesize(
            by=self.by.currentData(),
            n_passages=self.number.value(),
            round_trip=ROUND_TRIP if self.check.isChecked() else 0,
            evalset=self.evalset,
        )

    def figures_in_words(self, figures: dict[str, float]) -> str:
        """How many of a run's queries were kept."""
        return kept_in_words(figures)


class LabelsCard(GatheringCard):
    """Has the cross-encoder label what it finds for queries that nobody judged."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "labels",
            ("pseudo",),
            "Labels by the cross-encoder",
            "The cross-encoder reads what is found for your searches without judgments, and for "
            "queries that were made, and says what answers best. The quick model learns from the "
            "slow one; nobody judged these pairs.",
            "Let it label",
            parent=parent,
        )
        self.number = self.add_number(
            "At most", 10, 20_000, 300, "Queries: your searches, and those that were made."
        )
        self.per_query = self.add_number("Keep", 1, 50, 8, "Passages that do not answer, of each.")

    def request(self) -> Request[JobInfo]:
        """Label them."""
        return Distill(
            n_queries=self.number.value(),
            per_query=self.per_query.value(),
            evalset=self.evalset,
            split=self.split,
        )

    def figures_in_words(self, figures: dict[str, float]) -> str:
        """What a run labelled."""
        n_queries, n_pairs = (round(figures.get(name, 0)) for name in ("n_queries", "n_pairs"))
        if not n_queries:
            return "nothing new: no query was left, or nothing clearly answered one."
        return (
            f"{count(n_queries, 'query', 'queries')} got an answer, and "
            f"{count(n_pairs, 'passage')} that do not answer."
        )


def check_box(card: GatheringCard) -> QCheckBox:
    """The option that only queries are kept which lead back to their passage."""
    check = QCheckBox("Keep only what leads back to its passage")
    check.setChecked(True)
    card.add_option(
        "Check",
        check,
        f"Searched for, it must come back among the first {ROUND_TRIP}.",
    )
    return check


def kept_in_words(figures: dict[str, float]) -> str:
    """How many of the queries that were made were kept."""
    made, kept = figures.get("n_made", 0), figures.get("n_kept", 0)
    if not made:
        return "nothing new: of these passages queries were made before; ask for more of them."
    if kept == made:
        return f"all {count(round(made), 'query', 'queries')} were kept."
    return f"{share_in_words(kept, made)} queries were kept; the others did not fit their passage."
