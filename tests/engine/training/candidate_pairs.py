"""Candidates for training, for tests of what becomes of them."""

from __future__ import annotations

from engine.recipe import Origin
from engine.training.candidates import Candidate, Says, pair_id
from engine.training.pairs import normalised


def candidate(
    query: str,
    document: int | None,
    text: str,
    origin: Origin = "thumb",
    says: Says = "up",
    *,
    disputed: bool = False,
) -> Candidate:
    """A candidate about a document, which is called as its number."""
    key = str(document) if document is not None else f"gone:{text}"
    return Candidate(
        id=pair_id(origin, query, key, text),
        query_id=normalised(query),
        query=query,
        origin=origin,
        says=says,
        key=key,
        document_id=document,
        document=f"/{key}.txt",
        title=f"Title of {key}",
        text=text,
        grade=2 if says == "up" else 0,
        weight=1.0,
        at=1.0,
        disputed=disputed,
    )
