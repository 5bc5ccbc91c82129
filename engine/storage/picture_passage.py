"""The passage without text by which a picture's name, caption and tags find it."""

from __future__ import annotations

from collections.abc import Mapping
from sqlite3 import Connection

import msgspec

from engine.storage import captions
from engine.storage.captions import NOTHING_SAID, Said
from engine.storage.encoding_key import encoding_hash

FROM_FILE = ("Caption", "Keywords")
"""Details in which a picture's file tells its caption and tags."""


def about(title: str, details: Mapping[str, str], said: Said = NOTHING_SAID) -> str:
    """All that is said of a picture in words, the user's own after what its file says."""
    told = [details.get(name, "") for name in FROM_FILE]
    return ". ".join(words for words in (title, *told, said.caption, "; ".join(said.tags)) if words)


def write(connection: Connection, document_id: int) -> None:
    """Have a picture's passage say what is said of it now.

    Where its name goes before the text that was read in it, there is one only if more is said.
    """
    title, details, content_hash = connection.execute(
        "SELECT title, details, content_hash FROM documents WHERE id = ?", (document_id,)
    ).fetchone()
    said = captions.in_force(connection, [content_hash]).get(content_hash, NOTHING_SAID)
    context = about(title, msgspec.json.decode(details, type=dict[str, str]), said)
    key = encoding_hash(context, "")
    is_it = "document_id = ? AND start = 0 AND end = 0"
    rows = connection.execute(
        f"SELECT min(iif({is_it}, id, NULL)), count(*) FROM chunks WHERE document_id = ?",
        (document_id, document_id),
    ).fetchone()
    passage, n_passages = rows
    if context == title and n_passages > (passage is not None):
        connection.execute("DELETE FROM chunks WHERE id = ?", (passage,))
    elif passage is not None:
        connection.execute(
            "UPDATE chunks SET context = ?, encoding_hash = ? WHERE id = ?", (context, key, passage)
        )
    else:
        connection.execute(
            "INSERT INTO chunks (document_id, ordinal, start, end, page, context, encoding_hash)"
            " VALUES (?, -1, 0, 0, NULL, ?, ?)",
            (document_id, context, key),
        )
