"""Results that were opened or read: weak signs of what answers a query."""

from __future__ import annotations

import time

from engine.parts import Parts
from engine.storage import pair_documents, visits
from engine.storage.visits import Visit
from engine.training.visit_weight import sign_of
from engine.training_requests import RecordVisit


def record(parts: Parts, request: RecordVisit) -> None:
    """Remember that a result was opened or read.

    A look that is too short to say anything is not remembered, nor is one without a query or a
    passage, or of a document that has left the library since.
    """
    if not request.query.strip() or not request.text.strip():
        return
    if sign_of(request.opened, request.seconds) is None:
        return
    with parts.library.write() as connection:
        document = pair_documents.by_id(connection, [request.document_id]).get(request.document_id)
        if document is None:
            return
        visits.add(
            connection,
            Visit(
                query=request.query,
                content_hash=document.content_hash,
                document=document.place,
                title=document.title,
                text=request.text,
                rank=request.rank,
                opened=request.opened,
                seconds=request.seconds,
                model=request.model,
                at=time.time(),
            ),
        )


def forget(parts: Parts) -> None:
    """Forget all that was remembered of opening and reading."""
    with parts.library.write() as connection:
        visits.forget(connection)
