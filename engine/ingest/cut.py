"""A document's passages, ready to be stored."""

from __future__ import annotations

from engine.ingest.chunk import Chunker, encoding_hash
from engine.records import Extracted
from engine.storage.documents import NewChunk


def cut(chunker: Chunker, extracted: Extracted) -> tuple[NewChunk, ...]:
    """Cut a document into passages, in the order of its text."""
    return tuple(
        NewChunk(
            span.start,
            span.end,
            span.page,
            span.context,
            encoding_hash(span.context, extracted.text[span.start : span.end]),
        )
        for span in chunker.chunk(extracted)
    )
