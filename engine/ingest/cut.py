"""What is derived from a document's text before it is stored: its passages and its signature."""

from __future__ import annotations

from engine.ingest.chunk import Chunker, encoding_hash
from engine.records import Extracted
from engine.storage.documents import Cut, NewChunk
from engine.storage.signature import signature


def cut(chunker: Chunker, extracted: Extracted) -> Cut:
    """Cut a document into passages, in the order of its text."""
    chunks = tuple(
        NewChunk(
            span.start,
            span.end,
            span.page,
            span.context,
            encoding_hash(span.context, extracted.text[span.start : span.end]),
        )
        for span in chunker.chunk(extracted)
    )
    return Cut(chunks, signature(extracted.text))
