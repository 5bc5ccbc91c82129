"""What can be wrong in library.db beyond what SQLite itself guards, and how it is mended.

Every function takes a connection inside a transaction of `Database`.
"""

from __future__ import annotations

from hashlib import sha256
from sqlite3 import Connection

from engine.storage import documents

_REBUILT_BY_REINDEX = ("missing from index", "wrong # of entries in index")
_READ_AGAIN = -1
"""No chunker has this version: what was cut by it is cut again."""


def damage(connection: Connection) -> list[str]:
    """What SQLite's full check finds; nothing where the file is sound."""
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else found


def only_indexes(found: list[str]) -> bool:
    """Whether all that is damaged are SQLite's own indexes, which REINDEX builds anew."""
    return all(any(sign in line for sign in _REBUILT_BY_REINDEX) for line in found)


def mend(connection: Connection) -> list[str]:
    """Mend what contradicts itself; returns what was found and done, in words."""
    done = []
    if n := _drop_dangling(connection):
        done.append(f"{n:,} rows referred to what is not there; the files are read again.")
    if n := _cut_again(connection):
        done.append(f"{n:,} documents had passages outside of their text; they are read again.")
    before = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
    documents.remove_orphans(connection)
    if n := before - connection.execute("SELECT count(*) FROM documents").fetchone()[0]:
        done.append(f"{n:,} documents that no file holds any more were removed.")
    if n := connection.execute(
        "INSERT INTO changes (document_id, deleted) SELECT id, 0 FROM documents"
        " WHERE id NOT IN (SELECT document_id FROM changes)"
    ).rowcount:
        done.append(f"{n:,} documents were unknown to the indexes; they are indexed.")
    return done


def altered_labels(connection: Connection) -> int:
    """Judgments and thumbs whose text is not what was shown when they were given."""
    return sum(
        sha256(text.encode()).hexdigest() != text_hash
        for text, text_hash in connection.execute("SELECT text, text_hash FROM relevance_events")
    )


def _drop_dangling(connection: Connection) -> int:
    """Delete files and passages of documents that are not there."""
    n = 0
    for table in ("files", "chunks"):
        n += connection.execute(
            f"DELETE FROM {table} WHERE document_id IS NOT NULL"
            " AND document_id NOT IN (SELECT id FROM documents)"
        ).rowcount
    return n


def _cut_again(connection: Connection) -> int:
    """Have documents read again whose passages do not lie within their text."""
    return connection.execute(
        "UPDATE documents SET chunker = ? WHERE chunker != ? AND id IN ("
        " SELECT document_id FROM chunks JOIN documents ON documents.id = document_id"
        " WHERE start < 0 OR end < start OR end > length(text))",
        (_READ_AGAIN, _READ_AGAIN),
    ).rowcount
