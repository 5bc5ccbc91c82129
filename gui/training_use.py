"""What tuning makes of each label, in the words of the training page.

The rules are the trainer's own (`engine.training.pairs`), said again here because the window loads
nothing of the trainer: the newest judgment of a query and a document counts, or the newest thumb
where nobody judged; grades 2 and 3 and thumbs up are relevant, grade 1 is neither, and a query
without anything relevant teaches nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

from engine.records import Label

Use = Literal["relevant", "not relevant", "not used"]

_RELEVANT_FROM = 2


def uses(labels: Iterable[Label]) -> dict[int, Use]:
    """Label id -> what it is trained as."""
    every = list(labels)
    counting: dict[tuple[str, str], Label] = {}
    for label in sorted(every, key=lambda label: (label.kind == "judgment", label.at, label.id)):
        counting[_query(label), _document(label)] = label
    answered = {query for (query, _), label in counting.items() if _says(label) == "relevant"}
    used = {label.id for (query, _), label in counting.items() if query in answered}
    return {label.id: _says(label) if label.id in used else "not used" for label in every}


def _says(label: Label) -> Use:
    if label.kind == "feedback":
        return "relevant" if label.value > 0 else "not relevant"
    if label.value == 0:
        return "not relevant"
    return "relevant" if label.value >= _RELEVANT_FROM else "not used"


def _query(label: Label) -> str:
    return " ".join(unicodedata.normalize("NFKC", label.query).casefold().split())


def _document(label: Label) -> str:
    return f"gone:{label.text_hash}" if label.document_id is None else str(label.document_id)
