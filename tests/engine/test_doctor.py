"""The doctor finds what is damaged, mends what can be mended, and says what cannot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.events import Event, Finished, Progress
from engine.records import DoctorReport, Finding
from engine.requests import Diagnose, GetStatus, Judge, MakeBackup, Search, Sync
from engine.workspace import Workspace

NOTES = {
    "tap.txt": "Replace the washer when the tap drips.",
    "roses.txt": "Prune the bushes at the end of winter.",
    "bread.txt": "Feed the sourdough starter every morning.",
}


@pytest.fixture
def library(library_folder: Path, tmp_path: Path) -> Path:
    """A workspace of three notes with a judgment and a backup, closed."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for name, text in NOTES.items():
        (notes / name).write_text(text)
    with Workspace(library_folder, lambda event: None) as workspace:
        workspace.remember([str(notes)])
        workspace.wait(workspace.sync(Sync()).id)
        document = workspace.search(Search("roses bushes")).results[0].document_id
        workspace.judge(Judge("roses", document, 3, "Prune the bushes"))
        workspace.make_backup(MakeBackup())
    return library_folder


def diagnose(
    workspace: Path, *, rebuild: bool = False, heard: Callable[[Event], None] = lambda event: None
) -> dict[str, Finding]:
    """What the doctor says, by store; search finds everything afterwards."""
    with Workspace(workspace, heard) as opened:
        end = opened.wait(opened.diagnose(Diagnose(rebuild)).id)
        assert isinstance(end, Finished), end
        assert isinstance(end.result, DoctorReport)
        opened.wait(opened.sync(Sync()).id)
        for mode in ("lexical", "dense"):
            found = opened.search(Search("a tap that drips", mode=mode)).results
            assert found[0].document.endswith("tap.txt")
        status = opened.get_status(GetStatus())
        assert (status.lexical.state, status.vectors.state) == ("ready", "ready")
        assert (status.lexical.done, status.vectors.done) == (3, 3)
    return {finding.store: finding for finding in end.result.findings}


def change(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executescript(sql)


def test_that_a_healthy_library_is_sound_and_says_how_far_the_check_is(library: Path) -> None:
    heard: list[Event] = []
    findings = diagnose(library, heard=heard.append)
    assert {finding.state for finding in findings.values()} == {"sound"}
    details = [event.detail for event in heard if isinstance(event, Progress) if event.detail]
    assert len(details) >= 2


def test_that_rows_that_contradict_each_other_are_mended(library: Path) -> None:
    change(
        library / "library.db",
        "UPDATE chunks SET end = 10000 WHERE id = 1;"
        "DELETE FROM documents WHERE id = 2;"
        "DELETE FROM changes WHERE document_id = 3;",
    )
    finding = diagnose(library)["Library"]
    assert finding.state == "repaired"
    for words in ("outside of their text", "not there", "unknown to the indexes"):
        assert words in finding.text
    assert diagnose(library)["Library"].state == "sound"


def test_that_an_altered_judgment_is_told_with_the_backup_that_has_it(library: Path) -> None:
    change(library / "library.db", "UPDATE relevance_events SET text = 'Prune the brushes'")
    finding = diagnose(library)["Library"]
    assert finding.state == "damaged"
    (backup,) = (library / "backups").iterdir()
    assert backup.name in finding.text


def test_that_damaged_vectors_are_dropped_and_encoded_again(library: Path) -> None:
    with closing(sqlite3.connect(library / "embeddings.db")) as connection:
        rows = connection.execute("SELECT hash, vector FROM vectors").fetchall()
        bad = (b"\xff" * len(rows[0][1]), rows[1][1][:-2])
        for (key, _), vector in zip(rows, bad, strict=False):
            connection.execute("UPDATE vectors SET vector = ? WHERE hash = ?", (vector, key))
        connection.commit()
    finding = diagnose(library)["Cached vectors"]
    assert (finding.state, finding.text[:2]) == ("repaired", "2 ")
    assert diagnose(library)["Cached vectors"].state == "sound"


def test_that_a_damaged_vector_file_is_made_anew(library: Path) -> None:
    content = bytearray((library / "embeddings.db").read_bytes())
    content[4096:8192] = os.urandom(4096)
    (library / "embeddings.db").write_bytes(content)
    diagnose(library)
    assert diagnose(library)["Cached vectors"].state == "sound"


def test_that_indexes_are_built_anew_where_that_is_asked(library: Path) -> None:
    before = {path.name for path in (library / "index").iterdir()}
    findings = diagnose(library, rebuild=True)
    assert {finding.state for finding in findings.values()} == {"sound"}
    assert before.isdisjoint(path.name for path in (library / "index").iterdir())


def test_that_damaged_models_and_backups_are_told(library: Path) -> None:
    (model,) = (library / "models").glob("*/onnx/model.onnx")
    model.unlink()  # it is a link to what other tests use
    model.write_bytes(b"damaged")
    (backup,) = (library / "backups").iterdir()
    backup.write_bytes(b"damaged" * 1000)
    findings = diagnose(library)
    assert findings["Backups"].state == "damaged"
    assert backup.name in findings["Backups"].text
    assert findings["Model all-MiniLM-L6-v2"].state == "repaired"
