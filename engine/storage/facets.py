"""What a library's documents can be told apart by: languages, authors and types, with counts."""

from __future__ import annotations

from collections import Counter
from sqlite3 import Connection

from engine.records import Facet, Facets
from engine.storage.captions import tags_of_user
from engine.storage.pictures import tags_of_file

_MOST = 2000
"""Of those with the most documents; a mailbox alone may have tens of thousands."""
_LIES_SOMEWHERE = "EXISTS (SELECT 1 FROM files WHERE files.document_id = documents.id)"


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
    cameras = connection.execute(
        "SELECT camera, count(*) AS n FROM pictures JOIN documents ON id = document_id"
        f" WHERE camera != '' AND {_LIES_SOMEWHERE}"
        " GROUP BY camera ORDER BY n DESC, camera LIMIT ?",
        (_MOST,),
    )
    return Facets(
        languages=_of_documents(connection, "language"),
        authors=_of_documents(connection, "author", _MOST),
        types=tuple(Facet(*row) for row in types),
        cameras=tuple(Facet(*row) for row in cameras),
        tags=_tags(connection),
    )


def _tags(connection: Connection) -> tuple[Facet, ...]:
    """Tags whatever their case, as the first picture has each."""
    rows = connection.execute(
        "SELECT details ->> 'Keywords', (SELECT tags FROM captions"
        " WHERE captions.content_hash = documents.content_hash)"
        f" FROM pictures JOIN documents ON id = document_id WHERE {_LIES_SOMEWHERE}"
    )
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for of_file, of_user in rows:
        tags = {tag.casefold(): tag for tag in (*tags_of_file(of_file), *tags_of_user(of_user))}
        counts.update(tags.keys())
        names = tags | names
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
    return tuple(Facet(names[tag], n) for tag, n in most)


def _of_documents(connection: Connection, column: str, most: int = -1) -> tuple[Facet, ...]:
    """`column` is a name of our own; documents that lost their last file are left out."""
    rows = connection.execute(
        f"SELECT {column}, count(*) AS n FROM documents WHERE {column} != ''"
        f" AND {_LIES_SOMEWHERE} GROUP BY {column} ORDER BY n DESC, {column} LIMIT ?",
        (most,),
    )
    return tuple(Facet(*row) for row in rows)


def _extension(path: str) -> str:
    """In lower case, without the dot; empty where a name has none or is nothing else."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return extension.lower() if stem and dot else ""
