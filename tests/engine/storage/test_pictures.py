from __future__ import annotations

from pathlib import Path

import pytest

from engine.records import Extracted, Picture
from engine.storage import documents, pictures, roots
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState
from engine.storage.library import MIGRATIONS, open_library


def test_that_pictures_of_an_older_library_are_looked_at_once_more(tmp_path: Path) -> None:
    old = Database(tmp_path / "library.db", MIGRATIONS[:3], tmp_path / "backups")
    with old.write() as connection:
        root = roots.add(connection, tmp_path / "files", "folder")
        connection.execute(
            "INSERT INTO documents (id, content_hash, media_type, title, text, pages, chunker)"
            " VALUES (7, 'aa', 'image/png', 'Sign', 'STOP', '[]', 1)"
        )
        for path, inside, document, error in (
            ("sign.png", "", 7, None),
            ("beach.JPG", "", None, None),
            ("a.zip", "", None, None),
            ("a.zip", "deep/logo.gif", None, None),
            ("torn.png", "", None, "Damaged"),
            ("notes.txt", "", None, "No text found"),
        ):
            connection.execute(
                "INSERT INTO files (root_id, path, inside, size, mtime_ns, content_hash,"
                " document_id, error_reason) VALUES (?, ?, ?, 1, 1, 'aa', ?, ?)",
                (root.id, path, inside, document, error),
            )
    old.close()
    library = open_library(tmp_path)
    with library.read() as connection:
        rows = connection.execute("SELECT path, inside, pictures FROM files WHERE pictures != ''")
        noted = {(path, inside): state for path, inside, state in rows}
    library.close()
    assert noted == {
        ("sign.png", ""): pictures.AGAIN,
        ("beach.JPG", ""): pictures.UNSEEN,
        ("a.zip", "deep/logo.gif"): pictures.UNSEEN,
    }


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("IMG_2041", False),
        ("1000268201 693b08cb0e", False),
        ("Screenshot 2024-01-02", False),
        ("Garden gate", True),
        ("sunset_over_lisbon", True),
        ("\u6771\u4eac", True),
    ],
)
def test_that_a_name_that_a_camera_gave_says_nothing(tmp_path: Path, name: str, says: bool) -> None:
    library = open_library(tmp_path)
    with library.write() as connection:
        root = roots.add(connection, tmp_path / "files", "folder")
        blank = Extracted(name, "", "image/png", picture=Picture(4, 3))
        number = documents.put(connection, "aa", blank, Cut(), 1)
        documents.put_file(connection, root.id, FileState("a.png", 1, 1, "aa"), number)
        assert pictures.of(connection, [number, 99]) == {number: Picture(4, 3)}
        assert pictures.wordless(connection) == ([] if says else [number])
    library.close()
