"""What the user says of pictures, and undoing it: into the library, and on into what finds them."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection

from engine.errors import InvalidInput
from engine.parts import Parts
from engine.requests import DescribePictures
from engine.storage import documents, labels
from engine.storage.captions import Description
from engine.storage.labels import Outcome

_PATIENCE_S = 3.0
"""With an index that takes in other things, or is rebuilt; it takes these in afterwards."""


def describe(parts: Parts, request: DescribePictures) -> Outcome:
    """Write a caption and tags on pictures, all of them or none; raises NotFound, InvalidInput."""
    if not request.document_ids:
        raise InvalidInput("No picture", "No picture was chosen.", "Choose one or more.")
    said = Description(request.caption, request.add_tags, request.remove_tags)
    return _change(parts, lambda c: labels.describe(c, request.document_ids, said))


def undo(parts: Parts) -> Outcome:
    """Take back the newest judgment, thumb or caption; raises NotFound."""
    return _change(parts, labels.undo)


def redo(parts: Parts) -> Outcome:
    """Give again what was taken back last; raises NotFound."""
    return _change(parts, labels.redo)


def _change(parts: Parts, change: Callable[[Connection], Outcome]) -> Outcome:
    """Log it with the passages it rewrites, in one transaction; then its words find them."""
    with parts.library.write() as connection:
        outcome = change(connection)
        documents.described(connection, outcome.described)
    if outcome.described:
        parts.pictures.words_changed(outcome.described)
        parts.lexical.catch_up(lambda: None, patience_s=_PATIENCE_S)
    return outcome
