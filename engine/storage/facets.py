"""What a library's documents can be told apart by: languages, authors and types, with counts."""

from __future__ import annotations

from sqlite3 import Connection

from engine.records import Facet, Facets

_MOST_AUTHORS = 2000
"""Of those with the most documents; a mailbox alone may have tens of thousands."""


def facets(connection: Connection) -> Facets:
    """Count documents by language, author and type; what has the most comes first."""
    connection.create_function("extension", 1, _extension, deterministic=True)
    types = connection.execute(
        "SELECT extension(iif(inside = '', files.path, inside)) AS value,"
        " count(DISTINCT document_id) AS n"
        " FROM files JOIN roots ON roots.id = root_id"
        " WHERE document_id IS NOT NULL AND kind = 'folder'"
        " GROUP BY value HAVING value != '' ORDER BY n DESC, value"
    ).fetchall()
    return Facets(
        languages=_of_documents(connection, "language"),
        authors=_of_documents(connection, "author", _MOST_AUTHORS),
        types=tuple(Facet(*row) for row in types),
    )


def _of_documents(connection: Connection, column: str, most: int = -1) -> tuple[Facet, ...]:
    """`column` is a name of our own; documents that lost their last file are left out."""
    rows = connection.execute(
        f"SELECT {column}, count(*) AS n FROM documents WHERE {column} != ''"
        " AND EXISTS (SELECT 1 FROM files WHERE document_id = documents.id)"
        f" GROUP BY {column} ORDER BY n DESC, {column} LIMIT ?",
        (most,),
    )
    return tuple(Facet(*row) for row in rows)


def _extension(path: str) -> str:
    """In lower case, without the dot; empty where a name has none or is nothing else."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return extension.lower() if stem and dot else ""
