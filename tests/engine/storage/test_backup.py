"""Copies of library.db: whole, verified, in the order of their making, thinned, and put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import NotFound, StorageFull, WorkspaceUnusable
from engine.settings import Settings
from engine.storage import backup, settings
from engine.storage.database import Database, DatabaseDamaged
from engine.storage.library import MIGRATIONS, open_library, prepare_restore, restore_now

NOW = 1_800_000_000.0
DAY = 86_400.0


def change(library: Database, results: int) -> None:
    with library.write() as connection:
        settings.save(connection, Settings(results=results))


def results(library: Database) -> int:
    with library.read() as connection:
        return settings.load(connection).results


def make(folder: Path, now: float = NOW) -> str:
    return backup.make(folder / "library.db", folder / "backups", "scheduled", now).name


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a library.db that says 33 results a page, closed."""
    opened = open_library(tmp_path)
    change(opened, 33)
    opened.close()
    return tmp_path


def test_that_a_copy_is_made_while_the_library_is_in_use(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    change(library, 33)
    with library.read():
        name = make(tmp_path)
    change(library, 34)
    with closing(sqlite3.connect(tmp_path / "backups" / name)) as copy:
        copy.row_factory = sqlite3.Row
        assert settings.load(copy).results == 33
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [name]
    library.close()


def test_that_the_order_is_that_of_making_even_where_the_clock_goes_back(library: Path) -> None:
    made = [make(library, NOW + hours * 3600) for hours in (0, 100_000, -100_000, 0, 0)]
    assert len(set(made)) == 5
    assert [info.name for info in backup.every(library / "backups")] == made[::-1]


def test_that_a_copy_is_due_after_a_day_and_only_where_something_changed(library: Path) -> None:
    def due(now: float) -> bool:
        return backup.due(library / "library.db", library / "backups", now)

    assert due(NOW)
    make(library)
    assert not due(NOW + 2 * DAY)
    opened = open_library(library)
    change(opened, 34)
    opened.close()
    assert not due(NOW + 0.9 * DAY)
    assert due(NOW + 1.1 * DAY)
    assert due(NOW - DAY), "a copy from the future counts for nothing"


def test_that_copies_thin_out_with_time(tmp_path: Path) -> None:
    days = [*range(400, 0, -1)]
    copies: list[backup.Copy] = []
    for number, age in enumerate(days, start=1):
        reason = "migration" if age == 300 else "scheduled"
        path = tmp_path / f"library-{number:06}-x-{reason}.db"
        path.touch()
        copies.insert(0, backup.Copy(path, number, NOW - age * DAY, reason))  # type: ignore[arg-type]
    gone = set(backup.superfluous(copies, NOW))
    ages = [round((NOW - copy.at) / DAY) for copy in copies if copy.path not in gone]
    assert ages[:13] == list(range(1, 14))
    assert 10 <= sum(14 <= age < 92 for age in ages) <= 13
    assert 10 <= sum(age >= 92 for age in ages) <= 13
    assert 300 in ages
    kept = [copy for copy in copies if copy.path not in gone]
    assert backup.superfluous(kept, NOW) == []


def test_that_the_oldest_go_where_the_copies_are_too_large(tmp_path: Path) -> None:
    copies = []
    for number in range(8, 0, -1):
        path = tmp_path / f"library-{number:06}-x-asked.db"
        with path.open("wb") as file:
            file.truncate(450_000_000)
        copies.append(backup.Copy(path, number, NOW, "asked"))
    assert backup.superfluous(copies, NOW) == [copy.path for copy in copies[4:]]


def test_that_a_copy_that_is_not_sound_is_refused_and_the_old_ones_stay(library: Path) -> None:
    name = make(library)
    damage(library / "library.db")
    with pytest.raises(WorkspaceUnusable):
        make(library, NOW + DAY)
    assert [path.name for path in (library / "backups").iterdir()] == [name]


def test_that_no_room_is_told_and_the_old_ones_stay(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make(library)
    monkeypatch.setattr(backup, "_SPARE_BYTES", 1 << 60)
    with pytest.raises(StorageFull, match="No room for a backup"):
        make(library, NOW + DAY)
    assert [path.name for path in (library / "backups").iterdir()] == [name]


def test_that_a_restored_copy_takes_the_place_of_what_is_copied_before(library: Path) -> None:
    name = make(library)
    opened = open_library(library)
    change(opened, 50)
    prepare_restore(library, name)
    change(opened, 51)
    assert results(opened) == 51
    opened.close()
    opened = open_library(library)
    assert results(opened) == 33
    opened.close()
    newest = backup.every(library / "backups")[0]
    assert newest.reason == "restore"
    restore_now(library, newest.name)
    opened = open_library(library)
    assert results(opened) == 51
    opened.close()


@pytest.mark.parametrize("damaged", [b"", b"no database " * 1000, None])
def test_that_a_damaged_library_is_told_with_the_copy_to_put_back(
    library: Path, damaged: bytes | None
) -> None:
    name = make(library)
    if damaged is None:
        (library / "library.db").unlink()
    else:
        (library / "library.db").write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(DatabaseDamaged) as error:
            open_library(library)
        assert name in error.value.hint
    restore_now(library, name)
    opened = open_library(library)
    assert results(opened) == 33
    opened.close()
    assert len(list(library.glob("library.db.damaged-1"))) == 1


def test_that_a_damaged_copy_is_never_put_back_nor_recommended(library: Path) -> None:
    good, bad = make(library), make(library, NOW + DAY)
    damage(library / "backups" / bad)
    with pytest.raises(WorkspaceUnusable, match="damaged"):
        restore_now(library, bad)
    (library / "library.db").write_bytes(b"damaged" * 1000)
    with pytest.raises(DatabaseDamaged) as error:
        open_library(library)
    assert good in error.value.hint
    with pytest.raises(NotFound):
        restore_now(library, "library-000009-20200101T000000Z-asked.db")


def test_that_an_old_copy_is_migrated_when_it_is_put_back(tmp_path: Path) -> None:
    old = Database(tmp_path / "library.db", MIGRATIONS[:1], tmp_path / "backups")
    change(old, 12)
    old.close()
    name = make(tmp_path)
    open_library(tmp_path).close()
    restore_now(tmp_path, name)
    opened = open_library(tmp_path)
    assert results(opened) == 12
    opened.close()
    reasons = [info.reason for info in backup.every(tmp_path / "backups")]
    assert reasons == ["migration", "restore", "migration", "scheduled"]


def test_that_the_log_of_the_library_before_is_not_applied_to_the_restored_one(
    library: Path,
) -> None:
    name = make(library)
    opened = open_library(library)
    change(opened, 50)
    prepare_restore(library, name)
    log = (library / "library.db-wal").read_bytes()
    main = (library / "library.db").read_bytes()
    opened.close()
    (library / "library.db").write_bytes(main)  # as a kill leaves them
    (library / "library.db-wal").write_bytes(log)
    opened = open_library(library)
    assert results(opened) == 33
    opened.close()
    restore_now(library, backup.every(library / "backups")[0].name)
    opened = open_library(library)
    assert results(opened) == 50
    opened.close()


def damage(path: Path) -> None:
    """Overwrite what SQLite's check looks at, but not the file's head."""
    content = bytearray(path.read_bytes())
    for at in range(4096, len(content), 4096):
        content[at : at + 64] = b"\xff" * 64
    path.write_bytes(content)
