"""embeddings.db: (encoding hash, encoder fingerprint) -> float16 vector. None is computed twice."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.storage.database import Database, DatabaseDamaged

_MIGRATIONS = (
    # 1
    """
    CREATE TABLE encoders (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
    CREATE TABLE vectors (
        encoder INTEGER NOT NULL REFERENCES encoders,
        hash BLOB NOT NULL,
        vector BLOB NOT NULL,                   -- float16, little-endian, L2-normalised
        PRIMARY KEY (encoder, hash)
    ) WITHOUT ROWID;
    """,
)
_IN_ONE_QUERY = 900
_STORED = np.dtype("<f2")
_NORM_TOLERANCE = 0.05
_SUFFIXES = ("-wal", "-shm", "")

T = TypeVar("T")


class Embeddings:
    """The cache of vectors of every encoder; where its file is damaged, it begins anew."""

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / "embeddings.db"
        self._replacing = threading.Lock()
        self._generation = 0
        try:
            self._database = Database(self._path, _MIGRATIONS, None)
        except DatabaseDamaged:
            self._database = self._begin_anew()

    @property
    def begun_anew(self) -> int:
        """How often a damaged file was set aside since this was opened."""
        return self._generation

    def get(self, fingerprint: str, hashes: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The cached vectors, each (dim,) float32; one that is damaged or not cached is absent."""

        def read(database: Database) -> dict[bytes, NDArray[np.float32]]:
            found: dict[bytes, NDArray[np.float32]] = {}
            with database.read() as connection:
                for start in range(0, len(hashes), _IN_ONE_QUERY):
                    some = hashes[start : start + _IN_ONE_QUERY]
                    rows = connection.execute(
                        "SELECT hash, vector FROM vectors WHERE encoder ="
                        " (SELECT id FROM encoders WHERE fingerprint = ?)"
                        f" AND hash IN ({','.join('?' * len(some))})",
                        (fingerprint, *some),
                    ).fetchall()
                    found.update(_usable([(key, vector) for key, vector in rows]))
            return found

        return self._attempt(read)

    def put(
        self, fingerprint: str, hashes: Iterable[bytes], vectors: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Keep vectors, (n, dim) float32; returns them as they will be read back."""
        stored = vectors.astype(_STORED)
        keys = list(hashes)

        def write(database: Database) -> None:
            with database.write() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO encoders (fingerprint) VALUES (?)", (fingerprint,)
                )
                (encoder,) = connection.execute(
                    "SELECT id FROM encoders WHERE fingerprint = ?", (fingerprint,)
                ).fetchone()
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    [(encoder, key, row.tobytes()) for key, row in zip(keys, stored, strict=True)],
                )

        self._attempt(write)
        return stored.astype(np.float32)

    def count(self, fingerprint: str) -> int:
        """Vectors of an encoder."""

        def read(database: Database) -> int:
            with database.read() as connection:
                row = connection.execute(
                    "SELECT count(*) FROM vectors WHERE encoder ="
                    " (SELECT id FROM encoders WHERE fingerprint = ?)",
                    (fingerprint,),
                ).fetchone()
            return int(row[0])

        return self._attempt(read)

    def forget(self, fingerprint: str) -> None:
        """Drop an encoder's vectors; their room in the file is used again."""

        def delete(database: Database) -> None:
            with database.write() as connection:
                connection.execute(
                    "DELETE FROM vectors WHERE encoder ="
                    " (SELECT id FROM encoders WHERE fingerprint = ?)",
                    (fingerprint,),
                )
                connection.execute("DELETE FROM encoders WHERE fingerprint = ?", (fingerprint,))

        self._attempt(delete)

    def check(self) -> int:
        """Check the file and every vector in it, and drop vectors that are damaged; how many.

        A file that is damaged itself is set aside (`begun_anew`).
        """

        def drop(database: Database) -> int:
            with database.read() as connection:
                found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise DatabaseDamaged("Vectors damaged", str(found), "It is made anew.")
                encoders = connection.execute("SELECT id FROM encoders").fetchall()
            return sum(_drop_damaged(database, encoder) for (encoder,) in encoders)

        return self._attempt(drop)

    def size(self) -> int:
        """Bytes on disk."""
        return self._database.size()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _attempt(self, work: Callable[[Database], T]) -> T:
        """Do something with the file; where it is damaged, with a new one in its place."""
        database, generation = self._database, self._generation
        try:
            return work(database)
        except (DatabaseDamaged, sqlite3.ProgrammingError):
            with self._replacing:
                if generation == self._generation:  # else another thread was first
                    if not isinstance(sys.exception(), DatabaseDamaged):
                        raise
                    self._database.close()
                    self._database = self._begin_anew()
        return work(self._database)

    def _begin_anew(self) -> Database:
        """Set the damaged file aside, in the place of an older one, and make an empty one."""
        for suffix in _SUFFIXES:
            file = self._path.with_name(self._path.name + suffix)
            if file.exists():
                os.replace(file, file.with_name(f"{self._path.name}.damaged{suffix}"))
        self._generation += 1
        return Database(self._path, _MIGRATIONS, None)


def _usable(rows: Sequence[tuple[bytes, bytes]]) -> dict[bytes, NDArray[np.float32]]:
    """Vectors by key, but for those that cannot be what was stored: a flipped bit shows so."""
    if not rows:
        return {}
    dim = Counter(len(vector) for _, vector in rows).most_common(1)[0][0] // _STORED.itemsize
    whole = [(key, blob) for key, blob in rows if len(blob) == dim * _STORED.itemsize]
    matrix = np.frombuffer(b"".join(blob for _, blob in whole), _STORED).astype(np.float32)
    matrix = matrix.reshape(len(whole), dim)
    with np.errstate(over="ignore", invalid="ignore"):
        sound = np.abs(np.linalg.norm(matrix, axis=1) - 1.0) < _NORM_TOLERANCE
    return {key: matrix[row] for row, (key, _) in enumerate(whole) if sound[row]}


def _drop_damaged(database: Database, encoder: int) -> int:
    """Delete an encoder's vectors that are not usable; returns how many."""
    with database.read() as connection:
        keys = [
            row[0]
            for row in connection.execute("SELECT hash FROM vectors WHERE encoder = ?", (encoder,))
        ]
    damaged: list[bytes] = []
    for start in range(0, len(keys), _IN_ONE_QUERY):
        some = keys[start : start + _IN_ONE_QUERY]
        with database.read() as connection:
            rows = connection.execute(
                f"SELECT hash, vector FROM vectors WHERE encoder = ?"
                f" AND hash IN ({','.join('?' * len(some))})",
                (encoder, *some),
            ).fetchall()
        sound = _usable([(key, vector) for key, vector in rows])
        damaged += [key for key in some if key not in sound]
    with database.write() as connection:
        connection.executemany(
            "DELETE FROM vectors WHERE encoder = ? AND hash = ?",
            [(encoder, key) for key in damaged],
        )
    return len(damaged)
