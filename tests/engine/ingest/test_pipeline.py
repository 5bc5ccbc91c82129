"""Ingesting a folder, with the real worker and a real library."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.events import Event
from engine.ingest import pipeline
from engine.ingest.chunk import CHUNKER_VERSION, Chunker
from engine.ingest.extract import Extractor
from engine.ingest.look import Tally
from engine.ingest.scan import Rules
from engine.jobs.job import Job
from engine.records import DatasetDocument, Document, Failure
from engine.storage import documents, failures, roots
from engine.storage.database import Database
from engine.storage.library import open_library

LONG = " ".join(f"word{n}" for n in range(30_000))
"""Reading it takes longer than another program needs to touch it again."""


@dataclass
class Library:
    """A library of one root."""

    database: Database
    folder: Path
    extractor: Extractor
    heard: list[Event] = field(default_factory=list)

    def ingest(
        self,
        after_commit: Callable[[], None] = lambda: None,
        retry_failed: bool = False,
    ) -> Tally:
        with self.database.write() as connection:
            root = roots.add(connection, self.folder, "folder")
        job, tally = Job("index", "Indexing", self.heard.append), Tally()
        pipeline.ingest_root(
            self.database,
            root,
            self.extractor,
            job,
            after_commit,
            tally,
            rules=Rules(1 << 20),
            retry_failed=retry_failed,
        )
        return tally

    def documents(self) -> list[Document]:
        with self.database.read() as connection:
            ids = documents.every_id(connection)
            return [documents.load(connection, document_id) for document_id in ids]

    def failures(self) -> tuple[Failure, ...]:
        with self.database.read() as connection:
            return failures.every(connection)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "root").mkdir()
    database = open_library(tmp_path / "workspace")
    with Extractor() as extractor:
        yield Library(database, tmp_path / "root", extractor)
    database.close()


def test_that_the_newest_file_is_read_first(library: Library) -> None:
    for age, name in enumerate(("c", "a", "d", "b")):
        file = library.folder / f"{name}.txt"
        file.write_text(f"text {name}")
        os.utime(file, (1_000_000_000 - age, 1_000_000_000 - age))
    library.ingest()
    assert [Path(document.paths[0]).stem for document in library.documents()] == list("cadb")


def test_that_a_file_that_changes_before_it_is_read_is_stored_as_what_it_became(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "WAIT_S", 0.05)
    file = library.folder / "a.txt"
    file.write_text("before")

    def change() -> None:
        file.write_text("and after")

    library.ingest(after_commit=change)
    library.ingest()
    (document,) = library.documents()
    assert document.text == "and after"
    assert document.content_hash == hashlib.sha256(b"and after").hexdigest()
    assert library.failures() == ()


def test_that_a_file_that_goes_before_it_is_read_is_neither_stored_nor_a_failure(
    library: Library,
) -> None:
    (library.folder / "a.txt").write_text("alpha")
    (library.folder / "b.txt").write_text("beta")
    library.ingest(after_commit=lambda: (library.folder / "a.txt").unlink(missing_ok=True))
    assert [document.text for document in library.documents()] == ["beta"]
    assert library.failures() == ()


def test_that_a_file_that_keeps_changing_is_given_up_and_read_once_it_rests(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "WAIT_S", 0.05)
    file = library.folder / "a.txt"
    file.write_text(LONG)
    with disturbed(file):
        tally = library.ingest()
    assert tally.left == {str(file)}
    assert library.documents() == []
    assert [failure.reason for failure in library.failures()] == ["Keeps changing"]
    library.ingest()
    assert [document.text for document in library.documents()] == [LONG]
    assert library.failures() == ()


def test_that_what_was_read_of_a_file_stays_while_it_keeps_changing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "WAIT_S", 0.05)
    file = library.folder / "a.txt"
    first, more = LONG + " the end.", LONG + " the end, and more."
    file.write_text(first)
    library.ingest()
    file.write_text(more)
    with disturbed(file):
        library.ingest()
    assert [document.text for document in library.documents()] == [first]
    assert library.failures() == ()
    library.ingest()
    assert [document.text for document in library.documents()] == [more]


@contextmanager
def disturbed(file: Path) -> Iterator[None]:
    """A file that another program touches all the time."""
    stop = threading.Event()

    def disturb() -> None:
        ticks = 1_000_000_000
        while not stop.wait(0.0005):
            ticks += 1
            os.utime(file, ns=(ticks, ticks))

    disturbing = threading.Thread(target=disturb)
    disturbing.start()
    try:
        yield
    finally:
        stop.set()
        disturbing.join()


def test_that_too_large_a_file_is_not_read_when_failures_are_tried_again(
    library: Library,
) -> None:
    (library.folder / "large.txt").write_text("x" * (1 << 21))
    library.ingest()
    library.ingest(retry_failed=True)
    assert [failure.reason for failure in library.failures()] == ["Too large"]


def test_that_datasets_are_cut_anew_from_their_stored_text(library: Library) -> None:
    chunker, job = Chunker(), Job("index", "Importing", library.heard.append)
    with library.database.write() as connection:
        root = roots.add(connection, library.folder, "dataset")
        dataset = [DatasetDocument("d1", "Whales", LONG), DatasetDocument("d2", "", "Short.")]
        pipeline.ingest_dataset(library.database, root.id, dataset, chunker, job)
        ids = documents.every_id(connection)
        expected = [chunk.text for chunk in documents.chunks(connection, ids)]
        connection.execute("UPDATE documents SET chunker = 0")
        connection.execute("UPDATE chunks SET end = start + 1")
    pipeline.recut_datasets(library.database, chunker, job)
    with library.database.read() as connection:
        assert [chunk.text for chunk in documents.chunks(connection, ids)] == expected
        assert documents.stale_in_datasets(connection, CHUNKER_VERSION) == []
