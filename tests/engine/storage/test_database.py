"""Migrations, transactions, and what a user is told when the file cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from engine.errors import WorkspaceUnusable
from engine.storage.database import Database

ONE = "CREATE TABLE notes (text TEXT);"
TWO = "ALTER TABLE notes ADD COLUMN stars INTEGER;"


def test_that_an_old_file_is_backed_up_and_migrated(tmp_path: Path) -> None:
    old = Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")
    with old.write() as connection:
        connection.execute("INSERT INTO notes VALUES ('kept')")
    old.close()
    new = Database(tmp_path / "a.db", (ONE, TWO), tmp_path / "backups")
    with new.read() as connection:
        assert tuple(connection.execute("SELECT text, stars FROM notes").fetchone()) == (
            "kept",
            None,
        )
    new.close()
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.endswith("-migration.db")
    backup = sqlite3.connect(copy)
    assert backup.execute("SELECT text FROM notes").fetchone() == ("kept",)
    backup.close()


def test_that_a_failed_migration_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    Database(tmp_path / "a.db", (ONE,), tmp_path / "backups").close()
    with pytest.raises(sqlite3.DatabaseError):
        Database(tmp_path / "a.db", (ONE, TWO + "NONSENSE;"), tmp_path / "backups")
    again = Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")
    with again.read() as connection:
        assert [row["name"] for row in connection.execute("PRAGMA table_info(notes)")] == ["text"]
    again.close()


def test_that_a_file_of_a_newer_program_is_refused_with_words(tmp_path: Path) -> None:
    Database(tmp_path / "a.db", (ONE, TWO), tmp_path / "backups").close()
    with pytest.raises(WorkspaceUnusable, match="newer"):
        Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")


def test_that_a_file_that_is_no_database_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(WorkspaceUnusable, match="damaged"):
        Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")


def test_that_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")

    def write_and_fail() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO notes VALUES ('half')")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        write_and_fail()
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == 0
    database.close()


def test_that_a_reader_sees_one_state_while_another_thread_writes(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.db", (ONE,), tmp_path / "backups")

    def insert() -> None:
        with database.write() as connection:
            connection.execute("INSERT INTO notes VALUES ('new')")

    with database.read() as connection:
        before = connection.execute("SELECT count(*) FROM notes").fetchone()[0]
        writer = threading.Thread(target=insert)
        writer.start()
        writer.join()
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == before
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone()[0] == before + 1
    database.close()
