"""What is derived from a document's text before it is stored: its passages and its signature."""

from __future__ import annotations

from engine.ingest.chunk import Chunker
from engine.records import Extracted
from engine.storage.documents import Cut, NewChunk
from engine.storage.encoding_key import encoding_hash
from engine.storage.picture_passage import about
from engine.storage.signature import signature


def cut(chunker: Chunker, extracted: Extracted) -> Cut:
    """Cut a document into passages, in the order of its text.

    A picture has a passage without text by which its name, caption and tags find it, unless its
    name alone goes before the text that was read in it anyway.
    """
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
    if extracted.picture is not None:
        said = about(extracted.title, extracted.details)
        if not chunks or said != extracted.title:
            chunks = (NewChunk(0, 0, None, said, encoding_hash(said, "")), *chunks)
    return Cut(chunks, signature(extracted.text))
