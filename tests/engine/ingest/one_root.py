"""A library of one root, brought up to date step by step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.events import Event
from engine.ingest.extract import Extractor
from engine.ingest.intake import Intake
from engine.ingest.look import Tally
from engine.ingest.pipeline import ingest_root, read_again
from engine.ingest.scan import Rules
from engine.jobs.job import Job
from engine.records import Document, Failure, OcrLevel
from engine.storage import documents, failures, roots
from engine.storage.database import Database

_RULES = Rules(1 << 24)


def _ignore(_: Event) -> None: ...


def _go_on() -> None: ...


@dataclass
class Library:
    """A library of one root."""

    database: Database
    folder: Path
    extractor: Extractor
    ocr: OcrLevel = "cheap"

    def intake(self) -> Intake:
        with self.database.write() as connection:
            root = roots.add(connection, self.folder, "folder")
        job = Job("index", "Indexing", _ignore)
        return Intake(self.database, root, self.extractor, job, _go_on, Tally(), self.ocr)

    def ingest(self) -> Tally:
        intake = self.intake()
        ingest_root(
            self.database,
            intake.root,
            self.extractor,
            intake.job,
            _go_on,
            intake.tally,
            ocr=self.ocr,
            rules=_RULES,
            retry_failed=False,
        )
        return intake.tally

    def read_pictures(self) -> int:
        """Look at pictures, then read text in them; returns how many files were read for that."""
        intake = self.intake()
        intake.look_at_pictures()
        return intake.read_pictures()

    def look(self) -> int:
        """Look at pictures; returns at how many files."""
        return self.intake().look_at_pictures()

    def retry(self, password: str) -> None:
        with self.database.read() as connection:
            ids = [failure.file_id for failure in failures.every(connection)]
            (paths,) = failures.places(connection, ids).values()
        read_again(self.intake(), paths, password, _RULES)

    def texts(self) -> dict[str, str]:
        """Texts by place relative to the folder, of what has any."""
        return {self.relative(path): d.text for d in self.documents() for path in d.paths if d.text}

    def documents(self) -> list[Document]:
        with self.database.read() as connection:
            return [documents.load(connection, n) for n in documents.every_id(connection)]

    def failures(self) -> dict[str, str]:
        with self.database.read() as connection:
            every: tuple[Failure, ...] = failures.every(connection)
        return {self.relative(failure.path): failure.reason for failure in every}

    def relative(self, path: str) -> str:
        return path.removeprefix(str(self.folder)).lstrip("/\\")
