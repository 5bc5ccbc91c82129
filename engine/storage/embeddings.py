"""embeddings.db: (encoding hash, encoder fingerprint) -> float16 vector. None is computed twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.storage.database import Database

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


class Embeddings:
    """The cache of vectors of every encoder."""

    def __init__(self, workspace: Path) -> None:
        self._database = Database(workspace / "embeddings.db", _MIGRATIONS, None)

    def get(self, fingerprint: str, hashes: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The cached vectors, each (dim,) float32; one that is not cached is absent."""
        found: dict[bytes, NDArray[np.float32]] = {}
        with self._database.read() as connection:
            for start in range(0, len(hashes), _IN_ONE_QUERY):
                some = hashes[start : start + _IN_ONE_QUERY]
                rows = connection.execute(
                    "SELECT hash, vector FROM vectors WHERE encoder ="
                    " (SELECT id FROM encoders WHERE fingerprint = ?)"
                    f" AND hash IN ({','.join('?' * len(some))})",
                    (fingerprint, *some),
                )
                for key, vector in rows:
                    found[key] = np.frombuffer(vector, _STORED).astype(np.float32)
        return found

    def put(
        self, fingerprint: str, hashes: Iterable[bytes], vectors: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Keep vectors, (n, dim) float32; returns them as they will be read back."""
        stored = vectors.astype(_STORED)
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO encoders (fingerprint) VALUES (?)", (fingerprint,)
            )
            (encoder,) = connection.execute(
                "SELECT id FROM encoders WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
            connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(encoder, key, row.tobytes()) for key, row in zip(hashes, stored, strict=True)],
            )
        return stored.astype(np.float32)

    def count(self, fingerprint: str) -> int:
        """Vectors of an encoder."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM vectors WHERE encoder ="
                " (SELECT id FROM encoders WHERE fingerprint = ?)",
                (fingerprint,),
            ).fetchone()
        return int(row[0])

    def size(self) -> int:
        """Bytes on disk."""
        return self._database.size()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
