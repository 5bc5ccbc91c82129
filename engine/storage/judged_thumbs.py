"""Thumbs that the user looked at again and made judgments of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sqlite3 import Connection, Row

from engine.errors import NotFound
from engine.evaluation_records import GivenJudgment
from engine.storage import evalset_documents, evalset_queries, judgments
from engine.storage.evalset import EvalSet
from engine.storage.evalset_documents import KeptDocument

_SPLIT = "test"


def take_in(
    connection: Connection,
    evalset: EvalSet,
    rater: str,
    label_ids: Sequence[int],
    grades: Mapping[int, int],
) -> None:
    """Add thumbs' queries and documents to a set, each judged by `grades[thumb]`.

    The thumbs stay. A pair that the rater has graded stays as it is. Raises NotFound where a thumb
    is no more, or its document is none of the set's; InvalidInput.
    """
    for label_id in label_ids:
        label = connection.execute(
            "SELECT * FROM labels WHERE id = ? AND kind = 'feedback'", (label_id,)
        ).fetchone()
        if label is None:
            raise NotFound("The thumb is gone", "It was taken away since.", "Look again.")
        key = _keep(connection, evalset, label)
        (query_id,) = evalset_queries.add_texts(
            connection, evalset.id, [label["query"]], _SPLIT, "search"
        )
        before = judgments.of_pair(connection, evalset.id, query_id, key, rater)
        if before is None or before.grade is None:
            said = GivenJudgment(
                query_id, key, rater, grades[label["value"]], span_text=label["text"]
            )
            judgments.give(connection, evalset, said, "thumb")


def _keep(connection: Connection, evalset: EvalSet, label: Row) -> str:
    """Keep a thumb's document, if only with the passage that it was given for; returns its key."""
    row = connection.execute(
        "SELECT id FROM documents WHERE content_hash = ?", (label["content_hash"],)
    ).fetchone()
    key = None if row is None else evalset_documents.key_of(connection, evalset, row[0])
    if key is None and evalset.dataset:
        title = label["title"] or label["document"]
        raise NotFound(
            "Not a document of this set",
            f"“{title}” is not in the dataset that “{evalset.name}” is about.",
            "Choose a set over the whole library.",
        )
    if key is None:
        key = str(label["content_hash"])
        gone = KeptDocument(key, label["title"], label["text"], label["document"])
        evalset_documents.put(connection, evalset.id, [gone])
    return key
